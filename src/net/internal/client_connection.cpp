#include "net/internal/client_connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <optional>

#include "net/internal/address_scope.hpp"
#include "net/internal/resolve.hpp"

namespace iapp::net::internal {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

/// A socket whose synchronous operations wait no longer than the deadline. TLS is stacked on it unchanged.
class WaitingSocket {
public:
    using executor_type = Socket::executor_type;
    using lowest_layer_type = Socket::lowest_layer_type;

    explicit WaitingSocket(asio::io_context& io) : socket_(io.get_executor()) {}

    executor_type get_executor() { return socket_.get_executor(); }
    lowest_layer_type& lowest_layer() { return socket_.lowest_layer(); }
    const lowest_layer_type& lowest_layer() const { return socket_.lowest_layer(); }

    void use(const CallContext& call)
    {
        on_stop_.reset();
        deadline_ = call.deadline;
        stop_ = call.stop;
        on_stop_.emplace(call.stop, Interrupt{socket_.native_handle()});
    }
    void limit(Deadline deadline) { deadline_ = deadline; }

    void connect(const asio::ip::tcp::endpoint& endpoint, ErrorCode& error)
    {
        socket_.close(error);
        socket_.open(endpoint.protocol(), error);
        if (!error) socket_.non_blocking(true, error);
        if (!error) socket_.set_option(asio::ip::tcp::no_delay(true), error);
        if (error) return;
        if (::connect(socket_.native_handle(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0) return;
        if (errno != EINPROGRESS) return error.assign(errno, asio::error::get_system_category());
        if (!wait(POLLOUT, error)) return;
        int failure = 0;
        socklen_t size = sizeof failure;
        ::getsockopt(socket_.native_handle(), SOL_SOCKET, SO_ERROR, &failure, &size);
        error.assign(failure, asio::error::get_system_category());
    }

    template <class Buffers>
    std::size_t read_some(const Buffers& buffers, ErrorCode& error)
    {
        if (std::exchange(has_asked_, false) && !wait(POLLIN, error)) return 0;  // an answer is never there at once
        while (true) {
            const std::size_t count = socket_.read_some(buffers, error);
            if (error != asio::error::would_block || !wait(POLLIN, error)) return count;
        }
    }

    template <class Buffers>
    std::size_t write_some(const Buffers& buffers, ErrorCode& error)
    {
        has_asked_ = true;
        while (true) {
            const std::size_t count = socket_.write_some(buffers, error);
            if (error != asio::error::would_block || !wait(POLLOUT, error)) return count;
        }
    }

    bool is_readable() const
    {
        pollfd entry{native(), POLLIN, 0};
        return ::poll(&entry, 1, 0) != 0;
    }

    /// An end that our own stop_callback made is not the peer's.
    bool is_real_end(const ErrorCode& error) const { return error == asio::error::eof && !stop_.stop_requested(); }

    /// What the caller of the client is told about `error`.
    std::unexpected<Error> explain(const ErrorCode& error) const
    {
        if (stop_.stop_requested()) return fail(ErrorKind::cancelled, "net.cancelled", "the call was asked to stop");
        if (error == asio::error::timed_out)
            return fail(ErrorKind::deadline_exceeded, "net.deadline", "the server did not answer in time; try again");
        return fail(ErrorKind::unavailable, "net.closed", "the connection broke: " + error.message());
    }

private:
    struct Interrupt {
        int socket;
        void operator()() const { ::shutdown(socket, SHUT_RDWR); }
    };

    int native() const { return const_cast<Socket&>(socket_).native_handle(); }

    bool wait(short events, ErrorCode& error)
    {
        error = {};
        pollfd entry{native(), events, 0};
        const auto span = static_cast<int>(std::min<std::int64_t>(time_left(deadline_).count(), 60'000));
        const int ready = span == 0 ? 0 : ::poll(&entry, 1, span);
        if (ready < 0 && errno != EINTR) error.assign(errno, asio::error::get_system_category());
        if (ready == 0 && time_left(deadline_).count() == 0) error = asio::error::timed_out;
        return !error;
    }

    Socket socket_;
    bool has_asked_ = false;  ///< written since the last read
    Deadline deadline_ = Deadline::max();
    std::stop_token stop_{};
    std::optional<std::stop_callback<Interrupt>> on_stop_{};
};

class PlainConnection final : public ClientConnection {
public:
    explicit PlainConnection(asio::io_context& io) : socket_(io) {}
    WaitingSocket& socket() { return socket_; }

    void use(const CallContext& call) override { socket_.use(call); }

    Status write(ByteView bytes) override
    {
        ErrorCode error;
        asio::write(socket_, asio::buffer(bytes.data(), bytes.size()), error);
        if (error) return socket_.explain(error);
        return {};
    }

    Result<std::size_t> read(std::span<std::uint8_t> out) override
    {
        ErrorCode error;
        const std::size_t count = socket_.read_some(asio::buffer(out.data(), out.size()), error);
        if (error && !socket_.is_real_end(error)) return socket_.explain(error);
        return count;
    }

    bool is_quiet() override { return !socket_.is_readable(); }

private:
    WaitingSocket socket_;
};

class TlsConnection final : public ClientConnection {
public:
    TlsConnection(asio::io_context& io, asio::ssl::context& context) : stream_(io, context) {}
    WaitingSocket& socket() { return stream_.next_layer(); }

    Status handshake(const std::string& host)
    {
        ErrorCode error;
        ErrorCode not_numeric;
        asio::ip::make_address(host, not_numeric);
        if (not_numeric) SSL_set_tlsext_host_name(stream_.native_handle(), host.c_str());
        stream_.set_verify_mode(asio::ssl::verify_peer, error);
        stream_.set_verify_callback(asio::ssl::host_name_verification(host), error);
        if (!error) stream_.handshake(asio::ssl::stream_base::client, error);
        if (!error) return {};
        if (error.category() == asio::error::get_ssl_category())
            return fail(ErrorKind::unavailable, "net.tls", "TLS with " + host + ": " + error.message());
        return socket().explain(error);
    }

    void use(const CallContext& call) override { socket().use(call); }

    Status write(ByteView bytes) override
    {
        ErrorCode error;
        asio::write(stream_, asio::buffer(bytes.data(), bytes.size()), error);
        if (error) return socket().explain(error);
        return {};
    }

    Result<std::size_t> read(std::span<std::uint8_t> out) override
    {
        ErrorCode error;
        const std::size_t count = stream_.read_some(asio::buffer(out.data(), out.size()), error);
        // An end without close_notify is an error (asio::ssl::error::stream_truncated), so a cut answer is never "complete".
        if (error && !socket().is_real_end(error)) return socket().explain(error);
        return count;
    }

    bool is_quiet() override { return SSL_pending(stream_.native_handle()) == 0 && !stream_.next_layer().is_readable(); }

private:
    asio::ssl::stream<WaitingSocket> stream_;
};

/// What of `endpoints` may be connected to.
Result<std::vector<asio::ip::tcp::endpoint>> within(Reach reach, std::vector<asio::ip::tcp::endpoint> endpoints,
                                                    const Url& url)
{
    if (reach == Reach::anywhere) return endpoints;
    std::erase_if(endpoints, [](const auto& endpoint) { return !is_public(endpoint.address()); });
    if (endpoints.empty())
        return fail(ErrorKind::permission_denied, "net.private_address",
                    url.host + " is not on the public internet; give a location that everybody can reach");
    return endpoints;
}

Status connect_socket(WaitingSocket& socket, const Url& url, Deadline deadline, Reach reach)
{
    TRY(auto found, resolve(url.host, url.port, deadline));
    TRY(const auto endpoints, within(reach, std::move(found), url));
    socket.limit(deadline);
    ErrorCode error;
    for (const auto& endpoint : endpoints) {
        socket.connect(endpoint, error);
        if (!error) return {};
    }
    const bool is_late = error == asio::error::timed_out;
    return fail(is_late ? ErrorKind::deadline_exceeded : ErrorKind::unavailable, is_late ? "net.deadline" : "net.connect",
                "cannot connect to " + url.origin() + ": " + error.message());
}

}  // namespace

Result<std::unique_ptr<ClientConnection>> connect(asio::io_context& io, asio::ssl::context* tls, const Url& url,
                                                  const CallContext& call, Deadline connect_deadline, Reach reach)
{
    TRY_OK(call.check());
    if (!url.is_tls()) {
        auto plain = std::make_unique<PlainConnection>(io);
        TRY_OK(connect_socket(plain->socket(), url, connect_deadline, reach));
        return plain;
    }
    auto secured = std::make_unique<TlsConnection>(io, *tls);
    TRY_OK(connect_socket(secured->socket(), url, connect_deadline, reach));
    secured->use(call);
    secured->socket().limit(connect_deadline);
    TRY_OK(secured->handshake(url.host));
    return secured;
}

}  // namespace iapp::net::internal
