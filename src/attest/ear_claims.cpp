// Claims of attestation results: between Ear and the claims tree. Encodings are ear_jwt.cpp and ear_cose.cpp.
#include <algorithm>

#include "attest/internal/ear_schema.hpp"
#include "attest/internal/ear_tree.hpp"
#include "attest/internal/json_text.hpp"

namespace iapp::attest {
namespace {

using cbor::Key;
using cbor::Map;
using cbor::Value;

constexpr std::array<std::int64_t, 4> kTierNumbers{0, 2, 32, 96};  // as Tier

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.ear_format", std::move(detail));
}

Value value_of(UnixSeconds time) { return Value::integer(time.time_since_epoch().count()); }
Value value_of(Tier tier) { return Value::integer(kTierNumbers[static_cast<std::size_t>(tier)]); }
Value value_of(ByteView bytes) { return Value(to_bytes(bytes)); }

Value value_of(const std::vector<std::string>& texts)
{
    cbor::Array out;
    for (const std::string& text : texts) out.emplace_back(text);
    return Value(std::move(out));
}

// --- writing
// -----------------------------------------------------------------------------------------------------------------------

Value value_of(const TrustVector& vector)
{
    Map out;
    for (std::size_t i = 0; i < kTrustClaims; ++i)
        if (const auto claim = vector.at(static_cast<TrustClaim>(i)))
            out.set(static_cast<std::int64_t>(i), Value::integer(*claim));
    return Value(std::move(out));
}

Value value_of(const EarTcb& tcb)
{
    return Value(Map()
                     .set("status", Value(tcb.status))
                     .set("date", value_of(tcb.date))
                     .set("advisories", value_of(tcb.advisories))
                     .set("evaluation", Value::integer(tcb.evaluation_number)));
}

Value value_of(const std::vector<EarCheck>& checks)
{
    cbor::Array out;
    for (const EarCheck& check : checks)
        out.emplace_back(Map().set("id", Value(check.id)).set("outcome", Value(name(check.outcome))));
    return Value(std::move(out));
}

Value value_of(const Registers& registers)
{
    Map out;
    for (const RegisterValue& each : registers) out.set(each.name, Value(each.value));
    return Value(std::move(out));
}

Map attester_claims(const EarSubmodule& submodule)
{
    Map out;
    if (!submodule.tee.empty()) out.set("iapp_tee", Value(submodule.tee));
    if (submodule.simulated) out.set("iapp_simulated", Value(*submodule.simulated));
    if (submodule.debug)
        out.set(label::kDebugStatus,
                Value::integer(*submodule.debug ? label::kDebugEnabled : label::kDebugDisabledSinceBoot));
    if (!submodule.measurements.empty()) out.set("iapp_measurements", value_of(submodule.measurements));
    if (submodule.evidence_id) out.set("iapp_evidence_id", value_of(submodule.evidence_id->bytes()));
    return out;
}

Map verifier_claims(const EarSubmodule& submodule)
{
    Map out;
    if (submodule.accepted) out.set("iapp_accepted", Value(*submodule.accepted));
    if (submodule.policy_sha256) out.set("iapp_policy_sha256", value_of(submodule.policy_sha256->bytes()));
    if (submodule.tcb) out.set("iapp_tcb", value_of(*submodule.tcb));
    if (submodule.report_data) out.set("iapp_report_data", Value(name(*submodule.report_data)));
    if (!submodule.checks.empty()) out.set("iapp_checks", value_of(submodule.checks));
    return out;
}

Value value_of(const EarSubmodule& submodule)
{
    Map out;
    out.set(label::kStatus, value_of(submodule.status));
    if (!submodule.vector.empty()) out.set(label::kVector, value_of(submodule.vector));
    if (!submodule.policy_ids.empty()) out.set(label::kPolicyIds, value_of(submodule.policy_ids));
    if (Map claims = attester_claims(submodule); !claims.empty()) out.set(label::kAttesterClaims, Value(std::move(claims)));
    if (Map claims = verifier_claims(submodule); !claims.empty()) out.set(label::kVerifierClaims, Value(std::move(claims)));
    return Value(std::move(out));
}

Value value_of(const ConfirmationKey& key)
{
    Map cose_key;
    if (const auto* p256 = std::get_if<crypto::P256PublicKey>(&key)) {
        cose_key.set(label::kKeyType, Value::integer(label::kEc2));
        cose_key.set(label::kCurve, Value::integer(label::kP256));
        cose_key.set(label::kX, value_of(p256->bytes().first<32>()));
        cose_key.set(label::kY, value_of(p256->bytes().last<32>()));
    } else {
        cose_key.set(label::kKeyType, Value::integer(label::kOkp));
        cose_key.set(label::kCurve, Value::integer(label::kX25519));
        cose_key.set(label::kX, value_of(std::get<crypto::X25519PublicKey>(key).bytes()));
    }
    return Value(Map().set(label::kCoseKey, Value(std::move(cose_key))));
}

Value value_of(const std::vector<EarSubmodule>& submodules)
{
    Map out;
    for (const EarSubmodule& submodule : submodules) out.set(submodule.name, value_of(submodule));
    return Value(std::move(out));
}

// --- reading; the tree has the form of ear_schema.hpp
// ------------------------------------------------------------------------------

const Map* map_at(const Map& map, const Key& key)
{
    const Value* value = map.find(key);
    return value == nullptr ? nullptr : value->if_map();
}

std::optional<std::string> text_at(const Map& map, const Key& key)
{
    const Value* value = map.find(key);
    return value == nullptr ? std::nullopt : std::optional(*value->if_text());
}

std::optional<std::int64_t> integer_at(const Map& map, const Key& key)
{
    const Value* value = map.find(key);
    return value == nullptr ? std::nullopt : value->if_i64();
}

std::optional<bool> boolean_at(const Map& map, const Key& key)
{
    const Value* value = map.find(key);
    return value == nullptr ? std::nullopt : std::optional(*value->if_boolean());
}

std::optional<UnixSeconds> time_at(const Map& map, const Key& key)
{
    const auto seconds = integer_at(map, key);
    return seconds ? std::optional(UnixSeconds(std::chrono::seconds(*seconds))) : std::nullopt;
}

std::optional<Hash256> hash_at(const Map& map, const Key& key)
{
    const Value* value = map.find(key);
    if (value == nullptr) return std::nullopt;
    return Hash256(ByteView(*value->if_bytes()).first<32>());
}

std::vector<std::string> texts_at(const Map& map, const Key& key)
{
    std::vector<std::string> out;
    if (const Value* value = map.find(key))
        for (const Value& text : *value->if_array()) out.push_back(*text.if_text());
    return out;
}

Tier tier_at(const Map& map, const Key& key)
{
    const auto found = std::ranges::find(kTierNumbers, *integer_at(map, key));
    return static_cast<Tier>(found - kTierNumbers.begin());
}

TrustVector read_vector(const Map& submodule)
{
    TrustVector out;
    if (const Map* claims = map_at(submodule, label::kVector))
        for (const cbor::Member& claim : claims->members())
            out.set(static_cast<TrustClaim>(std::get<std::int64_t>(claim.key)),
                    static_cast<std::int8_t>(*claim.value.if_i64()));
    return out;
}

Result<std::optional<Outcome>> outcome_at(const Map& map, const Key& key)
{
    const auto text = text_at(map, key);
    if (!text) return std::optional<Outcome>();
    const auto outcome = find_outcome(*text);
    if (!outcome) return bad("\"" + *text + "\" is no outcome of a check");
    return outcome;
}

Result<std::vector<EarCheck>> read_checks(const Map& claims)
{
    std::vector<EarCheck> out;
    const Value* list = claims.find("iapp_checks");
    if (list == nullptr) return out;
    for (const Value& check : *list->if_array()) {
        TRY(const auto outcome, outcome_at(*check.if_map(), "outcome"));
        out.push_back({*text_at(*check.if_map(), "id"), *outcome});
    }
    return out;
}

std::optional<EarTcb> read_tcb(const Map& claims)
{
    const Map* tcb = map_at(claims, "iapp_tcb");
    if (tcb == nullptr) return std::nullopt;
    return EarTcb{.status = *text_at(*tcb, "status"),
                  .date = *time_at(*tcb, "date"),
                  .advisories = texts_at(*tcb, "advisories"),
                  .evaluation_number = static_cast<std::uint32_t>(*integer_at(*tcb, "evaluation"))};
}

void read_attester_claims(const Map& claims, EarSubmodule& out)
{
    out.tee = text_at(claims, "iapp_tee").value_or("");
    out.simulated = boolean_at(claims, "iapp_simulated");
    if (const auto debug = integer_at(claims, label::kDebugStatus)) out.debug = *debug == label::kDebugEnabled;
    out.evidence_id = hash_at(claims, "iapp_evidence_id");
    if (const Map* registers = map_at(claims, "iapp_measurements"))
        for (const cbor::Member& each : registers->members())
            out.measurements.push_back({std::get<std::string>(each.key), *each.value.if_bytes()});
}

Status read_verifier_claims(const Map& claims, EarSubmodule& out)
{
    out.accepted = boolean_at(claims, "iapp_accepted");
    out.policy_sha256 = hash_at(claims, "iapp_policy_sha256");
    out.tcb = read_tcb(claims);
    TRY(out.report_data, outcome_at(claims, "iapp_report_data"));
    TRY(out.checks, read_checks(claims));
    return {};
}

/// A status may be worse than the vector, not better.
Status consistent(const EarSubmodule& submodule)
{
    const Tier vector = submodule.vector.tier();
    if (vector != Tier::none && !at_least(vector, submodule.status))
        return bad("the status of \"" + submodule.name + "\" is better than its trustworthiness vector");
    return {};
}

Result<EarSubmodule> read_submodule(const std::string& name, const Map& map)
{
    EarSubmodule out{.name = name, .status = tier_at(map, label::kStatus), .vector = read_vector(map)};
    out.policy_ids = texts_at(map, label::kPolicyIds);
    if (const Map* claims = map_at(map, label::kAttesterClaims)) read_attester_claims(*claims, out);
    if (const Map* claims = map_at(map, label::kVerifierClaims)) TRY_OK(read_verifier_claims(*claims, out));
    TRY_OK(consistent(out));
    return out;
}

Result<std::vector<EarSubmodule>> read_submodules(const Map& map)
{
    std::vector<EarSubmodule> out;
    for (const cbor::Member& each : map.members()) {
        TRY(EarSubmodule submodule, read_submodule(std::get<std::string>(each.key), *each.value.if_map()));
        out.push_back(std::move(submodule));
    }
    return out;
}

Result<ConfirmationKey> read_p256(const Bytes& x, const Value* y)
{
    if (y == nullptr) return bad("the confirmation key has no y coordinate");
    Bytes point = x;
    append(point, *y->if_bytes());
    const crypto::P256PublicKey key(ByteView(point).first<64>());
    if (!crypto::P256Verifier::create(key)) return bad("the confirmation key is no point of P-256");
    return ConfirmationKey(key);
}

Result<std::optional<ConfirmationKey>> read_key(const Map& claims)
{
    const Map* confirmation = map_at(claims, label::kConfirmation);
    if (confirmation == nullptr) return std::optional<ConfirmationKey>();
    const Map& key = *map_at(*confirmation, label::kCoseKey);
    const bool ec2 = integer_at(key, label::kKeyType) == label::kEc2;
    const bool p256 = integer_at(key, label::kCurve) == label::kP256;
    if (ec2 != p256) return bad("the type and the curve of the confirmation key do not go together");
    const Bytes& x = *key.find(label::kX)->if_bytes();
    const Value* y = key.find(label::kY);
    if (p256) {
        TRY(const ConfirmationKey point, read_p256(x, y));
        return std::optional(point);
    }
    if (y != nullptr) return bad("an X25519 key has no y coordinate");
    return std::optional<ConfirmationKey>(crypto::X25519PublicKey(ByteView(x).first<32>()));
}

/// The worst of the submodules; a status the token states itself may be worse, not better.
Result<Tier> read_status(const Map& claims, const std::vector<EarSubmodule>& submodules)
{
    Tier status = Tier::affirming;
    for (const EarSubmodule& submodule : submodules) status = worst(status, submodule.status);
    if (claims.find(label::kStatus) == nullptr) return status;
    const Tier stated = tier_at(claims, label::kStatus);
    if (stated != status && at_least(stated, status)) return bad("the status is better than that of a submodule");
    return stated;
}

}  // namespace

Value ear_tree(const Ear& ear)
{
    Map out;
    out.set(label::kProfile, Value(ear.profile));
    if (!ear.issuer.empty()) out.set(label::kIssuer, Value(ear.issuer));
    out.set(
        label::kVerifierId,
        Value(Map().set(label::kDeveloper, Value(ear.verifier.developer)).set(label::kBuild, Value(ear.verifier.build))));
    out.set(label::kIssuedAt, value_of(ear.issued_at));
    if (ear.not_before) out.set(label::kNotBefore, value_of(*ear.not_before));
    if (ear.expires) out.set(label::kExpires, value_of(*ear.expires));
    if (!ear.nonce.empty()) out.set(label::kNonce, Value(ear.nonce));
    if (ear.audience) out.set(label::kAudience, Value(*ear.audience));
    if (ear.key) out.set(label::kConfirmation, value_of(*ear.key));
    out.set(label::kStatus, value_of(ear.status));
    out.set(label::kSubmodules, value_of(ear.submodules));
    return Value(std::move(out));
}

Result<Ear> ear_from_tree(const Value& tree)
{
    const Map& claims = *tree.if_map();
    const Map& verifier = *map_at(claims, label::kVerifierId);
    Ear out{.profile = *text_at(claims, label::kProfile),
            .issuer = text_at(claims, label::kIssuer).value_or(""),
            .verifier = {*text_at(verifier, label::kDeveloper), *text_at(verifier, label::kBuild)},
            .issued_at = *time_at(claims, label::kIssuedAt),
            .not_before = time_at(claims, label::kNotBefore),
            .expires = time_at(claims, label::kExpires),
            .nonce = {},
            .audience = text_at(claims, label::kAudience),
            .key = {},
            .status = Tier::none,
            .submodules = {}};
    if (const Value* nonce = claims.find(label::kNonce)) out.nonce = *nonce->if_bytes();
    TRY(out.key, read_key(claims));
    TRY(out.submodules, read_submodules(*map_at(claims, label::kSubmodules)));
    TRY(out.status, read_status(claims, out.submodules));
    return out;
}

}  // namespace iapp::attest
