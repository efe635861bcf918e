#include "wire/network.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "simtee/authority.hpp"

namespace iapp::wire {
namespace {

const std::string& root_pem()
{
    static const std::string pem = [] {
        const UnixSeconds now{std::chrono::seconds(1'800'000'000)};
        return simtee::create_authority(simtee::CertificateWindows::for_time(now))->root.to_pem();
    }();
    return pem;
}

std::string good_document()
{
    return R"(schema = "iapp-network/1"
name = "devnet"
chain_id = 421614
rpc_url = "http://127.0.0.1:8545"
start_block = 0
[contracts]
hub = "0xB2157BF2fAb286b2A4170E3491Ac39770111Da3E"
rlc = "0x0000000000000000000000000000000000000001"
app_registry = "0x0000000000000000000000000000000000000002"
dataset_registry = "0x0000000000000000000000000000000000000003"
workerpool_registry = "0x0000000000000000000000000000000000000004"
dataprotector = "0x0000000000000000000000000000000000000005"
[services]
sms = "http://127.0.0.1:13300"
market = "http://localhost:3000"
ipfs_api = "http://[::1]:5001"
ipfs_gateway = "https://ipfs.example.org"
core = "https://core.example.org:8443"
registry = "http://127.0.0.1:5000"
[workerpool]
address = "0x0000000000000000000000000000000000000006"
[trust]
agent_measurements = [")" +
           std::string(96, 'a') + R"("]
ledger_signer = "0x0000000000000000000000000000000000000007"
root_certificate = """)" +
           root_pem() + R"("""
collateral_file = "/var/lib/iapp/collateral.json"
)";
}

std::string replaced(std::string text, std::string_view from, std::string_view to)
{
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(Network, ParsesAndComesBack)
{
    const auto network = parse_network(good_document());
    ASSERT_TRUE(network) << network.error().detail;
    EXPECT_EQ(network->chain_id, 421614U);
    EXPECT_EQ(network->services.core, "https://core.example.org:8443");
    EXPECT_EQ(network->trust->agent_measurements.size(), 1U);
    EXPECT_FALSE(network->trust->dangerous_allow_simulated_tee);
    EXPECT_FALSE(network->contracts.sharing);

    Network full = *network;
    full.rpc_witness_urls = {"https://rpc.example.org/v3/key"};
    full.services.explorer = "https://explorer.example.org";
    full.contracts.sharing = full.contracts.rlc;
    full.trust->dangerous_allow_simulated_tee = true;
    full.further_workerpools = {full.contracts.hub, full.contracts.rlc};
    const std::string text = encode_network(full);
    const auto again = parse_network(text);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(encode_network(*again), text);
    EXPECT_EQ(again->rpc_witness_urls, full.rpc_witness_urls);
    EXPECT_EQ(again->trust->root_certificate, root_pem());
    EXPECT_TRUE(again->trust->dangerous_allow_simulated_tee);
    EXPECT_EQ(workerpools_of(*again), (std::vector{full.workerpool, full.contracts.hub, full.contracts.rlc}));
}

TEST(Network, TrustIsWholeOrAbsent)
{
    const std::string text = good_document();
    const auto network = parse_network(text.substr(0, text.find("[trust]")));
    ASSERT_TRUE(network) << network.error().detail;
    EXPECT_FALSE(network->trust);
    EXPECT_EQ(get_trust(*network).error().reason, "network.no_trust");
    EXPECT_FALSE(parse_network(encode_network(*network))->trust);
    EXPECT_EQ(parse_network(text.substr(0, text.find("agent_measurements"))).error().reason, "network.missing");
}

TEST(Network, WhatOthersRunMayLackSchedulerAndRegistry)
{
    auto network = parse_network(good_document()).value();
    EXPECT_EQ(get_core(network).value(), "https://core.example.org:8443");
    EXPECT_EQ(get_registry(network).value(), "http://127.0.0.1:5000");
    network.services.core = network.services.registry = std::nullopt;
    const auto again = parse_network(encode_network(network));
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(get_core(*again).error().reason, "network.no_core");
    EXPECT_EQ(get_registry(*again).error().reason, "network.no_registry");
}

/// Tests run in the source folder.
TEST(Network, DocumentsThatComeWithTheProgramAreGood)
{
    int read = 0;
    for (const auto& entry : std::filesystem::directory_iterator("networks")) {
        std::ifstream in(entry.path());
        const auto network = parse_network(std::string{std::istreambuf_iterator<char>(in), {}});
        ASSERT_TRUE(network) << entry.path() << ": " << network.error().detail;
        EXPECT_EQ(network->name, entry.path().stem());
        EXPECT_FALSE(network->trust);
        ++read;
    }
    EXPECT_EQ(read, 2);
}

struct Case {
    const char* name;
    std::string_view from;
    std::string_view to;
    std::string_view reason;
};
class NetworkRules : public testing::TestWithParam<Case> {};

TEST_P(NetworkRules, AnswerWithTheRuleThatWasBroken)
{
    const auto network = parse_network(replaced(good_document(), GetParam().from, GetParam().to));
    EXPECT_EQ(network ? "" : network.error().reason, GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(
    Network, NetworkRules,
    testing::Values(Case{"good", "devnet", "devnet", ""},
                    Case{"rpc_may_have_a_path", "http://127.0.0.1:8545", "https://rpc.example.org/v3/key", ""},
                    Case{"syntax", "chain_id = 421614", "chain_id =", "network.toml"},
                    Case{"key_twice", "start_block = 0", "start_block = 0\nstart_block = 1", "network.toml"},
                    Case{"schema", "iapp-network/1", "iapp-network/2", "network.schema"},
                    Case{"unknown_top", "start_block = 0", "start_block = 0\nextra = 1", "network.unknown_key"},
                    Case{"unknown_contract", "[services]", "extra = 1\n[services]", "network.unknown_key"},
                    Case{"unknown_service", "[workerpool]", "smsx = 1\n[workerpool]", "network.unknown_key"},
                    Case{"unknown_pool", "[trust]", "name = 1\n[trust]", "network.unknown_key"},
                    Case{"further_pool_text", "[trust]", "further = \"0x\"\n[trust]", "network.type"},
                    Case{"further_pool_zero", "[trust]",
                         "further = [\"0x0000000000000000000000000000000000000000\"]\n[trust]", "network.address"},
                    Case{"unknown_trust", "collateral_file", "colateral_file = 1\ncollateral_file", "network.unknown_key"},
                    Case{"missing_sms", "sms = \"http://127.0.0.1:13300\"", "", "network.missing"},
                    Case{"missing_hub", "hub = \"0xB2157BF2fAb286b2A4170E3491Ac39770111Da3E\"", "", "network.missing"},
                    Case{"chain_id_text", "421614", "\"421614\"", "network.type"},
                    Case{"chain_id_negative", "421614", "-1", "network.type"},
                    Case{"measurements_number", "agent_measurements = [", "agent_measurements = [1,", "network.type"},
                    Case{"name", "devnet", "Dev net", "network.name"},
                    Case{"plain_http", "https://ipfs.example.org", "http://ipfs.example.org", "network.url"},
                    Case{"other_scheme", "https://ipfs.example.org", "ftp://ipfs.example.org", "network.url"},
                    Case{"path", "https://ipfs.example.org", "https://ipfs.example.org/ipfs", "network.url"},
                    Case{"slash", "https://ipfs.example.org", "https://ipfs.example.org/", "network.url"},
                    Case{"user", "https://ipfs.example.org", "https://me@ipfs.example.org", "network.url"},
                    Case{"port", "https://ipfs.example.org", "https://ipfs.example.org:65536", "network.url"},
                    Case{"loopback_lookalike", "http://localhost:3000", "http://localhost.example.org:3000", "network.url"},
                    Case{"rpc_plain_http", "http://127.0.0.1:8545", "http://rpc.example.org", "network.url"},
                    Case{"address_checksum", "0xB2157BF2fAb286b2A4170E3491Ac39770111Da3E",
                         "0xB2157bF2fAb286b2A4170E3491Ac39770111Da3E", "network.address"},
                    Case{"address_zero", "0x0000000000000000000000000000000000000007",
                         "0x0000000000000000000000000000000000000000", "network.address"},
                    Case{"measurement", "agent_measurements = [\"a", "agent_measurements = [\"A", "network.measurement"},
                    Case{"certificate", "-----BEGIN CERTIFICATE-----", "-----BEGIN-----", "network.certificate"},
                    Case{"path_relative", "/var/lib/iapp", "iapp", "network.path"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(NetworkTrustRules, NoMeasurementIsNotAnyMeasurement)
{
    const auto network = parse_network(replaced(good_document(), "\"" + std::string(96, 'a') + "\"", ""));
    EXPECT_EQ(network.error().reason, "network.measurement");
}

}  // namespace
}  // namespace iapp::wire
