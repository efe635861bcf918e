#include "net/call_context.hpp"

#include <algorithm>

namespace iapp::net {

std::chrono::milliseconds time_left(Deadline deadline)
{
    using std::chrono::milliseconds;
    const auto now = Deadline::clock::now();
    if (deadline <= now) return milliseconds{0};
    // Far deadlines are cut so that callers can add the answer to other times without overflow.
    constexpr std::chrono::hours kFar{24 * 365};
    if (deadline - now > kFar) return kFar;
    return std::max(milliseconds{1}, std::chrono::floor<milliseconds>(deadline - now));
}

Status CallContext::check() const
{
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "net.cancelled", "the call was asked to stop");
    if (deadline <= Deadline::clock::now())
        return fail(ErrorKind::deadline_exceeded, "net.deadline", "the call ran out of time; allow it more or try again");
    return {};
}

}  // namespace iapp::net
