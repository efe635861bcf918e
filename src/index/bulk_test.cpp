#include "index/bulk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "index/bulk_reader.hpp"
#include "index/number.hpp"
#include "index/schema.hpp"
#include "poco/ids.hpp"
#include "support/blobs_world.hpp"
#include "support/store_engines.hpp"
#include "support/table_dump.hpp"

namespace iapp::index {
namespace {

using namespace std::chrono_literals;

const std::string kOrder = R"({"dataset":"0xAAbbccddeeff00112233445566778899aabbccdd","datasetprice":"0",
    "volume":"9007199254740991","tag":"0x0000000000000000000000000000000000000000000000000000000000000009",
    "apprestrict":"0x0000000000000000000000000000000000000001","workerpoolrestrict":"0x0000000000000000000000000000000000000000",
    "requesterrestrict":"0x0000000000000000000000000000000000000002",
    "salt":"0x0000000000000000000000000000000000000000000000000000000000000003","sign":"0x0102","more":true})";

TEST(Bulk, ParametersNameItsCid)
{
    EXPECT_EQ(bulk_cid(R"({"bulk_cid":"Qmabc","iexec_args":"x"})"), "Qmabc");
    EXPECT_EQ(bulk_cid(R"({"iexec_args":"x"})"), std::nullopt);
    EXPECT_EQ(bulk_cid(R"({"bulk_cid":7})"), std::nullopt);
    EXPECT_EQ(bulk_cid("bulk_cid"), std::nullopt);
    EXPECT_EQ(bulk_cid(R"(["bulk_cid"])"), std::nullopt);
}

TEST(Bulk, TheRootListsTexts)
{
    EXPECT_EQ(parse_bulk_root(R"(["Qma","Qmb"])").value(), (std::vector<std::string>{"Qma", "Qmb"}));
    EXPECT_EQ(parse_bulk_root(R"({"a":1})").error().reason, "json.type");
    EXPECT_EQ(parse_bulk_root(R"(["a",1])").error().reason, "json.type");
    EXPECT_EQ(parse_bulk_root("[").error().reason, "json.syntax");
}

TEST(Bulk, AnOrderIsReadAsTheClientsWriteIt)
{
    const auto orders = parse_bulk_slice('[' + kOrder + ']').value();
    ASSERT_EQ(orders.size(), 1U);
    EXPECT_EQ(orders[0].position, 0U);
    EXPECT_EQ(orders[0].dataset.hex(), "0xaabbccddeeff00112233445566778899aabbccdd");
    EXPECT_EQ(orders[0].volume, eth::U256{9007199254740991});
    EXPECT_EQ(orders[0].sign, (Bytes{1, 2}));
}

std::string zeros(std::size_t count)
{
    std::string out = "[0";
    for (std::size_t i = 1; i < count; ++i) out += ",0";
    return out + ']';
}

TEST(Bulk, ASliceHasAtMostAThousandItems)
{
    EXPECT_TRUE(parse_bulk_slice(zeros(1'000)).value().empty());
    EXPECT_EQ(parse_bulk_slice(zeros(1'001)).error().reason, "index.bulk_limit");
}

/// An order with one text replaced.
class BadOrder : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(BadOrder, KeepsItsPlaceEmpty)
{
    std::string order = kOrder;
    const auto& [from, to] = GetParam();
    const std::size_t at = order.find(from);
    ASSERT_NE(at, std::string::npos);
    order.replace(at, std::string_view(from).size(), to);
    const auto orders = parse_bulk_slice('[' + order + ',' + kOrder + ']').value();
    ASSERT_EQ(orders.size(), 1U);
    EXPECT_EQ(orders[0].position, 1U);
}

INSTANTIATE_TEST_SUITE_P(Bulk, BadOrder,
                         testing::Values(std::pair{R"("datasetprice":"0")", R"("datasetprice":0)"},
                                         std::pair{R"("datasetprice":"0")", R"("datasetprice":"0x1")"},
                                         std::pair{R"("volume":"9007199254740991")", R"("volume":9007199254740991)"},
                                         std::pair{R"("volume":"9007199254740991")", R"("volume":"")"},
                                         std::pair{"0xAAbbccdd", "0xAAbbcc"},
                                         std::pair{R"("sign":"0x0102")", R"("sign":"0102")"},
                                         std::pair{R"("sign":"0x0102",)", ""}, std::pair{R"("apprestrict")", R"("app")"}));

/// The tables of one bulk deal, and an IPFS to read it from.
class ReadBulk : public blobs::BlobsTest, public testing::WithParamInterface<test::Engine> {
protected:
    void SetUp() override
    {
        const std::string location = test::fresh_location(GetParam());
        if (location.empty()) GTEST_SKIP() << test::kNoServer;
        database_ = store::Database::open(location, migrations()).value();
    }
    std::string add_text(const std::string& text) { return client->add(as_bytes(text), call()).value(); }
    void add_deal(const poco::DealId& deal, const std::string& cid, std::uint64_t first, std::uint64_t size)
    {
        auto transaction = database_.begin().value();
        const Bytes zero = encode_number(0U);
        ASSERT_TRUE(transaction.run(
            "INSERT INTO deal (id, app, app_owner, app_price, dataset_owner, dataset_price, workerpool, workerpool_owner, "
            "workerpool_price, trust, category, tag, requester, beneficiary, callback, params, start_time, bot_first, "
            "bot_size, "
            "completed_tasks_count, claimed_tasks_count, worker_stake, scheduler_reward_ratio, sponsor, timestamp, "
            "apporder, "
            "workerpoolorder, requestorder, bulk, block_number) VALUES (?, '', '', ?, '', ?, '', '', ?, ?, '0', '', '', '', "
            "'', "
            "'', 0, ?, ?, 0, 0, ?, ?, '', 0, '', '', '', ?, 5)",
            deal.hex(), zero, zero, zero, zero, encode_number(first), encode_number(size), zero, zero, deal.hex()));
        ASSERT_TRUE(transaction.run(
            "INSERT INTO bulk_fetch (deal, cid, attempts, next_attempt, block_number) VALUES (?, ?, 0, 0, 5)", deal.hex(),
            cid));
        ASSERT_TRUE(transaction.commit());
    }
    std::vector<std::string> rows(const std::string& sql)
    {
        auto transaction = database_.read().value();
        return support::text_column(transaction, sql);
    }
    static net::CallContext call() { return {.request_id = "test", .deadline = net::deadline_in(std::chrono::seconds(20))}; }

    store::Database database_ = store::Database::open_memory(migrations()).value();
    const poco::DealId deal_{Hash256::zero().array()};
};

TEST_P(ReadBulk, WritesTheSlicesOfTheDealsTasks)
{
    const auto slice = client->add(as_bytes('[' + kOrder + ",7," + kOrder + ']'), call()).value();
    const auto root = client->add(as_bytes("[\"" + slice + "\",\"" + slice + "\",\"" + slice + "\"]"), call()).value();
    const poco::DealId deal{Hash256::zero().array()};
    add_deal(deal, root, 1, 1);
    BulkReader reader(*client, database_, system_clock());

    ASSERT_TRUE(reader.read_new(call()));

    const std::string id = deal.hex(), task = poco::task_id(deal, 1U).hex();
    EXPECT_EQ(rows("SELECT id || ' ' || hash FROM bulk"), std::vector<std::string>{id + ' ' + root});
    EXPECT_EQ(rows("SELECT id || ' ' || task || ' ' || hash FROM bulk_slice"),
              std::vector<std::string>{id + "-1 " + task + ' ' + slice});
    EXPECT_EQ(rows("SELECT position || ' ' || value FROM bulk_slice_datasets ORDER BY position"),
              (std::vector<std::string>{"0 0xaabbccddeeff00112233445566778899aabbccdd",
                                        "2 0xaabbccddeeff00112233445566778899aabbccdd"}));
    EXPECT_EQ(rows("SELECT id FROM dataset_order ORDER BY id"), (std::vector<std::string>{task + "-0", task + "-2"}));
    EXPECT_EQ(rows("SELECT deal FROM bulk_fetch"), std::vector<std::string>{});
}

TEST_P(ReadBulk, WhatIsNotThereYetIsReadLater)
{
    const std::string text = "[]";
    const auto cid = client->add(as_bytes(text), call()).value();
    for (const auto& file : block_files()) std::filesystem::remove(file);
    add_deal(poco::DealId{Hash256::zero().array()}, cid, 0, 1);
    BulkReader reader(*client, database_, system_clock());

    ASSERT_TRUE(reader.read_new(call()));
    EXPECT_EQ(rows("SELECT attempts FROM bulk_fetch"), std::vector<std::string>{"1"});
    EXPECT_EQ(rows("SELECT id FROM bulk"), std::vector<std::string>{});

    ASSERT_TRUE(client->add(as_bytes(text), call()));
    ASSERT_TRUE(database_.run("UPDATE bulk_fetch SET next_attempt = 0"));
    ASSERT_TRUE(reader.read_due(call()));
    EXPECT_EQ(rows("SELECT id FROM bulk").size(), 1U);
}

TEST_P(ReadBulk, WhatIsNoBulkIsGivenUp)
{
    add_deal(poco::DealId{Hash256::zero().array()}, "not a cid", 0, 1);
    BulkReader reader(*client, database_, system_clock());
    ASSERT_TRUE(reader.read_new(call()));
    EXPECT_EQ(rows("SELECT deal FROM bulk_fetch"), std::vector<std::string>{});
    EXPECT_EQ(rows("SELECT id FROM bulk"), std::vector<std::string>{});
}

TEST_P(ReadBulk, ASliceWhoseCidIsNoneIsLeftOut)
{
    const auto slice = add_text("[]");
    add_deal(deal_, add_text(R"(["\u0000","not a cid",")" + slice + "\"]"), 0, 3);
    BulkReader reader(*client, database_, system_clock());
    ASSERT_TRUE(reader.read_new(call()));
    EXPECT_EQ(rows("SELECT id FROM bulk").size(), 1U);
    EXPECT_EQ(rows("SELECT id FROM bulk_slice"), std::vector<std::string>{deal_.hex() + "-2"});
}

TEST_P(ReadBulk, BeyondALimitIsGivenUp)
{
    const auto slice = add_text('[' + kOrder + ']');
    const auto root = add_text("[\"" + slice + "\",\"" + slice + "\",\"" + slice + "\"]");
    const std::uint64_t size = kOrder.size() + 2;
    for (const BulkLimits& limits : {BulkLimits{.bytes = 3 * size - 1}, BulkLimits{.orders = 2}}) {
        ASSERT_TRUE(database_.run("DELETE FROM deal"));
        add_deal(deal_, root, 0, 3);
        BulkReader reader(*client, database_, system_clock(), limits);
        ASSERT_TRUE(reader.read_new(call()));
        EXPECT_EQ(rows("SELECT deal FROM bulk_fetch"), std::vector<std::string>{});
        EXPECT_EQ(rows("SELECT id FROM bulk_slice"), std::vector<std::string>{});
    }
    ASSERT_TRUE(database_.run("DELETE FROM deal"));
    add_deal(deal_, root, 0, 3);
    BulkReader reader(*client, database_, system_clock(), {.bytes = 3 * size, .orders = 3});
    ASSERT_TRUE(reader.read_new(call()));
    EXPECT_EQ(rows("SELECT id FROM dataset_order").size(), 3U);
}

TEST_P(ReadBulk, ALargeOneIsWrittenInStepsAndGoneOnWith)
{
    const auto slice = add_text('[' + kOrder + ']');
    const auto last = add_text("[]");
    const auto root = add_text("[\"" + slice + "\",\"" + slice + "\",\"" + last + "\"]");
    for (const auto& file : block_files())
        if (std::filesystem::file_size(file) < 20) std::filesystem::remove(file);
    add_deal(deal_, root, 0, 3);
    BulkReader reader(*client, database_, system_clock(), {.orders = 2, .orders_at_once = 1});

    ASSERT_TRUE(reader.read_new(call()));
    EXPECT_EQ(rows("SELECT id FROM bulk_slice").size(), 2U);
    EXPECT_EQ(rows("SELECT id FROM bulk").size(), 0U);
    EXPECT_EQ(rows("SELECT attempts FROM bulk_fetch"), std::vector<std::string>{"1"});

    add_text("[]");
    ASSERT_TRUE(database_.run("UPDATE bulk_fetch SET next_attempt = 0"));
    ASSERT_TRUE(reader.read_due(call()));
    EXPECT_EQ(rows("SELECT id FROM bulk_slice").size(), 3U);
    EXPECT_EQ(rows("SELECT id FROM dataset_order").size(), 2U);
    EXPECT_EQ(rows("SELECT id FROM bulk").size(), 1U);
    EXPECT_EQ(rows("SELECT deal FROM bulk_fetch").size(), 0U);
}

TEST_P(ReadBulk, WhatTheDatabaseRefusesIsPutOff)
{
    add_deal(deal_, add_text("[]"), 0, 1);
    ASSERT_TRUE(database_.run("INSERT INTO bulk (id, deal, hash, block_number) VALUES (?, '', '', 1)", deal_.hex()));
    BulkReader reader(*client, database_, system_clock());
    ASSERT_TRUE(reader.read_new(call()));
    EXPECT_EQ(rows("SELECT attempts FROM bulk_fetch"), std::vector<std::string>{"1"});
}

TEST_P(ReadBulk, ThatEndedTheProgramIsGivenUpAfterItsAttempts)
{
    add_deal(deal_, add_text("[]"), 0, 1);
    ASSERT_TRUE(database_.run("UPDATE bulk_fetch SET attempts = 24"));
    BulkReader reader(*client, database_, system_clock());
    ASSERT_TRUE(reader.read_due(call()));
    EXPECT_EQ(rows("SELECT deal FROM bulk_fetch").size(), 0U);
    EXPECT_EQ(rows("SELECT id FROM bulk").size(), 0U);
}

TEST_P(ReadBulk, IsReadByOneAtATimeAndCountedBefore)
{
    std::atomic<int> requests = 0;
    std::vector<std::string> attempts;
    net::HttpServer slow;
    slow.route("GET", "/ipfs/{cid}", [&](const net::Request&, const net::CallContext&) {
        if (++requests == 1) attempts = rows("SELECT attempts FROM bulk_fetch");
        std::this_thread::sleep_for(300ms);
        return net::Response{.status = 404};
    });
    ASSERT_TRUE(slow.start());
    const blobs::BlobClient elsewhere(http, rpc.origin(), slow.origin());
    add_deal(deal_, add_text("[]"), 0, 1);
    BulkReader reader(elsewhere, database_, system_clock());

    const auto begin = std::chrono::steady_clock::now();
    {
        std::jthread first([&] { EXPECT_TRUE(reader.read_new(call())); });
        while (requests == 0) std::this_thread::sleep_for(1ms);
        EXPECT_TRUE(reader.read_new(call()));
        EXPECT_GE(std::chrono::steady_clock::now() - begin, 300ms);  // it waited for the first
    }
    EXPECT_EQ(requests, 1);
    EXPECT_EQ(attempts, std::vector<std::string>{"1"});
    EXPECT_EQ(rows("SELECT attempts FROM bulk_fetch"), std::vector<std::string>{"1"});
    slow.stop();
}

TEST_P(ReadBulk, IsLeftToWhoHasIt)
{
    add_deal(deal_, add_text("[]"), 0, 1);
    for (const auto& file : block_files()) std::filesystem::remove(file);
    BulkReader reader(*client, database_, system_clock());
    ASSERT_TRUE(database_.run("UPDATE bulk_fetch SET attempts = 1, next_attempt = ?",
                              (system_clock().now() + 60s).time_since_epoch().count()));
    ASSERT_TRUE(reader.read_new(call()));
    ASSERT_TRUE(reader.read_due(call()));
    EXPECT_EQ(rows("SELECT attempts FROM bulk_fetch"), std::vector<std::string>{"1"});
}

INSTANTIATE_TEST_SUITE_P(Engines, ReadBulk, test::kEngines, test::engine_name);

}  // namespace
}  // namespace iapp::index
