#pragma once
// TCB info and QE identity as values, and the judgement of a platform against them. Pure; signatures are intel_verify.hpp's
// job. Source: Intel PCS API v4, "Get SGX TCB Info", "Get TDX TCB Info" and "Get Quoting Enclave Identity"; levels are
// sorted here, never trusted to be.
#include <optional>
#include <span>
#include <vector>

#include "attest/check.hpp"
#include "attest/intel_quote.hpp"
#include "base/clock.hpp"

namespace iapp::attest {

/// From best to worst as far as an order exists; merge() and relaunch_advice() implement the rest.
enum class TcbStatus : unsigned char {
    up_to_date,
    sw_hardening_needed,
    configuration_needed,
    configuration_and_sw_hardening_needed,
    td_relaunch_advised,  ///< the platform was updated under a running TD; only relaunch_advice() gives these two
    td_relaunch_advised_configuration_needed,
    out_of_date,
    out_of_date_configuration_needed,
    revoked
};

std::string_view name(TcbStatus status);  ///< Intel's spelling: "UpToDate"
Result<TcbStatus> parse_tcb_status(std::string_view text);

using TcbComponents = std::array<std::uint8_t, 16>;

struct PlatformTcbLevel {
    TcbComponents sgx;
    TcbComponents tdx;  ///< zero in TCB info for SGX
    std::uint16_t pce_svn;
    UnixSeconds date;
    TcbStatus status;
    std::vector<std::string> advisories;  ///< sorted
};

/// A level of an enclave or a TDX module: judged by its ISV SVN alone.
struct SvnTcbLevel {
    std::uint16_t isv_svn;
    UnixSeconds date;
    TcbStatus status;
    std::vector<std::string> advisories;  ///< sorted
};

struct TdxModuleIdentity {
    std::string id;  ///< "TDX_03"; empty for the module of version 0
    Hash384 mr_signer;
    std::uint64_t attributes;
    std::uint64_t attributes_mask;
    std::vector<SvnTcbLevel> levels;
};

struct TcbInfo {
    EvidenceKind kind;  ///< sgx or tdx
    UnixSeconds issue_date;
    UnixSeconds next_update;
    std::uint32_t tcb_evaluation_number;
    Fmspc fmspc;
    PceId pce_id;
    std::optional<TdxModuleIdentity> module;    ///< TDX: for TEE_TCB_SVN[1] == 0
    std::vector<TdxModuleIdentity> identities;  ///< TDX: for TEE_TCB_SVN[1] > 0
    std::vector<PlatformTcbLevel> levels;       ///< best first
};

struct QeIdentity {
    EvidenceKind kind;  ///< sgx ("QE") or tdx ("TD_QE")
    UnixSeconds issue_date;
    UnixSeconds next_update;
    std::uint32_t tcb_evaluation_number;
    std::uint32_t misc_select;
    std::uint32_t misc_select_mask;
    std::uint64_t flags;
    std::uint64_t flags_mask;
    std::uint64_t xfrm;
    std::uint64_t xfrm_mask;
    Hash256 mr_signer;
    std::uint16_t isv_prod_id;
    std::vector<SvnTcbLevel> levels;  ///< best first
};

/// SGX or TDX TCB info version 3, or the older version 2 (SGX only, components as sixteen named members).
/// Errors: invalid_input "attest.collateral_format".
Result<TcbInfo> parse_tcb_info(std::string_view json);

/// QE or TD_QE identity, version 2. Errors: invalid_input "attest.collateral_format".
Result<QeIdentity> parse_qe_identity(std::string_view json);

/// The judgement of one part, or of the whole platform after merge().
struct TcbVerdict {
    TcbStatus status;
    UnixSeconds date;                     ///< the oldest of the parts
    std::vector<std::string> advisories;  ///< sorted union
};

/// The levels one platform reaches; both point into the TCB info.
struct PlatformMatch {
    const PlatformTcbLevel* sgx;    ///< the first whose SGX components and PCE SVN it reaches
    const PlatformTcbLevel* level;  ///< the first it reaches in full; for SGX the same one
};

/// `tee_tcb_svn`  the TDX components of the quote; none for SGX. None: not supported.
std::optional<PlatformMatch> match_platform(const TcbInfo& info, const SgxExtension& pck,
                                            const std::optional<TcbComponents>& tee_tcb_svn);

/// The highest level not above `isv_svn`, or null: not supported.
const SvnTcbLevel* match_svn(std::span<const SvnTcbLevel> levels, std::uint16_t isv_svn);

/// Why an enclave is not the one `identity` describes; nothing when it is.
std::optional<std::string_view> mismatch(const QeIdentity& identity, const SgxBody& report);

/// The verdict on the TDX module a TD was launched under. A module of version 0 has no level of its own: up to date, with
/// the latest date there is. Errors: "attest.tdx_module".
Result<TcbVerdict> match_module(const TcbInfo& info, const TdBody& body);

/// Worst wins: a revoked or out-of-date part makes the whole revoked or out of date.
TcbVerdict merge(TcbVerdict platform, const TcbVerdict& part);

/// What a quoting enclave, a platform and a TDX module amount to.
struct PlatformVerdict {
    TcbVerdict merged;
    TcbStatus platform;
    TcbStatus qe;
    std::optional<TcbStatus> module;  ///< TDX only
};

/// Judges the whole: QE identity, module identity, TCB level, their merge, and the relaunch advice for TD 1.5: a TD launched
/// under an old module, on a platform that has been brought up to date since without stopping it.
/// `checks` receives qe_identity, tdx_module (TDX only) and tcb_level.
/// Errors: "attest.qe_identity", "attest.tdx_module", "attest.tcb_level".
Result<PlatformVerdict> judge_platform(const TcbInfo& info, const QeIdentity& identity, const SgxExtension& pck,
                                       const QuoteBody& body, const SgxBody& qe_report, CheckLog& checks);

}  // namespace iapp::attest
