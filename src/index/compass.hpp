#pragma once
// Compass: where a workerpool's API answers. Clients ask it with a chain and a workerpool's address.
#include <map>
#include <string>

#include "net/server.hpp"
#include "wire/network.hpp"

namespace iapp::index {

class Compass {
public:
    /// Knows the network's own workerpools, if the document says where its scheduler answers.
    explicit Compass(const wire::Network& network);

    /// One more workerpool of this network. `api_url`: an origin. Replaces what was known of the pool.
    void add(const eth::Address& workerpool, std::string api_url);

    /// GET /{chainId}/workerpools/{address} -> {"apiUrl", "address", "chainId"}, or 404 with {"error"}. Addresses in any
    /// case. The server must be stopped before the compass is destroyed; it wants ServerOptions::cors.
    void add_routes(net::HttpServer& server) const;

private:
    std::uint64_t chain_id_;
    std::map<eth::Address, std::string> pools_;
};

}  // namespace iapp::index
