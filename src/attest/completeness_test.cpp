// After all tests of this program: every check had a negative case that broke only it, and there were many of them.
// A run of some tests (a filter, a shard) proves nothing here and is not judged.
#include <gtest/gtest.h>

#include <cstdio>

#include "support/check_coverage.hpp"

namespace iapp::attest {
namespace {

constexpr std::size_t kLeastCases = 800;

bool ran_everything()
{
    const auto& all = *testing::UnitTest::GetInstance();
    return all.test_to_run_count() == all.total_test_count() - all.disabled_test_count();
}

class Completeness : public testing::Environment {
public:
    void TearDown() override
    {
        if (!ran_everything()) return;
        std::size_t total = 0;
        std::printf("\nnegative cases of each check\n");
        for (const CheckInfo& check : all_checks()) {
            const std::size_t cases = test::negative_cases()[check.id];
            total += cases;
            std::printf("%8zu  %s\n", cases, std::string(check.reason).c_str());
            EXPECT_GT(cases, 0U) << check.reason << " has no negative case that breaks only it";
        }
        std::printf("%8zu  in all\n\n", total);
        EXPECT_GE(total, kLeastCases);
    }
};

/// gtest owns what it is given.
[[maybe_unused]] const testing::Environment* const kCompleteness = testing::AddGlobalTestEnvironment(new Completeness);

}  // namespace
}  // namespace iapp::attest
