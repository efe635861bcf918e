#pragma once
// TCB info and QE identity as values, and the matching of a platform against them. Pure; signatures are verify.hpp's job.
// Source: Intel PCS API v4, "Get TDX TCB Info" and "Get Quoting Enclave Identity"; levels are sorted here, never trusted to
// be.
#include <optional>
#include <span>
#include <vector>

#include "attest/check.hpp"
#include "attest/pck.hpp"
#include "attest/tdx_quote.hpp"
#include "base/clock.hpp"

namespace iapp::attest {

/// From best to worst as far as an order exists; merge() implements the rest.
enum class TcbStatus : unsigned char {
    up_to_date,
    sw_hardening_needed,
    configuration_needed,
    configuration_and_sw_hardening_needed,
    out_of_date,
    out_of_date_configuration_needed,
    revoked
};

std::string_view name(TcbStatus status);  ///< Intel's spelling: "UpToDate"
Result<TcbStatus> parse_tcb_status(std::string_view text);

struct PlatformTcbLevel {
    std::array<std::uint8_t, 16> sgx;
    std::array<std::uint8_t, 16> tdx;
    std::uint16_t pce_svn;
    UnixSeconds date;
    TcbStatus status;
    std::vector<std::string> advisories;
};

/// A level of an enclave or a TDX module: judged by its ISV SVN alone.
struct SvnTcbLevel {
    std::uint16_t isv_svn;
    UnixSeconds date;
    TcbStatus status;
    std::vector<std::string> advisories;
};

struct TdxModuleIdentity {
    std::string id;  ///< "TDX_03"; empty for the module of version 0
    Hash384 mr_signer;
    std::uint64_t attributes;
    std::uint64_t attributes_mask;
    std::vector<SvnTcbLevel> levels;
};

struct TcbInfo {
    UnixSeconds issue_date;
    UnixSeconds next_update;
    std::uint32_t tcb_evaluation_number;
    Fmspc fmspc;
    PceId pce_id;
    TdxModuleIdentity module;                   ///< for TEE_TCB_SVN[1] == 0
    std::vector<TdxModuleIdentity> identities;  ///< for TEE_TCB_SVN[1] > 0
    std::vector<PlatformTcbLevel> levels;       ///< best first
};

struct QeIdentity {
    UnixSeconds issue_date;
    UnixSeconds next_update;
    std::uint32_t tcb_evaluation_number;
    std::uint32_t misc_select;
    std::uint32_t misc_select_mask;
    std::array<std::uint8_t, 16> attributes;
    std::array<std::uint8_t, 16> attributes_mask;
    Hash256 mr_signer;
    std::uint16_t isv_prod_id;
    std::vector<SvnTcbLevel> levels;
};

/// TDX TCB info, version 3. Errors: invalid_input "attest.collateral_format".
Result<TcbInfo> parse_tcb_info(std::string_view json);

/// TD_QE identity, version 2. Errors: invalid_input "attest.collateral_format".
Result<QeIdentity> parse_qe_identity(std::string_view json);

/// The judgement of one part, or of the whole platform after merge().
struct TcbVerdict {
    TcbStatus status;
    UnixSeconds date;                     ///< the oldest of the parts
    std::vector<std::string> advisories;  ///< sorted union
};

/// First level whose SGX components, PCE SVN and TDX components the platform reaches. None: not supported.
std::optional<TcbVerdict> match_platform(const TcbInfo& info, const SgxExtension& pck,
                                         const std::array<std::uint8_t, 16>& tee_tcb_svn);

/// The highest level not above `isv_svn`. None: not supported.
std::optional<TcbVerdict> match_svn(std::span<const SvnTcbLevel> levels, std::uint16_t isv_svn);

/// Why an enclave is not the one `identity` describes; nothing when it is.
std::optional<std::string> mismatch(const QeIdentity& identity, const EnclaveReport& report);

/// The TDX module's own verdict; a module of version 0 has no level: up to date, with the latest date there is. Errors:
/// "attest.tdx_module".
Result<TcbVerdict> match_module(const TcbInfo& info, const TdBody& body);

/// Worst wins: a revoked or out-of-date part makes the whole revoked or out of date.
TcbVerdict merge(TcbVerdict platform, const TcbVerdict& part);

}  // namespace iapp::attest
