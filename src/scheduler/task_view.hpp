#pragma once
// Tasks, replicates and logs as iExec's clients read them (GET /tasks/...), with our reason for a failure beside it.
#include <string>

#include "scheduler/replicate_book.hpp"
#include "scheduler/task_book.hpp"

namespace iapp::scheduler {

/// Everything a task's document tells.
struct TaskStory {
    TaskRecord record;
    TaskFacts facts;
    std::vector<StateChange> history;
    std::vector<Replicate> replicates;
    std::string image;         ///< the app's, as its contract names it
    std::string command_line;  ///< the app's arguments, of the deal's params
};

std::string task_model(const TaskStory& story);
std::string replicate_model(const TaskStory& story, const Replicate& replicate);

/// {"chainTaskId","computeLogsList":[...]}; an empty stream is left out.
std::string task_logs_model(const poco::TaskId& task, const std::vector<LogRecord>& logs);
std::string compute_logs(const LogRecord& log);

}  // namespace iapp::scheduler
