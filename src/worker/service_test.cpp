#include "worker/service.hpp"

#include <gtest/gtest.h>

namespace iapp::worker {
namespace {

wire::Network network()
{
    const auto contract = eth::Address::from_hex("0x00000000000000000000000000000000000000c0").value();
    const wire::NetworkContracts all{contract, contract, contract, contract, contract, contract, {}};
    wire::Network out{"test", 421614, "http://127.0.0.1:1", {}, 0, all, {}, contract, {}};
    out.services.core = "http://127.0.0.1:1";
    out.trust = wire::NetworkTrust{{}, contract, {}, true, {}};
    return out;
}

/// The reason why the worker does not start.
std::string_view start(Options options, wire::Network on)
{
    auto key = eth::Wallet::generate();
    const auto started = Service::start(std::move(options), std::move(on), std::move(key), system_clock());
    return started ? std::string_view{} : started.error().reason;
}

TEST(WorkerStart, NamesTheFolderThatCannotBeMade)
{
    EXPECT_EQ(start({.database = ":memory:", .work_dir = "/dev/null/work", .agent = {}}, network()), "worker.work_dir");
}

TEST(WorkerStart, NamesWhatTheNetworkLacks)
{
    auto without_trust = network();
    without_trust.trust.reset();
    EXPECT_EQ(start({.database = ":memory:", .work_dir = "/tmp", .agent = {}}, without_trust), "network.no_trust");
    auto without_core = network();
    without_core.services.core.reset();
    EXPECT_EQ(start({.database = ":memory:", .work_dir = "/tmp", .agent = {}}, without_core), "network.no_core");
}

}  // namespace
}  // namespace iapp::worker
