#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "net/internal/stream.hpp"

namespace iapp::net::internal {
namespace {

class TlsStream final : public Stream {
public:
    TlsStream(Socket socket, asio::ssl::context& context) : stream_(std::move(socket), context) {}

    void handshake(Done done) override
    {
        stream_.async_handshake(asio::ssl::stream_base::server,
                                [done = std::move(done)](ErrorCode error) mutable { done(error, 0); });
    }
    void read_some(asio::mutable_buffer into, Done done) override { stream_.async_read_some(into, std::move(done)); }
    void write(Buffers all, Done done) override { asio::async_write(stream_, all, std::move(done)); }
    void shutdown(Done done) override
    {
        stream_.async_shutdown([done = std::move(done)](ErrorCode error) mutable { done(error, 0); });
    }
    bool can_half_close() const override { return false; }
    void close() override
    {
        ErrorCode ignored;
        stream_.lowest_layer().close(ignored);
    }

private:
    asio::ssl::stream<Socket> stream_;
};

}  // namespace

std::unique_ptr<Stream> make_tls_stream(Socket socket, asio::ssl::context& context)
{
    return std::make_unique<TlsStream>(std::move(socket), context);
}

}  // namespace iapp::net::internal
