#pragma once
// Where a development network keeps what. Pure.
#include <filesystem>
#include <string>

#include "devnet/ports.hpp"

namespace iapp::devnet {

struct Layout {
    std::filesystem::path dir;

    std::filesystem::path network() const { return dir / "network.toml"; }
    std::filesystem::path settings() const { return dir / "settings.json"; }
    std::filesystem::path run_file() const { return dir / "run.json"; }  ///< who supervises, and whether all is ready
    std::filesystem::path lock_file() const { return dir / "lock"; }
    std::filesystem::path chain() const { return dir / "chain"; }
    std::filesystem::path pki() const { return dir / "pki"; }
    std::filesystem::path sms() const { return dir / "sms"; }
    std::filesystem::path result_proxy() const { return dir / "result-proxy"; }
    std::filesystem::path blobs() const { return dir / "blobs"; }
    std::filesystem::path registry() const { return dir / "registry"; }
    std::filesystem::path keys() const { return dir / "keys"; }
    std::filesystem::path keystore(const std::string& name) const { return keys() / (name + ".json"); }
    std::filesystem::path password_file(const std::string& name) const { return keys() / (name + ".password"); }
    std::filesystem::path logs() const { return dir / "logs"; }
    std::filesystem::path work() const { return dir / "work"; }
    std::filesystem::path state() const { return dir / "state"; }  ///< databases of market, index, scheduler, worker
    std::filesystem::path config(const std::string& service) const { return dir / "config" / service; }
    std::filesystem::path log(const std::string& service) const { return logs() / (service + ".log"); }
};

/// The accounts of a development network, by their place in anvil's default mnemonic.
enum class Account : std::size_t { admin = 0, scheduler = 1, worker = 2, funder = 3 };

}  // namespace iapp::devnet
