#pragma once
// A good Intel run with the plan of its collateral, to bend and to have judged: verification, then appraisal. Counts every
// refusal as a negative case of its check.
#include "attest/run.hpp"
#include "support/check_coverage.hpp"
#include "support/intel_forms.hpp"

namespace iapp::test {

struct IntelScene {
    UnixSeconds now;
    SampleRun run;
    simtee::CollateralPlan plan;

    explicit IntelScene(UnixSeconds time, IntelForm form = IntelForm::td4)
        : now(time),
          run(make_sample_run(time, form)),
          plan(simtee::plan_collateral(form > IntelForm::sgx5 ? attest::EvidenceKind::tdx : attest::EvidenceKind::sgx,
                                       {time - std::chrono::hours(1), time + std::chrono::days(30)}))
    {
        run.policy.tees = {attest::EvidenceKind::tdx, attest::EvidenceKind::sgx};
    }

    /// Writes and signs the collateral as it is planned now.
    void issue() { run.collateral = sample_detail::must(simtee::sign_collateral(run.authority, plan)); }

    void sign_tcb_info()
    {
        run.collateral.tcb_info_signature = to_bytes(run.authority.tcb_key.sign(as_bytes(run.collateral.tcb_info)).bytes());
    }

    /// Why `evidence` is refused, or "".
    std::string_view answer(const attest::Evidence& evidence) const
    {
        attest::CheckLog checks;
        const auto quote = attest::verify_intel(evidence, run.collateral, run.anchor(), now, checks);
        if (!quote) return refused(checks, quote.error());
        attest::Challenge challenge = attest::Challenge::of(attest::report_data(run.binding));
        challenge.logged = {"rtmr3"};
        const auto result = attest::appraise(*quote, run.policy, challenge, now, checks);
        return result ? std::string_view{} : refused(checks, result.error());
    }
    std::string_view answer() const { return answer(run.evidence()); }

private:
    static std::string_view refused(const attest::CheckLog& checks, const Error& error)
    {
        expect_only_failure(checks, attest::find_check(error.reason)->id, error.detail);
        return error.reason;
    }
};

}  // namespace iapp::test
