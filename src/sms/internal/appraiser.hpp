#pragma once
// Evidence of a release request -> what the policy may believe about it, with the network's trust and today's collateral.
#include "attest/run.hpp"
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

    Appraiser(Appraiser&&) noexcept;
    Appraiser& operator=(Appraiser&&) noexcept;
    ~Appraiser();

    /// Reads the collateral file each time, and checks it again when its content has changed: whoever refreshes it need not
    /// restart the service. Safe to call from several threads.
    /// Errors: unavailable "sms.collateral" (our own file, so no verdict about the agent).
    Result<Appraisal> appraise(const wire::ReleaseRequest& request, UnixSeconds now) const;

private:
    struct Endorsed;
    struct Kept;
    Appraiser(attest::TrustAnchor anchor, attest::AppraisalPolicy policy, std::string collateral_file);
    Result<std::shared_ptr<const Endorsed>> endorsed() const;

    attest::TrustAnchor anchor_;
    attest::AppraisalPolicy policy_;
    std::string collateral_file_;
    std::unique_ptr<Kept> kept_;
};

}  // namespace iapp::sms::internal
