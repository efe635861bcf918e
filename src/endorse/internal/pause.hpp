#pragma once
// How long not to ask again after a failure. Pure: the present and the random are parameters.
#include <algorithm>
#include <optional>

#include "base/clock.hpp"

namespace iapp::endorse {

struct PauseLimits {
    std::chrono::milliseconds first;
    std::chrono::milliseconds longest;
    std::chrono::milliseconds longest_retry_after;
};

/// One failing thing: a key, or a vendor that asks to be left alone.
class Pause {
public:
    /// Up to a quarter is added at random, so that many caches do not return in the same second.
    void fail(Error error, UnixMillis now, std::optional<std::chrono::milliseconds> asked, std::uint64_t random,
              const PauseLimits& limits)
    {
        auto delay = std::min(limits.first * (1U << std::min(failures_, 20U)), limits.longest);
        if (asked) delay = std::clamp(*asked, limits.first, limits.longest_retry_after);
        const auto spread = static_cast<std::uint64_t>(delay.count() / 4 + 1);
        until_ = now + delay + std::chrono::milliseconds(static_cast<std::int64_t>(random % spread));
        ++failures_;
        error_ = std::move(error);
    }

    void clear() { *this = Pause(); }

    bool holds(UnixMillis now) const { return error_ && now < until_; }

    /// The failure, and when the next attempt is due. Only while holds().
    std::unexpected<Error> refusal() const
    {
        Error out = *error_;
        out.detail += "; not asked again before " + iso8601(until_);
        return std::unexpected(std::move(out));
    }

private:
    std::optional<Error> error_{};
    UnixMillis until_{};
    unsigned failures_ = 0;
};

}  // namespace iapp::endorse
