#include "devnet/deployment_file.hpp"

#include <gtest/gtest.h>

namespace iapp::devnet {
namespace {

constexpr std::string_view kKey = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

std::string good()
{
    return R"({"chainId":31337,"hub":"0x5FC8d32690cc91D4c39d9d3abcBD16989F875707",
"rlc":"0x0000000000000000000000000000000000000001","dataprotector":"0x0000000000000000000000000000000000000002",
"sharing":"0x0000000000000000000000000000000000000003","workerpool":"0x0000000000000000000000000000000000000004",
"startBlock":7,"accounts":{"scheduler":{"privateKey":")" +
           std::string(kKey) + R"("},"worker":{"privateKey":")" + std::string(kKey) + R"("},"admin":{"privateKey":")" +
           std::string(kKey) + R"("}}})";
}

std::string replaced(std::string_view from, std::string_view to)
{
    std::string text = good();
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(DeploymentFile, SaysWhatIsThere)
{
    const auto deployment = parse_deployment(good());
    ASSERT_TRUE(deployment) << deployment.error().detail;
    EXPECT_EQ(deployment->chain_id, 31337U);
    EXPECT_EQ(deployment->start_block, 7U);
    EXPECT_EQ(eth::to_checksum(deployment->hub), "0x5FC8d32690cc91D4c39d9d3abcBD16989F875707");
    ASSERT_TRUE(deployment->sharing && deployment->admin);
    EXPECT_EQ(eth::to_checksum(deployment->worker.address()), "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    EXPECT_TRUE(deployment->ignored.empty());
}

TEST(DeploymentFile, SharingAndAdminMayBeAbsent)
{
    const auto without_sharing =
        parse_deployment(replaced(R"("sharing":"0x0000000000000000000000000000000000000003",)", ""));
    ASSERT_TRUE(without_sharing) << without_sharing.error().detail;
    EXPECT_FALSE(without_sharing->sharing);
    const auto without_admin = parse_deployment(replaced(R"(,"admin":{"privateKey":")" + std::string(kKey) + R"("})", ""));
    ASSERT_TRUE(without_admin) << without_admin.error().detail;
    EXPECT_FALSE(without_admin->admin);
}

TEST(DeploymentFile, NamesMembersItDoesNotRead)
{
    auto more = parse_deployment(replaced(R"("accounts":{)", R"("poco":"6.1.0","accounts":{"requester":{},)"));
    ASSERT_TRUE(more) << more.error().detail;
    EXPECT_EQ(more->ignored, (std::vector<std::string>{"$.poco", "$.accounts.requester"}));
}

struct Case {
    const char* name;
    std::string_view from;
    std::string_view to;
    std::string_view reason;
    std::string_view part;  ///< of the detail
};
class DeploymentRules : public testing::TestWithParam<Case> {};

TEST_P(DeploymentRules, NameTheMemberAndNoKey)
{
    const auto deployment = parse_deployment(replaced(GetParam().from, GetParam().to));
    ASSERT_FALSE(deployment);
    EXPECT_EQ(deployment.error().reason, GetParam().reason);
    EXPECT_NE(deployment.error().detail.find(GetParam().part), std::string::npos) << deployment.error().detail;
    EXPECT_EQ(deployment.error().detail.find("ac0974be"), std::string::npos) << deployment.error().detail;
}
INSTANTIATE_TEST_SUITE_P(
    Deployment, DeploymentRules,
    testing::Values(
        Case{"syntax", "{", "", "deployment.json", ""},
        Case{"twice", R"("startBlock":7)", R"("startBlock":7,"startBlock":8)", "deployment.json", "startBlock"},
        Case{"missing", R"("startBlock":7,)", "", "deployment.member", "$.startBlock"},
        Case{"chain_id_text", "31337", "\"31337\"", "deployment.member", "$.chainId"},
        Case{"negative", "31337", "-1", "deployment.member", "$.chainId"},
        Case{"short_address", "0x5FC8d32690cc91D4c39d9d3abcBD16989F875707", "0x5FC8", "deployment.member", "$.hub"},
        Case{"checksum", "0x5FC8d", "0x5Fc8d", "deployment.member", "$.hub"},
        Case{"zero_address", "0x0000000000000000000000000000000000000004", "0x0000000000000000000000000000000000000000",
             "deployment.member", "$.workerpool"},
        Case{"no_accounts", R"("accounts")", R"("account")", "deployment.member", "$.accounts"},
        Case{"no_worker", R"("worker":)", R"("workers":)", "deployment.member", "$.accounts.worker"},
        Case{"short_key", "2ff80", "2ff8", "deployment.member", "$.accounts.scheduler.privateKey"},
        Case{"key_without_prefix", R"("0xac0)", R"("ac0)", "deployment.member", "$.accounts.scheduler.privateKey"},
        Case{"zero_key", kKey, "0x0000000000000000000000000000000000000000000000000000000000000000", "deployment.member",
             "$.accounts.scheduler.privateKey"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace iapp::devnet
