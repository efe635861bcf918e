#include "endorse/source.hpp"

#include <algorithm>

#include "net/url.hpp"

namespace iapp::endorse {
namespace {

constexpr std::string_view kIntelBase = "https://api.trustedservices.intel.com";
constexpr std::string_view kIntelRootCrl = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";
constexpr std::string_view kAmdBase = "https://kdsintf.amd.com";

std::unexpected<Error> bad(std::string_view url, std::string_view why)
{
    return fail(ErrorKind::invalid_input, "endorse.source", std::string(url) + ": " + std::string(why));
}

bool is_loopback(const net::Url& url)
{
    return url.host == "localhost" || url.host == "::1" || url.host.starts_with("127.");
}

Status check_url(std::string_view text)
{
    const auto url = net::parse_url(text);
    if (!url) return bad(text, url.error().detail);
    if (!url->is_tls() && !is_loopback(*url)) return bad(text, "use https; plain http is for this machine only");
    if (url->target.contains('?')) return bad(text, "a source is named without a query");
    return {};
}

Status check_base(std::string_view text)
{
    TRY_OK(check_url(text));
    if (text.ends_with('/')) return bad(text, "leave the slash at the end out");
    return {};
}

constexpr std::size_t kTurinChipBytes = 8;

std::string spl_query(const VcekKey& key)
{
    const attest::SnpTcb tcb = attest::decode_tcb(key.product, key.tcb);
    std::string out = key.product == SnpProduct::turin ? "?fmcSPL=" + std::to_string(tcb.fmc) + "&" : "?";
    out += "blSPL=" + std::to_string(tcb.boot_loader) + "&teeSPL=" + std::to_string(tcb.tee);
    return out + "&snpSPL=" + std::to_string(tcb.snp) + "&ucodeSPL=" + std::to_string(tcb.microcode);
}

std::string amd_url(const AmdSource& source, const AmdIssuerKey& key, std::string_view what)
{
    return source.base_url + "/" + std::string(path_name(key.kind)) + "/v1/" + std::string(name(key.product)) + "/" +
           std::string(what);
}

}  // namespace

IntelSource intel_pcs() { return {.base_url = std::string(kIntelBase), .root_crl_url = std::string(kIntelRootCrl)}; }
AmdSource amd_kds() { return {.base_url = std::string(kAmdBase)}; }

Status check(const Sources& sources)
{
    if (sources.intel) {
        TRY_OK(check_base(sources.intel->base_url));
        if (sources.intel->root_crl_url) TRY_OK(check_url(*sources.intel->root_crl_url));
    }
    if (sources.amd) TRY_OK(check_base(sources.amd->base_url));
    return {};
}

IntelUrls urls(const IntelSource& source, const IntelKey& key)
{
    const std::string sgx = source.base_url + "/sgx/certification/v4/";
    const std::string tee = source.base_url + "/" + std::string(name(key.tee)) + "/certification/v4/";
    const bool early = source.update == TcbUpdate::early;
    return {
        .tcb_info = tee + "tcb?fmspc=" + hex(key.fmspc.bytes()) + (early ? "&update=early" : ""),
        .qe_identity = tee + "qe/identity" + (early ? "?update=early" : ""),
        .pck_crl = sgx + "pckcrl?ca=" + std::string(name(key.ca)) + "&encoding=der",
        .root_crl = source.root_crl_url.value_or(sgx + "rootcacrl"),
        .root_crl_is_hex = !source.root_crl_url,
    };
}

Result<std::string> vcek_url(const AmdSource& source, const VcekKey& key)
{
    if (key.chip.is_zero())
        return fail(ErrorKind::invalid_input, "endorse.key", "the report masks its chip id, so no VCEK can be looked up");
    if (!attest::reserved_zero(key.product, key.tcb))
        return fail(ErrorKind::invalid_input, "endorse.key", "the reported TCB has bits that no firmware part owns");
    ByteView chip = key.chip.bytes();
    if (key.product == SnpProduct::turin) {
        if (std::ranges::any_of(chip.subspan(kTurinChipBytes), [](std::uint8_t b) { return b != 0; }))
            return fail(ErrorKind::invalid_input, "endorse.key", "a Turin chip id is 8 bytes, then zeros");
        chip = chip.first(kTurinChipBytes);
    }
    return amd_url(source, {key.product, VekKind::vcek}, hex(chip)) + spl_query(key);
}

std::string cert_chain_url(const AmdSource& source, const AmdIssuerKey& key) { return amd_url(source, key, "cert_chain"); }
std::string crl_url(const AmdSource& source, const AmdIssuerKey& key) { return amd_url(source, key, "crl"); }

}  // namespace iapp::endorse
