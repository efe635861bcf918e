#include <gtest/gtest.h>

#include "agent/internal/steps.hpp"
#include "support/sample_run.hpp"

namespace iapp::agent {
namespace {

wire::ReleaseBundle empty_bundle()
{
    const auto sample = test::make_sample_run(UnixSeconds{std::chrono::seconds(1'800'000'000)});
    return {.deal = {},
            .category_time = {},
            .task = poco::TaskId::zero(),
            .index = 0,
            .datasets = {},
            .app_secret = {},
            .requester_secrets = {},
            .result = wire::SealToNobody{},
            .decision = sample.decide(sample.leaf()),
            .orders = {Hash256::zero(), Hash256::zero(), Hash256::zero(), Hash256::zero()},
            .collateral = sample.collateral,
            .verdict = {}};
}

crypto::SecretBytes secret() { return crypto::SecretBytes::copy_of(as_bytes("x")); }

TEST(MayTellLogs, WhenNothingWasProtected) { EXPECT_TRUE(may_tell_logs(empty_bundle())); }

struct Case {
    const char* name;
    void (*protect)(wire::ReleaseBundle&);
};
class ProtectedRun : public testing::TestWithParam<Case> {};

TEST_P(ProtectedRun, TellsNothing)
{
    auto bundle = empty_bundle();
    GetParam().protect(bundle);
    EXPECT_FALSE(may_tell_logs(bundle));
}

INSTANTIATE_TEST_SUITE_P(
    Each, ProtectedRun,
    testing::Values(
        Case{"dataset",
             [](wire::ReleaseBundle& bundle) {
                 bundle.datasets.emplace_back(
                     wire::ReleasedDataset{0, eth::Address::zero(), "", "/ipfs/Qm", Hash256::zero(), secret()});
             }},
        Case{"refused_dataset",
             [](wire::ReleaseBundle& bundle) {
                 bundle.datasets.emplace_back(wire::RefusedDataset{1, eth::Address::zero(), "policy.revoked", ""});
             }},
        Case{"app_secret", [](wire::ReleaseBundle& bundle) { bundle.app_secret.emplace(secret()); }},
        Case{"requester_secret", [](wire::ReleaseBundle& bundle) { bundle.requester_secrets.emplace(1, secret()); }},
        Case{"age", [](wire::ReleaseBundle& bundle) { bundle.result = wire::SealToAge{"age1"}; }},
        Case{"rsa", [](wire::ReleaseBundle& bundle) { bundle.result = wire::SealToRsa{"pem"}; }}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace iapp::agent
