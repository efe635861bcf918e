#pragma once
// One request on its way through the server, and the two ends a streaming handler holds: reader and writer.
// A handler's thread waits here while the socket thread moves bytes for it.
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "net/call_context.hpp"
#include "net/http.hpp"
#include "net/internal/router.hpp"

namespace iapp::net::internal {

class Connection;

/// A value one thread waits for and another sets, once.
template <class T>
class Reply {
public:
    void set(T value)
    {
        const std::lock_guard lock(mutex_);
        value_.emplace(std::move(value));
        ready_.notify_one();  // under the lock: the waiter may destroy this object right after
    }

    T wait()
    {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [this] { return value_.has_value(); });
        return *std::move(value_);
    }

private:
    std::mutex mutex_;
    std::condition_variable ready_;
    std::optional<T> value_;
};

/// Shared by the connection and the handler, because a handler may outlive its connection.
struct Call {
    Request request{};
    CallContext context{};
    std::stop_source stop{};
    const Route* route = nullptr;
    int version = 11;
    bool is_head = false;                ///< HEAD: the answer's body is not sent
    bool keep_alive = true;              ///< what the answer's head says; set before the handler runs
    bool has_answer_begun = false;       ///< a streamed answer's head is on the wire
    std::atomic<bool> has_left = false;  ///< the client closed its side
    std::chrono::steady_clock::time_point begun{};
};

/// Request::body_reader of streaming routes.
class StreamReader final : public BodyReader {
public:
    StreamReader(std::shared_ptr<Connection> connection, std::shared_ptr<Call> call)
        : connection_(std::move(connection)), call_(std::move(call))
    {
    }
    Result<std::size_t> read(std::span<std::uint8_t> out) override;

private:
    void refill();

    std::shared_ptr<Connection> connection_;
    std::shared_ptr<Call> call_;
    std::string chunk_;
    std::size_t taken_ = 0;
    bool is_done_ = false;
    std::optional<Error> broken_;  ///< an error is final: every later read answers it too
};

/// Sends a streamed answer: framing by Content-Length, by chunks, or by the end of the connection.
class StreamWriter final : public BodyWriter {
public:
    StreamWriter(std::shared_ptr<Connection> connection, std::shared_ptr<Call> call, std::string head,
                 std::optional<std::uint64_t> size);
    Status write(ByteView bytes) override;

    /// The last chunk, or the check that exactly `size` bytes were written.
    Status finish();

private:
    Status send(std::string_view before, ByteView bytes, std::string_view after);

    std::shared_ptr<Connection> connection_;
    std::shared_ptr<Call> call_;
    std::string head_;
    std::optional<std::uint64_t> size_;
    std::uint64_t written_ = 0;
    bool is_chunked_;
};

}  // namespace iapp::net::internal
