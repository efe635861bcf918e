#pragma once
// The way of answers back to the socket thread: those that come close together cost one wake-up.
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "net/internal/exchange.hpp"
#include "net/internal/stream.hpp"

namespace iapp::net::internal {

/// What became of a request.
struct Outcome {
    std::weak_ptr<Connection> connection;
    std::shared_ptr<Call> call;
    std::optional<Response> answer;  ///< nothing: its handler may run
};

/// Outlives the server, for those who still hold a request of it. Safe to share between threads.
class Outbox : public std::enable_shared_from_this<Outbox> {
public:
    explicit Outbox(asio::io_context& io) : io_(&io) {}

    /// Never blocks. What is put after close() is dropped.
    void put(Outcome outcome);

    /// Before the socket thread ends.
    void close();

private:
    void deliver();

    std::mutex mutex_;
    asio::io_context* io_;  ///< null after close()
    std::vector<Outcome> waiting_;
};

}  // namespace iapp::net::internal
