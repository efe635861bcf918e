#pragma once
// What travels with one call: its id, the moment it must be over, and the request to stop early.
// Not a bag of values: nothing about users or services is kept here.
#include <chrono>
#include <stop_token>
#include <string>

#include "base/result.hpp"

namespace iapp::net {

/// A moment of the steady clock. Only rooms that own sockets or processes read that clock.
using Deadline = std::chrono::steady_clock::time_point;

inline Deadline deadline_in(std::chrono::milliseconds span) { return std::chrono::steady_clock::now() + span; }

/// Time left until `deadline`, never negative.
std::chrono::milliseconds time_left(Deadline deadline);

struct CallContext {
    std::string request_id;
    Deadline deadline = Deadline::max();
    std::stop_token stop{};

    /// Long loops ask this between steps. Errors: cancelled "net.cancelled", deadline_exceeded "net.deadline".
    Status check() const;
};

}  // namespace iapp::net
