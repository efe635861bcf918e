// A local chain on a real anvil: deployment, funding, and a state that survives stop and kill.
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "codec/json.hpp"
#include "localchain/internal/durable_file.hpp"
#include "localchain/state_keeper.hpp"
#include "localchain/test_chain.hpp"
#include "poco/calls.hpp"
#include "poco/events.hpp"
#include "poco/registry.hpp"
#include "poco/views.hpp"

namespace iapp::localchain {
namespace {

using namespace std::chrono_literals;

net::CallContext call() { return TestChain::call(); }

/// A folder that goes with the test.
class TemporaryDir {
public:
    TemporaryDir()
    {
        std::string name = (std::filesystem::temp_directory_path() / "iapp-localchain-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~TemporaryDir() { std::filesystem::remove_all(path_); }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

AnvilOptions options_in(const std::filesystem::path& dir)
{
    return {.program = find_chain_files().value().anvil, .state_dir = dir};
}

Status mine(const AnvilProcess& anvil)
{
    TRY_OK(anvil.rpc().call({"evm_mine", "[]"}, call()));
    return {};
}

bool wait_until_gone(const runtime::ProcessIdentity& identity)
{
    for (int i = 0; i < 500 && runtime::is_alive(identity); ++i) std::this_thread::sleep_for(10ms);
    return !runtime::is_alive(identity);
}

TEST(Deploy, GivesTheWellKnownHubOnAChainThatIsNew)
{
    const auto chain = TestChain::start(31337);
    ASSERT_TRUE(chain) << chain.error().detail;
    const auto& deployment = (*chain)->deployment();
    EXPECT_EQ(eth::to_checksum(deployment.hub), "0x5FC8d32690cc91D4c39d9d3abcBD16989F875707");
    const auto separator = (*chain)->hub().domain_separator(call());
    ASSERT_TRUE(separator);
    EXPECT_EQ(separator->hex(), "0x3a381c2b61f95eecc30cd1fa149a885c63820b699953cdfa94c38e311235e58f");
    EXPECT_EQ((*chain)->hub().callback_gas(call()).value(), 100'000U);
    EXPECT_EQ((*chain)->hub().version(call()).value(), poco::HubVersion::v6_1);
}

class Deployed : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        auto started = TestChain::start();
        ASSERT_TRUE(started) << started.error().reason << ": " << started.error().detail;
        chain_ = *std::move(started);
    }
    static void TearDownTestSuite() { chain_.reset(); }

    static inline std::unique_ptr<TestChain> chain_;
};

TEST_F(Deployed, HubNamesItsContracts)
{
    const auto contracts = chain_->hub().contracts(call());
    ASSERT_TRUE(contracts);
    EXPECT_EQ(contracts->token, chain_->deployment().rlc);
    EXPECT_EQ(contracts->app_registry, chain_->deployment().app_registry);
    EXPECT_EQ(contracts->dataset_registry, chain_->deployment().dataset_registry);
    EXPECT_EQ(contracts->workerpool_registry, chain_->deployment().workerpool_registry);
}

TEST_F(Deployed, HasTheCategoriesOfThePublicNetworksAndAFastOne)
{
    const auto expected = categories();
    ASSERT_EQ(chain_->hub().category_count(call()).value(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(chain_->hub().view_category(i, call()).value(), expected[i]);
    EXPECT_EQ(expected[kFastCategory].work_time, kFastCategoryTime);
}

TEST_F(Deployed, FundsAccounts)
{
    const Address account = eth::Wallet::generate().address();
    const Funding funding{account, U256{5'000'000'000'000'000'000}, 700, 41};
    ASSERT_TRUE(fund_account(chain_->rpc(), chain_->deployer(), chain_->deployment(), funding, call()));
    EXPECT_EQ(chain_->rpc().balance(account, call()).value(), funding.ether_wei);
    EXPECT_EQ(chain_->hub().view_account(account, call()).value(), (poco::Account{41, 0}));
    const auto rlc = chain_->rpc().eth_call({chain_->deployment().rlc, poco::call::balance_of(account)}, call());
    EXPECT_EQ(poco::decode_uint(rlc.value()).value(), U256{700});
}

TEST_F(Deployed, AnAccountDepositsItsOwnStake)
{
    const eth::Wallet wallet = dev_wallet(1);
    auto sender = chain_->sender(wallet);
    ASSERT_TRUE(
        fund_account(chain_->rpc(), chain_->deployer(), chain_->deployment(), {wallet.address(), {}, 100, {}}, call()));
    ASSERT_TRUE(deposit_stake(sender, chain_->deployment(), 60, call()));
    EXPECT_EQ(chain_->hub().view_account(wallet.address(), call()).value().stake, U256{60});
}

TEST_F(Deployed, CreatesAWorkerpoolWithItsPolicy)
{
    const eth::Wallet wallet = dev_wallet(2);
    auto sender = chain_->sender(wallet);
    const auto pool = create_workerpool(sender, chain_->deployment(), "pool", WorkerpoolRatios{35, 5}, call());
    ASSERT_TRUE(pool) << pool.error().detail;
    EXPECT_EQ(chain_->hub().owner_of(*pool, call()).value(), wallet.address());
    const auto policy = chain_->hub().workerpool_policy(*pool, call());
    ASSERT_TRUE(policy);
    EXPECT_EQ(policy->worker_stake_ratio, 35U);
    EXPECT_EQ(policy->scheduler_reward_ratio, 5U);
}

TEST_F(Deployed, AnAccountIsNoResource)
{
    const Address account = dev_wallet(1).address();
    EXPECT_EQ(chain_->hub().owner_of(account, call()).error().reason, "hub.resource");
    EXPECT_EQ(chain_->hub().view_app(account, call()).error().reason, "hub.resource");
    EXPECT_EQ(chain_->hub().view_dataset(account, call()).error().reason, "hub.resource");
    EXPECT_EQ(chain_->hub().workerpool_policy(account, call()).error().reason, "hub.resource");
}

TEST_F(Deployed, UnknownThingsAreAllZero)
{
    EXPECT_FALSE(chain_->hub().view_deal(poco::DealId::zero(), call()).value().exists());
    EXPECT_FALSE(chain_->hub().view_task(poco::TaskId::zero(), call()).value().exists());
    const auto contribution = chain_->hub().view_contribution(poco::TaskId::zero(), Address::zero(), call());
    EXPECT_EQ(contribution.value(), poco::Contribution{});
    EXPECT_TRUE(chain_->hub().tee_broker(call()).value().is_zero());
    EXPECT_EQ(chain_->hub().domain(call()).value().name, "iExecODB");
}

TEST_F(Deployed, AHubThatIsNotThatOfTheArtifactsIsNoticed)
{
    Artifacts artifacts = load_artifacts(find_chain_files().value().artifacts).value();
    artifacts.contracts.at("RLC").selectors.push_back(eth::selector("nothing()"));
    const auto deployed = deploy_poco(chain_->rpc(), chain_->deployer(), artifacts, call());
    ASSERT_FALSE(deployed);
    EXPECT_EQ(deployed.error().reason, "localchain.check");
}

TEST_F(Deployed, DataProtectorRegistersADatasetAndItsSchema)
{
    const eth::Wallet wallet = dev_wallet(3);
    auto sender = chain_->sender(wallet);
    const poco::DatasetEntry entry{wallet.address(), "contacts", to_bytes("/ipfs/x"), Hash256::zero()};
    const auto receipt = sender.send({.to = chain_->deployment().dataprotector,
                                      .data = poco::call::create_dataset_with_schema(entry, R"({"email":"string"})")},
                                     call());
    ASSERT_TRUE(receipt) << receipt.error().detail;

    const auto schema = poco::find_event<poco::DatasetSchema>(receipt->logs, chain_->deployment().dataprotector);
    ASSERT_TRUE(schema);
    EXPECT_EQ(schema->schema, R"({"email":"string"})");
    const auto seen = chain_->hub().view_dataset(schema->dataset, call());
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->owner, wallet.address());
    EXPECT_EQ(seen->name, "contacts");

    const auto again = sender.send(
        {.to = chain_->deployment().dataprotector, .data = poco::call::create_dataset_with_schema(entry, "other")}, call());
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().reason, "rpc.revert");
}

TEST(Artifacts, RefusesAFileThatIsNotOurs)
{
    const TemporaryDir dir;
    EXPECT_EQ(load_artifacts(dir.path() / "none.json").error().reason, "localchain.artifacts");
    const auto file = dir.path() / "bad.json";
    for (const char* text : {"", "[]", R"({"contracts":1})", R"({"contracts":{"A":{"bytecode":"0x1"}}})",
                             R"({"contracts":{"A":{"bytecode":"0x11","links":[0]}}})"}) {
        std::ofstream(file) << text;
        const auto loaded = load_artifacts(file);
        ASSERT_FALSE(loaded) << text;
        EXPECT_EQ(loaded.error().kind, ErrorKind::corrupt) << text;
    }
    EXPECT_EQ(Artifacts{}.find("RLC").error().reason, "localchain.contract");
}

TEST(State, ReplacesFilesWholeAndUnpacksOnlyWholeOnes)
{
    const TemporaryDir dir;
    const auto file = dir.path() / "f";
    ASSERT_TRUE(internal::replace_file(file, to_bytes("old")));
    ASSERT_TRUE(internal::replace_file(file, to_bytes("new")));
    EXPECT_EQ(internal::read_file(file).value(), to_bytes("new"));
    EXPECT_FALSE(std::filesystem::exists(dir.path() / "f.new"));
    EXPECT_EQ(internal::replace_file(dir.path() / "none" / "f", {}).error().reason, "localchain.state");
    EXPECT_FALSE(unpack_state(dir.path() / "absent", dir.path() / "out").value());
    EXPECT_EQ(unpack_state(file, dir.path() / "out").error().kind, ErrorKind::corrupt);
}

TEST(Anvil, RefusesAProgramThatDoesNotServe)
{
    const auto started = AnvilProcess::start({.program = "/bin/false"}, system_clock(), call());
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().reason, "localchain.anvil");
}

TEST(Anvil, KeepsItsStateAcrossStopAndStart)
{
    const TemporaryDir dir;
    auto anvil = AnvilProcess::start(options_in(dir.path()), system_clock(), call());
    ASSERT_TRUE(anvil) << anvil.error().detail;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(mine(*anvil));
    const auto head = anvil->rpc().block(chain::BlockId::latest(), call());
    const auto identity = anvil->identity();
    ASSERT_TRUE(anvil->stop(call()));
    EXPECT_TRUE(wait_until_gone(identity));

    auto again = AnvilProcess::start(options_in(dir.path()), system_clock(), call());
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(again->rpc().block(chain::BlockId::latest(), call()).value().hash, head->hash);
    EXPECT_EQ(again->rpc().block(chain::BlockId::number(0), call()).value().number, 0U);
}

/// The newest block of a kept state.
std::uint64_t kept_head(const std::filesystem::path& kept)
{
    const auto unpacked = std::filesystem::path(kept).replace_extension("look.json");
    if (!unpack_state(kept, unpacked).value()) return 0;
    const auto state = json::parse(as_text(internal::read_file(unpacked).value())).value();
    return state.at("best_block_number").to_number<std::uint64_t>();
}

TEST(Anvil, LosesNothingThatWasKeptInTheBackgroundWhenItIsKilled)
{
    const TemporaryDir dir;
    auto anvil = AnvilProcess::start(options_in(dir.path()), system_clock(), call());
    ASSERT_TRUE(anvil) << anvil.error().detail;
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(mine(*anvil));
    const auto head = anvil->rpc().block(chain::BlockId::latest(), call());
    const auto kept = dir.path() / "chain.state.gz";
    for (int look = 0; look < 500 && kept_head(kept) < head->number; ++look) std::this_thread::sleep_for(20ms);
    ::kill(anvil->identity().pid, SIGKILL);
    ASSERT_TRUE(wait_until_gone(anvil->identity()));

    auto again = AnvilProcess::start(options_in(dir.path()), system_clock(), call());
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(again->rpc().block(chain::BlockId::latest(), call()).value().hash, head->hash);
}

/// Sends transactions of `from`, faster than the node reads its state. Some may be refused: they are only there to disturb.
std::jthread keep_sending(const chain::JsonRpcClient& rpc, const Address& from)
{
    return std::jthread([&rpc, from](const std::stop_token& stop) {
        const std::string transfer = R"([{"from":")" + from.hex() + R"(","to":")" + from.hex() + R"(","value":"0x1"}])";
        while (!stop.stop_requested()) {
            (void)rpc.call({"eth_sendTransaction", transfer}, call());
            std::this_thread::sleep_for(3ms);
        }
    });
}

/// Transactions in a kept state, by the nonces of `accounts` and by its blocks.
std::pair<std::size_t, std::size_t> count_sent(const std::vector<Address>& accounts, const std::filesystem::path& kept)
{
    const auto unpacked = std::filesystem::path(kept).replace_extension("json");
    EXPECT_TRUE(unpack_state(kept, unpacked).value());
    const auto state = json::parse(as_text(internal::read_file(unpacked).value())).value();
    std::size_t by_nonce = 0;
    for (const Address& account : accounts)
        by_nonce += state.at("accounts").at(account.hex()).at("nonce").to_number<std::size_t>();
    return {by_nonce, state.at("transactions").as_array().size()};
}

TEST(Anvil, KeepsNoEffectOfATransactionWithoutItsBlock)
{
    const TemporaryDir dir;
    auto anvil = AnvilProcess::start(options_in({}), system_clock(), call());
    ASSERT_TRUE(anvil) << anvil.error().detail;
    const std::vector<Address> accounts{dev_wallet(0).address(), dev_wallet(1).address()};
    const auto kept = dir.path() / "state.gz";
    StateKeeper keeper(anvil->rpc(), {.file = kept, .interval = 1h});
    std::vector<std::jthread> senders;
    senders.reserve(accounts.size());
    for (const Address& account : accounts) senders.push_back(keep_sending(anvil->rpc(), account));
    std::size_t seen = 0;
    for (int look = 0; look < 30; ++look) {
        const auto saved = keeper.save(call());
        ASSERT_TRUE(saved) << saved.error().detail;
        const auto [by_nonce, by_blocks] = count_sent(accounts, kept);
        ASSERT_EQ(by_nonce, by_blocks) << "at look " << look;
        EXPECT_GE(by_blocks, seen);
        seen = by_blocks;
    }
    EXPECT_GT(seen, 30U) << "transactions did not get their blocks";
    senders.clear();
    ASSERT_TRUE(keeper.save(call()));
    const auto [by_nonce, by_blocks] = count_sent(accounts, kept);
    EXPECT_EQ(by_nonce, by_blocks);
}

TEST(Anvil, NeverMakesABlockOlderThanItsParentAfterTimeTravel)
{
    const TemporaryDir dir;
    auto anvil = AnvilProcess::start(options_in(dir.path()), system_clock(), call());
    ASSERT_TRUE(anvil);
    ASSERT_TRUE(anvil->rpc().call({"evm_increaseTime", "[100000]"}, call()));
    ASSERT_TRUE(mine(*anvil));
    const auto head = anvil->rpc().block(chain::BlockId::latest(), call());
    ASSERT_TRUE(anvil->stop(call()));

    auto again = AnvilProcess::start(options_in(dir.path()), system_clock(), call());
    ASSERT_TRUE(again);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(mine(*again));
        EXPECT_GE(again->rpc().block(chain::BlockId::latest(), call()).value().timestamp, head->timestamp);
    }
}

TEST(Anvil, SurvivesUsWhenReleased)
{
    auto options = options_in({});
    options.die_with_spawner = false;
    auto anvil = AnvilProcess::start(options, system_clock(), call());
    ASSERT_TRUE(anvil);
    const auto identity = anvil->release();
    EXPECT_TRUE(runtime::is_alive(identity));
    ::kill(identity.pid, SIGKILL);
    EXPECT_TRUE(wait_until_gone(identity));
}

}  // namespace
}  // namespace iapp::localchain
