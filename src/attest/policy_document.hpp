#pragma once
// The appraisal policy as a JSON document that people write, review and sign off: strict, and linted with the fix beside
// each finding. docs/formats/appraisal-policy.md
#include <string>
#include <vector>

#include "attest/policy.hpp"
#include "crypto/hash.hpp"

namespace iapp::attest {

inline constexpr std::string_view kPolicySchema = "iapp-appraisal-policy/1";
inline constexpr std::size_t kMaxPolicyBytes = std::size_t{1} << 20;

struct PolicyDocument {
    AppraisalPolicy policy;
    Hash256 sha256;  ///< of the exact bytes that were read: names the policy in results
};

/// Strict: unknown or duplicate members are refused, every register has the length of its kind.
/// Errors: invalid_input "attest.policy_format" (names the member).
Result<PolicyDocument> parse_policy(std::string_view json);

/// Something a reviewer should know about a policy that is well formed.
struct PolicyFinding {
    enum class Level : unsigned char { warning, note } level;
    std::string text;  ///< what, and what to do
};

/// What the policy leaves open: waivers, empty lists, statuses without advisories, registers that are not named.
std::vector<PolicyFinding> lint(const AppraisalPolicy& policy);

}  // namespace iapp::attest
