#pragma once
// ChainFacts over real nodes: typed hub reads at one block, and a follower that has seen every match and every closed order.
// Witness nodes, when the network names some, must tell the same story about deal, task, app and dataset.
#include <filesystem>
#include <memory>

#include "base/clock.hpp"
#include "net/client.hpp"
#include "sms/chain_facts.hpp"
#include "wire/network.hpp"

namespace iapp::sms {

/// Opens or creates `database`, which can be deleted at any time: it is read from the chain again.
/// `http` and `clock` must outlive the result. Errors: store.*
Result<std::unique_ptr<ChainFacts>> open_hub_facts(const net::HttpClient& http, const wire::Network& network,
                                                   const std::filesystem::path& database, const Clock& clock);

/// Blobs through the network's gateway, verified against their CIDs. `http` must outlive the result.
std::unique_ptr<BlobSource> open_gateway_blobs(const net::HttpClient& http, const wire::NetworkServices& services);

}  // namespace iapp::sms
