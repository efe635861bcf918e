#pragma once
// How often one client may ask. A counter for each network address and minute; not a defence against many addresses.
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "net/http.hpp"

namespace iapp::market {

/// The address a request counts for: the socket's, or behind a proxy of ours what it wrote into X-Real-IP, else the last
/// entry of X-Forwarded-For. IPv6 counts by /64, which is what one customer gets. Empty for loopback: that is never limited.
std::string counted_address(const net::Request& request, bool is_behind_proxy);

/// Safe to share between threads.
class RateLimit {
public:
    /// `per_minute` requests of one address; 0: no limit.
    explicit RateLimit(std::uint64_t per_minute) : per_minute_(per_minute) {}

    /// False when `address` asked too often in this minute.
    bool admit(const std::string& address, UnixMillis now);

private:
    const std::uint64_t per_minute_;
    std::mutex mutex_;
    UnixMillis minute_{};
    std::unordered_map<std::string, std::uint64_t> counts_;  ///< since minute_
};

}  // namespace iapp::market
