// The same history indexed on both engines: every table holds the same, before and after a fork, and as a fresh index would.
#include <gtest/gtest.h>

#include "index/schema.hpp"
#include "index/tracker.hpp"
#include "support/fake_history.hpp"
#include "support/store_engines.hpp"
#include "support/table_dump.hpp"

namespace iapp::index {
namespace {

using Dump = std::map<std::string, std::vector<std::string>>;

net::CallContext call() { return {.request_id = "test", .deadline = net::deadline_in(std::chrono::minutes(5))}; }

std::vector<std::string> tables(bool with_versions)
{
    std::vector<std::string> out;
    for (const std::string_view table : growing_tables()) out.emplace_back(table);
    for (const ChangingTable& table : changing_tables()) {
        out.emplace_back(table.name);
        if (with_versions) out.push_back("undo_" + std::string(table.name));
    }
    return out;
}

class HistoryEngines : public testing::Test {
protected:
    static void sync(store::Database& database, const support::FakeHistory& history, const std::string& url)
    {
        const net::HttpClient http;
        const chain::JsonRpcClient rpc(http, {.url = url});
        const wire::Network network = history.network(url);
        const chain::Hub hub(rpc, network.chain_id, network.contracts.hub);
        Tracker tracker(hub, database, network);
        const auto head = tracker.refresh(call());
        ASSERT_TRUE(head) << head.error().reason << ": " << head.error().detail;
    }
    void sync(store::Database& database) { sync(database, history_, node_.client().url()); }

    Dump dump(store::Database& database, bool with_versions)
    {
        auto names = sqlite_.read().value();
        std::map<std::string, std::vector<support::DumpColumn>> columns;
        for (const std::string& table : tables(with_versions)) columns[table] = support::columns_of(names, table);
        Dump out;
        if (&database == &sqlite_) {
            for (const auto& [table, list] : columns) out[table] = support::dump_columns(names, table, list);
            return out;
        }
        auto transaction = database.read().value();
        for (const auto& [table, list] : columns) out[table] = support::dump_columns(transaction, table, list);
        return out;
    }

    support::FakeHistory history_;
    support::FakeNode node_{
        [this](std::string_view method, std::string_view params) { return history_.answer(method, params); }};
    store::Database sqlite_ = store::Database::open_memory(migrations()).value();
};

TEST_F(HistoryEngines, HoldTheSame)
{
    const std::string location = test::fresh_location(test::Engine::postgres);
    if (location.empty()) GTEST_SKIP() << test::kNoServer;
    auto postgres = store::Database::open(location, migrations()).value();
    const auto expect_same = [&](bool with_versions) {
        const Dump one = dump(sqlite_, with_versions), other = dump(postgres, with_versions);
        for (const auto& [table, rows] : one) EXPECT_EQ(rows, other.at(table)) << table;
        EXPECT_GE(one.at("task").size(), 80U);
        EXPECT_GE(one.at("accurate_contribution").size(), 80U);
    };

    history_.head = 250;
    sync(sqlite_);
    sync(postgres);
    expect_same(true);

    history_.fork_at = 244;
    history_.fork_salt = 7;
    history_.head = 260;
    sync(sqlite_);
    sync(postgres);
    expect_same(true);

    const std::string another = test::fresh_location(test::Engine::postgres);
    auto fresh = store::Database::open(another, migrations()).value();
    sync(fresh);
    EXPECT_EQ(dump(fresh, false), dump(postgres, false));
}

TEST_F(HistoryEngines, CountContributionsAsScores)
{
    history_.head = 250;
    sync(sqlite_);
    auto transaction = sqlite_.read().value();
    const auto totals = support::text_column(
        transaction,
        "SELECT (SELECT sum(score) FROM account) || ' ' || count(*) || ' ' || max(score) FROM accurate_contribution");
    const auto counted = support::text_column(
        transaction, "SELECT count(*) || ' ' || count(*) || ' ' || (SELECT max(score) FROM account) FROM task_finalize");
    EXPECT_EQ(totals, counted);
    EXPECT_EQ(
        support::text_column(transaction, "SELECT claimed_tasks_count || ' ' || (tasks_count - deals_count) FROM protocol"),
        std::vector<std::string>{"0 0"});
}

}  // namespace
}  // namespace iapp::index
