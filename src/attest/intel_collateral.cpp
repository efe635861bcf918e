#include "attest/intel_collateral.hpp"

#include <boost/json/monotonic_resource.hpp>

#include "attest/internal/json_text.hpp"
#include "attest/json_forms.hpp"
#include "crypto/x509.hpp"

namespace iapp::attest {
namespace {

constexpr json::Limits kLimits{.max_bytes = 1U << 20U, .max_depth = 16};

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.collateral_format", std::move(detail));
}

Result<Bytes> digits(const json::ObjectReader& object, std::string_view name)
{
    TRY(const std::string_view text, object.text(name));
    return parse_hex(text);
}

Result<std::string> text(const json::ObjectReader& object, std::string_view name)
{
    TRY(const std::string_view value, object.text(name));
    return std::string(value);
}

Result<Collateral> parse_members(std::string_view text)
{
    const auto arena = boost::json::make_shared_resource<boost::json::monotonic_resource>();
    TRY(const json::Value value, json::parse(text, arena, kLimits));
    return collateral_from_json(value);
}

std::size_t skip_space(std::string_view text, std::size_t at)
{
    const std::size_t found = text.find_first_not_of(" \t\r\n", at);
    return found == std::string_view::npos ? text.size() : found;
}

/// One past the string that starts at `at`. The text is known to be valid JSON.
std::size_t skip_string(std::string_view text, std::size_t at)
{
    for (++at; at < text.size() && text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
    return at + 1;
}

/// One past the object that starts at `at`. The text is known to be valid JSON.
std::size_t skip_object(std::string_view text, std::size_t at)
{
    std::size_t depth = 0;
    while (at < text.size()) {
        if (text[at] == '"') {
            at = skip_string(text, at);
            continue;
        }
        if (text[at] == '{') ++depth;
        if (text[at] == '}' && --depth == 0) return at + 1;
        ++at;
    }
    return text.size();
}

Result<SignedObject> slice(std::string_view text, std::string_view member)
{
    TRY(const json::Value value, json::parse(text, kLimits));
    TRY(const json::ObjectReader object, json::ObjectReader::of(value));
    if (object.raw().size() != 2)
        return fail(ErrorKind::invalid_input, "json.unknown_member", "expected the signed object and its signature only");
    TRY_OK(object.object(member));
    TRY(Bytes signature, digits(object, "signature"));

    // {"member":{...},... : the object is the first member, spelled without escapes, as the service writes it.
    std::size_t at = skip_space(text, skip_space(text, 0) + 1);
    const std::size_t key_end = skip_string(text, at);
    if (text.substr(at, key_end - at) != "\"" + std::string(member) + "\"")
        return fail(ErrorKind::invalid_input, "json.type", "the signed object is not the first member");
    at = skip_space(text, skip_space(text, key_end) + 1);
    return SignedObject{std::string(text.substr(at, skip_object(text, at) - at)), std::move(signature)};
}

/// A revocation list as DER, PEM or hex: the forms in which the services and their mirrors give it. DER starts with 0x30,
/// and hex of it with '3'.
Result<Bytes> crl_der(ByteView given)
{
    constexpr std::uint8_t kSequence = 0x30;
    if (given.empty() || given.front() == kSequence) return to_bytes(given);
    if (given.front() != '-') return parse_hex(as_text(given));
    TRY(const crypto::Crl crl, crypto::Crl::from_pem(as_text(given)));
    return crl.der();
}

}  // namespace

Result<Collateral> collateral_from_json(const json::Value& value)
{
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    TRY_OK(
        in.only({"pck_crl_issuer_chain", "root_ca_crl", "pck_crl", "tcb_info_issuer_chain", "tcb_info", "tcb_info_signature",
                 "qe_identity_issuer_chain", "qe_identity", "qe_identity_signature", "pck_certificate_chain"}));
    Collateral out;
    TRY(out.pck_crl_issuer_chain, text(in, "pck_crl_issuer_chain"));
    TRY(out.root_ca_crl, digits(in, "root_ca_crl"));
    TRY(out.pck_crl, digits(in, "pck_crl"));
    TRY(out.tcb_info_issuer_chain, text(in, "tcb_info_issuer_chain"));
    TRY(out.tcb_info, text(in, "tcb_info"));
    TRY(out.tcb_info_signature, digits(in, "tcb_info_signature"));
    TRY(out.qe_identity_issuer_chain, text(in, "qe_identity_issuer_chain"));
    TRY(out.qe_identity, text(in, "qe_identity"));
    TRY(out.qe_identity_signature, digits(in, "qe_identity_signature"));
    TRY(const auto chain, in.find_text("pck_certificate_chain"));
    if (chain) out.pck_certificate_chain = std::string(*chain);
    return out;
}

json::Value to_json(const Collateral& c)
{
    json::Object out;
    if (c.pck_certificate_chain) out["pck_certificate_chain"] = *c.pck_certificate_chain;
    out["pck_crl"] = hex(c.pck_crl);
    out["pck_crl_issuer_chain"] = c.pck_crl_issuer_chain;
    out["qe_identity"] = c.qe_identity;
    out["qe_identity_issuer_chain"] = c.qe_identity_issuer_chain;
    out["qe_identity_signature"] = hex(c.qe_identity_signature);
    out["root_ca_crl"] = hex(c.root_ca_crl);
    out["tcb_info"] = c.tcb_info;
    out["tcb_info_issuer_chain"] = c.tcb_info_issuer_chain;
    out["tcb_info_signature"] = hex(c.tcb_info_signature);
    return out;
}

Result<Collateral> parse_collateral(std::string_view json)
{
    auto collateral = parse_members(json);
    if (!collateral) return bad(explain(collateral.error()));
    return collateral;
}

std::string encode_collateral(const Collateral& collateral) { return json::print(to_json(collateral)); }

Result<SignedObject> slice_signed_object(std::string_view json, std::string_view member)
{
    auto sliced = slice(json, member);
    if (!sliced) return bad(explain(sliced.error()));
    return sliced;
}

Result<Collateral> collateral_from_parts(const CollateralParts& parts)
{
    TRY(SignedObject tcb_info, slice_signed_object(parts.tcb_info, "tcbInfo"));
    TRY(SignedObject qe_identity, slice_signed_object(parts.qe_identity, "enclaveIdentity"));
    auto root_crl = crl_der(parts.root_ca_crl);
    if (!root_crl) return bad("root CA CRL: " + explain(root_crl.error()));
    auto pck_crl = crl_der(parts.pck_crl);
    if (!pck_crl) return bad("PCK CRL: " + explain(pck_crl.error()));
    return Collateral{.pck_crl_issuer_chain = parts.pck_crl_issuer_chain,
                      .root_ca_crl = *std::move(root_crl),
                      .pck_crl = *std::move(pck_crl),
                      .tcb_info_issuer_chain = parts.tcb_info_issuer_chain,
                      .tcb_info = std::move(tcb_info.bytes),
                      .tcb_info_signature = std::move(tcb_info.signature),
                      .qe_identity_issuer_chain = parts.qe_identity_issuer_chain,
                      .qe_identity = std::move(qe_identity.bytes),
                      .qe_identity_signature = std::move(qe_identity.signature),
                      .pck_certificate_chain = parts.pck_certificate_chain};
}

}  // namespace iapp::attest
