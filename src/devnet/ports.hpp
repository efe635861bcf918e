#pragma once
// On which ports a development network answers: one per origin, because the npm clients drop path prefixes. Pure.
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace iapp::devnet {

/// What listens. The order is the distance from the port base.
enum class Port : std::size_t { rpc, sms, market, ipfs_api, ipfs_gateway, core, registry, index, compass, result_proxy };

/// How users name them, in that order.
inline constexpr std::array<std::string_view, 10> kPortNames{"rpc",  "sms",      "market", "ipfs-api", "ipfs-gateway",
                                                             "core", "registry", "index",  "compass",  "result-proxy"};

class Ports {
public:
    static constexpr std::uint16_t kDefaultBase = 20000;

    /// Consecutive ports from `base`, which is at most 65526.
    static Ports from_base(std::uint16_t base);

    /// These ports with those that `assignments` ("sms=13350,market=3050") names changed.
    /// Errors: invalid_input "devnet.port" (an unknown name, one named twice, no port number, two services on one port).
    Result<Ports> with(std::span<const std::string> assignments) const;

    std::uint16_t operator[](Port port) const { return numbers_[static_cast<std::size_t>(port)]; }
    std::span<const std::uint16_t> all() const { return numbers_; }
    std::string to_assignments() const;  ///< "rpc=20000,sms=20001,..."; with() reads it
    bool operator==(const Ports&) const = default;

private:
    std::array<std::uint16_t, kPortNames.size()> numbers_{};
};

inline std::string loopback(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }
inline std::string origin(std::uint16_t port) { return "http://" + loopback(port); }

}  // namespace iapp::devnet
