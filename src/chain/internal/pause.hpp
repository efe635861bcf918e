#pragma once
// Waiting that ends early: at the deadline of the call, or when somebody asks it to stop.
#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "net/call_context.hpp"

namespace iapp::chain::internal {

/// Errors: cancelled "net.cancelled", deadline_exceeded "net.deadline".
inline Status pause(std::chrono::milliseconds span, const net::CallContext& context)
{
    TRY_OK(context.check());
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, context.stop, std::min(span, net::time_left(context.deadline)), [] { return false; });
    return context.check();
}

}  // namespace iapp::chain::internal
