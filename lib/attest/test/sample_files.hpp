#pragma once
// A simulated run as a caller of the C ABI holds it: files and nothing of ours.
#include "iapp/attest.h"
#include "support/sample_run.hpp"

namespace iapp::test {

inline constexpr UnixSeconds kSampleTime{std::chrono::seconds(1'790'000'000)};

struct SampleFiles {
    std::string evidence;
    std::string report_data;
    std::string collateral;
    std::string log;
    std::string policy;
    std::string root;

    iapp_attest::Options options() const { return {.policy = policy, .tpm_keys = {}}; }
    iapp_attest::Request request() const
    {
        return {.now = kSampleTime.time_since_epoch().count(),
                .evidence = evidence,
                .report_data = report_data,
                .endorsements = {collateral},
                .vek = {},
                .log = log};
    }
    iapp_attest::Verifier verifier() const { return iapp_attest::Verifier::dangerous_roots(options(), root); }
};

inline SampleFiles make_sample_files()
{
    const SampleRun run = make_sample_run(kSampleTime);
    return {.evidence = to_text(run.evidence().bytes),
            .report_data = to_text(attest::report_data(run.binding).bytes()),
            .collateral = attest::encode_collateral(run.collateral),
            .log = attest::encode_event_log(run.log),
            .policy = R"({"schema":"iapp-appraisal-policy/1","name":"sample","tees":["tdx"],"dangerousAllowSimulated":true,)"
                      R"("references":[{"name":"sample agent","tee":"tdx","registers":{"mrtd":")" +
                      hex(run.parts.body.mr_td.bytes()) + R"("},"events":{"app-image":")" + hex(run.log[1].payload) +
                      R"("}}]})",
            .root = run.authority.root.to_pem()};
}

}  // namespace iapp::test
