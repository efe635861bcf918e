#pragma once
// Intel quotes as bytes: SGX version 3, and versions 4 and 5 with an SGX or a TDX body. A strict parser and the names of the
// fields. It verifies no signature: its output is an UnverifiedQuote, and only intel_verify.hpp turns one into something to
// believe. Source: Intel SGX ECDSA Quote Library API, appendix A; Intel TDX DCAP Quote Generation Library API, appendix 3;
// Intel TDX Module 1.5 ABI, TDREPORT_STRUCT.
#include <optional>
#include <variant>

#include "attest/evidence.hpp"
#include "attest/pck.hpp"
#include "crypto/hash.hpp"

namespace iapp::attest {

inline constexpr std::size_t kMaxQuoteSize = 32 * 1024;
inline constexpr std::size_t kMaxQeAuthSize = 1024;
inline constexpr std::size_t kMaxPemSize = 16 * 1024;

/// The TD report body (584 bytes; the TD 1.5 body adds the last two fields).
struct TdBody {
    std::array<std::uint8_t, 16> tee_tcb_svn;  ///< the module and its parts when the TD was launched
    Hash384 mr_seam;
    Hash384 mr_signer_seam;
    std::uint64_t seam_attributes;
    std::uint64_t td_attributes;
    std::uint64_t xfam;
    Hash384 mr_td;
    Hash384 mr_config_id;
    Hash384 mr_owner;
    Hash384 mr_owner_config;
    std::array<Hash384, 4> rtmr;
    ReportData report_data;
    std::optional<std::array<std::uint8_t, 16>> tee_tcb_svn2;  ///< TD 1.5 only: the same numbers now
    std::optional<Hash384> mr_service_td;                      ///< TD 1.5 only
};

/// The SGX report body (384 bytes), of a workload or of the quoting enclave. Reserved bytes are signed and not interpreted.
struct SgxBody {
    std::array<std::uint8_t, 16> cpu_svn;
    std::uint32_t misc_select;
    std::array<std::uint8_t, 16> isv_ext_prod_id;
    std::uint64_t flags;  ///< ATTRIBUTES.FLAGS, see kSgx...
    std::uint64_t xfrm;
    Hash256 mr_enclave;
    Hash256 mr_signer;
    std::array<std::uint8_t, 64> config_id;
    std::uint16_t isv_prod_id;
    std::uint16_t isv_svn;
    std::uint16_t config_svn;
    std::array<std::uint8_t, 16> isv_family_id;
    ReportData report_data;
};

/// ATTRIBUTES.FLAGS (Intel SDM volume 3D, section 35.7).
inline constexpr std::uint64_t kSgxInit = 0x01;
inline constexpr std::uint64_t kSgxDebug = 0x02;
inline constexpr std::uint64_t kSgxMode64 = 0x04;
inline constexpr std::uint64_t kSgxProvisionKey = 0x10;
inline constexpr std::uint64_t kSgxEinittokenKey = 0x20;
inline constexpr std::uint64_t kSgxKss = 0x80;
inline constexpr std::uint64_t kSgxAexNotify = 0x400;

using QuoteBody = std::variant<TdBody, SgxBody>;

/// Certification data types 1 to 3: the quote names its PCK certificate instead of carrying it.
struct PckReference {
    std::optional<Ppid> ppid;  ///< type 1; types 2 and 3 encrypt it for Intel
    std::array<std::uint8_t, 16> cpu_svn;
    std::uint16_t pce_svn;
    std::optional<PceId> pce_id;  ///< absent in the older form that ends with the PCE's SVN
};

/// A quote that obeys the format. Every byte of it may still be a lie.
/// `signed_bytes`, `qe_report_bytes`, `qe_auth` and `pck_chain_pem` are views into the parsed bytes, which must outlive
/// them.
struct UnverifiedQuote {
    std::uint16_t version;  ///< 3, 4 or 5
    std::array<std::uint8_t, 16> qe_vendor_id;
    std::array<std::uint8_t, 20> user_data;  ///< the first 16 bytes name the quoting enclave's platform
    QuoteBody body;

    ByteView signed_bytes;  ///< header || body as received; what `signature` covers
    std::array<std::uint8_t, 64> signature;
    std::array<std::uint8_t, 64> attestation_key;  ///< P-256 x || y

    ByteView qe_report_bytes;  ///< 384 bytes
    SgxBody qe_report;
    std::array<std::uint8_t, 64> qe_report_signature;
    ByteView qe_auth;
    std::string_view pck_chain_pem;  ///< certification data type 5: leaf, CA and root, any order; empty with a reference
    std::optional<PckReference> pck_reference;

    std::size_t quote_size;  ///< bytes used; the rest of the input was zero padding

    EvidenceKind kind() const { return td() != nullptr ? EvidenceKind::tdx : EvidenceKind::sgx; }
    const TdBody* td() const { return std::get_if<TdBody>(&body); }     ///< null when the body is SGX
    const SgxBody* sgx() const { return std::get_if<SgxBody>(&body); }  ///< null when the body is TDX
    const ReportData& report_data() const { return td() != nullptr ? td()->report_data : sgx()->report_data; }
};

/// Reads one quote: every nested size must consume its container exactly; only zero bytes may follow, and with them the
/// input has at most kMaxQuoteSize bytes. Errors: invalid_input "attest.quote_format".
Result<UnverifiedQuote> parse_intel_quote(ByteView bytes);
Result<UnverifiedQuote> parse_intel_quote(Bytes&&) = delete;  ///< the quote would point into bytes that are gone

/// SHA-256(signed bytes || attestation key): a name for this evidence that its malleable parts (the sign of s,
/// padding, unsigned sizes) cannot change. Use it, never a hash of the raw quote, to recognise evidence again.
Hash256 evidence_id(const UnverifiedQuote& quote);

}  // namespace iapp::attest
