#pragma once
// A task as iExec's clients read it (GET /tasks/{id}), with our reason for a failure beside it.
#include <string>

#include "scheduler/task_book.hpp"

namespace iapp::scheduler {

std::string task_model(const TaskRecord& record, const TaskFacts& facts, const std::vector<StateChange>& history);

}  // namespace iapp::scheduler
