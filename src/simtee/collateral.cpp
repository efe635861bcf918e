#include "codec/json.hpp"
#include "simtee/authority.hpp"
#include "simtee/internal/machine.hpp"

namespace iapp::simtee {
namespace {

using attest::EvidenceKind;

constexpr std::uint32_t kEvaluationNumber = 20;
constexpr UnixSeconds kTcbDate{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
constexpr std::uint16_t kOldPceSvn = 5;

// --- the plan
// ---------------------------------------------------------------------------------------------------------------

attest::PlatformTcbLevel platform_level(EvidenceKind kind, std::uint16_t pce_svn, attest::TcbStatus status)
{
    return {.sgx = simulated_platform().components,
            .tdx = kind == EvidenceKind::tdx ? kTeeTcbSvn : attest::TcbComponents{},
            .pce_svn = pce_svn,
            .date = kTcbDate,
            .status = status,
            .advisories = {}};
}

attest::SvnTcbLevel svn_level(std::uint16_t svn) { return {svn, kTcbDate, attest::TcbStatus::up_to_date, {}}; }

attest::TdxModuleIdentity module_identity(std::string id, std::vector<attest::SvnTcbLevel> levels)
{
    return {.id = std::move(id),
            .mr_signer = Hash384::zero(),
            .attributes = 0,
            .attributes_mask = ~std::uint64_t{0},
            .levels = std::move(levels)};
}

attest::TcbInfo plan_tcb_info(EvidenceKind kind, const Window& window)
{
    using enum attest::TcbStatus;
    const attest::SgxExtension platform = simulated_platform();
    attest::TcbInfo out{
        .kind = kind,
        .issue_date = window.from,
        .next_update = window.to,
        .tcb_evaluation_number = kEvaluationNumber,
        .fmspc = platform.fmspc,
        .pce_id = platform.pce_id,
        .module = std::nullopt,
        .identities = {},
        .levels = {platform_level(kind, platform.pce_svn, up_to_date), platform_level(kind, kOldPceSvn, out_of_date)}};
    if (kind != EvidenceKind::tdx) return out;
    out.module = module_identity({}, {});
    out.identities = {module_identity("TDX_01", {svn_level(kTeeTcbSvn[0])})};
    return out;
}

attest::QeIdentity plan_qe_identity(EvidenceKind kind, const Window& window)
{
    return {.kind = kind,
            .issue_date = window.from,
            .next_update = window.to,
            .tcb_evaluation_number = kEvaluationNumber,
            .misc_select = 0,
            .misc_select_mask = 0xffffffff,
            .flags = kQeFlags,
            .flags_mask = ~std::uint64_t{attest::kSgxMode64},
            .xfrm = 0,
            .xfrm_mask = 0,
            .mr_signer = qe_signer(),
            .isv_prod_id = kQeProduct,
            .levels = {svn_level(kQeSvn)}};
}

crypto::CrlProfile nothing_revoked(const Window& window)
{
    return {.this_update = window.from, .next_update = window.to, .number = 1, .revoked_serials = {}, .extensions = {}};
}

// --- the spelling
// -----------------------------------------------------------------------------------------------------------

/// Upper-case hex of a number as it lies in an enclave report: little endian.
template <class Int>
std::string digits(Int value)
{
    Bytes bytes;
    for (unsigned i = 0; i < sizeof(Int); ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    std::string out = hex(bytes);
    for (char& c : out)
        if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

json::Value components(const attest::TcbComponents& svns)
{
    json::Array out;
    for (const std::uint8_t svn : svns) out.push_back(json::Object{{"svn", svn}});
    return out;
}

/// The members every kind of level has.
template <class Level>
json::Value level(json::Object tcb, const Level& in)
{
    json::Object out{{"tcb", std::move(tcb)}, {"tcbDate", iso8601(in.date)}, {"tcbStatus", name(in.status)}};
    if (in.advisories.empty()) return out;
    json::Array& ids = out["advisoryIDs"].emplace_array();
    for (const std::string& id : in.advisories) ids.emplace_back(id);
    return out;
}

json::Object named_components(const attest::TcbComponents& svns)
{
    json::Object out;
    for (std::size_t i = 0; i < svns.size(); ++i) {
        const std::string number = std::to_string(i + 1);
        out["sgxtcbcomp" + std::string(2 - number.size(), '0') + number + "svn"] = svns[i];
    }
    return out;
}

json::Value encode_level(const attest::PlatformTcbLevel& in, EvidenceKind kind, std::uint32_t version)
{
    json::Object tcb;
    if (version == 2) tcb = named_components(in.sgx);
    else tcb["sgxtcbcomponents"] = components(in.sgx);
    tcb["pcesvn"] = in.pce_svn;
    if (kind == EvidenceKind::tdx) tcb["tdxtcbcomponents"] = components(in.tdx);
    return level(std::move(tcb), in);
}

json::Array encode_levels(const std::vector<attest::SvnTcbLevel>& levels)
{
    json::Array out;
    for (const auto& in : levels) out.push_back(level({{"isvsvn", in.isv_svn}}, in));
    return out;
}

json::Object encode_module(const attest::TdxModuleIdentity& in)
{
    json::Object out;
    if (!in.id.empty()) out["id"] = in.id;
    out["mrsigner"] = hex(in.mr_signer.bytes());
    out["attributes"] = digits(in.attributes);
    out["attributesMask"] = digits(in.attributes_mask);
    if (!in.id.empty()) out["tcbLevels"] = encode_levels(in.levels);
    return out;
}

/// The members that both documents start with.
json::Object head(std::string_view id, std::uint32_t version, UnixSeconds issued, UnixSeconds next)
{
    json::Object out;
    if (!id.empty()) out["id"] = id;
    out["version"] = version;
    out["issueDate"] = iso8601(issued);
    out["nextUpdate"] = iso8601(next);
    return out;
}

}  // namespace

CollateralPlan plan_collateral(EvidenceKind kind, const Window& window)
{
    return {.tcb = plan_tcb_info(kind, window),
            .tcb_version = 3,
            .qe = plan_qe_identity(kind, window),
            .root_crl = nothing_revoked(window),
            .pck_crl = nothing_revoked(window)};
}

std::string encode_tcb_info(const attest::TcbInfo& info, std::uint32_t version)
{
    const std::string_view id = info.kind == EvidenceKind::tdx ? "TDX" : "SGX";
    json::Object out = head(version == 2 ? std::string_view() : id, version, info.issue_date, info.next_update);
    out["fmspc"] = hex(info.fmspc.bytes());
    out["pceId"] = hex(info.pce_id.bytes());
    out["tcbType"] = 0;
    out["tcbEvaluationDataNumber"] = info.tcb_evaluation_number;
    if (info.module) out["tdxModule"] = encode_module(*info.module);
    if (!info.identities.empty()) {
        json::Array& identities = out["tdxModuleIdentities"].emplace_array();
        for (const auto& identity : info.identities) identities.push_back(encode_module(identity));
    }
    json::Array& levels = out["tcbLevels"].emplace_array();
    for (const auto& in : info.levels) levels.push_back(encode_level(in, info.kind, version));
    return json::print(out);
}

std::string encode_qe_identity(const attest::QeIdentity& qe)
{
    json::Object out = head(qe.kind == EvidenceKind::tdx ? "TD_QE" : "QE", 2, qe.issue_date, qe.next_update);
    out["tcbEvaluationDataNumber"] = qe.tcb_evaluation_number;
    out["miscselect"] = digits(qe.misc_select);
    out["miscselectMask"] = digits(qe.misc_select_mask);
    out["attributes"] = digits(qe.flags) + digits(qe.xfrm);
    out["attributesMask"] = digits(qe.flags_mask) + digits(qe.xfrm_mask);
    out["mrsigner"] = hex(qe.mr_signer.bytes());
    out["isvprodid"] = qe.isv_prod_id;
    out["tcbLevels"] = encode_levels(qe.levels);
    return json::print(out);
}

Result<attest::Collateral> sign_collateral(const Authority& authority, const CollateralPlan& plan)
{
    TRY(const crypto::Crl root_crl, crypto::issue_crl(plan.root_crl, authority.root, authority.root_key));
    TRY(const crypto::Crl pck_crl, crypto::issue_crl(plan.pck_crl, authority.ca, authority.ca_key));

    attest::Collateral out;
    out.pck_crl_issuer_chain = authority.ca_chain();
    out.root_ca_crl = root_crl.der();
    out.pck_crl = pck_crl.der();
    out.tcb_info_issuer_chain = authority.tcb_chain();
    out.tcb_info = encode_tcb_info(plan.tcb, plan.tcb_version);
    out.tcb_info_signature = to_bytes(authority.tcb_key.sign(as_bytes(out.tcb_info)).bytes());
    out.qe_identity_issuer_chain = authority.tcb_chain();
    out.qe_identity = encode_qe_identity(plan.qe);
    out.qe_identity_signature = to_bytes(authority.tcb_key.sign(as_bytes(out.qe_identity)).bytes());
    return out;
}

Result<attest::Collateral> issue_collateral(const Authority& authority, const Window& window)
{
    return sign_collateral(authority, plan_collateral(EvidenceKind::tdx, window));
}

}  // namespace iapp::simtee
