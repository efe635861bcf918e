#pragma once
// Evidence of a release request -> what the policy may believe about it, with the network's trust and today's collateral.
#include "attest/appraise.hpp"
#include "policy/release.hpp"
#include "wire/agent_api.hpp"
#include "wire/network.hpp"

namespace iapp::sms::internal {

struct Appraisal {
    policy::AttestationFacts facts{};
    Hash256 evidence_id = Hash256::zero();  ///< zero when the evidence does not parse
    std::string mr_td;                      ///< empty when the evidence does not parse
    std::vector<attest::CheckOutcome> checks;
    std::optional<attest::Collateral> collateral;
};

class Appraiser {
public:
    /// Errors: invalid_input "attest.root".
    static Result<Appraiser> open(const wire::NetworkTrust& trust);

    /// Reads the collateral file each time: whoever refreshes it need not restart the service.
    /// Errors: unavailable "sms.collateral" (our own file, so no verdict about the agent).
    Result<Appraisal> appraise(const wire::ReleaseRequest& request, UnixSeconds now) const;

private:
    Appraiser(attest::TrustAnchor anchor, attest::AppraisalPolicy policy, std::string collateral_file)
        : anchor_(anchor), policy_(std::move(policy)), collateral_file_(std::move(collateral_file))
    {
    }

    attest::TrustAnchor anchor_;
    attest::AppraisalPolicy policy_;
    std::string collateral_file_;
};

}  // namespace iapp::sms::internal
