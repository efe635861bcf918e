#pragma once
// The result proxy of iExec's stack: where workers that are not ours leave a result, under their pool's authorization. What
// it takes is public; what it stores is content-addressed. Our own agents store their results themselves.
#include <filesystem>
#include <memory>

#include "base/clock.hpp"
#include "net/client.hpp"
#include "net/server.hpp"
#include "poco/deal.hpp"
#include "wire/network.hpp"

namespace iapp::resultproxy {

inline constexpr std::uint64_t kMaxUploadBytes = std::uint64_t{64} << 20;  ///< of the JSON body

/// What the proxy asks the chain. Unknown ids are all zero, as the hub answers. Errors: unavailable when no node answers.
class ChainFacts {
public:
    virtual ~ChainFacts() = default;
    virtual Result<poco::Task> task(const poco::TaskId& id, const net::CallContext& call) = 0;
    virtual Result<poco::Deal> deal(const poco::DealId& id, const net::CallContext& call) = 0;
    virtual Result<poco::Contribution> contribution(const poco::TaskId& id, const eth::Address& worker,
                                                    const net::CallContext& call) = 0;
};

class Service {
public:
    /// Opens or makes the state in `directory` (0700): its database, and the key of its tokens (0600).
    /// Errors: unavailable "result_proxy.io"; precondition_failed "result_proxy.mode"; corrupt "result_proxy.key"; store.*
    static Result<std::unique_ptr<Service>> open(const std::filesystem::path& directory, const wire::Network& network,
                                                 const net::HttpClient& http, const Clock& clock);
    /// As above with other facts, which must outlive the service.
    static Result<std::unique_ptr<Service>> open(const std::filesystem::path& directory,
                                                 const wire::NetworkServices& services, ChainFacts& chain,
                                                 const net::HttpClient& http, const Clock& clock);
    ~Service();
    Service(Service&&) = delete;

    /// Adds every route. The server must be stopped before the service is destroyed; it wants ServerOptions::cors.
    void add_routes(net::HttpServer& server);

private:
    struct Impl;
    explicit Service(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace iapp::resultproxy
