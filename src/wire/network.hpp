#pragma once
// The network document: everything a program must know about one network, as data. No address is a constant in code.
// Not a service's configuration: ports to bind, key files and state directories live with the service.
// Format: docs/formats/network.md.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "crypto/hash.hpp"
#include "eth/address.hpp"

namespace iapp::wire {

struct NetworkContracts {
    eth::Address hub;
    eth::Address rlc;
    eth::Address app_registry;
    eth::Address dataset_registry;
    eth::Address workerpool_registry;
    eth::Address dataprotector;
    std::optional<eth::Address> sharing;
    std::optional<eth::Address> app_whitelist_registry = {};
};

/// One origin per service: scheme://host:port without a path, because the npm clients drop path prefixes.
struct NetworkServices {
    std::string sms;
    std::string market;
    std::string ipfs_api;
    std::string ipfs_gateway;
    std::optional<std::string> core;      ///< absent: compass says where a workerpool's scheduler answers
    std::optional<std::string> registry;  ///< where `iapp deploy` pushes images
    std::optional<std::string> result_proxy;
    std::optional<std::string> index;
    std::optional<std::string> compass;
    std::optional<std::string> explorer;
};

struct NetworkTrust {
    std::vector<Hash384> agent_measurements;  ///< accepted MRTD values; never empty
    eth::Address ledger_signer;               ///< signs the tree heads of the key-release ledger
    std::string root_certificate;             ///< PEM, the TDX trust anchor
    bool dangerous_allow_simulated_tee = false;
    std::string collateral_file;  ///< absolute path
};

struct Network {
    std::string name;
    std::uint64_t chain_id;
    std::string rpc_url;
    std::vector<std::string> rpc_witness_urls;  ///< further nodes that must agree before a key is released; may be empty
    std::uint64_t start_block;                  ///< first block with an event of these contracts
    NetworkContracts contracts;
    NetworkServices services;
    eth::Address workerpool;
    std::optional<NetworkTrust> trust;  ///< absent: agents, key service and ledger are not ours, nothing they say is proven
    std::vector<eth::Address> further_workerpools = {};  ///< the same scheduler's
};

/// All of them, the default one first.
std::vector<eth::Address> workerpools_of(const Network& network);

// What a command or service must have of a network that may lack it.
/// Errors: precondition_failed "network.no_trust".
Result<NetworkTrust> get_trust(const Network& network);
/// Errors: precondition_failed "network.no_core".
Result<std::string> get_core(const Network& network);
/// Errors: precondition_failed "network.no_registry".
Result<std::string> get_registry(const Network& network);

/// Parses a whole document. Unknown keys are refused; every URL is https, or http on loopback.
/// Errors: invalid_input "network.toml" (syntax), "network.schema", "network.unknown_key", "network.missing",
///         "network.type", "network.name", "network.url", "network.address", "network.measurement", "network.certificate",
///         "network.path".
Result<Network> parse_network(std::string_view toml);

/// Writes the document parse_network() accepts.
std::string encode_network(const Network& network);

/// "https://host[:port]" or "http://127.0.0.1|localhost|[::1][:port]", nothing after it. Errors: invalid_input
/// "network.url".
Status check_origin(std::string_view url);

/// As check_origin(), but a path may follow: API keys live there. Errors: invalid_input "network.url".
Status check_rpc_url(std::string_view url);

}  // namespace iapp::wire
