// The life of tasks and contributions, as the hub tells it.
#include "index/internal/event_handlers.hpp"
#include "poco/events.hpp"

namespace iapp::index::internal {
namespace {

using namespace poco;

std::int64_t seconds(UnixSeconds time) { return time.time_since_epoch().count(); }
std::string contribution_id(const TaskId& task, const Address& worker) { return task.hex() + '-' + worker.hex(); }

Status initialize(const Scene& scene, const TaskInitialize& event)
{
    Writer& writer = scene.writer;
    const std::string id = event.task.hex();
    if (const auto known = scene.facts.tasks.find(event.task); known != scene.facts.tasks.end()) {
        const Task& task = known->second;
        TRY_OK(
            writer.run("INSERT INTO task (id, status, deal, \"index\", requester, contribution_deadline, final_deadline, "
                       "timestamp, block_number) SELECT ?, 'ACTIVE', id, ?, requester, CAST(? AS BIGINT), CAST(? AS "
                       "BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT) FROM deal WHERE id = ?",
                       id, encode_number(task.index), seconds(task.contribution_deadline), seconds(task.final_deadline),
                       writer.place().time, writer.place().block, task.deal.hex()));
    }
    return writer.event("task_initialize", ", task, workerpool", id, event.workerpool.hex());
}

Status contribute(const Scene& scene, const TaskContribute& event)
{
    Writer& writer = scene.writer;
    const std::string task = event.task.hex(), id = contribution_id(event.task, event.worker);
    if (const auto known = scene.facts.contributions.find({event.task, event.worker});
        known != scene.facts.contributions.end())
        TRY_OK(
            writer.run("INSERT INTO contribution (id, status, timestamp, task, worker, hash, seal, challenge, "
                       "block_number) VALUES (?, 'CONTRIBUTED', ?, ?, ?, ?, ?, ?, ?)",
                       id, writer.place().time, task, event.worker.hex(), event.result_hash.hex(),
                       known->second.result_seal.hex(), known->second.enclave_challenge.hex(), writer.place().block));
    TRY_OK(scene.ledger.touch(writer, event.worker));
    return writer.event("task_contribute", ", task, contribution, worker, hash", task, id, event.worker.hex(),
                        event.result_hash.hex());
}

/// The reveal deadline is two category times after the consensus, and the two other deadlines are three apart.
Status agree(const Scene& scene, const TaskConsensus& event)
{
    Writer& writer = scene.writer;
    const std::string task = event.task.hex(), consensus = event.consensus.hex();
    TRY_OK(writer.keep("task", task));
    TRY_OK(
        writer.run("UPDATE task SET status = 'REVEALING', consensus = ?, reveal_deadline = CAST(? AS BIGINT) + 2 * "
                   "((final_deadline - contribution_deadline) / 3), timestamp = ? WHERE id = ?",
                   consensus, writer.place().time, writer.place().time, task));
    return writer.event("task_consensus", ", task, consensus", task, consensus);
}

Status reveal(const Scene& scene, const TaskReveal& event)
{
    Writer& writer = scene.writer;
    const std::string task = event.task.hex(), id = contribution_id(event.task, event.worker), digest = event.digest.hex();
    TRY_OK(writer.keep("task", task));
    TRY_OK(writer.run("UPDATE task SET result_digest = ?, timestamp = ? WHERE id = ?", digest, writer.place().time, task));
    TRY_OK(writer.keep("contribution", id));
    TRY_OK(writer.run("UPDATE contribution SET status = 'PROVED' WHERE id = ?", id));
    return writer.event("task_reveal", ", task, contribution, digest, worker", task, id, digest, event.worker.hex());
}

/// Everyone who agreed on the value that nobody revealed is rejected.
Status reopen(const Scene& scene, const TaskReopen& event)
{
    constexpr std::string_view kAgreed = "t.hash = (SELECT consensus FROM task WHERE task.id = t.task) AND t.task = ?";
    Writer& writer = scene.writer;
    const std::string task = event.task.hex();
    TRY_OK(writer.keep_where("contribution", kAgreed, task));
    TRY_OK(
        writer.run("UPDATE contribution SET status = 'REJECTED' WHERE task = ? AND hash = (SELECT consensus FROM task "
                   "WHERE task.id = ?)",
                   task, task));
    TRY_OK(writer.keep("task", task));
    TRY_OK(
        writer.run("UPDATE task SET status = 'ACTIVE', consensus = NULL, reveal_deadline = NULL, timestamp = ? WHERE "
                   "id = ?",
                   writer.place().time, task));
    return writer.event("task_reopen", ", task", task);
}

/// `column`: which of its deal's counters the task's end adds to.
Status count_end(Writer& writer, std::string_view column, const std::string& task)
{
    TRY_OK(writer.keep_where("deal", "t.id = (SELECT deal FROM task WHERE task.id = ?)", task));
    TRY_OK(writer.run("UPDATE deal SET " + std::string(column) + " = " + std::string(column) +
                          " + 1 WHERE id = (SELECT deal FROM task WHERE task.id = ?)",
                      task));
    return {};
}

Status finalize(const Scene& scene, const TaskFinalize& event)
{
    Writer& writer = scene.writer;
    const std::string task = event.task.hex(), results = hex0x(event.results);
    const auto known = scene.facts.tasks.find(event.task);
    const std::string callback = known == scene.facts.tasks.end() ? "0x" : hex0x(known->second.results_callback);
    TRY_OK(writer.keep("task", task));
    TRY_OK(writer.run("UPDATE task SET status = 'COMPLETED', results = ?, results_callback = ?, timestamp = ? WHERE id = ?",
                      results, callback, writer.place().time, task));
    TRY_OK(count_end(writer, "completed_tasks_count", task));
    TRY(Totals* const totals, scene.ledger.totals(writer));
    ++totals->completed_tasks;
    return writer.event("task_finalize", ", task, results", task, results);
}

Status claim(const Scene& scene, const TaskClaimed& event)
{
    Writer& writer = scene.writer;
    const std::string task = event.task.hex();
    TRY_OK(writer.keep("task", task));
    TRY_OK(writer.run("UPDATE task SET status = 'FAILLED', timestamp = ? WHERE id = ?", writer.place().time, task));
    TRY_OK(count_end(writer, "claimed_tasks_count", task));
    TRY(Totals* const totals, scene.ledger.totals(writer));
    ++totals->claimed_tasks;
    return writer.event("task_claimed", ", task", task);
}

template <class Event>
Status apply_one(const Scene& scene, const eth::Log& log, Status (*handle)(const Scene&, const Event&))
{
    TRY(const Event event, Event::decode(log));
    return handle(scene, event);
}

}  // namespace

Status apply_task(const Scene& scene, const eth::Log& log)
{
    if (is<TaskInitialize>(log)) return apply_one(scene, log, initialize);
    if (is<TaskContribute>(log)) return apply_one(scene, log, contribute);
    if (is<TaskConsensus>(log)) return apply_one(scene, log, agree);
    if (is<TaskReveal>(log)) return apply_one(scene, log, reveal);
    if (is<TaskFinalize>(log)) return apply_one(scene, log, finalize);
    if (is<TaskReopen>(log)) return apply_one(scene, log, reopen);
    if (is<TaskClaimed>(log)) return apply_one(scene, log, claim);
    return {};
}

}  // namespace iapp::index::internal
