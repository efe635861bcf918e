#pragma once
// The service's parts and its groups of routes. Each group lives in its own file.
#include <atomic>

#include "net/server.hpp"
#include "sms/internal/release_flow.hpp"

namespace iapp::sms::internal {

struct Counters {
    std::array<std::atomic<std::uint64_t>, kSecretKinds> added{};
    std::array<std::uint64_t, kSecretKinds> initial{};
    std::atomic<std::uint64_t> released{0};
    std::atomic<std::uint64_t> refused{0};
};

struct Parts {
    ReleaseParts release;
    Counters& counters;
    Hash384 agent_measurement;  ///< one of those the network accepts
};

/// /secrets/web3, /secrets/web2, /apps/{app}/secrets, /requesters/{address}/secrets/{key}: bytes fixed by the npm clients.
void add_secret_routes(net::HttpServer& server, const Parts& parts);
/// /v1/agent/*.
void add_agent_routes(net::HttpServer& server, const Parts& parts);
/// /tee/*.
void add_tee_routes(net::HttpServer& server, const Parts& parts);
/// /v1/grants/*.
void add_grant_routes(net::HttpServer& server, const Parts& parts);
/// /v1/ledger/*, /version, /metrics.
void add_read_routes(net::HttpServer& server, const Parts& parts);

/// The signer of an EIP-191 message from an `Authorization: 0x...` header (scheme S). Nothing when there is none that is
/// valid.
std::optional<eth::Address> signer_of(const net::Request& request, const Hash256& message);

}  // namespace iapp::sms::internal
