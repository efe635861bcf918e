#pragma once
// A connected byte stream of the server, plain or TLS, behind one virtual interface so that the code above is compiled once.
// All calls and completions happen on the server's socket thread. One read and one write may be under way at a time.
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <functional>
#include <memory>

namespace iapp::net::internal {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

class Stream {
public:
    using Done = std::move_only_function<void(ErrorCode, std::size_t)>;
    using Buffers = std::array<asio::const_buffer, 3>;

    virtual ~Stream() = default;
    virtual void handshake(Done done) = 0;
    virtual void read_some(asio::mutable_buffer into, Done done) = 0;
    virtual void write(Buffers all, Done done) = 0;  ///< completes when everything is written

    /// Says "no more from me"; with TLS also waits for the peer's answer.
    virtual void shutdown(Done done) = 0;
    virtual bool can_half_close() const = 0;
    virtual void close() = 0;  ///< at once; pending operations complete with an error
};

std::unique_ptr<Stream> make_plain_stream(Socket socket);
std::unique_ptr<Stream> make_tls_stream(Socket socket, asio::ssl::context& context);

}  // namespace iapp::net::internal
