#pragma once
// The table of ear_schema.hpp: names, labels and forms of every claim this room writes or reads.
#include <array>
#include <optional>
#include <span>

#include "attest/internal/ear_schema.hpp"

namespace iapp::attest::schema {

inline constexpr std::int64_t kMaxTime = 253'402'300'799;  ///< the last second of year 9999
inline constexpr std::size_t kMaxElements = 512;           ///< of a list or a map with free names
inline constexpr std::size_t kMaxName = 256;               ///< of a submodule or a register, in bytes

/// A value that is a word in JSON and a number in CBOR.
struct Word {
    std::string_view text;
    std::int64_t number;
};

enum class Shape : unsigned char { text, integer, boolean, bytes, word, texts, list, map, fields };

struct Schema;

struct Field {
    std::string_view name;
    std::optional<std::int64_t> label;  ///< absent: `name` is the label
    const Schema* schema;
    bool required = false;
    std::string_view older_name = {};  ///< in the drafts before -03
};

struct Schema {
    Shape shape;
    std::int64_t least = 0;  ///< integer: value; text and bytes: size; texts, list and map: elements
    std::int64_t most = 0;
    std::span<const Field> fields = {};
    std::span<const Word> words = {};
    const Schema* element = nullptr;  ///< of list and map
};

inline constexpr std::array kTierWords{Word{"none", 0}, Word{"affirming", 2}, Word{"warning", 32},
                                       Word{"contraindicated", 96}};
inline constexpr std::array kDebugWords{Word{"enabled", 0}, Word{"disabled", 1}, Word{"disabled-since-boot", 2},
                                        Word{"disabled-permanently", 3}, Word{"disabled-fully-and-permanently", 4}};
inline constexpr std::array kKeyTypeWords{Word{"OKP", label::kOkp}, Word{"EC", label::kEc2}};
inline constexpr std::array kCurveWords{Word{"P-256", label::kP256}, Word{"X25519", label::kX25519}};

inline constexpr Schema kText{.shape = Shape::text, .most = 1024};
inline constexpr Schema kTime{.shape = Shape::integer, .most = kMaxTime};
inline constexpr Schema kBoolean{.shape = Shape::boolean};
inline constexpr Schema kNonce{.shape = Shape::bytes, .least = 8, .most = 64};
inline constexpr Schema kHash{.shape = Shape::bytes, .least = 32, .most = 32};
inline constexpr Schema kRegister{.shape = Shape::bytes, .most = 1024};
inline constexpr Schema kU32{.shape = Shape::integer, .most = 0xffff'ffff};
inline constexpr Schema kTrustValue{.shape = Shape::integer, .least = -128, .most = 127};
inline constexpr Schema kTierWord{.shape = Shape::word, .words = kTierWords};
inline constexpr Schema kDebugWord{.shape = Shape::word, .words = kDebugWords};
inline constexpr Schema kKeyTypeWord{.shape = Shape::word, .words = kKeyTypeWords};
inline constexpr Schema kCurveWord{.shape = Shape::word, .words = kCurveWords};
inline constexpr Schema kTexts{.shape = Shape::texts, .most = kMaxElements};
inline constexpr Schema kSomeTexts{.shape = Shape::texts, .least = 1, .most = kMaxElements};
inline constexpr Schema kRegisters{.shape = Shape::map, .most = kMaxElements, .element = &kRegister};

inline constexpr std::array kVectorFields{
    Field{"instance-identity", 0, &kTrustValue}, Field{"configuration", 1, &kTrustValue},
    Field{"executables", 2, &kTrustValue},       Field{"file-system", 3, &kTrustValue},
    Field{"hardware", 4, &kTrustValue},          Field{"runtime-opaque", 5, &kTrustValue},
    Field{"storage-opaque", 6, &kTrustValue},    Field{"sourced-data", 7, &kTrustValue},
};
inline constexpr Schema kVector{.shape = Shape::fields, .fields = kVectorFields};

inline constexpr std::array kVerifierFields{
    Field{"developer", label::kDeveloper, &kText, true},
    Field{"build", label::kBuild, &kText, true},
};
inline constexpr Schema kVerifier{.shape = Shape::fields, .fields = kVerifierFields};

inline constexpr std::array kKeyFields{
    Field{"kty", label::kKeyType, &kKeyTypeWord, true},
    Field{"crv", label::kCurve, &kCurveWord, true},
    Field{"x", label::kX, &kHash, true},
    Field{"y", label::kY, &kHash},
};
inline constexpr Schema kKey{.shape = Shape::fields, .fields = kKeyFields};
inline constexpr std::array kConfirmationFields{Field{"jwk", label::kCoseKey, &kKey, true}};
inline constexpr Schema kConfirmation{.shape = Shape::fields, .fields = kConfirmationFields};

inline constexpr std::array kAttesterFields{
    Field{"dbgstat", label::kDebugStatus, &kDebugWord},
    Field{"iapp_evidence_id", std::nullopt, &kHash},
    Field{"iapp_measurements", std::nullopt, &kRegisters},
    Field{"iapp_simulated", std::nullopt, &kBoolean},
    Field{"iapp_tee", std::nullopt, &kText},
};
inline constexpr Schema kAttester{.shape = Shape::fields, .fields = kAttesterFields};

inline constexpr std::array kTcbFields{
    Field{"status", std::nullopt, &kText, true},
    Field{"date", std::nullopt, &kTime, true},
    Field{"advisories", std::nullopt, &kTexts, true},
    Field{"evaluation", std::nullopt, &kU32, true},
};
inline constexpr Schema kTcb{.shape = Shape::fields, .fields = kTcbFields};

inline constexpr std::array kCheckFields{
    Field{"id", std::nullopt, &kText, true},
    Field{"outcome", std::nullopt, &kText, true},
};
inline constexpr Schema kCheck{.shape = Shape::fields, .fields = kCheckFields};
inline constexpr Schema kChecks{.shape = Shape::list, .most = kMaxElements, .element = &kCheck};

inline constexpr std::array kJudgementFields{
    Field{"iapp_accepted", std::nullopt, &kBoolean},
    Field{"iapp_checks", std::nullopt, &kChecks},
    Field{"iapp_policy_sha256", std::nullopt, &kHash},
    Field{"iapp_report_data", std::nullopt, &kText},
    Field{"iapp_tcb", std::nullopt, &kTcb},
};
inline constexpr Schema kJudgement{.shape = Shape::fields, .fields = kJudgementFields};

inline constexpr std::array kSubmoduleFields{
    Field{"ear_status", label::kStatus, &kTierWord, true, "ear.status"},
    Field{"ear_trustworthiness_vector", label::kVector, &kVector, false, "ear.trustworthiness-vector"},
    Field{"ear_appraisal_policy_ids", label::kPolicyIds, &kSomeTexts, false, "ear.appraisal-policy-id"},
    Field{"ear_attester_claims", label::kAttesterClaims, &kAttester},
    Field{"ear_verifier_claims", label::kVerifierClaims, &kJudgement},
};
inline constexpr Schema kSubmodule{.shape = Shape::fields, .fields = kSubmoduleFields};
inline constexpr Schema kSubmodules{.shape = Shape::map, .least = 1, .most = 64, .element = &kSubmodule};

inline constexpr std::array kEarFields{
    Field{"iss", label::kIssuer, &kText},
    Field{"aud", label::kAudience, &kText},
    Field{"exp", label::kExpires, &kTime},
    Field{"nbf", label::kNotBefore, &kTime},
    Field{"iat", label::kIssuedAt, &kTime, true},
    Field{"cnf", label::kConfirmation, &kConfirmation},
    Field{"eat_nonce", label::kNonce, &kNonce},
    Field{"eat_profile", label::kProfile, &kText, true},
    Field{"submods", label::kSubmodules, &kSubmodules, true},
    Field{"ear_status", label::kStatus, &kTierWord, false, "ear.status"},
    Field{"ear_verifier_id", label::kVerifierId, &kVerifier, true, "ear.verifier-id"},
};
inline constexpr Schema kEar{.shape = Shape::fields, .fields = kEarFields};

}  // namespace iapp::attest::schema
