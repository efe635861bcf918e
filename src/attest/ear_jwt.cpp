// Attestation results as JWT: JWS compact serialization (RFC 7515 section 7.1), ES256, typ eat+jwt (RFC 9782).
#include "attest/internal/ear_schema.hpp"
#include "attest/internal/ear_tree.hpp"
#include "attest/internal/json_text.hpp"
#include "codec/base64.hpp"

namespace iapp::attest {
namespace {

constexpr std::string_view kType = "eat+jwt";
constexpr json::Limits kHeaderLimits{.max_bytes = 1024, .max_depth = 2};
constexpr json::Limits kPayloadLimits{.max_bytes = kMaxEarBytes, .max_depth = 12};

/// The three parts of a compact JWS, decoded, and the text that is signed.
struct CompactJws {
    Bytes header;
    Bytes payload;
    crypto::P256Signature signature;
    std::string_view signed_text;
};

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.ear_format", std::move(detail));
}

Result<CompactJws> split(std::string_view token)
{
    if (token.size() > kMaxEarBytes) return bad("longer than " + std::to_string(kMaxEarBytes) + " bytes");
    const std::size_t first = token.find('.');
    const std::size_t last = token.rfind('.');
    if (first == last || token.find('.', first + 1) != last) return bad("a JWT has three parts, separated by dots");
    TRY(Bytes header, codec::parse_base64url(token.substr(0, first)));
    TRY(Bytes payload, codec::parse_base64url(token.substr(first + 1, last - first - 1)));
    TRY(const Bytes signature, codec::parse_base64url(token.substr(last + 1)));
    TRY(const auto raw, crypto::P256Signature::from_bytes(signature));
    return CompactJws{std::move(header), std::move(payload), raw, token.substr(0, last)};
}

/// Another algorithm, no algorithm, another kind of token, or any other member ("crit", "jwk", "b64" change what a token
/// means): refused. The key id is not followed: the relying party knows its verifier's key.
Status check_header(const Bytes& text, bool older)
{
    TRY(const json::Value value, json::parse(as_text(text), kHeaderLimits));
    TRY(const auto header, json::ObjectReader::of(value, "header"));
    TRY_OK(header.only({"alg", "kid", "typ"}));
    TRY(const std::string_view algorithm, header.text("alg"));
    if (algorithm != "ES256") return bad("the algorithm is not ES256");
    TRY(const auto type, header.find_text("typ"));
    const bool known = type == kType || (older && (!type || type == "JWT"));
    if (!known) return bad("the type of the token is not " + std::string(kType));
    TRY(const auto key_id, header.find_text("kid"));
    if (!key_id && !older) return bad("the token names no key");
    return {};
}

Result<CompactJws> open_envelope(std::string_view token, bool older)
{
    TRY(CompactJws jws, split(token));
    TRY_OK(check_header(jws.header, older));
    return jws;
}

std::string signed_part(std::string_view header, std::string_view payload)
{
    return codec::base64url(as_bytes(header)) + "." + codec::base64url(as_bytes(payload));
}

/// The profile, before anything that depends on it; nothing when there is none to see.
std::string profile_of(const json::Value& claims)
{
    const json::Object* object = claims.if_object();
    const json::Value* profile = object == nullptr ? nullptr : object->if_contains("eat_profile");
    if (profile == nullptr || !profile->is_string()) return {};
    return std::string(profile->get_string());
}

}  // namespace

Result<std::string> ear_json(const Ear& ear)
{
    TRY(const cbor::Value tree, claims_from_cbor(ear_tree(ear), false));  // never issue what would be refused
    return json::canonical(claims_to_json(tree));
}

Result<std::string> sign_ear_jwt(const Ear& ear, const crypto::P256Key& key)
{
    const json::Object header{{"alg", "ES256"}, {"kid", ear_key_id(key.public_key())}, {"typ", kType}};
    TRY(const std::string header_text, json::canonical(header));
    TRY(const std::string payload, ear_json(ear));
    const std::string text = signed_part(header_text, payload);
    return text + "." + codec::base64url(key.sign(as_bytes(text)).bytes());
}

Result<Ear> accept_json_claims(std::string_view payload, const EarExpectation& expected, CheckLog& checks)
{
    const auto claims = json::parse(payload, kPayloadLimits);
    if (!claims) return checks.fail(CheckId::ear_format, explain(claims.error()));
    if (const std::string profile = profile_of(*claims);
        !profile.empty() && !is_ear_profile(profile, expected.accept_older_drafts))
        return checks.fail(CheckId::ear_claims, "the profile is " + profile);
    const auto tree = claims_from_json(*claims, expected.accept_older_drafts);
    if (!tree) return checks.fail(CheckId::ear_format, tree.error().detail);
    return accept_tree(*tree, expected, checks);
}

Result<Ear> verify_ear_jwt(std::string_view token, const crypto::P256PublicKey& verifier, const EarExpectation& expected,
                           CheckLog& checks)
{
    const auto jws = open_envelope(token, expected.accept_older_drafts);
    if (!jws) return checks.fail(CheckId::ear_format, explain(jws.error()));
    const auto signature = crypto::p256_verify(verifier, as_bytes(jws->signed_text), jws->signature);
    if (!signature) return checks.fail(CheckId::ear_signature, explain(signature.error()));
    checks.pass(CheckId::ear_signature);
    return accept_json_claims(as_text(jws->payload), expected, checks);
}

}  // namespace iapp::attest
