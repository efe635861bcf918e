// The events of the PoCo subgraph as tables, and the tables of lists: both follow a rule, so they are made by one.
#include <vector>

#include "index/internal/schema_parts.hpp"

namespace iapp::index::internal {
namespace {

/// An event of the subgraph and what it adds to id, transaction, timestamp: names and types.
struct Event {
    std::string_view table;
    std::string_view columns;
    std::vector<std::string_view> references;  ///< columns to find it by
};

const std::vector<Event>& events()
{
    static const std::vector<Event> all{
        {"transfer", R"("from" TEXT NOT NULL, "to" TEXT NOT NULL, value BLOB NOT NULL)", {"\"from\"", "\"to\""}},
        {"reward", "account TEXT NOT NULL, value BLOB NOT NULL, task TEXT NOT NULL", {"account", "task"}},
        {"seize", "account TEXT NOT NULL, value BLOB NOT NULL, task TEXT NOT NULL", {"account", "task"}},
        {"lock", "account TEXT NOT NULL, value BLOB NOT NULL", {"account"}},
        {"unlock", "account TEXT NOT NULL, value BLOB NOT NULL", {"account"}},
        {"accurate_contribution", "account TEXT NOT NULL, contribution TEXT NOT NULL", {"account", "contribution"}},
        {"faulty_contribution", "account TEXT NOT NULL, contribution TEXT NOT NULL", {"account", "contribution"}},
        {"app_transfer", R"(app TEXT NOT NULL, "from" TEXT NOT NULL, "to" TEXT NOT NULL)", {"app"}},
        {"dataset_transfer", R"(dataset TEXT NOT NULL, "from" TEXT NOT NULL, "to" TEXT NOT NULL)", {"dataset"}},
        {"workerpool_transfer", R"(workerpool TEXT NOT NULL, "from" TEXT NOT NULL, "to" TEXT NOT NULL)", {"workerpool"}},
        {"policy_update",
         "workerpool TEXT NOT NULL, old_worker_stake_ratio BLOB NOT NULL, new_worker_stake_ratio BLOB NOT NULL, "
         "old_scheduler_reward_ratio BLOB NOT NULL, new_scheduler_reward_ratio BLOB NOT NULL",
         {"workerpool"}},
        {"scheduler_notice", "workerpool TEXT NOT NULL, deal TEXT NOT NULL", {"workerpool", "deal"}},
        {"orders_matched", "deal TEXT NOT NULL", {"deal"}},
        {"task_initialize", "task TEXT NOT NULL, workerpool TEXT NOT NULL", {"task", "workerpool"}},
        {"task_contribute", "task TEXT NOT NULL, contribution TEXT NOT NULL", {"task"}},
        {"task_consensus", "task TEXT NOT NULL, consensus TEXT NOT NULL", {"task"}},
        {"task_reveal", "task TEXT NOT NULL, contribution TEXT NOT NULL, digest TEXT NOT NULL", {"task"}},
        {"task_reopen", "task TEXT NOT NULL", {"task"}},
        {"task_finalize", "task TEXT NOT NULL, results TEXT NOT NULL", {"task"}},
        {"task_claimed", "task TEXT NOT NULL", {"task"}},
        {"order_signed", "kind TEXT NOT NULL, order_hash TEXT NOT NULL", {"order_hash"}},
        {"order_closed", "kind TEXT NOT NULL, order_hash TEXT NOT NULL", {"order_hash"}}};
    return all;
}

std::string index_on(std::string_view table, std::string_view column)
{
    std::string name(column);
    std::erase(name, '"');
    return "CREATE INDEX " + std::string(table) + "_" + name + " ON " + std::string(table) + " (" + std::string(column) +
           ");\n";
}

/// Ids of events are <block>-<position in the block>. The events of a transaction are found through its block: an index on
/// its hash would cost more than all others.
std::string event_table(const Event& event)
{
    std::string out = "CREATE TABLE " + std::string(event.table) +
                      " (id TEXT NOT NULL PRIMARY KEY, \"transaction\" TEXT NOT NULL, timestamp INTEGER NOT NULL, " +
                      std::string(event.columns) + ", block_number INTEGER NOT NULL) STRICT, WITHOUT ROWID;\n" +
                      index_on(event.table, "block_number");
    for (const std::string_view column : event.references) out += index_on(event.table, column);
    return out;
}

}  // namespace

std::string event_tables()
{
    std::string out;
    for (const Event& event : events()) out += event_table(event);
    return out;
}

std::span<const std::string_view> event_table_names()
{
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> out;
        for (const Event& event : events()) out.push_back(event.table);
        return out;
    }();
    return names;
}

std::string list_table(std::string_view name)
{
    const std::string table(name);
    return "CREATE TABLE " + table +
           " (owner TEXT NOT NULL, position INTEGER NOT NULL, value TEXT NOT NULL, block_number INTEGER NOT NULL, "
           "PRIMARY KEY (owner, position)) STRICT, WITHOUT ROWID;\n" +
           index_on(table, "value") + index_on(table, "block_number");
}

}  // namespace iapp::index::internal
