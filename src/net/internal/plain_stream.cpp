#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "net/internal/stream.hpp"

namespace iapp::net::internal {
namespace {

class PlainStream final : public Stream {
public:
    explicit PlainStream(Socket socket) : socket_(std::move(socket)) {}

    void handshake(Done done) override
    {
        asio::post(socket_.get_executor(), [done = std::move(done)]() mutable { done({}, 0); });
    }
    void read_some(asio::mutable_buffer into, Done done) override { socket_.async_read_some(into, std::move(done)); }
    void write(Buffers all, Done done) override { asio::async_write(socket_, all, std::move(done)); }

    void shutdown(Done done) override
    {
        ErrorCode error;
        socket_.shutdown(Socket::shutdown_send, error);
        asio::post(socket_.get_executor(), [done = std::move(done), error]() mutable { done(error, 0); });
    }
    bool can_half_close() const override { return true; }
    void close() override
    {
        ErrorCode ignored;
        socket_.close(ignored);
    }

private:
    Socket socket_;
};

}  // namespace

std::unique_ptr<Stream> make_plain_stream(Socket socket) { return std::make_unique<PlainStream>(std::move(socket)); }

}  // namespace iapp::net::internal
