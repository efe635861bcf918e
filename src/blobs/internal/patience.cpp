#include "blobs/internal/patience.hpp"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>

#include "crypto/random.hpp"

namespace iapp::blobs::internal {
namespace {

using std::chrono::milliseconds;

bool is_worth_repeating(const Result<net::Response>& answer)
{
    if (!answer) return answer.error().reason.starts_with("net.") && answer.error().kind != ErrorKind::cancelled;
    constexpr int kPassing[] = {429, 500, 502, 503, 504};
    return std::ranges::find(kPassing, answer->status) != std::end(kPassing);
}

/// Between half and all of the doubled pause, so that many callers do not come back together; longer when the store says so.
milliseconds pause_after(int attempt, const Result<net::Response>& answer, const Patience& patience)
{
    const milliseconds full = std::min(patience.longest_pause, patience.first_pause * (1 << std::min(attempt, 16)));
    const milliseconds random = full / 2 + full / 2 * crypto::random_bytes(1).front() / 255;
    int seconds = 0;
    const std::string_view asked = answer ? answer->headers.find("retry-after").value_or("") : "";
    std::from_chars(asked.data(), asked.data() + asked.size(), seconds);
    return std::clamp<milliseconds>(std::chrono::seconds(seconds), random, patience.longest_pause);
}

void rest(milliseconds pause, const net::CallContext& call)
{
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, call.stop, std::min(pause, net::time_left(call.deadline)), [] { return false; });
}

net::CallContext one_attempt(const net::CallContext& call, const Patience& patience)
{
    net::CallContext out = call;
    out.deadline = std::min(call.deadline, net::deadline_in(patience.attempt_timeout));
    return out;
}

}  // namespace

Result<net::Response> send_patiently(const std::function<Result<net::Response>(const net::CallContext&)>& send,
                                     const net::CallContext& call, const Patience& patience)
{
    for (int attempt = 1; true; ++attempt) {
        TRY_OK(call.check());
        Result<net::Response> answer = send(one_attempt(call, patience));
        const bool is_over = !is_worth_repeating(answer);
        if (is_over || (answer && attempt == patience.attempts)) return answer;
        TRY_OK(call.check());
        if (attempt == patience.attempts)
            return fail(ErrorKind::unavailable, "blobs.store_away", "the store cannot be reached: " + answer.error().detail);
        rest(pause_after(attempt - 1, answer, patience), call);
    }
}

}  // namespace iapp::blobs::internal
