#pragma once
// Where a development network keeps what, and on which ports it answers. Pure.
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

namespace iapp::devnet {

inline constexpr std::uint16_t kDefaultPortBase = 20000;

/// One port per origin, counted from a base.
struct Ports {
    std::uint16_t base = kDefaultPortBase;

    std::uint16_t rpc() const { return base; }
    std::uint16_t sms() const { return port(1); }
    std::uint16_t market() const { return port(2); }
    std::uint16_t ipfs_api() const { return port(3); }
    std::uint16_t ipfs_gateway() const { return port(4); }
    std::uint16_t core() const { return port(5); }
    std::uint16_t registry() const { return port(6); }

private:
    std::uint16_t port(unsigned offset) const { return static_cast<std::uint16_t>(base + offset); }
};

inline std::string loopback(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }
inline std::string origin(std::uint16_t port) { return "http://" + loopback(port); }

struct Layout {
    std::filesystem::path dir;

    std::filesystem::path network() const { return dir / "network.toml"; }
    std::filesystem::path run_file() const { return dir / "run.json"; }  ///< who supervises, and whether all is ready
    std::filesystem::path lock_file() const { return dir / "lock"; }
    std::filesystem::path chain() const { return dir / "chain"; }
    std::filesystem::path pki() const { return dir / "pki"; }
    std::filesystem::path sms() const { return dir / "sms"; }
    std::filesystem::path blobs() const { return dir / "blobs"; }
    std::filesystem::path registry() const { return dir / "registry"; }
    std::filesystem::path keys() const { return dir / "keys"; }
    std::filesystem::path logs() const { return dir / "logs"; }
    std::filesystem::path work() const { return dir / "work"; }
    std::filesystem::path state() const { return dir / "state"; }  ///< databases of market, scheduler, worker
    std::filesystem::path config(const std::string& service) const { return dir / "config" / service; }
    std::filesystem::path log(const std::string& service) const { return logs() / (service + ".log"); }
};

/// The accounts of a development network, by their place in anvil's default mnemonic.
enum class Account : std::size_t { admin = 0, scheduler = 1, worker = 2, funder = 3 };

}  // namespace iapp::devnet
