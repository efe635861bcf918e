#pragma once
// HTTP/1.1 server: one thread owns the sockets, a bounded pool runs handlers that are ordinary functions.
// A handler starts when the whole request is there (or, for streaming routes, its head), so a slow client holds no thread.
// Not a framework: no middleware, no sessions, no files.
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/call_context.hpp"
#include "net/http.hpp"

namespace iapp::net {

struct ServerTls {
    std::string certificate_chain_pem;
    std::string private_key_pem;
};

/// One answered request, for logs and metrics.
struct AccessRecord {
    std::string_view method;
    std::string_view route;  ///< the pattern, not the path: safe as a metric label; empty when none matched
    int status;
    std::chrono::microseconds duration;
    std::string_view request_id;
};

struct ServerOptions {
    std::string address = "127.0.0.1";  ///< a numeric address
    std::uint16_t port = 0;             ///< 0: the system chooses; see HttpServer::port()
    std::optional<ServerTls> tls{};
    bool cors = false;               ///< pages of any origin; GET HEAD POST PUT OPTIONS; authorization and content-type
    bool cors_names_origin = false;  ///< with `cors`: the page's origin instead of "*", and the headers it asks for

    /// How what the server refuses itself is worded (no such path, too large, busy); error_response() unless given.
    std::function<Response(int status, const Error&)> refuse{};

    std::size_t threads = 4;             ///< handlers that run at the same time
    std::size_t queue = 128;             ///< complete requests that may wait for a thread; one more is answered 503 at once
    std::size_t max_connections = 1024;  ///< one more takes the place of the longest idle one, or is answered 503
    std::size_t max_header_bytes = 16 * 1024;
    std::uint64_t max_body_bytes = 1024 * 1024;
    std::uint64_t max_buffered_bytes = 64 * 1024 * 1024;  ///< bodies of all connections together; one more is answered 503

    std::chrono::milliseconds header_timeout{10'000};   ///< TLS handshake; first byte to the end of the head
    std::chrono::milliseconds body_timeout{30'000};     ///< each wait for more of the body, and each write
    std::uint64_t min_body_bytes_per_second = 4096;     ///< of a whole body, after body_timeout; streaming routes decide
    std::chrono::milliseconds idle_timeout{60'000};     ///< between two requests of a connection
    std::chrono::milliseconds handler_timeout{30'000};  ///< CallContext::deadline; then the client gets 504
    std::chrono::milliseconds drain_timeout{10'000};    ///< what stop() grants requests in flight

    std::function<void(const AccessRecord&)> observer{};  ///< called on pool and socket threads; must not block
};

using Handler = std::function<Response(const Request&, const CallContext&)>;

/// A handler that may fail: an error is answered with error_response().
Handler answering(std::function<Result<Response>(const Request&, const CallContext&)> handler);

namespace internal {
class Connection;
class Outbox;
struct Call;
}  // namespace internal

/// A request whose answer comes from any thread. When none comes in the handler's time, the client gets 504.
class Pending {
public:
    Pending(std::shared_ptr<internal::Outbox> outbox, std::weak_ptr<internal::Connection> connection,
            std::shared_ptr<internal::Call> call);

    const Request& request() const;
    const CallContext& context() const;

    /// Whether the client of a watched route (RouteOptions::is_watched) has closed its side, or nobody waits for an answer
    /// any more. Who only closed its sending side is still answered.
    bool has_left() const;

    /// Never blocks; keeps neither the server nor the connection alive. Of several answers the first counts.
    void answer(Response response) &&;

protected:
    void send(std::optional<Response> answer) &&;

private:
    std::shared_ptr<internal::Outbox> outbox_;
    std::weak_ptr<internal::Connection> connection_;
    std::shared_ptr<internal::Call> call_;
};

/// A handler that keeps no thread while it waits.
using LateHandler = std::function<void(Pending)>;

/// A request that waits for something many wait for together. answer() ends the wait without the handler, proceed() with it.
class Waiting : public Pending {
public:
    using Pending::Pending;

    /// The handler runs, on the pool.
    void proceed() && { std::move(*this).send(std::nullopt); }
};

struct RouteOptions {
    std::optional<std::uint64_t> max_body_bytes{};       ///< instead of the server's
    std::optional<std::chrono::milliseconds> timeout{};  ///< instead of handler_timeout
    bool stream_request = false;  ///< the handler reads Request::body_reader; it owns a thread meanwhile
    bool is_instant = false;      ///< the handler takes microseconds and never blocks: it runs on the socket thread
    /// Sees each request first, its query still unread, on the socket thread: must not block.
    std::function<void(Waiting)> gate{};
    /// The answer may take long: the connection is read meanwhile, so that Pending::has_left() knows. One more read each.
    bool is_watched = false;
};

class HttpServer {
public:
    explicit HttpServer(ServerOptions options = {});
    ~HttpServer();  ///< stop()
    HttpServer(HttpServer&&) = delete;

    /// Adds a route before start(). `pattern`: "/tasks/{id}" where {id} is one segment, {rest...} one or more.
    /// Literal segments win over parameters. A GET route answers HEAD too, unless HEAD has its own.
    void route(std::string_view method, std::string_view pattern, Handler handler, RouteOptions options = {});

    /// As route(). RouteOptions::stream_request does not go with it.
    void route_late(std::string_view method, std::string_view pattern, LateHandler handler, RouteOptions options = {});

    /// Listens and serves. Errors: unavailable "net.listen", invalid_input "net.address", "net.tls_identity".
    Status start();

    std::uint16_t port() const;
    std::string origin() const;  ///< "http://127.0.0.1:PORT"

    /// Graceful: accepts nothing new, lets requests in flight finish within drain_timeout, then asks them to stop
    /// (CallContext::stop), closes every connection and joins all threads. Idempotent.
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace iapp::net
