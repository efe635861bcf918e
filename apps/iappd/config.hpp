#pragma once
// The daemon's configuration: one TOML document, one table per service it hosts. A table that is absent is a service that is
// not hosted.
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "base/result.hpp"
#include "eth/address.hpp"
#include "market/service.hpp"

namespace iapp::daemon {

struct Listen {
    std::string address;  ///< numeric
    std::uint16_t port;
};

struct KeyFiles {
    std::filesystem::path keystore;
    std::filesystem::path password_file;
};

struct SmsConfig {
    Listen listen;
    std::filesystem::path directory;
};

struct MarketConfig {
    Listen listen;
    std::string database;  ///< a file, or a URL the store understands
    market::Options limits;
};

struct IpfsConfig {
    std::string api_url;
};

struct S3Config {
    std::string endpoint;
    std::string region;
    std::string bucket;
    std::string prefix;
    bool path_style;
    std::filesystem::path credentials;  ///< readable by its owner only
};

struct BlobsConfig {
    Listen api;
    Listen gateway;
    std::variant<std::filesystem::path, IpfsConfig, S3Config> backend;  ///< a path is a directory
};

struct IndexConfig {
    Listen listen;
    Listen compass_listen;
    std::string database;                             ///< a file, or a URL the store understands
    std::map<eth::Address, std::string> workerpools;  ///< API origins of further pools, for Compass
};

struct SchedulerConfig {
    Listen listen;
    std::string database;  ///< a file, or a URL the store understands
    KeyFiles keys;
    std::set<eth::Address> workers;
    std::chrono::seconds lease{30};
};

struct ResultProxyConfig {
    Listen listen;
    std::filesystem::path directory;
};

struct WorkerConfig {
    std::filesystem::path database;
    std::filesystem::path work_dir;
    KeyFiles keys;
    std::filesystem::path launcher;
    std::filesystem::path agent;
    std::filesystem::path pki_dir;
    std::filesystem::path log_file;
    std::string evidence;  ///< the agent's evidence source, by name
};

struct Config {
    std::filesystem::path network;
    std::optional<SmsConfig> sms;
    std::optional<MarketConfig> market;
    std::optional<BlobsConfig> blobs;
    std::optional<IndexConfig> index;
    std::optional<SchedulerConfig> scheduler;
    std::optional<ResultProxyConfig> result_proxy;
    std::optional<WorkerConfig> worker;
};

/// Errors: invalid_input "iappd.config" (with the key that is missing, unknown or wrong).
Result<Config> parse_config(std::string_view toml);

/// "127.0.0.1:8080" or "[::1]:8080". Errors: invalid_input "iappd.config".
Result<Listen> parse_listen(std::string_view text);

}  // namespace iapp::daemon
