#include "net/internal/connection.hpp"

#include <boost/asio/post.hpp>
#include <exception>

#include "base/log.hpp"
#include "net/internal/answer.hpp"
#include "net/internal/text.hpp"

namespace iapp::net::internal {
namespace {

constexpr std::size_t kInputBytes = 16 * 1024;
constexpr std::size_t kStreamInputBytes = 64 * 1024;

std::unexpected<Error> body_too_large(std::uint64_t limit)
{
    return fail(ErrorKind::invalid_input, "http.body_size",
                "the body is larger than " + std::to_string(limit) + " bytes; send less");
}

/// RFC 9112 3.2: origin form, absolute form (path kept), or "*".
std::string_view origin_form(std::string_view target)
{
    const std::size_t scheme = target.starts_with('/') ? target.npos : target.find("://");
    if (scheme == target.npos) return target;
    const std::size_t path = target.find_first_of("/?", scheme + 3);
    return path == target.npos ? "/" : target.substr(path);
}

Response call_handler(const Handler& handler, const Call& call, const ServerOptions& options)
{
    try {
        return handler(call.request, call.context);
    } catch (const std::exception& error) {
        return refusal(options, {ErrorKind::internal, "net.handler", error.what()});
    }
}

Status call_stream(const BodySource& stream, BodyWriter& out)
{
    try {
        return stream(out);
    } catch (const std::exception& error) {
        return fail(ErrorKind::internal, "net.handler", error.what());
    }
}

}  // namespace

Connection::Connection(ServerState& server, std::unique_ptr<Stream> stream, std::string peer)
    : server_(server),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      parser_(make_request_parser(server.options.max_header_bytes)),
      idle_since_(Deadline::clock::now()),
      input_(std::max(kInputBytes, server.options.max_header_bytes))
{
}

void Connection::start()
{
    wait_at_most(server_.options.header_timeout);
    stream_->handshake([self = shared_from_this()](ErrorCode error, std::size_t) {
        if (error) return self->close();
        self->next_request();
    });
}

// ---- reading -------------------------------------------------------------------------------------------------

void Connection::read_more()
{
    if (is_reading_ || phase_ == Phase::closed) return;
    if (begin_ > 0) {
        std::copy(input_.begin() + static_cast<std::ptrdiff_t>(begin_), input_.begin() + static_cast<std::ptrdiff_t>(end_),
                  input_.begin());
        end_ -= begin_;
        begin_ = 0;
    }
    if (end_ == input_.size()) return refuse_long_line();
    is_reading_ = true;
    stream_->read_some(asio::buffer(input_.data() + end_, input_.size() - end_),
                       [self = shared_from_this()](ErrorCode error, std::size_t count) { self->on_read(error, count); });
}

void Connection::refuse_long_line()
{
    const Error error{ErrorKind::resource_exhausted, "http.head_size",
                      "one line of the message is longer than the server reads"};
    if (phase_ != Phase::handler) return refuse_and_close(error);
    keep_alive_ = false;
    answer_pull(std::unexpected(error));
}

void Connection::on_read(ErrorCode error, std::size_t count)
{
    is_reading_ = false;
    if (phase_ == Phase::closed) return;
    if (phase_ == Phase::linger) {
        end_ = 0;
        return error ? close() : read_more();
    }
    if (error) {
        answer_pull(fail(ErrorKind::unavailable, "net.closed", "the client closed the connection inside its request"));
        if (phase_ != Phase::handler && phase_ != Phase::answer) return close();
        call_->has_left = true;
        keep_alive_ = false;  // it may have closed one side only: it gets its answer
        return;
    }
    end_ += count;
    progress();
}

void Connection::progress()
{
    if (phase_ == Phase::idle || phase_ == Phase::head) return progress_head();
    if (phase_ == Phase::body) return progress_body();
    if (phase_ == Phase::handler && pull_reply_) return progress_pull();
}

void Connection::progress_head()
{
    if (begin_ < end_ && phase_ == Phase::idle) {
        phase_ = Phase::head;
        wait_at_most(server_.options.header_timeout);
    }
    std::string none;
    const auto eaten = parser_->put(ByteView(input_).subspan(begin_, end_ - begin_), none);
    if (!eaten) {
        call_ = std::make_shared<Call>();
        return refuse_and_close(eaten.error());
    }
    begin_ += *eaten;
    if (!parser_->head_done()) return read_more();
    on_head();
}

// ---- the request's head --------------------------------------------------------------------------------------

void Connection::on_head()
{
    call_ = std::make_shared<Call>();
    call_->begun = Deadline::clock::now();
    keep_alive_ = parser_->keep_alive() && !server_.is_stopping;
    if (const Status taken = take_head(); !taken) return refuse_and_close(taken.error());
    route();
}

Status Connection::take_head()
{
    Head& head = parser_->head();
    Request& request = call_->request;
    call_->version = head.version;
    call_->is_head = head.method == "HEAD";
    call_->context.request_id = server_.request_prefix + std::to_string(++server_.requests);
    call_->context.stop = call_->stop.get_token();
    request.method = std::move(head.method);
    request.target = std::move(head.target);
    request.headers = std::move(head.headers);
    request.peer = peer_;

    const auto is_host = [](const Header& header) { return equal_without_case(header.name, "host"); };
    const auto hosts = std::ranges::count_if(request.headers, is_host);
    if (hosts > 1 || (hosts == 0 && head.version == 11))
        return fail(ErrorKind::invalid_input, "http.host", "HTTP/1.1 wants exactly one Host field; send it");

    const std::string_view form = origin_form(request.target);
    request.path = form.substr(0, form.find('?'));
    return {};
}

Status Connection::take_query()
{
    Request& request = call_->request;
    const std::string_view form = origin_form(request.target);
    if (form.size() == request.path.size()) return {};
    TRY(request.query, Query::parse(form.substr(request.path.size() + 1)));
    for (const auto& [name, value] : request.query) {
        TRY_OK(check_utf8(name));
        TRY_OK(check_utf8(value));
    }
    return {};
}

void Connection::route()
{
    const Request& request = call_->request;
    if (server_.options.cors && request.method == "OPTIONS") {
        return respond(preflight_answer(server_.options, request));
    }
    Result<Match> match = server_.router.find(request.method, request.path);
    if (!match) return refuse_and_close(match.error());
    if (!match->route) {
        if (match->allow.empty()) return refuse({ErrorKind::not_found, "http.not_found", "no such path on this service"});
        Response response =
            refusal(server_.options, {ErrorKind::invalid_input, "http.method", "this path answers " + match->allow});
        response.headers.set("Allow", match->allow);
        return respond(std::move(response));
    }
    call_->route = match->route;
    call_->request.params = std::move(match->params);
    if (!call_->route->options.gate)
        if (const Status taken = take_query(); !taken) return refuse_and_close(taken.error());
    accept_body();
}

void Connection::accept_body()
{
    body_limit_ = call_->route->options.max_body_bytes.value_or(server_.options.max_body_bytes);
    body_seen_ = 0;
    if (parser_->done()) return dispatch();
    if (parser_->content_length().value_or(0) > body_limit_) return refuse_and_close(body_too_large(body_limit_).error());

    const auto go_on = [](Connection& self) {
        if (self.call_->route->options.stream_request) return self.dispatch();
        self.phase_ = Phase::body;
        self.progress_body();
    };
    if (!equal_without_case(call_->request.headers.find("expect").value_or(""), "100-continue")) return go_on(*this);
    phase_ = Phase::body;
    wait_at_most(server_.options.body_timeout);
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    stream_->write({asio::buffer(kContinue), {}, {}}, [self = shared_from_this(), go_on](ErrorCode error, std::size_t) {
        if (error) return self->close();
        if (self->phase_ == Phase::body) go_on(*self);
    });
}

// ---- the request's body --------------------------------------------------------------------------------------

void Connection::progress_body()
{
    std::string& body = call_->request.body;
    while (!parser_->done()) {
        const auto eaten = parser_->put(ByteView(input_).subspan(begin_, end_ - begin_), body);
        if (!eaten) return refuse_and_close(eaten.error());
        begin_ += *eaten;
        if (body.size() > body_limit_) return refuse_and_close(body_too_large(body_limit_).error());
        if (!hold(body.size())) return refuse_and_close(out_of_room());
        if (*eaten == 0) break;
    }
    if (parser_->done()) return dispatch();
    wait_for_body();
    read_more();
}

/// Each wait is short, and all together are no longer than the bytes that came allow: a drip ends, too.
void Connection::wait_for_body()
{
    const ServerOptions& options = server_.options;
    const std::chrono::seconds earned(call_->request.body.size() / options.min_body_bytes_per_second);
    io_deadline_ = std::min(deadline_in(options.body_timeout), call_->begun + options.body_timeout + earned);
}

void Connection::pull(const std::shared_ptr<Call>& call, std::string& chunk, Reply<Result<bool>>& reply)
{
    if (call != call_ || phase_ != Phase::handler)
        return reply.set(fail(ErrorKind::cancelled, "net.cancelled", "the request is over"));
    pull_chunk_ = &chunk;
    pull_reply_ = &reply;
    if (!is_reading_ && input_.size() < kStreamInputBytes) input_.resize(kStreamInputBytes);
    wait_at_most(server_.options.body_timeout);
    progress_pull();
}

void Connection::progress_pull()
{
    while (!parser_->done()) {
        const auto eaten = parser_->put(ByteView(input_).subspan(begin_, end_ - begin_), *pull_chunk_);
        if (!eaten) {
            keep_alive_ = false;
            return answer_pull(std::unexpected(eaten.error()));
        }
        begin_ += *eaten;
        if (*eaten == 0) break;
    }
    body_seen_ += pull_chunk_->size();
    if (body_seen_ > body_limit_) {
        keep_alive_ = false;
        return answer_pull(body_too_large(body_limit_));
    }
    if (parser_->done() || !pull_chunk_->empty()) return answer_pull(parser_->done());
    read_more();
}

void Connection::answer_pull(Result<bool> result)
{
    if (!pull_reply_) return;
    wait_forever();
    pull_chunk_ = nullptr;
    std::exchange(pull_reply_, nullptr)->set(std::move(result));
}

// ---- the handler ---------------------------------------------------------------------------------------------

void Connection::dispatch()
{
    phase_ = Phase::handler;
    wait_forever();
    call_->keep_alive = keep_alive_;
    call_->context.deadline = deadline_in(call_->route->options.timeout.value_or(server_.options.handler_timeout));
    const RouteOptions& options = call_->route->options;
    if (options.is_watched) read_more();
    if (options.gate) return options.gate(Waiting(server_.outbox, weak_from_this(), call_));
    if (options.is_instant) return handle_now();
    submit();
}

void Connection::handle_now()
{
    if (const auto* late = std::get_if<LateHandler>(&call_->route->handler)) return run_late(*late, call_);
    respond(call_handler(std::get<Handler>(call_->route->handler), *call_, server_.options));
}

void Connection::settle(const std::shared_ptr<Call>& call, std::optional<Response> answer)
{
    if (call != call_ || phase_ != Phase::handler) return;  // answered 504 meanwhile, or the client is gone
    if (answer) return respond(*std::move(answer));
    if (const Status taken = take_query(); !taken) return refuse(taken.error());
    submit();
}

void Connection::submit()
{
    if (server_.pool->submit([self = shared_from_this(), call = call_] { self->run(call); })) return;
    refuse({ErrorKind::unavailable, "net.busy", "the service has too many requests waiting; try again in a moment"});
}

/// On a pool thread.
void Connection::run(const std::shared_ptr<Call>& call)
{
    if (call->stop.stop_requested()) return;  // the client left while this waited
    if (const auto* late = std::get_if<LateHandler>(&call->route->handler)) return run_late(*late, call);
    StreamReader reader(shared_from_this(), call);
    if (call->route->options.stream_request) call->request.body_reader = &reader;
    Response response = call_handler(std::get<Handler>(call->route->handler), *call, server_.options);
    if (response.stream && !call->is_head) return run_stream(call, response);
    server_.outbox->put({weak_from_this(), call, std::move(response)});
}

/// On a pool thread, or on the socket thread.
void Connection::run_late(const LateHandler& handler, const std::shared_ptr<Call>& call)
{
    Pending pending(server_.outbox, weak_from_this(), call);
    try {
        handler(pending);
    } catch (const std::exception& error) {
        std::move(pending).answer(refusal(server_.options, {ErrorKind::internal, "net.handler", error.what()}));
    }
}

/// On a pool thread.
void Connection::run_stream(const std::shared_ptr<Call>& call, const Response& response)
{
    Result<std::string> head = encode_head(*call, response, response.stream_size, server_.options);
    Status written;
    if (head) {
        StreamWriter writer(shared_from_this(), call, *std::move(head), response.stream_size);
        written = call_stream(response.stream, writer);
        if (written) written = writer.finish();
    } else {
        written = std::unexpected(std::move(head).error());
    }
    asio::post(server_.io, [self = shared_from_this(), call, status = response.status, written = std::move(written)] {
        self->finish_stream(call, status, written);
    });
}

}  // namespace iapp::net::internal
