// The second half of Connection: answers, time limits and the end of the connection.
#include "base/log.hpp"
#include "net/internal/answer.hpp"
#include "net/internal/connection.hpp"

namespace iapp::net::internal {
namespace {

constexpr std::size_t kJoinBelowBytes = 16 * 1024;  ///< a smaller body is copied behind its head: one buffer, one TLS record
constexpr std::chrono::milliseconds kLinger{2'000};
constexpr std::chrono::milliseconds kHandlerGrace{250};  ///< so that a handler that sees its deadline can say so itself

}  // namespace

/// Bodies of all connections share one budget: many that come slowly or are read slowly cannot fill the memory.
bool Connection::hold(std::size_t bytes)
{
    server_.buffered = server_.buffered - held_ + bytes;
    held_ = bytes;
    return server_.buffered <= server_.options.max_buffered_bytes;
}

void Connection::respond(Response response)
{
    if (!hold(held_ + response.body.size()) && response.body.size() > kJoinBelowBytes)
        response = refusal(server_.options, out_of_room());
    if (keep_alive_ && !parser_->done()) {  // a handler may stop before the end marker that is already here
        std::string rest;
        const auto eaten = parser_->put(ByteView(input_).subspan(begin_, end_ - begin_), rest);
        if (eaten) begin_ += *eaten;
        keep_alive_ = keep_alive_ && parser_->done() && rest.empty();
    }
    phase_ = Phase::answer;
    call_->keep_alive = keep_alive_;
    const std::optional<std::uint64_t> size = response.stream ? response.stream_size : std::optional(response.body.size());
    Result<std::string> head = encode_head(*call_, response, size, server_.options, std::move(out_head_));
    if (!head) return refuse_and_close(head.error());

    record(response.status);
    out_head_ = *std::move(head);
    out_body_ = call_->is_head || response.status == 204 || response.status == 304 ? "" : std::move(response.body);
    if (out_body_.size() < kJoinBelowBytes) {
        out_head_ += out_body_;
        out_body_.clear();
    }
    wait_at_most(server_.options.body_timeout);
    stream_->write({asio::buffer(out_head_), asio::buffer(out_body_), {}},
                   [self = shared_from_this()](ErrorCode error, std::size_t) {
                       if (self->phase_ == Phase::closed) return;
                       if (error) return self->close();
                       self->after_answer();
                   });
}

void Connection::respond_and_close(Response response)
{
    keep_alive_ = false;
    respond(std::move(response));
}

void Connection::refuse(const Error& error) { respond(refusal(server_.options, error)); }

void Connection::refuse_and_close(const Error& error) { respond_and_close(refusal(server_.options, error)); }

void Connection::push(const std::shared_ptr<Call>& call, Stream::Buffers buffers, Reply<Status>& reply)
{
    if (call != call_ || phase_ != Phase::handler)
        return reply.set(fail(ErrorKind::cancelled, "net.cancelled", "the request is over"));
    call->has_answer_begun = true;
    wait_at_most(server_.options.body_timeout);
    stream_->write(buffers, [self = shared_from_this(), &reply](ErrorCode error, std::size_t) {
        self->wait_forever();
        if (!error) return reply.set({});
        reply.set(fail(ErrorKind::unavailable, "net.closed", "the client is gone or reads too slowly"));
    });
}

void Connection::finish_stream(const std::shared_ptr<Call>& call, int status, const Status& written)
{
    if (call != call_ || phase_ != Phase::handler) return;
    if (!written && !call->has_answer_begun) return refuse(written.error());
    record(status);
    if (!written) {  // the head promised more: only a broken connection tells the client
        log::warning("streamed answer broke off",
                     {{"reason", written.error().reason}, {"request", call->context.request_id}});
        return close();
    }
    keep_alive_ = keep_alive_ && call->keep_alive && parser_->done();
    after_answer();
}

void Connection::record(int status)
{
    if (!server_.options.observer) return;
    const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(Deadline::clock::now() - call_->begun);
    const std::string_view route = call_->route ? std::string_view(call_->route->pattern) : std::string_view{};
    server_.options.observer({call_->request.method, route, status, duration, call_->context.request_id});
}

void Connection::after_answer()
{
    if (keep_alive_ && !server_.is_stopping) return next_request();
    if (call_->keep_alive && parser_->done()) return close();  // as between two requests: the client expects no end to read
    linger();
}

void Connection::next_request()
{
    if (server_.is_stopping) return close();
    call_.reset();
    hold(0);
    parser_->reset();
    phase_ = Phase::idle;
    idle_since_ = Deadline::clock::now();
    wait_at_most(server_.options.idle_timeout);
    progress_head();
}

/// Closing while the peer still sends would make its kernel throw our answer away: say we are done, then read to the end.
void Connection::linger()
{
    phase_ = Phase::linger;
    begin_ = end_ = 0;
    wait_at_most(kLinger);
    if (!parser_->done() && !stream_->can_half_close()) return read_more();
    stream_->shutdown([self = shared_from_this()](ErrorCode error, std::size_t) {
        if (error) return self->close();
        self->read_more();
    });
}

void Connection::close()
{
    if (phase_ == Phase::closed) return;
    const auto self = shared_from_this();
    phase_ = Phase::closed;
    wait_forever();
    stream_->close();
    answer_pull(fail(ErrorKind::unavailable, "net.closed", "the connection is closed"));
    if (call_) call_->stop.request_stop();
    call_.reset();
    hold(0);
    server_.connections.erase(this);
}

std::optional<Deadline> Connection::idle_since() const
{
    const bool is_waiting = phase_ == Phase::handshake || phase_ == Phase::idle || phase_ == Phase::head;
    return is_waiting ? std::optional(idle_since_) : std::nullopt;
}

void Connection::drain()
{
    keep_alive_ = false;
    if (phase_ == Phase::idle || phase_ == Phase::handshake) close();
}

void Connection::cut() { close(); }

void Connection::tick(Deadline now)
{
    if (now >= io_deadline_) return expire();
    if (phase_ == Phase::handler && now - kHandlerGrace >= call_->context.deadline) give_up_handler();
}

/// The peer made us wait too long.
void Connection::expire()
{
    const bool is_in_message = phase_ == Phase::head || phase_ == Phase::body;
    if (is_in_message) {
        if (!call_) call_ = std::make_shared<Call>();
        return refuse_and_close(
            {ErrorKind::invalid_input, "http.slow", "the request did not arrive in time; send it faster"});
    }
    if (phase_ != Phase::handler || !pull_reply_) return close();
    keep_alive_ = false;
    answer_pull(fail(ErrorKind::deadline_exceeded, "http.slow", "the body did not arrive in time; send it faster"));
}

/// The handler is too slow: the client gets its answer now, the handler is asked to stop and its answer is dropped.
void Connection::give_up_handler()
{
    const std::shared_ptr<Call> late = call_;
    if (late->has_answer_begun) return close();
    answer_pull(fail(ErrorKind::deadline_exceeded, "net.deadline", "the call ran out of time"));
    call_ = std::make_shared<Call>();
    call_->context.request_id = late->context.request_id;
    call_->request.method = late->request.method;
    call_->request.headers = late->request.headers;
    call_->route = late->route;
    call_->version = late->version;
    call_->is_head = late->is_head;
    call_->begun = late->begun;
    late->stop.request_stop();
    refuse_and_close({ErrorKind::deadline_exceeded, "net.deadline", "the service did not finish in time; try again"});
}

}  // namespace iapp::net::internal
