#pragma once
// The half of a spawn that runs between fork and exec: system calls on prepared values, nothing that allocates or locks.
#include <utility>
#include <vector>

namespace iapp::runtime {

struct ChildPlan {
    const char* program = nullptr;
    char* const* argv = nullptr;
    char* const* envp = nullptr;
    const char* working_dir = nullptr;       ///< null: stay
    std::vector<std::pair<int, int>> moves;  ///< {ours, theirs}, sorted by theirs; `ours` all above every `theirs`
    bool new_session = false;
    bool die_with_spawner = false;
    int report_fd = -1;  ///< gets errno when a step fails; above every `theirs`
};

/// Never returns: becomes the program, or reports errno and exits 127.
[[noreturn]] void become(const ChildPlan& plan);

}  // namespace iapp::runtime
