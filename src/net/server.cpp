#include "net/server.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "net/internal/connection.hpp"
#include "net/internal/stream.hpp"

namespace iapp::net {

namespace asio = boost::asio;
using internal::Connection;
using internal::ErrorCode;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                                         asio::io_context::executor_type>;

namespace {

constexpr std::chrono::milliseconds kTick{50};  ///< resolution of every time limit

std::string endpoint_text(const asio::ip::tcp::endpoint& endpoint)
{
    const std::string address = endpoint.address().to_string();
    const std::string host = endpoint.address().is_v6() ? "[" + address + "]" : address;
    return host + ":" + std::to_string(endpoint.port());
}

/// Six hex digits that differ from process to process and from server to server.
std::string request_prefix(const void* server)
{
    static constexpr char kDigits[] = "0123456789abcdef";
    const auto now = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    std::uint64_t mixed = (now ^ reinterpret_cast<std::uintptr_t>(server)) * 0x9E3779B97F4A7C15U;
    std::string out;
    for (int i = 0; i < 6; ++i, mixed <<= 4) out += kDigits[mixed >> 60];
    return out + "-";
}

/// The calling thread works in short turns and should get them soon, also where every processor is busy: since Linux 6.12 a
/// thread may ask for that. Without it, it waits up to a whole turn of each neighbour. Best effort.
void ask_for_short_slices()
{
    struct {
        std::uint32_t size, policy;
        std::uint64_t flags;
        std::int32_t nice;
        std::uint32_t priority;
        std::uint64_t runtime, deadline, period;
    } wanted{};  // struct sched_attr of linux/sched/types.h, first version
    wanted.size = sizeof wanted;
    constexpr std::uint64_t kNanoseconds = 100'000;
    wanted.runtime = kNanoseconds;
    (void)::syscall(SYS_sched_setattr, 0, &wanted, 0U);
}

Result<std::unique_ptr<asio::ssl::context>> make_tls_context(const ServerTls& tls)
{
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    ErrorCode error;
    context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                             asio::ssl::context::no_tlsv1_1 | SSL_OP_NO_RENEGOTIATION,
                         error);
    if (!error) context->use_certificate_chain(asio::buffer(tls.certificate_chain_pem), error);
    if (!error) context->use_private_key(asio::buffer(tls.private_key_pem), asio::ssl::context::pem, error);
    if (error) return fail(ErrorKind::invalid_input, "net.tls_identity", "certificate or key: " + error.message());
    return context;
}

}  // namespace

struct HttpServer::Impl {
    explicit Impl(ServerOptions o) : state(std::move(o)) {}

    Status listen();
    void accept();
    void on_accept(internal::Socket socket);
    bool evict_idle();
    void arm_tick();
    void on_tick();
    void begin_drain();
    void tell_drained();

    internal::ServerState state;
    Acceptor acceptor{state.io};
    Timer timer{state.io};
    bool is_tick_armed = false;
    bool is_accept_paused = false;
    std::unique_ptr<asio::ssl::context> tls;
    std::uint16_t port = 0;
    bool is_running = false;
    std::thread thread;

    std::mutex drained_mutex;
    std::condition_variable drained;
    bool is_drained = false;
};

Handler answering(std::function<Result<Response>(const Request&, const CallContext&)> handler)
{
    return [handler = std::move(handler)](const Request& request, const CallContext& call) {
        Result<Response> answer = handler(request, call);
        return answer ? *std::move(answer) : error_response(answer.error());
    };
}

HttpServer::HttpServer(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

HttpServer::~HttpServer() { stop(); }

void HttpServer::route(std::string_view method, std::string_view pattern, Handler handler, RouteOptions options)
{
    impl_->state.router.add({std::string(method), std::string(pattern), std::move(handler), std::move(options)});
}

void HttpServer::route_late(std::string_view method, std::string_view pattern, LateHandler handler, RouteOptions options)
{
    options.stream_request = false;
    impl_->state.router.add({std::string(method), std::string(pattern), std::move(handler), std::move(options)});
}

std::uint16_t HttpServer::port() const { return impl_->port; }

std::string HttpServer::origin() const
{
    const std::string& address = impl_->state.options.address;
    const std::string host = address.contains(':') ? "[" + address + "]" : address;
    return (impl_->tls ? "https://" : "http://") + host + ":" + std::to_string(impl_->port);
}

Status HttpServer::Impl::listen()
{
    ErrorCode error;
    const auto address = asio::ip::make_address(state.options.address, error);
    if (error) return fail(ErrorKind::invalid_input, "net.address", state.options.address + " is not a numeric address");
    const asio::ip::tcp::endpoint endpoint(address, state.options.port);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(Acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error)
        return fail(ErrorKind::unavailable, "net.listen",
                    "cannot listen on " + endpoint_text(endpoint) + ": " + error.message());
    port = acceptor.local_endpoint(error).port();
    return {};
}

Status HttpServer::start()
{
    Impl& impl = *impl_;
    if (impl.state.options.tls) {
        TRY(impl.tls, make_tls_context(*impl.state.options.tls));
    }
    TRY_OK(impl.listen());
    impl.state.request_prefix = request_prefix(this);
    impl.state.pool = std::make_unique<internal::Pool>(impl.state.options.threads, impl.state.options.queue);
    impl.accept();
    impl.is_running = true;
    impl.thread = std::thread([&impl] {
        ask_for_short_slices();
        const auto stay = asio::make_work_guard(impl.state.io);
        impl.state.io.run();
    });
    return {};
}

void HttpServer::Impl::accept()
{
    acceptor.async_accept(state.io.get_executor(), [this](ErrorCode error, internal::Socket socket) {
        if (!acceptor.is_open()) return;
        if (error) {  // most likely no descriptors left: try again at the next tick
            log::warning("accept failed", {{"error", error.message()}});
            is_accept_paused = true;
            return arm_tick();
        }
        on_accept(std::move(socket));
        accept();
    });
}

void HttpServer::Impl::on_accept(internal::Socket socket)
{
    if (state.connections.size() >= state.options.max_connections && !evict_idle()) {
        static constexpr std::string_view kFull =
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        ErrorCode ignored;
        socket.non_blocking(true, ignored);
        if (!tls) socket.write_some(asio::buffer(kFull), ignored);
        return;
    }
    ErrorCode error;
    socket.set_option(asio::ip::tcp::no_delay(true), error);
    const auto peer = socket.remote_endpoint(error);
    if (error) return;  // gone already
    auto stream = tls ? internal::make_tls_stream(std::move(socket), *tls) : internal::make_plain_stream(std::move(socket));
    const auto connection = std::make_shared<Connection>(state, std::move(stream), endpoint_text(peer));
    state.connections.emplace(connection.get(), connection);
    connection->start();
    arm_tick();
}

/// Whoever holds connections open without asking anything makes room for who comes: true when one did.
bool HttpServer::Impl::evict_idle()
{
    std::shared_ptr<Connection> longest;
    for (const auto& [key, connection] : state.connections) {
        const auto since = connection->idle_since();
        if (since && (!longest || *since < *longest->idle_since())) longest = connection;
    }
    if (longest) longest->cut();
    return longest != nullptr;
}

void HttpServer::Impl::arm_tick()
{
    if (is_tick_armed) return;
    is_tick_armed = true;
    timer.expires_after(kTick);
    timer.async_wait([this](ErrorCode) { on_tick(); });
}

void HttpServer::Impl::on_tick()
{
    is_tick_armed = false;
    const Deadline now = Deadline::clock::now();
    std::vector<std::shared_ptr<Connection>> all;  // a tick may end connections
    all.reserve(state.connections.size());
    for (const auto& [key, connection] : state.connections) all.push_back(connection);
    for (const auto& connection : all) connection->tick(now);

    if (std::exchange(is_accept_paused, false) && acceptor.is_open()) accept();
    if (!state.connections.empty()) return arm_tick();
    if (state.is_stopping) tell_drained();
}

void HttpServer::Impl::begin_drain()
{
    state.is_stopping = true;
    ErrorCode ignored;
    acceptor.close(ignored);
    std::vector<std::shared_ptr<Connection>> all;
    all.reserve(state.connections.size());
    for (const auto& [key, connection] : state.connections) all.push_back(connection);
    for (const auto& connection : all) connection->drain();
    if (state.connections.empty()) return tell_drained();
    arm_tick();
}

void HttpServer::Impl::tell_drained()
{
    const std::lock_guard lock(drained_mutex);
    is_drained = true;
    drained.notify_one();
}

void HttpServer::stop()
{
    Impl& impl = *impl_;
    if (!std::exchange(impl.is_running, false)) return;
    asio::post(impl.state.io, [&impl] { impl.begin_drain(); });
    {
        std::unique_lock lock(impl.drained_mutex);
        impl.drained.wait_for(lock, impl.state.options.drain_timeout, [&impl] { return impl.is_drained; });
    }
    asio::post(impl.state.io, [&impl] {
        while (!impl.state.connections.empty()) std::shared_ptr(impl.state.connections.begin()->second)->cut();
    });
    impl.state.outbox->close();
    impl.state.pool->close();  // handlers that were asked to stop return; the socket thread still serves them
    impl.state.io.stop();
    impl.thread.join();
}

}  // namespace iapp::net
