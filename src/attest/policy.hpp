#pragma once
// Appraisal policy: what a verifier's owner accepts (RFC 9334, section 8.5). A value; policy_document.hpp reads it from
// JSON. Absent is not valid: an empty list of reference values accepts nothing, and every waiver has `dangerous_` in its
// name.
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "attest/claims.hpp"
#include "attest/intel_quote.hpp"
#include "attest/intel_tcb.hpp"
#include "attest/snp_product.hpp"

namespace iapp::attest {

/// One entry of a measured log: what was extended into RTMR3, by its operation or event name.
struct LoggedEvent {
    std::string name;
    Bytes payload;

    friend bool operator==(const LoggedEvent&, const LoggedEvent&) = default;
};
using LoggedEvents = std::vector<LoggedEvent>;

/// One accepted guest: registers that must all be equal. Which must be named depends on the kind (required_registers()).
struct ReferenceValue {
    std::string name;  ///< for people: "agent 0.2"
    EvidenceKind tee;
    Registers registers;
    std::optional<std::uint16_t> least_isv_svn;  ///< SGX identified by signer and product
    LoggedEvents events{};                       ///< each must be in the measured log of the start, once, with this payload

    friend bool operator==(const ReferenceValue&, const ReferenceValue&) = default;
};

/// A TD with this MRTD whose boot registers RTMR0..2 stay zero; RTMR3 belongs to the measured log.
ReferenceValue tdx_reference(const Hash384& mr_td);

/// Parses 96 hex digits into tdx_reference(). Errors: invalid_input "attest.measurement".
Result<ReferenceValue> parse_reference_value(std::string_view text);

struct TcbRules {
    std::vector<TcbStatus> statuses{TcbStatus::up_to_date};  ///< revoked is refused even when listed
    std::vector<std::string> advisories;                     ///< accepted with a status other than up_to_date
    std::uint32_t least_evaluation_number = 0;
    /// How long after tcbDate an out-of-date status that `statuses` names is accepted; none: not at all.
    std::optional<std::chrono::days> out_of_date_grace;
};

/// TDATTRIBUTES bits (Intel TDX Module 1.5 ABI, ATTRIBUTES).
inline constexpr std::uint64_t kTdDebugGroup = 0xff;
inline constexpr std::uint64_t kTdSeptVeDisable = 1ULL << 28;
inline constexpr std::uint64_t kTdProtectionKeys = 1ULL << 30;
inline constexpr std::uint64_t kTdKeyLocker = 1ULL << 31;

struct TdxRules {
    std::uint64_t attributes_required = kTdSeptVeDisable;
    std::uint64_t attributes_allowed = kTdSeptVeDisable | kTdProtectionKeys | kTdKeyLocker;
    std::uint64_t xfam_required = 0x3;        ///< x87, SSE: always set
    std::uint64_t xfam_allowed = 0x0006dbe7;  ///< no supervisor state beyond CET, no reserved bits
    bool allow_service_td = false;
};

struct SgxRules {
    std::uint64_t flags_required = kSgxInit | kSgxMode64;
    std::uint64_t flags_allowed = kSgxInit | kSgxMode64 | kSgxKss | kSgxAexNotify;
    std::uint64_t xfrm_allowed = 0x000602e7;  ///< x87 to AVX-512, PKRU, AMX
    std::uint32_t misc_select_allowed = 0x1;  ///< EXINFO
};

struct SnpRules {
    std::vector<SnpProduct> products{kSnpProducts.begin(), kSnpProducts.end()};
    std::map<SnpProduct, SnpTcb> floors;  ///< on reported, committed, current and launch TCB, component by component
    std::uint32_t most_vmpl = 0;
    std::uint8_t least_abi_major = 0;
    std::uint8_t least_abi_minor = 0;
    std::uint32_t least_guest_svn = 0;
    bool allow_smt = true;
    bool allow_migration_agent = false;
    bool require_alias_check = false;  ///< PLATFORM_INFO.ALIAS_CHECK_COMPLETE (AMD-SB-3015)
    bool require_ciphertext_hiding = false;
    bool dangerous_no_revocation_list = false;  ///< a missing CRL is listed as skipped instead of refused
};

struct TpmRules {
    std::vector<unsigned> pcrs;  ///< the quote must select exactly these, SHA-256 bank; empty refuses TPM evidence
};

struct AppraisalPolicy {
    std::string name = "default";
    std::vector<EvidenceKind> tees{EvidenceKind::tdx};
    TcbRules tcb;
    std::optional<std::chrono::seconds> most_collateral_age;
    std::optional<std::vector<std::string>> machines;  ///< hex ids; present: only these
    std::vector<ReferenceValue> accepted;              ///< empty refuses everything
    TdxRules tdx;
    SgxRules sgx;
    SnpRules snp;
    TpmRules tpm;
    bool dangerous_allow_simulated = false;
    bool dangerous_any_measurement = false;  ///< whatever runs there: authenticity only
    bool dangerous_any_report_data = false;  ///< whenever and for whomever it was made
};

/// Everything a person wants to know of evidence that lies before them: genuine, current, not under debug. Measurements and
/// report data are not judged; both are listed as skipped. Never release anything on it.
AppraisalPolicy authenticity_only();

}  // namespace iapp::attest
