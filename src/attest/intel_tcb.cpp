#include "attest/intel_tcb.hpp"

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
    StatusName{TcbStatus::td_relaunch_advised, "TDRelaunchAdvised"},
    StatusName{TcbStatus::td_relaunch_advised_configuration_needed, "TDRelaunchAdvisedConfigurationNeeded"},
    StatusName{TcbStatus::out_of_date, "OutOfDate"},
    StatusName{TcbStatus::out_of_date_configuration_needed, "OutOfDateConfigurationNeeded"},
    StatusName{TcbStatus::revoked, "Revoked"},
};

bool reaches(const TcbComponents& have, const TcbComponents& need, std::size_t from)
{
    for (std::size_t i = from; i < have.size(); ++i)
        if (have[i] < need[i]) return false;
    return true;
}

std::unexpected<Error> unknown_module(std::string detail)
{
    return fail(ErrorKind::permission_denied, "attest.tdx_module", std::move(detail));
}

/// True for "TDX_vv" with the version in two hex digits of either case.
bool names_version(std::string_view id, std::uint8_t version)
{
    constexpr std::string_view kPrefix = "TDX_";
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
    return id.size() == kPrefix.size() + 2 && std::ranges::equal(id.substr(0, kPrefix.size()), kPrefix, {}, upper) &&
           upper(id[4]) == kDigits[version >> 4U] && upper(id[5]) == kDigits[version & 0x0fU];
}

/// The identity that speaks for module version `version`: the unnamed one for 0, "TDX_vv" above. Null when there is none.
const TdxModuleIdentity* find_module(const TcbInfo& info, std::uint8_t version)
{
    if (version == 0) return info.module ? &*info.module : nullptr;
    const auto found = std::ranges::find_if(info.identities, [&](const auto& m) { return names_version(m.id, version); });
    return found == info.identities.end() ? nullptr : &*found;
}

bool is_out_of_date(TcbStatus status)
{
    return status == TcbStatus::out_of_date || status == TcbStatus::out_of_date_configuration_needed;
}

/// Whether updating firmware and software cannot better the status any further.
bool is_current(TcbStatus status) { return status <= TcbStatus::configuration_and_sw_hardening_needed; }

bool wants_configuration(TcbStatus status)
{
    using enum TcbStatus;
    return status == configuration_needed || status == configuration_and_sw_hardening_needed ||
           status == out_of_date_configuration_needed || status == td_relaunch_advised_configuration_needed;
}

bool wants_hardening(TcbStatus status)
{
    return status == TcbStatus::sw_hardening_needed || status == TcbStatus::configuration_and_sw_hardening_needed;
}

/// Worst wins, and what either needs beside that stays said: no status hides a need of the other.
TcbStatus worse_of(TcbStatus platform, TcbStatus part)
{
    using enum TcbStatus;
    const TcbStatus worst = std::max(platform, part);
    const bool configuration = wants_configuration(platform) || wants_configuration(part);
    const bool hardening = wants_hardening(platform) || wants_hardening(part);
    if (worst == revoked || !configuration) return worst;
    if (is_out_of_date(worst)) return out_of_date_configuration_needed;
    if (!is_current(worst)) return td_relaunch_advised_configuration_needed;
    return hardening ? configuration_and_sw_hardening_needed : configuration_needed;
}

template <class Level>
TcbVerdict verdict_of(const Level& level)
{
    return {level.status, level.date, level.advisories};
}

/// The module with these numbers, if the TCB info describes it. A module of version 0 has no level: null.
Result<const SvnTcbLevel*> find_module_level(const TcbInfo& info, const TdBody& body, const TcbComponents& svn)
{
    const TdxModuleIdentity* module = find_module(info, svn[1]);
    if (module == nullptr) return unknown_module("the TCB info has no identity TDX_" + hex(ByteView(&svn[1], 1)));
    if (body.mr_signer_seam != module->mr_signer) return unknown_module("MRSIGNERSEAM differs from the identity");
    if ((body.seam_attributes & module->attributes_mask) != module->attributes)
        return unknown_module("SEAMATTRIBUTES differ from the identity");
    if (svn[1] == 0) return nullptr;
    const SvnTcbLevel* level = match_svn(module->levels, svn[0]);
    if (level == nullptr)
        return unknown_module("module SVN " + std::to_string(svn[0]) + " is below every level of " + module->id);
    return level;
}

/// Whether `svn` is the newest there is: the module's own SVN, and component 2 of the newest TCB level.
bool is_newest(const TcbInfo& info, const TcbComponents& svn)
{
    const TdxModuleIdentity* module = find_module(info, svn[1]);
    if (module == nullptr || info.levels.empty()) return false;
    const TcbComponents& newest = info.levels.front().tdx;
    if (svn[1] > 0 && module->levels.empty()) return false;
    const unsigned module_svn = svn[1] > 0 ? module->levels.front().isv_svn : newest[0];
    return svn[0] >= module_svn && svn[2] >= newest[2];
}

struct Parts {
    PlatformMatch match;
    TcbVerdict launch;  ///< platform and module merged
    TcbStatus module;
    TcbStatus qe;
};

/// Intel's relaunch advice, when it applies: everything is current now, only the TD was launched before. Stricter than the
/// vendor's library of 2024 in one point: what runs now must be rated current in full, not in components 0 and 2 only.
std::optional<TcbStatus> relaunch_advice(const TcbInfo& info, const SgxExtension& pck, const TdBody& body,
                                         const SvnTcbLevel* module_now, const Parts& parts)
{
    using enum TcbStatus;
    if (!is_current(parts.match.sgx->status) || !is_current(parts.qe)) return std::nullopt;
    if (parts.module != out_of_date || !is_out_of_date(parts.launch.status)) return std::nullopt;
    if (!is_newest(info, *body.tee_tcb_svn2)) return std::nullopt;
    const auto now = match_platform(info, pck, body.tee_tcb_svn2);
    if (!now) return std::nullopt;
    const TcbStatus module = module_now != nullptr ? module_now->status : up_to_date;
    if (!is_current(worse_of(now->level->status, module))) return std::nullopt;
    const bool configuration = wants_configuration(parts.match.sgx->status) || wants_configuration(parts.launch.status);
    return configuration ? td_relaunch_advised_configuration_needed : td_relaunch_advised;
}

Result<const SvnTcbLevel*> judge_qe(const QeIdentity& identity, EvidenceKind kind, const SgxBody& report, CheckLog& checks)
{
    if (identity.kind != kind)
        return checks.fail(CheckId::qe_identity, "the identity describes the quoting enclave of another TEE");
    if (const auto why = mismatch(identity, report)) return checks.fail(CheckId::qe_identity, std::string(*why));
    const SvnTcbLevel* qe = match_svn(identity.levels, report.isv_svn);
    if (qe == nullptr) return checks.fail(CheckId::qe_identity, "the quoting enclave is older than every listed version");
    checks.pass(CheckId::qe_identity);
    return qe;
}

/// The modules the TD was launched under and runs under now are both ones the TCB info describes.
Status check_modules(const TcbInfo& info, const TdBody& body)
{
    TRY_OK(find_module_level(info, body, body.tee_tcb_svn));
    if (body.tee_tcb_svn2) TRY_OK(find_module_level(info, body, *body.tee_tcb_svn2));
    return {};
}

/// Merges the module into `verdict`, and replaces the status by the relaunch advice where that applies.
Status judge_td(const TcbInfo& info, const SgxExtension& pck, const TdBody& body, const PlatformMatch& match,
                PlatformVerdict& verdict)
{
    TRY(const TcbVerdict module, match_module(info, body));
    verdict.module = module.status;
    verdict.merged = merge(std::move(verdict.merged), module);
    if (!body.tee_tcb_svn2) return {};
    TRY(const SvnTcbLevel* const now, find_module_level(info, body, *body.tee_tcb_svn2));
    if (now != nullptr && now->status == TcbStatus::revoked) verdict.merged.status = TcbStatus::revoked;
    const Parts parts{match, verdict.merged, module.status, verdict.qe};
    if (const auto advice = relaunch_advice(info, pck, body, now, parts)) verdict.merged.status = *advice;
    return {};
}

}  // namespace

std::string_view name(TcbStatus status) { return kStatusNames[static_cast<std::size_t>(status)].name; }

Result<TcbStatus> parse_tcb_status(std::string_view text)
{
    const auto* found = std::ranges::find(kStatusNames, text, &StatusName::name);
    if (found == kStatusNames.end()) return fail(ErrorKind::invalid_input, "attest.collateral_format", "unknown TCB status");
    return found->status;
}

std::optional<PlatformMatch> match_platform(const TcbInfo& info, const SgxExtension& pck,
                                            const std::optional<TcbComponents>& tee_tcb_svn)
{
    PlatformMatch out{nullptr, nullptr};
    for (const PlatformTcbLevel& level : info.levels) {
        if (!reaches(pck.components, level.sgx, 0) || pck.pce_svn < level.pce_svn) continue;
        if (out.sgx == nullptr) out.sgx = &level;
        // Components 0 and 1 are the module's own SVN and version; from version 1 on its identity judges them.
        if (tee_tcb_svn && !reaches(*tee_tcb_svn, level.tdx, (*tee_tcb_svn)[1] > 0 ? 2 : 0)) continue;
        out.level = &level;
        return out;
    }
    return std::nullopt;
}

const SvnTcbLevel* match_svn(std::span<const SvnTcbLevel> levels, std::uint16_t isv_svn)
{
    const auto found = std::ranges::find_if(levels, [&](const SvnTcbLevel& level) { return level.isv_svn <= isv_svn; });
    return found == levels.end() ? nullptr : &*found;
}

std::optional<std::string_view> mismatch(const QeIdentity& identity, const SgxBody& report)
{
    if ((report.flags & kSgxDebug) != 0) return "the quoting enclave is under debug";
    if ((report.misc_select & identity.misc_select_mask) != identity.misc_select) return "MISCSELECT differs";
    if ((report.flags & identity.flags_mask) != identity.flags || (report.xfrm & identity.xfrm_mask) != identity.xfrm)
        return "ATTRIBUTES differ";
    if (report.mr_signer != identity.mr_signer) return "MRSIGNER differs";
    if (report.isv_prod_id != identity.isv_prod_id) return "ISVPRODID differs";
    return std::nullopt;
}

Result<TcbVerdict> match_module(const TcbInfo& info, const TdBody& body)
{
    TRY(const SvnTcbLevel* const level, find_module_level(info, body, body.tee_tcb_svn));
    if (level == nullptr) return TcbVerdict{TcbStatus::up_to_date, UnixSeconds::max(), {}};
    return verdict_of(*level);
}

TcbVerdict merge(TcbVerdict platform, const TcbVerdict& part)
{
    platform.status = worse_of(platform.status, part.status);
    platform.date = std::min(platform.date, part.date);
    if (part.advisories.empty()) return platform;
    std::vector<std::string> all;
    std::ranges::set_union(platform.advisories, part.advisories, std::back_inserter(all));
    platform.advisories = std::move(all);
    return platform;
}

Result<PlatformVerdict> judge_platform(const TcbInfo& info, const QeIdentity& identity, const SgxExtension& pck,
                                       const QuoteBody& body, const SgxBody& qe_report, CheckLog& checks)
{
    const auto* td = std::get_if<TdBody>(&body);
    const EvidenceKind kind = td != nullptr ? EvidenceKind::tdx : EvidenceKind::sgx;
    TRY(const SvnTcbLevel* const qe, judge_qe(identity, kind, qe_report, checks));

    if (td != nullptr) {
        const Status known = check_modules(info, *td);
        if (!known) return checks.fail(CheckId::tdx_module, known.error().detail);
        checks.pass(CheckId::tdx_module);
    }
    const auto match = match_platform(info, pck, td != nullptr ? std::optional(td->tee_tcb_svn) : std::nullopt);
    if (!match) return checks.fail(CheckId::tcb_level, "the platform is below every listed TCB level");
    PlatformVerdict out{
        .merged = verdict_of(*match->level), .platform = match->level->status, .qe = qe->status, .module = std::nullopt};
    if (td != nullptr) TRY_OK(judge_td(info, pck, *td, *match, out));
    out.merged = merge(std::move(out.merged), verdict_of(*qe));
    checks.pass(CheckId::tcb_level);
    return out;
}

}  // namespace iapp::attest
