#include "codec/json.hpp"
#include "simtee/authority.hpp"
#include "simtee/internal/machine.hpp"

namespace iapp::simtee {
namespace {

constexpr std::uint32_t kEvaluationNumber = 20;
constexpr std::string_view kTcbDate = "2026-01-01T00:00:00Z";

json::Value components(const std::array<std::uint8_t, 16>& svns)
{
    json::Array out;
    for (const std::uint8_t svn : svns) out.push_back(json::Object{{"svn", svn}});
    return out;
}

json::Value platform_level(std::uint16_t pce_svn, std::string_view status)
{
    return json::Object{{"tcb", json::Object{{"sgxtcbcomponents", components(simulated_platform().components)},
                                             {"pcesvn", pce_svn},
                                             {"tdxtcbcomponents", components(kTeeTcbSvn)}}},
                        {"tcbDate", kTcbDate},
                        {"tcbStatus", status}};
}

json::Value svn_level(std::uint16_t svn)
{
    return json::Object{{"tcb", json::Object{{"isvsvn", svn}}}, {"tcbDate", kTcbDate}, {"tcbStatus", "UpToDate"}};
}

json::Object module_identity()
{
    return {{"mrsigner", hex(Hash384::zero().bytes())},
            {"attributes", "0000000000000000"},
            {"attributesMask", "FFFFFFFFFFFFFFFF"}};
}

json::Value named_module_identity()
{
    json::Object out{{"id", "TDX_01"}};
    for (const auto& member : module_identity()) out.insert(member);
    out["tcbLevels"] = json::Array{svn_level(kTeeTcbSvn[0])};
    return out;
}

}  // namespace

std::string tcb_info_json(const Window& window)
{
    const attest::SgxExtension platform = simulated_platform();
    return json::print(json::Object{
        {"id", "TDX"},
        {"version", 3},
        {"issueDate", iso8601(window.from)},
        {"nextUpdate", iso8601(window.to)},
        {"fmspc", hex(platform.fmspc.bytes())},
        {"pceId", hex(platform.pce_id.bytes())},
        {"tcbType", 0},
        {"tcbEvaluationDataNumber", kEvaluationNumber},
        {"tdxModule", module_identity()},
        {"tdxModuleIdentities", json::Array{named_module_identity()}},
        {"tcbLevels", json::Array{platform_level(platform.pce_svn, "UpToDate"), platform_level(5, "OutOfDate")}},
    });
}

std::string qe_identity_json(const Window& window)
{
    return json::print(json::Object{
        {"id", "TD_QE"},
        {"version", 2},
        {"issueDate", iso8601(window.from)},
        {"nextUpdate", iso8601(window.to)},
        {"tcbEvaluationDataNumber", kEvaluationNumber},
        {"miscselect", "00000000"},
        {"miscselectMask", "FFFFFFFF"},
        {"attributes", "11000000000000000000000000000000"},
        {"attributesMask", "FBFFFFFFFFFFFFFF0000000000000000"},
        {"mrsigner", hex(qe_signer().bytes())},
        {"isvprodid", kQeProduct},
        {"tcbLevels", json::Array{svn_level(kQeSvn)}},
    });
}

Result<attest::Collateral> issue_collateral(const Authority& authority, const Window& window)
{
    const crypto::CrlProfile nothing_revoked{
        .this_update = window.from, .next_update = window.to, .number = 1, .revoked_serials = {}, .extensions = {}};
    TRY(const crypto::Crl root_crl, crypto::issue_crl(nothing_revoked, authority.root, authority.root_key));
    TRY(const crypto::Crl pck_crl, crypto::issue_crl(nothing_revoked, authority.ca, authority.ca_key));

    attest::Collateral out;
    out.pck_crl_issuer_chain = authority.ca_chain();
    out.root_ca_crl = root_crl.der();
    out.pck_crl = pck_crl.der();
    out.tcb_info_issuer_chain = authority.tcb_chain();
    out.tcb_info = tcb_info_json(window);
    out.tcb_info_signature = to_bytes(authority.tcb_key.sign(as_bytes(out.tcb_info)).bytes());
    out.qe_identity_issuer_chain = authority.tcb_chain();
    out.qe_identity = qe_identity_json(window);
    out.qe_identity_signature = to_bytes(authority.tcb_key.sign(as_bytes(out.qe_identity)).bytes());
    return out;
}

}  // namespace iapp::simtee
