#pragma once
// From an errno to an error of this room, and the loop that tries again while the error says so.
#include <thread>

#include "base/result.hpp"
#include "tee/pseudo_files.hpp"
#include "tee/retry.hpp"

namespace iapp::tee::internal {

inline constexpr std::string_view kBusy = "tee.busy";
inline constexpr std::string_view kRaced = "tee.raced";

/// "tee.busy" for what may work a moment later, "tee.too_large", otherwise "tee.transport". `what` starts the sentence.
std::unexpected<Error> system_failure(std::errc code, const std::string& what);

/// Calls `attempt` until it succeeds, fails for a reason other than "tee.busy" and "tee.raced", or was tried often enough.
template <class Attempt>
auto try_repeatedly(const RetryPolicy& retry, Attempt attempt)
{
    for (int left = retry.attempts;; --left) {
        auto result = attempt();
        const bool again = !result && (result.error().reason == kBusy || result.error().reason == kRaced);
        if (!again || left <= 1) return result;
        std::this_thread::sleep_for(retry.pause);
    }
}

}  // namespace iapp::tee::internal
