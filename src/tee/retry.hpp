#pragma once
// How often a busy kernel is asked again. Not a deadline: one request to the kernel may itself take half a minute.
#include <chrono>

namespace iapp::tee {

struct RetryPolicy {
    int attempts = 6;  ///< in all; at least 1
    std::chrono::milliseconds pause{200};
};

}  // namespace iapp::tee
