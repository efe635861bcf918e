#pragma once
// Requests to a remote store that may be busy or away for a moment: each attempt has a limit of its own, pauses double and
// are random, and the call's deadline ends it all.
#include <chrono>
#include <functional>

#include "net/call_context.hpp"
#include "net/http.hpp"

namespace iapp::blobs::internal {

struct Patience {
    int attempts = 6;
    std::chrono::milliseconds first_pause{100};
    std::chrono::milliseconds longest_pause{5'000};
    std::chrono::milliseconds attempt_timeout{30'000};
};

/// Repeats `send` while it answers 429, 500, 502, 503 or 504 or does not get through. The last answer counts; a store that
/// stays busy is an answer, one that stays away is an error.
/// Errors: those of `send`, except that one of net.* becomes unavailable "blobs.store_away"; those of CallContext::check().
Result<net::Response> send_patiently(const std::function<Result<net::Response>(const net::CallContext&)>& send,
                                     const net::CallContext& call, const Patience& patience);

}  // namespace iapp::blobs::internal
