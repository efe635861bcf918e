#pragma once
// The index: history of hub, registries, DataProtector and sharing as tables, asked with GraphQL as the two subgraphs.
// Never answers from behind: a read waits until the tables hold what the node has. It decides nothing and holds no secret.
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "net/client.hpp"
#include "net/server.hpp"
#include "wire/network.hpp"

namespace iapp::index {

class Service {
public:
    /// Opens or creates the tables in `database` and begins to follow the chain. `http` and `clock` must outlive the
    /// service. Errors: store.*
    static Result<std::unique_ptr<Service>> open(const std::string& database, const wire::Network& network,
                                                 const net::HttpClient& http, const Clock& clock);
    ~Service();
    Service(Service&&) = delete;

    /// POST /subgraphs/poco and /subgraphs/dataprotector, also /subgraphs/name/NETWORK/poco-v5 and .../dataprotector-v2:
    /// GraphQL over JSON. GET /status: {"chainId", "block": {"number", "hash", "timestamp"}}. While the chain cannot be read
    /// the answer is 503 with an errors member.
    /// The server must be stopped before the service is destroyed; it wants ServerOptions::cors.
    void add_routes(net::HttpServer& server);

private:
    struct Impl;
    explicit Service(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace iapp::index
