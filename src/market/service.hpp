#pragma once
// The order book: signed orders of the four kinds, kept truthful by following the hub, served to the npm clients and to
// ours. It never holds funds or keys, and it decides nothing a match depends on: the hub checks every order again.
#include <memory>

#include "base/clock.hpp"
#include "net/client.hpp"
#include "net/server.hpp"
#include "wire/network.hpp"

namespace iapp::market {

struct Options {
    std::uint64_t max_open_orders = 50;       ///< per signer and kind
    std::uint64_t requests_per_minute = 100;  ///< of one address; 0: no limit. Loopback has none
    bool is_behind_proxy = false;             ///< X-Real-IP and X-Forwarded-For are our proxy's words
};

/// `options` as the npm clients want a server of the book: pages of any origin by name, every refusal as
/// {"ok":false,"error":"..."}.
net::ServerOptions serving(net::ServerOptions options);

class Service {
public:
    /// Opens or creates the book in `database`, a file or a URL as store::Database::open takes it. `http` and `clock` must
    /// outlive the service. Errors: store.*
    static Result<std::unique_ptr<Service>> open(const std::string& database, const wire::Network& network,
                                                 const net::HttpClient& http, const Clock& clock);
    static Result<std::unique_ptr<Service>> open(const std::string& database, const wire::Network& network,
                                                 const net::HttpClient& http, const Clock& clock, const Options& options);
    ~Service();
    Service(Service&&) = delete;

    /// Adds every route. The server, made with serving(), must be stopped before the service is destroyed.
    void add_routes(net::HttpServer& server);

private:
    struct Impl;
    explicit Service(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace iapp::market
