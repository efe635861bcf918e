#include "market/rate_limit.hpp"

#include <arpa/inet.h>

#include <array>
#include <cstring>

namespace iapp::market {
namespace {

constexpr std::size_t kMostAddresses = 100'000;  ///< when more ask within a minute, everyone starts again

std::string_view trimmed(std::string_view text)
{
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

/// "127.0.0.1:80" and "[::1]:80" without the port.
std::string_view without_port(std::string_view endpoint)
{
    if (endpoint.starts_with('[')) return endpoint.substr(1, endpoint.find(']') - 1);
    return endpoint.substr(0, endpoint.rfind(':'));
}

std::string_view given_address(const net::Request& request, bool is_behind_proxy)
{
    const std::string_view socket = without_port(request.peer);
    if (!is_behind_proxy) return socket;
    if (const auto real = request.headers.find("x-real-ip")) return trimmed(*real);
    const std::string_view chain = request.headers.find("x-forwarded-for").value_or(socket);
    return trimmed(chain.substr(chain.rfind(',') + 1));  // the last entry is the proxy's own, those before it anybody's
}

std::string counted_v6(const in6_addr& address)
{
    if (IN6_IS_ADDR_LOOPBACK(&address)) return {};
    in6_addr network = address;
    std::memset(network.s6_addr + 8, 0, 8);
    std::array<char, INET6_ADDRSTRLEN> text;
    return ::inet_ntop(AF_INET6, &network, text.data(), text.size());
}

std::string counted_v4(const std::uint8_t* bytes)
{
    if (bytes[0] == 127) return {};
    std::array<char, INET_ADDRSTRLEN> text;
    return ::inet_ntop(AF_INET, bytes, text.data(), text.size());
}

}  // namespace

std::string counted_address(const net::Request& request, bool is_behind_proxy)
{
    const std::string text(given_address(request, is_behind_proxy));
    std::array<std::uint8_t, 4> v4;
    in6_addr v6;
    if (::inet_pton(AF_INET, text.c_str(), v4.data()) == 1) return counted_v4(v4.data());
    if (::inet_pton(AF_INET6, text.c_str(), &v6) == 1)
        return IN6_IS_ADDR_V4MAPPED(&v6) ? counted_v4(v6.s6_addr + 12) : counted_v6(v6);
    return "unknown";  // a proxy that writes no addresses: all its clients count as one
}

bool RateLimit::admit(const std::string& address, UnixMillis now)
{
    if (per_minute_ == 0 || address.empty()) return true;
    const std::lock_guard lock(mutex_);
    if (now - minute_ >= std::chrono::minutes(1) || now < minute_ || counts_.size() >= kMostAddresses) {
        counts_.clear();
        minute_ = now;
    }
    return ++counts_[address] <= per_minute_;
}

}  // namespace iapp::market
