#include "attest/check.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace iapp::attest {
namespace {

TEST(Checks, HaveOneReasonOneExplanationAndOneFixEach)
{
    std::set<std::string_view> reasons;
    for (const CheckInfo& check : all_checks()) {
        EXPECT_TRUE(check.reason.starts_with("attest.")) << check.reason;
        EXPECT_TRUE(reasons.insert(check.reason).second) << check.reason;
        EXPECT_TRUE(check.explain.ends_with('.') && check.fix.ends_with('.')) << check.reason;
        EXPECT_EQ(find_check(check.reason)->id, check.id);
        EXPECT_EQ(info(check.id).reason, check.reason);
    }
    EXPECT_FALSE(find_check("attest.nothing").has_value());
}

TEST(Checks, EachHasATestThatNamesItsReason)
{
    std::string tests;
    for (const auto& entry : std::filesystem::directory_iterator("src/attest")) {
        if (!entry.path().filename().string().ends_with("_test.cpp")) continue;
        std::ifstream in(entry.path());
        tests.append(std::istreambuf_iterator<char>(in), {});
    }
    ASSERT_FALSE(tests.empty()) << "run from the source root";
    for (const CheckInfo& check : all_checks()) {
        const bool named = tests.find('"' + std::string(check.reason) + '"') != std::string::npos;
        EXPECT_TRUE(named) << check.reason;
    }
}

TEST(CheckLog, RemembersWhatRan)
{
    CheckLog log;
    log.pass(CheckId::root, "seen");
    EXPECT_TRUE(log.require(CheckId::chain, true, "").has_value());
    const auto failed = log.require(CheckId::debug, false, "TUD byte is 01");
    EXPECT_EQ(failed.error().reason, "attest.debug");
    EXPECT_EQ(failed.error().detail, "TUD byte is 01");
    EXPECT_TRUE(log.passed(CheckId::root));
    EXPECT_FALSE(log.passed(CheckId::debug));
    EXPECT_FALSE(log.passed(CheckId::tcb));
    EXPECT_EQ(log.outcomes().size(), 3U);
}

}  // namespace
}  // namespace iapp::attest
