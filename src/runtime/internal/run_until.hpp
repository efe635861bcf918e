#pragma once
// run() with another way to end the child than signals to its group: what a container needs.
#include <functional>

#include "runtime/process.hpp"

namespace iapp::runtime {

struct Ended {
    Finished finished;
    bool timed_out = false;
    bool stopped = false;
};

/// As run(), but running out of time or being asked to stop is not an error: `end` is called once, the child gets
/// `options.grace` to follow, then its group is killed. What it wrote until then is kept.
Result<Ended> run_until(const Command& command, const RunOptions& options, const std::function<void(Process&)>& end);

}  // namespace iapp::runtime
