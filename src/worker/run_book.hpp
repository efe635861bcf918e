#pragma once
// The worker's memory: the lease it holds and what its agent answered, so that a restart contributes what was computed
// instead of computing again. Only public facts: digests, addresses, links.
#include <filesystem>
#include <optional>
#include <vector>

#include "store/database.hpp"
#include "wire/agent_process.hpp"
#include "wire/scheduler_api.hpp"

namespace iapp::worker {

struct Run {
    wire::Lease lease;
    std::optional<wire::AgentResult> result;  ///< set once the agent has finished
};

class RunBook {
public:
    static Result<RunBook> open(const std::filesystem::path& file);
    static Result<RunBook> in_memory();

    store::Database& database() { return database_; }

    /// Remembers a lease; the same task again replaces its lease and keeps its result.
    Status begin(const wire::Lease& lease);
    Status finish(const poco::TaskId& task, const wire::AgentResult& result);
    Status end(const poco::TaskId& task);

    /// Runs that were begun and not ended, oldest first.
    Result<std::vector<Run>> open_runs();
    Result<std::optional<wire::AgentResult>> result_of(const poco::TaskId& task);

private:
    explicit RunBook(store::Database database) : database_(std::move(database)) {}
    store::Database database_;
};

}  // namespace iapp::worker
