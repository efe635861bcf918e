#include "attest/intel_collateral.hpp"

#include <gtest/gtest.h>

#include "support/check_coverage.hpp"
#include "support/sample_run.hpp"

namespace iapp::attest {
namespace {

constexpr UnixSeconds kNow{std::chrono::seconds(1'790'000'000)};

TEST(Collateral, JsonRoundTrips)
{
    const Collateral collateral = test::make_sample_run(kNow).collateral;
    const std::string text = encode_collateral(collateral);
    const auto again = parse_collateral(text);
    ASSERT_TRUE(again.has_value()) << again.error().detail;
    EXPECT_EQ(encode_collateral(*again), text);
    EXPECT_EQ(again->tcb_info, collateral.tcb_info);
}

TEST(Collateral, RefusesOtherMembers)
{
    const std::string good = encode_collateral(test::make_sample_run(kNow).collateral);
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string text = good;
        return text.replace(text.find(from), from.size(), to);
    };
    for (const std::string& text :
         {std::string(), std::string("[]"), std::string("{}"), good + "x", with("pck_crl\"", "pck_crm\""),
          with("{", "{\"extra\":1,"), with("\"pck_crl\":\"", "\"pck_crl\":\"0x"), with("\"pck_crl\":\"", "\"pck_crl\":\"0"),
          with("{", "{\"pck_crl\":\"\",")}) {
        EXPECT_EQ(parse_collateral(text).error().reason, "attest.collateral_format") << text.substr(0, 40);
        test::count_negative("attest.collateral_format");
    }
}

TEST(SignedObject, KeepsTheExactBytes)
{
    const auto sliced =
        slice_signed_object(" { \"tcbInfo\" : {\"a\": \"}\\\"{\", \"b\":{ }} , \"signature\":\"00ff\"}", "tcbInfo");
    ASSERT_TRUE(sliced.has_value()) << sliced.error().detail;
    EXPECT_EQ(sliced->bytes, "{\"a\": \"}\\\"{\", \"b\":{ }}");
    EXPECT_EQ(sliced->signature, (Bytes{0x00, 0xff}));
}

TEST(SignedObject, RefusesWhatCouldBeReadTwoWays)
{
    for (const std::string_view text :
         {R"({"tcbInfo":{},"tcbInfo":{},"signature":"00"})", R"({"signature":"00","tcbInfo":{}})",
          R"({"tcbInfo":[],"signature":"00"})", R"({"tcbInfo":{},"signature":"0"})",
          R"({"tcbInfo":{},"signature":"00","x":1})", R"({"\u0074cbInfo":{},"signature":"00"})", R"({"tcbInfo":{}})", ""}) {
        EXPECT_EQ(slice_signed_object(text, "tcbInfo").error().reason, "attest.collateral_format") << text;
        test::count_negative("attest.collateral_format");
    }
}

}  // namespace
}  // namespace iapp::attest
