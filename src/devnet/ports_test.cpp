#include "devnet/ports.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace iapp::devnet {
namespace {

TEST(Ports, CountFromTheirBase)
{
    const Ports ports = Ports::from_base(30000);
    EXPECT_EQ(ports[Port::rpc], 30000);
    EXPECT_EQ(ports[Port::registry], 30006);
    EXPECT_EQ(ports[Port::result_proxy], 30009);
    EXPECT_EQ(ports.all().size(), kPortNames.size());
}

TEST(Ports, NamedOnesChangeAndComeBack)
{
    const auto ports = Ports::from_base(30000).with(
        std::vector<std::string>{"sms=13350,market=3050,ipfs-api=5001,ipfs-gateway=8080", "index=8000,compass=8069",
                                 "core=3051,result-proxy=13200,rpc=8545,registry=5000"});
    ASSERT_TRUE(ports) << ports.error().detail;
    EXPECT_EQ((*ports)[Port::sms], 13350);
    EXPECT_EQ((*ports)[Port::compass], 8069);
    EXPECT_EQ(*Ports::from_base(1024).with(std::vector{ports->to_assignments()}), *ports);
    EXPECT_EQ(*ports->with({}), *ports);
}

struct Case {
    const char* name;
    std::vector<std::string> assignments;
    std::string_view part;  ///< of the message
};
class PortRules : public testing::TestWithParam<Case> {};

TEST_P(PortRules, NameWhatIsWrong)
{
    const auto ports = Ports::from_base(20000).with(GetParam().assignments);
    ASSERT_FALSE(ports);
    EXPECT_EQ(ports.error().reason, "devnet.port");
    EXPECT_NE(ports.error().detail.find(GetParam().part), std::string::npos) << ports.error().detail;
}
INSTANTIATE_TEST_SUITE_P(
    Ports, PortRules,
    testing::Values(Case{"unknown_name", {"smss=1"}, "\"smss\"; there are rpc, sms, market"},
                    Case{"our_spelling_of_files", {"ipfs_api=1"}, "\"ipfs_api\""}, Case{"empty", {""}, "NAME=PORT"},
                    Case{"no_number", {"sms"}, "\"sms\" is not NAME=PORT"}, Case{"trailing_comma", {"sms=1,"}, "NAME=PORT"},
                    Case{"zero", {"sms=0"}, "1 to 65535"}, Case{"too_large", {"sms=65536"}, "1 to 65535"},
                    Case{"sign", {"sms=+1"}, "1 to 65535"}, Case{"space", {"sms= 1"}, "1 to 65535"},
                    Case{"words", {"sms=1x"}, "1 to 65535"}, Case{"twice", {"sms=1,sms=2"}, "sms is named twice"},
                    Case{"twice_apart", {"sms=1", "sms=1"}, "sms is named twice"},
                    Case{"two_named_share", {"sms=3000,market=3000"}, "sms and market would share port 3000"},
                    Case{"shares_with_the_base", {"index=20001"}, "sms and index would share port 20001"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace iapp::devnet
