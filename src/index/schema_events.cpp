// The events of the PoCo subgraph as tables and views, and the tables of lists: all follow a rule, so they are made by one.
#include <algorithm>
#include <vector>

#include "index/internal/schema_parts.hpp"

namespace iapp::index::internal {
namespace {

/// An event of the subgraph and what it adds to id, transaction, timestamp: names and types.
struct Event {
    std::string_view table;
    std::string_view columns;
    std::vector<std::string_view> references;  ///< columns to find it by
    std::string_view additions = {};           ///< columns of a later migration, NULL before it
};

const std::vector<Event>& events()
{
    static const std::vector<Event> all{
        {"transfer", R"("from" TEXT NOT NULL, "to" TEXT NOT NULL, value BLOB NOT NULL)", {"\"from\"", "\"to\""}},
        {"reward", "account TEXT NOT NULL, value BLOB NOT NULL, task TEXT NOT NULL", {"account", "task"}},
        {"seize", "account TEXT NOT NULL, value BLOB NOT NULL, task TEXT NOT NULL", {"account", "task"}},
        {"lock", "account TEXT NOT NULL, value BLOB NOT NULL", {"account"}},
        {"unlock", "account TEXT NOT NULL, value BLOB NOT NULL", {"account"}},
        {"accurate_contribution",
         "account TEXT NOT NULL, contribution TEXT NOT NULL",
         {"account", "contribution"},
         "score INTEGER"},
        {"faulty_contribution",
         "account TEXT NOT NULL, contribution TEXT NOT NULL",
         {"account", "contribution"},
         "score INTEGER"},
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
        {"task_contribute", "task TEXT NOT NULL, contribution TEXT NOT NULL", {"task"}, "worker TEXT, hash TEXT"},
        {"task_consensus", "task TEXT NOT NULL, consensus TEXT NOT NULL", {"task"}},
        {"task_reveal", "task TEXT NOT NULL, contribution TEXT NOT NULL, digest TEXT NOT NULL", {"task"}, "worker TEXT"},
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

/// An interface: the view, and the events it shows.
struct Interface {
    std::string_view view;
    std::vector<std::pair<std::string_view, std::string_view>> events;  ///< type and table
};

const std::vector<Interface>& interfaces()
{
    static const std::vector<Interface> all{
        {"account_event",
         {{"Reward", "reward"},
          {"Seize", "seize"},
          {"Lock", "lock"},
          {"Unlock", "unlock"},
          {"AccurateContribution", "accurate_contribution"},
          {"FaultyContribution", "faulty_contribution"}}},
        {"task_event",
         {{"TaskInitialize", "task_initialize"},
          {"TaskContribute", "task_contribute"},
          {"TaskConsensus", "task_consensus"},
          {"TaskReveal", "task_reveal"},
          {"TaskReopen", "task_reopen"},
          {"TaskFinalize", "task_finalize"},
          {"TaskClaimed", "task_claimed"}}},
        {"workerpool_event", {{"SchedulerNotice", "scheduler_notice"}, {"PolicyUpdate", "policy_update"}}},
        {"deal_event", {{"OrdersMatched", "orders_matched"}}},
        {"ressource_transfer_event",
         {{"AppTransfer", "app_transfer"},
          {"DatasetTransfer", "dataset_transfer"},
          {"WorkerpoolTransfer", "workerpool_transfer"}}}};
    return all;
}

struct Column {
    std::string name;
    std::string type;
    friend bool operator==(const Column&, const Column&) = default;
};

/// "a TEXT NOT NULL, b BLOB": names and types.
void add_columns(std::vector<Column>& to, std::string_view list)
{
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(", "), list.size()), blank = list.find(' ');
        const std::string_view type = list.substr(blank + 1, end - blank - 1);
        to.push_back({std::string(list.substr(0, blank)), std::string(type.substr(0, type.find(' ')))});
        list.remove_prefix(std::min(end + 2, list.size()));
    }
}

std::vector<Column> columns_of(std::string_view table)
{
    std::vector<Column> out{
        {"id", "TEXT"}, {"\"transaction\"", "TEXT"}, {"timestamp", "INTEGER"}, {"block_number", "INTEGER"}};
    const auto found = std::ranges::find(events(), table, &Event::table);
    add_columns(out, found->columns);
    add_columns(out, found->additions);
    return out;
}

bool is_among(const std::vector<Column>& columns, const Column& column)
{
    return std::ranges::find(columns, column) != columns.end();
}

/// What an event lacks is a NULL of its type: SQLite joins the events' own indexes into one walk only while a column has
/// one type everywhere.
std::string event_view(const Interface& interface)
{
    std::vector<Column> all;
    for (const auto& [type, table] : interface.events)
        for (Column& column : columns_of(table))
            if (!is_among(all, column)) all.push_back(std::move(column));
    std::string out;
    for (const auto& [type, table] : interface.events) {
        const auto own = columns_of(table);
        out += (out.empty() ? "SELECT CAST('" : " UNION ALL SELECT CAST('") + std::string(type) + "' AS TEXT) AS type_name";
        for (const Column& column : all)
            out += ", " + (is_among(own, column) ? column.name : "CAST(NULL AS " + column.type + ") AS " + column.name);
        out += " FROM " + std::string(table);
    }
    return "CREATE VIEW " + std::string(interface.view) + " AS " + out + ";\n";
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

std::string event_additions()
{
    std::string out;
    for (const Event& event : events()) {
        std::vector<Column> columns;
        add_columns(columns, event.additions);
        for (const Column& column : columns)
            out += "ALTER TABLE " + std::string(event.table) + " ADD COLUMN " + column.name + ' ' + column.type + ";\n";
    }
    return out;
}

std::string event_views()
{
    std::string out;
    for (const Interface& interface : interfaces()) out += event_view(interface);
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
