#include "worker/run_book.hpp"

#include "chain/journal.hpp"

namespace iapp::worker {
namespace {

constexpr store::Migration kRunMigration{"runs", R"(
CREATE TABLE run (task BLOB PRIMARY KEY, lease TEXT NOT NULL, result TEXT) STRICT;
)"};

const std::vector<store::Migration>& migrations()
{
    static const std::vector<store::Migration> all{kRunMigration, chain::kJournalMigration};
    return all;
}

Result<wire::AgentResult> read_result(const std::string& text)
{
    TRY(auto event, wire::parse_agent_event(text));
    if (auto* result = std::get_if<wire::AgentResult>(&event)) return std::move(*result);
    return fail(ErrorKind::corrupt, "worker.run", "the database holds something that is not a result");
}

Result<Run> read_run(const store::Rows& row)
{
    TRY(auto lease, wire::parse_lease(row.text(0)));
    Run run{std::move(lease), {}};
    if (row.is_null(1)) return run;
    TRY(run.result, read_result(row.text(1)));
    return run;
}

}  // namespace

Result<RunBook> RunBook::open(const std::filesystem::path& file)
{
    TRY(auto database, store::Database::open(file, migrations()));
    return RunBook(std::move(database));
}

Result<RunBook> RunBook::in_memory()
{
    TRY(auto database, store::Database::open_memory(migrations()));
    return RunBook(std::move(database));
}

Status RunBook::begin(const wire::Lease& lease)
{
    TRY_OK(
        database_.run("INSERT INTO run (task, lease) VALUES (?, ?) ON CONFLICT (task) DO UPDATE SET lease = excluded.lease",
                      lease.task, wire::encode(lease)));
    return {};
}

Status RunBook::finish(const poco::TaskId& task, const wire::AgentResult& result)
{
    TRY_OK(database_.run("UPDATE run SET result = ? WHERE task = ?", wire::encode(wire::AgentEvent{result}), task));
    return {};
}

Status RunBook::end(const poco::TaskId& task)
{
    TRY_OK(database_.run("DELETE FROM run WHERE task = ?", task));
    return {};
}

Result<std::vector<Run>> RunBook::open_runs()
{
    TRY(auto transaction, database_.read());
    TRY(auto rows, transaction.query("SELECT lease, result FROM run ORDER BY rowid"));
    std::vector<Run> runs;
    while (true) {
        TRY(const bool more, rows.next());
        if (!more) return runs;
        TRY(Run run, read_run(rows));
        runs.push_back(std::move(run));
    }
}

Result<std::optional<wire::AgentResult>> RunBook::result_of(const poco::TaskId& task)
{
    TRY(auto transaction, database_.read());
    TRY(auto rows, transaction.query("SELECT result FROM run WHERE task = ? AND result IS NOT NULL", task));
    TRY(const bool found, rows.next());
    if (!found) return std::optional<wire::AgentResult>{};
    TRY(auto result, read_result(rows.text(0)));
    return std::optional(std::move(result));
}

}  // namespace iapp::worker
