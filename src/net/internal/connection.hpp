#pragma once
// One client connection of the server: reads requests in order, hands complete ones to the pool, writes the answers.
// Everything here runs on the socket thread, except what StreamReader and StreamWriter (exchange.hpp) post to it.
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <unordered_map>

#include "net/internal/exchange.hpp"
#include "net/internal/outbox.hpp"
#include "net/internal/parser.hpp"
#include "net/internal/pool.hpp"
#include "net/internal/router.hpp"
#include "net/internal/stream.hpp"
#include "net/server.hpp"

namespace iapp::net::internal {

/// What the connections of one server share. Used on the socket thread, except `pool`, `outbox` and `options`.
struct ServerState {
    explicit ServerState(ServerOptions o) : options(std::move(o)) {}

    ServerOptions options;
    Router router;
    asio::io_context io{1};
    std::unique_ptr<Pool> pool;
    std::shared_ptr<Outbox> outbox = std::make_shared<Outbox>(io);
    std::unordered_map<Connection*, std::shared_ptr<Connection>> connections;
    std::uint64_t buffered = 0;  ///< bytes of bodies that all connections hold
    bool is_stopping = false;
    std::uint64_t requests = 0;
    std::string request_prefix;  ///< differs between processes, so that ids in joined logs do too
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(ServerState& server, std::unique_ptr<Stream> stream, std::string peer);

    void start();

    /// Called a few times a second: ends what waits too long.
    void tick(Deadline now);

    /// The server drains: ends the connection now if it is between requests, else after the answer.
    void drain();

    /// Ends the connection now and asks its handler to stop.
    void cut();

    /// Since when it waits for its peer's next request; nothing while one is under way.
    std::optional<Deadline> idle_since() const;

    asio::io_context& io() { return server_.io; }

    // From other threads, through the outbox or post(). A call that is no longer the current one is answered with an error.

    /// The answer, or nothing: the handler runs. Nothing happens to a call that is no longer the current one.
    void settle(const std::shared_ptr<Call>& call, std::optional<Response> answer);
    void pull(const std::shared_ptr<Call>& call, std::string& chunk, Reply<Result<bool>>& reply);
    void push(const std::shared_ptr<Call>& call, Stream::Buffers buffers, Reply<Status>& reply);
    void finish_stream(const std::shared_ptr<Call>& call, int status, const Status& written);

private:
    enum class Phase { handshake, idle, head, body, handler, answer, linger, closed };

    void read_more();
    void refuse_long_line();
    void on_read(ErrorCode error, std::size_t count);
    void progress();
    void progress_head();
    void progress_body();
    void progress_pull();
    void on_head();
    Status take_head();
    Status take_query();
    void route();
    void accept_body();
    void dispatch();
    void handle_now();
    void submit();
    void run(const std::shared_ptr<Call>& call);
    void run_late(const LateHandler& handler, const std::shared_ptr<Call>& call);
    void run_stream(const std::shared_ptr<Call>& call, const Response& response);
    void respond(Response response);
    void refuse(const Error& error);
    void refuse_and_close(const Error& error);
    void respond_and_close(Response response);
    void after_answer();
    void record(int status);
    void give_up_handler();
    void next_request();
    void linger();
    void close();
    void answer_pull(Result<bool> result);
    void expire();
    void wait_for_body();
    bool hold(std::size_t bytes);
    void wait_at_most(std::chrono::milliseconds span) { io_deadline_ = deadline_in(span); }
    void wait_forever() { io_deadline_ = Deadline::max(); }

    ServerState& server_;
    std::unique_ptr<Stream> stream_;
    std::string peer_;
    std::unique_ptr<Parser> parser_;
    Phase phase_ = Phase::handshake;
    Deadline io_deadline_ = Deadline::max();  ///< of the wait for the peer
    Deadline idle_since_;
    std::size_t held_ = 0;  ///< our part of ServerState::buffered
    bool is_reading_ = false;
    bool keep_alive_ = true;

    Bytes input_;  ///< bytes [begin_, end_) are read and not yet parsed
    std::size_t begin_ = 0;
    std::size_t end_ = 0;

    std::shared_ptr<Call> call_;
    std::uint64_t body_limit_ = 0;
    std::uint64_t body_seen_ = 0;
    std::string* pull_chunk_ = nullptr;
    Reply<Result<bool>>* pull_reply_ = nullptr;
    std::string out_head_;
    std::string out_body_;
};

}  // namespace iapp::net::internal
