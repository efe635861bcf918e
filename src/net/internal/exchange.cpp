#include "net/internal/exchange.hpp"

#include <boost/asio/post.hpp>
#include <charconv>

#include "net/internal/connection.hpp"

namespace iapp::net::internal {
namespace {

std::string chunk_size_line(std::size_t size)
{
    char digits[20];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, size, 16);
    return std::string(digits, end) + "\r\n";
}

}  // namespace

Result<std::size_t> StreamReader::read(std::span<std::uint8_t> out)
{
    if (taken_ == chunk_.size() && !is_done_ && !broken_) refill();
    if (broken_) return std::unexpected(*broken_);
    const std::size_t count = std::min(out.size(), chunk_.size() - taken_);
    std::ranges::copy(as_bytes(chunk_).subspan(taken_, count), out.begin());
    taken_ += count;
    return count;
}

void StreamReader::refill()
{
    chunk_.clear();
    taken_ = 0;
    Reply<Result<bool>> reply;
    asio::post(connection_->io(), [&] { connection_->pull(call_, chunk_, reply); });
    if (Result<bool> answer = reply.wait()) {
        is_done_ = *answer;
    } else {
        chunk_.clear();
        broken_ = std::move(answer).error();
    }
}

StreamWriter::StreamWriter(std::shared_ptr<Connection> connection, std::shared_ptr<Call> call, std::string head,
                           std::optional<std::uint64_t> size)
    : connection_(std::move(connection)),
      call_(std::move(call)),
      head_(std::move(head)),
      size_(size),
      is_chunked_(!size && call_->version == 11)
{
}

Status StreamWriter::write(ByteView bytes)
{
    if (bytes.empty()) return {};
    written_ += bytes.size();
    if (size_ && written_ > *size_)
        return fail(ErrorKind::internal, "net.stream_size", "a streamed answer is longer than it announced");
    if (!is_chunked_) return send("", bytes, "");
    return send(chunk_size_line(bytes.size()), bytes, "\r\n");
}

Status StreamWriter::finish()
{
    if (size_ && written_ != *size_)
        return fail(ErrorKind::internal, "net.stream_size", "a streamed answer is shorter than it announced");
    if (is_chunked_) return send("0\r\n\r\n", {}, "");
    return head_.empty() ? Status{} : send("", {}, "");
}

Status StreamWriter::send(std::string_view before, ByteView bytes, std::string_view after)
{
    head_ += before;
    Reply<Status> reply;
    const Stream::Buffers buffers{asio::buffer(head_), asio::buffer(bytes.data(), bytes.size()),
                                  asio::buffer(after.data(), after.size())};
    asio::post(connection_->io(), [&] { connection_->push(call_, buffers, reply); });
    Status written = reply.wait();
    head_.clear();
    return written;
}

}  // namespace iapp::net::internal
