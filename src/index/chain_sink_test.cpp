// The index against a real hub: whatever the hub answers about deals, tasks, contributions and accounts, the tables hold.
#include "index/chain_sink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "index/number.hpp"
#include "index/schema.hpp"
#include "index/tracker.hpp"
#include "support/table_dump.hpp"
#include "support/task_play.hpp"

namespace iapp::index {
namespace {

using localchain::TestChain;
using support::PlayedDeal;
using support::TaskPlay;
using support::World;

wire::Network network_of(const TestChain& chain)
{
    const localchain::Deployment& made = chain.deployment();
    return {.name = "test",
            .chain_id = made.chain_id,
            .rpc_url = chain.rpc().url(),
            .rpc_witness_urls = {},
            .start_block = made.start_block,
            .contracts = {made.hub, made.rlc, made.app_registry, made.dataset_registry, made.workerpool_registry,
                          made.dataprotector, made.sharing},
            .services = {},
            .workerpool = Address::zero(),
            .trust = {}};
}

/// Tables of one chain, as they are after a sync.
struct Index {
    explicit Index(const TestChain& chain) : tracker(chain.hub(), database, network_of(chain)) {}

    void sync()
    {
        const auto head = tracker.refresh(TestChain::call());
        ASSERT_TRUE(head) << head.error().reason << ": " << head.error().detail;
    }

    std::vector<std::string> rows(const std::string& sql)
    {
        auto transaction = database.read().value();
        return support::text_column(transaction, sql);
    }
    std::string one(const std::string& sql)
    {
        const auto found = rows(sql);
        return found.empty() ? "" : found[0];
    }
    eth::U256 number(const std::string& sql)
    {
        auto transaction = database.read().value();
        auto row = transaction.query(sql).value();
        return row.next().value() ? decode_number(row.blob(0)).value() : eth::U256::max();
    }

    std::map<std::string, std::vector<std::string>> dump()
    {
        std::map<std::string, std::vector<std::string>> out;
        auto transaction = database.read().value();
        for (const std::string_view table : growing_tables())
            out[std::string(table)] = support::dump_table(transaction, std::string(table));
        for (const ChangingTable& table : changing_tables())
            out[std::string(table.name)] = support::dump_table(transaction, std::string(table.name));
        return out;
    }

    store::Database database = store::Database::open_memory(migrations()).value();
    Tracker tracker;
};

Hash256 digest_of(char c)
{
    std::array<std::uint8_t, 32> raw{};
    raw.fill(static_cast<std::uint8_t>(c));
    return Hash256{raw};
}

class IndexOnChain : public testing::Test {
protected:
    void SetUp() override
    {
        auto started = TestChain::start();
        ASSERT_TRUE(started) << started.error().detail;
        chain_ = *std::move(started);
        world_ = std::make_unique<World>(*chain_);
        play_ = std::make_unique<TaskPlay>(*world_);
        index_ = std::make_unique<Index>(*chain_);
    }

    /// A deal of two tasks; one ends the short way, one the long way.
    PlayedDeal play_two_tasks()
    {
        const PlayedDeal deal = play_->match(play_->good_orders(2));
        play_->initialize(deal, 0);
        play_->initialize(deal, 1);
        play_->contribute_and_finalize(deal.task(0), digest_of('a'));
        play_->contribute(deal.task(1), digest_of('b'));
        play_->reveal(deal.task(1), digest_of('b'));
        play_->finalize(deal.task(1));
        return deal;
    }

    /// A task that agrees, is not revealed, is opened again and ends with a claim.
    PlayedDeal play_a_failure()
    {
        const PlayedDeal deal = play_->match(play_->good_orders(1));
        play_->initialize(deal, 0);
        play_->contribute(deal.task(0), digest_of('c'));
        play_->wait(2 * localchain::kFastCategoryTime);
        play_->reopen(deal.task(0));
        play_->wait(10 * localchain::kFastCategoryTime);
        play_->claim(deal.task(0));
        return deal;
    }

    void expect_accounts_as_on_chain()
    {
        const auto ids = index_->rows("SELECT id FROM account");
        EXPECT_GE(ids.size(), 6U);
        for (const std::string& id : ids) {
            const Address address = Address::from_hex(id).value();
            const auto account = chain_->hub().view_account(address, TestChain::call()).value();
            EXPECT_EQ(index_->number("SELECT balance FROM account WHERE id = '" + id + "'"), account.stake) << id;
            EXPECT_EQ(index_->number("SELECT frozen FROM account WHERE id = '" + id + "'"), account.locked) << id;
            const auto score = chain_->rpc()
                                   .eth_call({chain_->hub().address(), poco::call::view_score(address)}, TestChain::call())
                                   .value();
            EXPECT_EQ(index_->one("SELECT score FROM account WHERE id = '" + id + "'"),
                      poco::decode_uint(score).value().to_dec())
                << id;
        }
    }

    void expect_task_as_on_chain(const poco::TaskId& id, const std::string& status)
    {
        const auto task = chain_->hub().view_task(id, TestChain::call()).value();
        const auto text = [](UnixSeconds time) { return std::to_string(time.time_since_epoch().count()); };
        const std::string where = " FROM task WHERE id = '" + id.hex() + "'";
        EXPECT_EQ(index_->one("SELECT status" + where), status);
        EXPECT_EQ(index_->one("SELECT deal" + where), task.deal.hex());
        EXPECT_EQ(index_->number("SELECT \"index\"" + where), eth::U256{task.index});
        EXPECT_EQ(index_->one("SELECT contribution_deadline" + where), text(task.contribution_deadline));
        EXPECT_EQ(index_->one("SELECT final_deadline" + where), text(task.final_deadline));
        EXPECT_EQ(index_->one("SELECT coalesce(reveal_deadline, 0)" + where), text(task.reveal_deadline));
        const auto or_empty = [](const Hash256& hash) { return hash.is_zero() ? "" : hash.hex(); };
        EXPECT_EQ(index_->one("SELECT consensus" + where), or_empty(task.consensus_value));
        EXPECT_EQ(index_->one("SELECT result_digest" + where), or_empty(task.result_digest));
        EXPECT_EQ(index_->one("SELECT coalesce(results, '0x')" + where), hex0x(task.results));
    }

    void expect_contribution_as_on_chain(const poco::TaskId& task, const std::string& status)
    {
        const Address worker = play_->worker().address();
        const auto contribution = chain_->hub().view_contribution(task, worker, TestChain::call()).value();
        const std::string where = " FROM contribution WHERE id = '" + task.hex() + '-' + worker.hex() + "'";
        EXPECT_EQ(index_->one("SELECT status" + where), status);
        EXPECT_EQ(index_->one("SELECT hash" + where), contribution.result_hash.hex());
        EXPECT_EQ(index_->one("SELECT seal" + where), contribution.result_seal.hex());
    }

    std::unique_ptr<TestChain> chain_;
    std::unique_ptr<World> world_;
    std::unique_ptr<TaskPlay> play_;
    std::unique_ptr<Index> index_;
};

TEST_F(IndexOnChain, HoldsTasksAndStakesAsTheHubDoes)
{
    const PlayedDeal good = play_two_tasks();
    const PlayedDeal bad = play_a_failure();
    index_->sync();

    expect_accounts_as_on_chain();
    expect_task_as_on_chain(good.task(0), "COMPLETED");
    expect_task_as_on_chain(good.task(1), "COMPLETED");
    expect_task_as_on_chain(bad.task(0), "FAILLED");
    expect_contribution_as_on_chain(good.task(0), "PROVED");
    expect_contribution_as_on_chain(good.task(1), "PROVED");
    expect_contribution_as_on_chain(bad.task(0), "REJECTED");
    EXPECT_EQ(index_->one("SELECT completed_tasks_count FROM deal WHERE id = '" + good.id.hex() + "'"), "2");
    EXPECT_EQ(index_->one("SELECT claimed_tasks_count FROM deal WHERE id = '" + bad.id.hex() + "'"), "1");
    EXPECT_EQ(index_->one("SELECT deals_count || ' ' || tasks_count || ' ' || completed_tasks_count || ' ' || "
                          "claimed_tasks_count FROM protocol"),
              "2 3 2 1");
}

TEST_F(IndexOnChain, HoldsADealAndItsOrders)
{
    const PlayedDeal played = play_->match(play_->good_orders(2));
    index_->sync();

    const auto deal = chain_->hub().view_deal(played.id, TestChain::call()).value();
    const std::string where = " FROM deal WHERE id = '" + played.id.hex() + "'";
    EXPECT_EQ(index_->one("SELECT app" + where), world_->apps[0].hex());
    EXPECT_EQ(index_->one("SELECT dataset_owner" + where), deal.dataset.owner.hex());
    EXPECT_EQ(index_->number("SELECT workerpool_price" + where), eth::U256{25});
    EXPECT_EQ(index_->number("SELECT worker_stake" + where), deal.worker_stake);
    EXPECT_EQ(index_->number("SELECT bot_size" + where), eth::U256{2});
    EXPECT_EQ(index_->one("SELECT params" + where), R"({"iexec_args":"hello"})");
    EXPECT_EQ(index_->one("SELECT requester" + where), play_->requester().address().hex());
    EXPECT_EQ(index_->one("SELECT bulk" + where), "");
    const Hash256 request = poco::order_hash(chain_->hub().separator(), played.orders.request);
    EXPECT_EQ(index_->one("SELECT requestorder" + where), request.hex());
    EXPECT_EQ(index_->one("SELECT requester FROM request_order WHERE id = '" + request.hex() + "'"),
              play_->requester().address().hex());
    EXPECT_EQ(index_->one("SELECT usage_count FROM app WHERE id = '" + world_->apps[0].hex() + "'"), "2");
    EXPECT_EQ(index_->one("SELECT usage_count FROM app WHERE id = '" + world_->apps[1].hex() + "'"), "0");
}

TEST_F(IndexOnChain, CountsTasksOfADealBeforeTheyAreInitialised)
{
    play_->match(play_->good_orders(5));
    index_->sync();
    EXPECT_EQ(index_->one("SELECT tasks_count FROM protocol"), "5");
}

TEST_F(IndexOnChain, HoldsWhatTheCalldataShowsOfTheOrders)
{
    poco::OrderSet orders = play_->good_orders(2);
    orders.app.tag = orders.workerpool.tag = poco::Tag::from_hex("0x" + std::string(63, '0') + "9").value();
    orders.app.requesterrestrict = orders.dataset.requesterrestrict = play_->requester().address();
    const PlayedDeal played = play_->match(orders);
    index_->sync();

    const auto& [app, dataset, workerpool, request] = played.orders;
    const Hash256& separator = chain_->hub().separator();
    const std::string of_app = " FROM app_order WHERE id = '" + poco::order_hash(separator, app).hex() + "'";
    EXPECT_EQ(index_->number("SELECT volume" + of_app), app.volume);
    EXPECT_EQ(
        index_->one("SELECT tag || datasetrestrict || workerpoolrestrict || requesterrestrict || salt || sign" + of_app),
        app.tag.hex() + Address::zero().hex() + Address::zero().hex() + play_->requester().address().hex() + app.salt.hex() +
            hex0x(app.sign));
    const std::string of_dataset = " FROM dataset_order WHERE id = '" + poco::order_hash(separator, dataset).hex() + "'";
    EXPECT_EQ(index_->number("SELECT volume" + of_dataset), dataset.volume);
    EXPECT_EQ(index_->one("SELECT tag || apprestrict || requesterrestrict || salt || sign" + of_dataset),
              dataset.tag.hex() + Address::zero().hex() + play_->requester().address().hex() + dataset.salt.hex() +
                  hex0x(dataset.sign));
    const std::string of_pool = " FROM workerpool_order WHERE id = '" + poco::order_hash(separator, workerpool).hex() + "'";
    EXPECT_EQ(index_->number("SELECT trust" + of_pool), workerpool.trust);
    EXPECT_EQ(index_->one("SELECT tag || category || salt || sign" + of_pool),
              workerpool.tag.hex() + workerpool.category.to_dec() + workerpool.salt.hex() + hex0x(workerpool.sign));
    const std::string of_request = " FROM request_order WHERE id = '" + poco::order_hash(separator, request).hex() + "'";
    EXPECT_EQ(index_->number("SELECT workerpoolmaxprice" + of_request), request.workerpoolmaxprice);
    EXPECT_EQ(index_->number("SELECT volume" + of_request), request.volume);
    EXPECT_EQ(index_->one("SELECT app || dataset || beneficiary || callback || params || salt || sign" + of_request),
              request.app.hex() + request.dataset.hex() + request.beneficiary.hex() + request.callback.hex() +
                  request.params + request.salt.hex() + hex0x(request.sign));
    EXPECT_EQ(index_->one("SELECT coalesce(workerpool, 'any')" + of_request), "any");
}

TEST_F(IndexOnChain, HoldsWhoSentATransactionAndWhatItPaid)
{
    const PlayedDeal played = play_->match(play_->good_orders(1));
    index_->sync();

    const std::string hash =
        index_->one("SELECT \"transaction\" FROM orders_matched WHERE deal = '" + played.id.hex() + "'");
    const std::string where = " FROM \"transaction\" WHERE id = '" + hash + "'";
    const auto receipt = chain_->rpc().receipt(Hash256::from_hex(hash).value(), TestChain::call()).value();
    EXPECT_EQ(index_->one("SELECT \"from\"" + where), play_->requester().address().hex());
    EXPECT_EQ(index_->one("SELECT \"to\"" + where), chain_->deployment().hub.hex());
    EXPECT_EQ(index_->number("SELECT value" + where), eth::U256{});
    EXPECT_EQ(index_->number("SELECT gas_limit" + where), eth::U256{2'000'000});
    EXPECT_EQ(index_->number("SELECT gas_used" + where), eth::U256{2'000'000});
    EXPECT_EQ(index_->number("SELECT gas_price" + where), receipt->effective_gas_price);
    EXPECT_EQ(index_->rows("SELECT id FROM account WHERE id = '" + chain_->deployment().hub.hex() + "'").size(), 1U);
}

TEST_F(IndexOnChain, HoldsWhoContributedAndRevealed)
{
    const PlayedDeal played = play_two_tasks();
    index_->sync();

    const std::string worker = play_->worker().address().hex();
    const auto ids = [&](std::size_t task) { return played.task(task).hex() + '-' + worker; };
    EXPECT_EQ(index_->rows("SELECT contribution || worker || hash FROM task_contribute WHERE task = '" +
                           played.task(1).hex() + "'"),
              std::vector{ids(1) + worker + poco::result_hash(played.task(1), digest_of('b')).hex()});
    EXPECT_EQ(
        index_->rows("SELECT contribution || worker || digest FROM task_reveal WHERE task = '" + played.task(1).hex() + "'"),
        std::vector{ids(1) + worker + digest_of('b').hex()});
}

TEST_F(IndexOnChain, ListsTheEventsOfATaskWhateverTheirKind)
{
    const PlayedDeal good = play_two_tasks(), bad = play_a_failure();
    index_->sync();

    const auto kinds = [&](const poco::TaskId& task) {
        return index_->rows("SELECT type_name FROM task_event WHERE task = '" + task.hex() +
                            "' ORDER BY block_number, length(id), id");
    };
    EXPECT_EQ(kinds(good.task(1)),
              (std::vector<std::string>{"TaskInitialize", "TaskContribute", "TaskConsensus", "TaskReveal", "TaskFinalize"}));
    EXPECT_EQ(kinds(bad.task(0)),
              (std::vector<std::string>{"TaskInitialize", "TaskContribute", "TaskConsensus", "TaskReopen", "TaskClaimed"}));
}

/// Code of a contract that emits PolicyUpdate when it is made, as a workerpool does. Opcodes of the yellow paper.
Bytes emit_policy_update()
{
    Bytes code{0x7f};  // PUSH32
    append(code, poco::topic<poco::PolicyUpdate>().bytes());
    append(code, *parse_hex("608060"
                            "00a1"));  // PUSH1 128, PUSH1 0, LOG1
    return code;
}

/// hub.transfer(to, 0), which emits Transfer.
Bytes then_transfer_nothing(const Address& hub, const Address& to)
{
    const Bytes call = eth::AbiWriter{}.address(to).uint(0).call(eth::selector("transfer(address,uint256)"));
    Bytes code;
    for (std::uint8_t at = 0; at < 64; at += 32) {
        code.push_back(0x7f);
        append(code, ByteView(call).subspan(at, 32));
        append(code, Bytes{0x60, at, 0x52});  // PUSH1 at, MSTORE
    }
    append(code, *parse_hex("600060006044600060"
                            "0073"));  // nothing back, 68 bytes from 0, no value, PUSH20
    append(code, hub.bytes());
    append(code, *parse_hex("5af1"));  // GAS, CALL
    return code;
}

TEST_F(IndexOnChain, KeepsNoTransactionOfStrangersWhoEmitWhatItKnows)
{
    const eth::Wallet stranger = eth::Wallet::from_private_key_hex(localchain::dev_private_key(8)).value();
    auto sender = chain_->sender(stranger);
    const auto rows_made_by = [&](Bytes code) {
        index_->sync();
        const auto before = index_->rows("SELECT id FROM \"transaction\"").size();
        const auto receipt = sender.send({.to = {}, .data = std::move(code), .gas_limit = 500'000}, TestChain::call());
        EXPECT_TRUE(receipt && !receipt->logs.empty());
        index_->sync();
        return index_->rows("SELECT id FROM \"transaction\"").size() - before;
    };
    EXPECT_EQ(rows_made_by(emit_policy_update()), 0U);
    EXPECT_TRUE(index_->rows("SELECT id FROM account WHERE id = '" + stranger.address().hex() + "'").empty());

    Bytes both = emit_policy_update();
    append(both, then_transfer_nothing(chain_->deployment().hub, stranger.address()));
    EXPECT_EQ(rows_made_by(std::move(both)), 1U) << "another log of it is of the hub";
    EXPECT_EQ(index_->rows("SELECT id FROM account WHERE id = '" + stranger.address().hex() + "'").size(), 1U);
}

TEST_F(IndexOnChain, HoldsEntriesTheirOwnersAndPolicies)
{
    const auto& made = chain_->deployment();
    const poco::AppEntry app{play_->app_owner().address(), "na\xffme", "DOCKER", to_bytes("image"), digest_of('d'), {}};
    const auto receipt = play_->send_to(play_->app_owner(), made.app_registry, poco::call::create_app(app));
    const Address entry = poco::find_event<poco::EntryTransfer>(receipt.logs, made.app_registry).value().entry;
    play_->send_to(play_->app_owner(), made.app_registry,
                   poco::call::transfer_from(play_->app_owner().address(), play_->worker().address(), entry));
    play_->send_to(play_->pool_owner(), world_->pools[0], poco::call::change_policy(35, 5));
    index_->sync();

    const std::string where = " FROM app WHERE id = '" + entry.hex() + "'";
    EXPECT_EQ(index_->one("SELECT name" + where), "na\xef\xbf\xbdme");
    EXPECT_EQ(index_->one("SELECT multiaddr" + where), hex0x(to_bytes("image")));
    EXPECT_EQ(index_->one("SELECT checksum" + where), digest_of('d').hex());
    EXPECT_EQ(index_->one("SELECT owner" + where), play_->worker().address().hex());
    EXPECT_EQ(index_->rows("SELECT id FROM app_transfer WHERE app = '" + entry.hex() + "'").size(), 2U);
    EXPECT_EQ(index_->number("SELECT worker_stake_ratio FROM workerpool WHERE id = '" + world_->pools[0].hex() + "'"),
              eth::U256{35});
    EXPECT_EQ(index_->number("SELECT scheduler_reward_ratio FROM workerpool WHERE id = '" + world_->pools[0].hex() + "'"),
              eth::U256{5});
    EXPECT_EQ(index_->rows("SELECT id FROM policy_update").size(), 1U);
    EXPECT_EQ(index_->number("SELECT worker_stake_ratio FROM workerpool WHERE id = '" + world_->pools[1].hex() + "'"),
              eth::U256{30});
    EXPECT_EQ(index_->one("SELECT name FROM category WHERE id = '0'"), "XS");
}

TEST_F(IndexOnChain, HoldsProtectedDataWithItsSchema)
{
    const poco::DatasetEntry data{play_->requester().address(), "mine", to_bytes("/ipfs/x"), digest_of('e')};
    const auto receipt = play_->send_to(
        play_->requester(), chain_->deployment().dataprotector,
        poco::call::create_dataset_with_schema(data, R"({"email":"string","a":{"b":"f64","c":"none"},"bad key":"bool"})"));
    const auto announced =
        poco::find_event<poco::DatasetSchema>(receipt.logs, chain_->deployment().dataprotector).value().dataset;
    index_->sync();

    const std::string where = " FROM protected_data WHERE id = '" + announced.hex() + "'";
    EXPECT_EQ(index_->one("SELECT name" + where), "mine");
    EXPECT_EQ(index_->one("SELECT owner" + where), play_->requester().address().hex());
    EXPECT_EQ(
        index_->rows("SELECT value FROM protected_data_schema WHERE owner = '" + announced.hex() + "' ORDER BY position"),
        (std::vector<std::string>{"email:string", "a.b:f64"}));
    EXPECT_EQ(index_->rows("SELECT path || ' ' || type FROM schema_entry ORDER BY id"),
              (std::vector<std::string>{"a.b f64", "email string"}));
}

TEST_F(IndexOnChain, WhatAReorganisationReplacesIsAsIfItHadNeverBeen)
{
    const PlayedDeal before = play_->match(play_->good_orders(3));
    play_->initialize(before, 0);
    play_->contribute(before.task(0), digest_of('f'));
    index_->sync();
    const auto snapshot = chain_->node("evm_snapshot").value();

    // Five blocks and more that never happened, indexed one by one and touching what came before.
    play_->reveal(before.task(0), digest_of('f'));
    index_->sync();
    play_->finalize(before.task(0));
    play_->initialize(before, 1);
    index_->sync();
    play_two_tasks();
    play_->send_to(play_->pool_owner(), world_->pools[0], poco::call::change_policy(40, 2));
    index_->sync();

    ASSERT_TRUE(chain_->node("evm_revert", '[' + snapshot + ']'));
    play_->wait(std::chrono::seconds(1));
    play_->initialize(before, 2);
    play_->reveal(before.task(0), digest_of('f'));
    index_->sync();

    Index fresh(*chain_);
    fresh.sync();
    EXPECT_EQ(index_->dump(), fresh.dump());
    expect_accounts_as_on_chain();
    expect_task_as_on_chain(before.task(0), "REVEALING");
}

TEST_F(IndexOnChain, OtherContractsAreAnotherIndex)
{
    play_->match(play_->good_orders(1));
    index_->sync();
    EXPECT_EQ(index_->rows("SELECT id FROM deal").size(), 1U);
    wire::Network other = network_of(*chain_);
    other.contracts.hub = other.contracts.rlc;
    Tracker elsewhere(chain_->hub(), index_->database, other);
    ASSERT_TRUE(elsewhere.refresh(TestChain::call()));
    EXPECT_EQ(index_->rows("SELECT id FROM deal").size(), 0U);
    EXPECT_EQ(index_->rows("SELECT id FROM app").size(), 3U);
}

}  // namespace
}  // namespace iapp::index
