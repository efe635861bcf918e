#pragma once
// One blocking connection of the client, plain or TLS, where every wait has a deadline.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/client.hpp"
#include "net/url.hpp"

namespace iapp::net::internal {

class ClientConnection {
public:
    virtual ~ClientConnection() = default;

    /// For every wait from now on. When `call.stop` fires, waits end with "net.cancelled".
    virtual void use(const CallContext& call) = 0;

    /// Errors: unavailable "net.closed"; deadline_exceeded "net.deadline"; cancelled "net.cancelled".
    virtual Status write(ByteView bytes) = 0;

    /// 0 is the peer's end. Errors: as write().
    virtual Result<std::size_t> read(std::span<std::uint8_t> out) = 0;

    /// Between two exchanges: the peer neither closed nor sent something unasked.
    virtual bool is_quiet() = 0;
};

/// Connects, and shakes hands for https; `tls` is needed for that alone. `connect_deadline` bounds this function.
/// Errors: permission_denied "net.private_address"; unavailable "net.resolve", "net.connect", "net.tls"; deadline_exceeded;
/// cancelled.
Result<std::unique_ptr<ClientConnection>> connect(boost::asio::io_context& io, boost::asio::ssl::context* tls,
                                                  const Url& url, const CallContext& call, Deadline connect_deadline,
                                                  Reach reach);

}  // namespace iapp::net::internal
