#include "attest/tcb.hpp"

#include <algorithm>

namespace iapp::attest {
namespace {

struct StatusName {
    TcbStatus status;
    std::string_view name;
};
constexpr std::array kStatusNames{
    StatusName{TcbStatus::up_to_date, "UpToDate"},
    StatusName{TcbStatus::sw_hardening_needed, "SWHardeningNeeded"},
    StatusName{TcbStatus::configuration_needed, "ConfigurationNeeded"},
    StatusName{TcbStatus::configuration_and_sw_hardening_needed, "ConfigurationAndSWHardeningNeeded"},
    StatusName{TcbStatus::out_of_date, "OutOfDate"},
    StatusName{TcbStatus::out_of_date_configuration_needed, "OutOfDateConfigurationNeeded"},
    StatusName{TcbStatus::revoked, "Revoked"},
};

bool reaches(const std::array<std::uint8_t, 16>& have, const std::array<std::uint8_t, 16>& need, std::size_t from)
{
    for (std::size_t i = from; i < have.size(); ++i)
        if (have[i] < need[i]) return false;
    return true;
}

std::unexpected<Error> unknown_module(std::string detail)
{
    return fail(ErrorKind::permission_denied, "attest.tdx_module", std::move(detail));
}

std::string module_id(std::uint8_t version) { return "TDX_" + hex(ByteView(&version, 1)); }

bool same_id(std::string_view a, std::string_view b)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

/// The identity that speaks for module version `version`: the unnamed one for 0, "TDX_vv" above. Null when there is none.
const TdxModuleIdentity* find_module(const TcbInfo& info, std::uint8_t version)
{
    if (version == 0) return &info.module;
    const std::string id = module_id(version);
    const auto found = std::ranges::find_if(info.identities, [&](const auto& m) { return same_id(m.id, id); });
    return found == info.identities.end() ? nullptr : &*found;
}

TcbStatus worse_of(TcbStatus platform, TcbStatus part)
{
    using enum TcbStatus;
    if (platform == revoked || part == revoked) return revoked;
    if (part != out_of_date && part != out_of_date_configuration_needed) return std::max(platform, part);
    const bool configuration = platform == configuration_needed || platform == configuration_and_sw_hardening_needed ||
                               platform == out_of_date_configuration_needed || part == out_of_date_configuration_needed;
    return configuration ? out_of_date_configuration_needed : out_of_date;
}

}  // namespace

std::string_view name(TcbStatus status) { return kStatusNames[static_cast<std::size_t>(status)].name; }

Result<TcbStatus> parse_tcb_status(std::string_view text)
{
    const auto* found = std::ranges::find(kStatusNames, text, &StatusName::name);
    if (found == kStatusNames.end()) return fail(ErrorKind::invalid_input, "attest.collateral_format", "unknown TCB status");
    return found->status;
}

std::optional<TcbVerdict> match_platform(const TcbInfo& info, const SgxExtension& pck,
                                         const std::array<std::uint8_t, 16>& tee_tcb_svn)
{
    // Components 0 and 1 are the module's own SVN and version; from version 1 on its identity judges them (match_module).
    const std::size_t from = tee_tcb_svn[1] > 0 ? 2 : 0;
    for (const PlatformTcbLevel& level : info.levels) {
        if (!reaches(pck.components, level.sgx, 0) || pck.pce_svn < level.pce_svn) continue;
        if (!reaches(tee_tcb_svn, level.tdx, from)) continue;
        return TcbVerdict{level.status, level.date, level.advisories};
    }
    return std::nullopt;
}

std::optional<TcbVerdict> match_svn(std::span<const SvnTcbLevel> levels, std::uint16_t isv_svn)
{
    const auto found = std::ranges::find_if(levels, [&](const SvnTcbLevel& level) { return level.isv_svn <= isv_svn; });
    if (found == levels.end()) return std::nullopt;
    return TcbVerdict{found->status, found->date, found->advisories};
}

std::optional<std::string> mismatch(const QeIdentity& identity, const EnclaveReport& report)
{
    constexpr std::uint8_t kDebug = 0x02;
    if ((report.attributes[0] & kDebug) != 0) return "the quoting enclave is under debug";
    if ((report.misc_select & identity.misc_select_mask) != identity.misc_select) return "MISCSELECT differs";
    for (std::size_t i = 0; i < report.attributes.size(); ++i)
        if ((report.attributes[i] & identity.attributes_mask[i]) != identity.attributes[i]) return "ATTRIBUTES differ";
    if (report.mr_signer != identity.mr_signer) return "MRSIGNER differs";
    if (report.isv_prod_id != identity.isv_prod_id) return "ISVPRODID differs";
    return std::nullopt;
}

Result<TcbVerdict> match_module(const TcbInfo& info, const TdBody& body)
{
    const std::uint8_t svn = body.tee_tcb_svn[0];
    const std::uint8_t version = body.tee_tcb_svn[1];
    const TdxModuleIdentity* module = find_module(info, version);
    if (module == nullptr) return unknown_module("the TCB info has no identity " + module_id(version));
    if (body.mr_signer_seam != module->mr_signer) return unknown_module("MRSIGNERSEAM differs from the identity");
    if ((body.seam_attributes & module->attributes_mask) != module->attributes)
        return unknown_module("SEAMATTRIBUTES differ from the identity");
    if (version == 0) return TcbVerdict{TcbStatus::up_to_date, UnixSeconds::max(), {}};
    auto verdict = match_svn(module->levels, svn);
    if (!verdict) return unknown_module("module SVN " + std::to_string(svn) + " is below every level of " + module->id);
    return *std::move(verdict);
}

TcbVerdict merge(TcbVerdict platform, const TcbVerdict& part)
{
    std::vector<std::string> all;
    std::ranges::set_union(platform.advisories, part.advisories, std::back_inserter(all));
    return {worse_of(platform.status, part.status), std::min(platform.date, part.date), std::move(all)};
}

}  // namespace iapp::attest
