#include "attest/ear.hpp"

#include <algorithm>

#include "attest/internal/ear_tree.hpp"
#include "codec/base64.hpp"
#include "codec/cbor.hpp"
#include "crypto/hash.hpp"

namespace iapp::attest {
namespace {

constexpr std::size_t kLeastNonce = 8;
constexpr std::size_t kMostNonce = 64;

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.ear_format", std::move(detail));
}

/// Shorter names first, as maps of CBOR have them.
bool name_less(const std::string& a, const std::string& b) { return cbor::order(a, b) < 0; }

Status coherent(const NamedAppraisal& named)
{
    const Appraisal& appraisal = named.appraisal;
    if (named.name.empty()) return bad("a submodule has no name");
    const bool failed = failed_check(appraisal) != nullptr;
    if (appraisal.accepted && (failed || !appraisal.claims))
        return bad("the appraisal of \"" + named.name + "\" is accepted although a check failed or nothing was verified");
    return {};
}

/// The policy by name, and by the hash of its document as a URI of RFC 6920.
std::vector<std::string> policy_ids(const Appraisal& appraisal)
{
    std::vector<std::string> out;
    if (!appraisal.policy_name.empty()) out.push_back(appraisal.policy_name);
    out.push_back("ni:///sha-256;" + codec::base64url(appraisal.policy_sha256.bytes()));
    return out;
}

EarTcb tcb_of(const Claims& claims)
{
    return {.status = std::string(name(claims.tcb->status)),
            .date = claims.tcb->date,
            .advisories = claims.tcb->advisories,
            .evaluation_number = claims.tcb_evaluation_number};
}

EarSubmodule submodule_of(const NamedAppraisal& named)
{
    const Appraisal& appraisal = named.appraisal;
    EarSubmodule out{.name = named.name, .status = status_of(appraisal), .vector = trust_vector(appraisal)};
    out.policy_ids = policy_ids(appraisal);
    out.tee = name(appraisal.kind);
    out.accepted = appraisal.accepted;
    out.policy_sha256 = appraisal.policy_sha256;
    out.report_data = outcome_of(appraisal, CheckId::report_data);
    for (const CheckOutcome& check : appraisal.checks)
        out.checks.push_back({std::string(info(check.id).reason), check.outcome});
    if (const auto& claims = appraisal.claims) {
        out.simulated = claims->simulated;
        out.debug = claims->debug;
        out.evidence_id = claims->evidence_id;
        out.measurements = claims->registers;
        std::ranges::sort(out.measurements, name_less, &RegisterValue::name);
        if (claims->tcb) out.tcb = tcb_of(*claims);
    }
    return out;
}

/// Nobody relies on a refusal, so endorsements that have expired do not end it early.
UnixSeconds expiry(const EarRequest& request, std::span<const NamedAppraisal> appraisals)
{
    UnixSeconds out = request.now + request.ttl;
    for (const auto& [name, appraisal] : appraisals)
        if (appraisal.accepted) out = std::min(out, appraisal.claims->valid_until);
    return out;
}

Result<std::vector<EarSubmodule>> submodules_of(std::span<const NamedAppraisal> appraisals)
{
    if (appraisals.empty()) return bad("there is no appraisal to report");
    std::vector<EarSubmodule> out;
    for (const NamedAppraisal& named : appraisals) {
        TRY_OK(coherent(named));
        out.push_back(submodule_of(named));
    }
    std::ranges::sort(out, name_less, &EarSubmodule::name);
    if (std::ranges::adjacent_find(out, {}, &EarSubmodule::name) != out.end()) return bad("two submodules have one name");
    return out;
}

Status refuse(CheckLog& checks, bool ok, std::string detail)
{
    if (ok) return {};
    return checks.fail(CheckId::ear_claims, std::move(detail));
}

Status check_times(const Ear& ear, const EarExpectation& expected, CheckLog& checks)
{
    TRY_OK(refuse(checks, ear.expires.has_value(), "the result never expires"));
    TRY_OK(refuse(checks, expected.now < *ear.expires, "expired at " + iso8601(*ear.expires)));
    const UnixSeconds latest = expected.now + expected.most_clock_skew;
    TRY_OK(refuse(checks, ear.issued_at <= latest, "issued in the future: " + iso8601(ear.issued_at)));
    return refuse(checks, !ear.not_before || *ear.not_before <= latest, "not valid yet");
}

}  // namespace

bool is_ear_profile(std::string_view profile, bool older)
{
    if (profile == kEarProfile) return true;
    return older && (profile == "tag:ietf.org,2026:rats/ear#03" || profile == "tag:github.com,2023:veraison/ear");
}

Result<Ear> make_ear(const EarRequest& request, std::span<const NamedAppraisal> appraisals)
{
    if (request.nonce.size() < kLeastNonce || request.nonce.size() > kMostNonce) return bad("a nonce has 8 to 64 bytes");
    if (request.ttl <= std::chrono::seconds(0)) return bad("the time to live is not positive");
    TRY(auto submodules, submodules_of(appraisals));
    const UnixSeconds expires = expiry(request, appraisals);
    if (expires <= request.now)
        return fail(ErrorKind::precondition_failed, "attest.ear_claims",
                    "the endorsements of the evidence expired at " + iso8601(expires));
    Tier status = Tier::affirming;
    for (const EarSubmodule& submodule : submodules) status = worst(status, submodule.status);
    return Ear{.issuer = request.issuer,
               .verifier = request.verifier,
               .issued_at = request.now,
               .not_before = request.now,
               .expires = expires,
               .nonce = request.nonce,
               .audience = request.audience,
               .key = request.key,
               .status = status,
               .submodules = std::move(submodules)};
}

std::string ear_key_id(const crypto::P256PublicKey& key)
{
    const std::string x = codec::base64url(key.bytes().first<32>());
    const std::string y = codec::base64url(key.bytes().last<32>());
    const std::string jwk = R"({"crv":"P-256","kty":"EC","x":")" + x + R"(","y":")" + y + R"("})";
    return codec::base64url(crypto::sha256(as_bytes(jwk)).bytes());
}

Status check_ear_claims(const Ear& ear, const EarExpectation& expected, CheckLog& checks)
{
    TRY_OK(refuse(checks, is_ear_profile(ear.profile, expected.accept_older_drafts), "the profile is " + ear.profile));
    TRY_OK(check_times(ear, expected, checks));
    TRY_OK(refuse(checks, !ear.nonce.empty() && ear.nonce == expected.nonce, "the nonce is not the one that was sent"));
    TRY_OK(
        refuse(checks, ear.audience == expected.audience, "the result is for " + ear.audience.value_or("no one by name")));
    TRY_OK(refuse(checks, at_least(ear.status, expected.least_status), "the status is " + std::string(name(ear.status))));
    checks.pass(CheckId::ear_claims);
    return {};
}

Result<Ear> accept_tree(const cbor::Value& tree, const EarExpectation& expected, CheckLog& checks)
{
    auto ear = ear_from_tree(tree);
    if (!ear) return checks.fail(CheckId::ear_format, ear.error().detail);
    checks.pass(CheckId::ear_format);
    TRY_OK(check_ear_claims(*ear, expected, checks));
    return ear;
}

}  // namespace iapp::attest
