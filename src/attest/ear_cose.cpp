// Attestation results as CWT: COSE_Sign1 with ES256 (RFC 9053 section 2.1) and typ application/eat+cwt (RFC 9596, RFC 9782).
#include "attest/internal/cose_sign1.hpp"
#include "attest/internal/ear_schema.hpp"
#include "attest/internal/ear_tree.hpp"
#include "attest/internal/json_text.hpp"

namespace iapp::attest {
namespace {

constexpr std::string_view kType = "application/eat+cwt";
constexpr std::int64_t kAlgorithm = 1, kKeyId = 4, kTypeLabel = 16;
constexpr std::int64_t kEs256 = -7;
constexpr cbor::Limits kLimits{.max_bytes = kMaxEarBytes, .max_depth = 12};

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.ear_format", std::move(detail));
}

/// Everything that matters is protected, and nothing else is there: no second place for an algorithm or a key.
Status check_headers(const CoseSign1& message)
{
    if (!message.unprotected.empty()) return bad("a header parameter is outside the signature");
    TRY(const cbor::Value value, cbor::parse(message.protected_header, kLimits));
    const cbor::Map* header = value.if_map();
    if (header == nullptr) return bad("the protected header is not a map");
    const cbor::Value* algorithm = header->find(kAlgorithm);
    if (algorithm == nullptr || algorithm->if_i64() != kEs256) return bad("the algorithm is not ES256");
    const cbor::Value* type = header->find(kTypeLabel);
    if (type == nullptr || type->if_text() == nullptr || *type->if_text() != kType)
        return bad("the type of the token is not " + std::string(kType));
    const cbor::Value* key_id = header->find(kKeyId);
    if (key_id == nullptr || key_id->if_bytes() == nullptr) return bad("the token names no key");
    if (header->members().size() != 3) return bad("the protected header has a parameter that is not known here");
    return {};
}

struct Envelope {
    CoseSign1 message;
    crypto::P256Signature signature;
};

Result<Envelope> open_envelope(ByteView token)
{
    TRY(CoseSign1 message, parse_cose_sign1(token, kLimits));
    TRY_OK(check_headers(message));
    TRY(const auto signature, crypto::P256Signature::from_bytes(message.signature));
    return Envelope{std::move(message), signature};
}

/// The profile, before anything that depends on it; nothing when there is none to see.
std::string profile_of(const cbor::Value& claims)
{
    const cbor::Map* map = claims.if_map();
    const cbor::Value* profile = map == nullptr ? nullptr : map->find(label::kProfile);
    if (profile == nullptr || profile->if_text() == nullptr) return {};
    return *profile->if_text();
}

}  // namespace

Result<Bytes> ear_cbor(const Ear& ear)
{
    TRY(const cbor::Value tree, claims_from_cbor(ear_tree(ear), false));  // never issue what would be refused
    return cbor::encode(tree, kLimits);
}

Result<Bytes> sign_ear_cose(const Ear& ear, const crypto::P256Key& key)
{
    cbor::Map header;
    header.set(kAlgorithm, cbor::Value::integer(kEs256));
    header.set(kKeyId, cbor::Value(to_bytes(ear_key_id(key.public_key()))));
    header.set(kTypeLabel, cbor::Value(kType));
    CoseSign1 message;
    TRY(message.protected_header, cbor::encode(cbor::Value(std::move(header))));
    TRY(message.payload, ear_cbor(ear));
    message.signature = to_bytes(key.sign(cose_signed_bytes(message)).bytes());
    return encode_cose_sign1(message);
}

Result<Ear> accept_cbor_claims(ByteView payload, const EarExpectation& expected, CheckLog& checks)
{
    const auto claims = cbor::parse(payload, kLimits);
    if (!claims) return checks.fail(CheckId::ear_format, explain(claims.error()));
    if (const std::string profile = profile_of(*claims);
        !profile.empty() && !is_ear_profile(profile, expected.accept_older_drafts))
        return checks.fail(CheckId::ear_claims, "the profile is " + profile);
    const auto tree = claims_from_cbor(*claims, expected.accept_older_drafts);
    if (!tree) return checks.fail(CheckId::ear_format, tree.error().detail);
    return accept_tree(*tree, expected, checks);
}

Result<Ear> verify_ear_cose(ByteView token, const crypto::P256PublicKey& verifier, const EarExpectation& expected,
                            CheckLog& checks)
{
    const auto envelope = open_envelope(token);
    if (!envelope) return checks.fail(CheckId::ear_format, explain(envelope.error()));
    const auto signature = crypto::p256_verify(verifier, cose_signed_bytes(envelope->message), envelope->signature);
    if (!signature) return checks.fail(CheckId::ear_signature, explain(signature.error()));
    checks.pass(CheckId::ear_signature);
    return accept_cbor_claims(envelope->message.payload, expected, checks);
}

}  // namespace iapp::attest
