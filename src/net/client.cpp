#include "net/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>

#include "net/internal/client_connection.hpp"
#include "net/internal/parser.hpp"
#include "net/internal/text.hpp"

namespace iapp::net {

namespace asio = boost::asio;
using internal::ClientConnection;

namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kJoinBelowBytes = 64 * 1024;
constexpr std::chrono::milliseconds kLateAnswer{1'000};  ///< for the answer of a server that refused our body half way
constexpr std::chrono::milliseconds kFirstRest{10};  ///< before the second attempt to connect; doubles up to kLongestRest
constexpr std::chrono::milliseconds kLongestRest{500};

/// A connection and the bytes behind the last answer (none, or it is not used again).
struct Line {
    std::unique_ptr<ClientConnection> connection;
    std::unique_ptr<internal::Parser> parser;
    Bytes input = Bytes(kReadBytes);
    Deadline idle_since{};
    bool is_pooled = false;    ///< has served an exchange before
    bool is_reusable = false;  ///< the last exchange left it clean
    bool has_answer = false;   ///< the first byte of the current answer arrived
};

bool is_idempotent(std::string_view method)
{
    return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" || method == "OPTIONS";
}

/// Until the time is over or somebody asks us to stop.
void rest(std::chrono::milliseconds time, const std::stop_token& stop)
{
    std::mutex mutex;
    std::condition_variable_any bell;
    std::unique_lock lock(mutex);
    bell.wait_for(lock, stop, time, [] { return false; });
}

bool is_ours(std::string_view name)
{
    using internal::equal_without_case;
    return equal_without_case(name, "host") || equal_without_case(name, "content-length") ||
           equal_without_case(name, "transfer-encoding") || equal_without_case(name, "connection");
}

void append_field(std::string& head, std::string_view name, std::string_view value)
{
    head.append(name).append(": ").append(value).append("\r\n");
}

/// A body_reader goes out in chunks unless the caller announced its length with Content-Length.
bool is_chunked(const Request& request) { return request.body_reader && !request.headers.has("content-length"); }

Result<std::string> encode_request_head(const Request& request, const Url& url, const std::string& user_agent)
{
    const auto refuse = [](const std::string& what) {
        return fail(ErrorKind::invalid_input, "http.header", what + " would break the message head");
    };
    if (!internal::is_token(request.method)) return refuse("method");
    std::string head = request.method + " " + url.target + " HTTP/1.1\r\n";
    append_field(head, "Host", url.authority());
    for (const Header& header : request.headers) {
        if (!internal::is_token(header.name) || !internal::is_field_value(header.value))
            return refuse("field " + header.name);
        if (!is_ours(header.name)) append_field(head, header.name, header.value);
    }
    if (!request.headers.has("user-agent")) append_field(head, "User-Agent", user_agent);
    const bool wants_length = !request.body.empty() || (request.method != "GET" && request.method != "HEAD");
    if (is_chunked(request)) append_field(head, "Transfer-Encoding", "chunked");
    else if (request.body_reader) append_field(head, "Content-Length", *request.headers.find("content-length"));
    else if (wants_length) append_field(head, "Content-Length", std::to_string(request.body.size()));
    return head += "\r\n";
}

std::string hex_size(std::size_t size)
{
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    for (; size > 0; size >>= 4) out.insert(out.begin(), kDigits[size & 15]);
    return out;
}

Status write_body_from(BodyReader& reader, bool chunked, ClientConnection& connection)
{
    Bytes piece(kReadBytes);
    std::string framed;
    while (true) {
        TRY(const std::size_t count, reader.read(piece));
        framed.clear();
        if (chunked) framed = count > 0 ? hex_size(count) + "\r\n" : "0\r\n\r\n";
        framed.append(as_text(ByteView(piece).first(count)));
        if (chunked && count > 0) framed += "\r\n";
        if (!framed.empty()) TRY_OK(connection.write(as_bytes(framed)));
        if (count == 0) return {};
    }
}

Status write_request(const Request& request, std::string head, ClientConnection& connection)
{
    if (request.body_reader) {
        TRY_OK(connection.write(as_bytes(head)));
        return write_body_from(*request.body_reader, is_chunked(request), connection);
    }
    if (request.body.size() < kJoinBelowBytes) return connection.write(as_bytes(head += request.body));
    TRY_OK(connection.write(as_bytes(head)));
    return connection.write(as_bytes(request.body));
}

Error corrupt_answer(const Error& error)
{
    return {ErrorKind::corrupt, "net.response", "the server's answer: " + error.detail};
}

/// Takes the decoded body as it comes: to the sink for a streamed success, else into the response.
class BodyTaker {
public:
    BodyTaker(const BodySink* sink, std::uint64_t max_bytes) : sink_(sink), max_bytes_(max_bytes) {}

    Status check_length(int status, std::optional<std::uint64_t> length) const
    {
        if (!streams(status) && length.value_or(0) > max_bytes_) return too_large();
        return {};
    }

    Status take(Response& response, std::string& piece) const
    {
        if (streams(response.status)) {
            if (!piece.empty()) TRY_OK((*sink_)(as_bytes(piece)));
        } else {
            if (response.body.size() + piece.size() > max_bytes_) return too_large();
            response.body += piece;
        }
        piece.clear();
        return {};
    }

private:
    bool streams(int status) const { return sink_ && status >= 200 && status < 300; }

    std::unexpected<Error> too_large() const
    {
        return fail(ErrorKind::resource_exhausted, "net.response_size",
                    "the answer is larger than " + std::to_string(max_bytes_) + " bytes");
    }

    const BodySink* sink_;
    std::uint64_t max_bytes_;
};

/// Reads one message into `response`, body through `taker`.
Status read_message(Line& line, Response& response, const BodyTaker& taker)
{
    std::size_t end = 0;
    std::string piece;
    bool is_head_taken = false;
    while (!line.parser->done()) {
        std::size_t begin = 0;
        while (begin < end && !line.parser->done()) {
            const auto eaten = line.parser->put(ByteView(line.input).subspan(begin, end - begin), piece);
            if (!eaten) return std::unexpected(corrupt_answer(eaten.error()));
            begin += *eaten;
            if (line.parser->head_done() && !std::exchange(is_head_taken, true)) {
                response.status = line.parser->head().status;
                TRY_OK(taker.check_length(response.status, line.parser->content_length()));
            }
            if (*eaten == 0) break;
        }
        TRY_OK(taker.take(response, piece));
        std::copy(line.input.begin() + static_cast<std::ptrdiff_t>(begin),
                  line.input.begin() + static_cast<std::ptrdiff_t>(end), line.input.begin());
        end -= begin;
        if (line.parser->done()) break;
        if (end == line.input.size()) return fail(ErrorKind::corrupt, "net.response", "a line of the answer is too long");

        TRY(const std::size_t count, line.connection->read(std::span(line.input).subspan(end)));
        if (count == 0) {
            if (!line.has_answer) return fail(ErrorKind::unavailable, "net.closed", "the server closed the connection");
            if (const Status ended = line.parser->put_end(); !ended) return std::unexpected(corrupt_answer(ended.error()));
            return {};
        }
        line.has_answer = true;
        end += count;
    }
    line.is_reusable = end == 0 && line.parser->keep_alive();
    return {};
}

}  // namespace

struct HttpClient::Impl {
    explicit Impl(ClientOptions o) : options(std::move(o)) {}

    Result<Response> send(const Request& request, const BodySink* sink, const CallContext& call);
    Result<Response> exchange(Line& line, const Request& request, const Url& url, const BodySink* sink,
                              const CallContext& call);
    Result<Line> open(const Url& url, const CallContext& call);
    Result<Line> open_patiently(const Url& url, const CallContext& call);
    std::optional<Line> take(const std::string& origin);
    void give_back(const std::string& origin, Line line);
    Result<asio::ssl::context*> tls_context();

    ClientOptions options;
    asio::io_context io{1};  ///< never run: it only lends its services to the sockets
    std::mutex mutex;        ///< guards what follows
    std::unique_ptr<asio::ssl::context> tls{};
    std::map<std::string, std::vector<Line>, std::less<>> idle{};
};

Result<asio::ssl::context*> HttpClient::Impl::tls_context()
{
    const std::lock_guard lock(mutex);
    if (tls) return tls.get();
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
    boost::system::error_code error;
    context->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, error);
    if (options.ca_pem) context->add_certificate_authority(asio::buffer(*options.ca_pem), error);
    else context->set_default_verify_paths(error);
    if (error)
        return fail(ErrorKind::invalid_input, "net.tls_trust", "cannot load the trusted certificates: " + error.message());
    tls = std::move(context);
    return tls.get();
}

std::optional<Line> HttpClient::Impl::take(const std::string& origin)
{
    const std::lock_guard lock(mutex);
    std::vector<Line>& lines = idle[origin];
    while (!lines.empty()) {
        Line line = std::move(lines.back());
        lines.pop_back();
        const bool is_fresh = Deadline::clock::now() - line.idle_since < options.idle_timeout;
        if (is_fresh && line.connection->is_quiet()) return line;
    }
    return std::nullopt;
}

void HttpClient::Impl::give_back(const std::string& origin, Line line)
{
    if (!line.is_reusable) return;
    line.connection->use({});
    line.is_pooled = true;
    line.idle_since = Deadline::clock::now();
    const std::lock_guard lock(mutex);
    const Deadline oldest = line.idle_since - options.idle_timeout;
    for (auto& [other, waiting] : idle) std::erase_if(waiting, [&](const Line& l) { return l.idle_since < oldest; });
    std::vector<Line>& lines = idle[origin];
    if (lines.size() < options.idle_per_origin) lines.push_back(std::move(line));
}

Result<Line> HttpClient::Impl::open(const Url& url, const CallContext& call)
{
    const Deadline limit = std::min(call.deadline, deadline_in(options.connect_timeout));
    asio::ssl::context* context = nullptr;  // plain calls do not wait for OpenSSL to load its tables
    if (url.is_tls()) {
        TRY(context, tls_context());
    }
    Line line;
    TRY(line.connection, internal::connect(io, context, url, call, limit, options.reach));
    line.parser = internal::make_response_parser(options.max_header_bytes);
    return line;
}

Result<Line> HttpClient::Impl::open_patiently(const Url& url, const CallContext& call)
{
    const Deadline patience = std::min(call.deadline, deadline_in(options.connect_patience));
    Result<Line> line = open(url, call);
    for (auto pause = kFirstRest; !line && line.error().reason == "net.connect"; pause = std::min(2 * pause, kLongestRest)) {
        if (Deadline::clock::now() + pause >= patience) break;
        rest(pause, call.stop);
        Result<Line> again = open(url, call);
        if (!again && again.error().reason == "net.deadline") break;  // whose time is over should hear what it went to
        line = std::move(again);
    }
    return line;
}

Result<Response> HttpClient::Impl::exchange(Line& line, const Request& request, const Url& url, const BodySink* sink,
                                            const CallContext& call)
{
    line.is_reusable = line.has_answer = false;
    line.connection->use(call);
    TRY(std::string head, encode_request_head(request, url, options.user_agent));
    const Status written = write_request(request, std::move(head), *line.connection);
    if (!written) {
        if (written.error().reason != "net.closed" || line.is_pooled) return std::unexpected(written.error());
        line.connection->use({call.request_id, std::min(call.deadline, deadline_in(kLateAnswer)), call.stop});
    }

    Response response;
    do {
        line.parser->reset(request.method == "HEAD");
        const Status got = read_message(line, response, BodyTaker(sink, options.max_response_bytes));
        if (!got) return std::unexpected(written ? got.error() : written.error());
        response.headers = std::move(line.parser->head().headers);
    } while (response.status < 200);
    if (!written) line.is_reusable = false;
    return response;
}

Result<Response> HttpClient::Impl::send(const Request& request, const BodySink* sink, const CallContext& call)
{
    TRY_OK(call.check());
    TRY(const Url url, parse_url(request.target));
    const std::string origin = url.origin();
    if (std::optional<Line> pooled = take(origin)) {
        Result<Response> answer = exchange(*pooled, request, url, sink, call);
        const bool is_stale = !answer && answer.error().reason == "net.closed" && !pooled->has_answer;
        const bool may_repeat = is_stale && is_idempotent(request.method) && !request.body_reader;
        if (answer) give_back(origin, *std::move(pooled));
        if (!may_repeat) return answer;
    }
    TRY(Line line, open_patiently(url, call));
    Result<Response> answer = exchange(line, request, url, sink, call);
    if (answer) give_back(origin, std::move(line));
    return answer;
}

HttpClient::HttpClient(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<Response> HttpClient::send(const Request& request, Deadline deadline) const
{
    return impl_->send(request, nullptr, {{}, deadline, {}});
}

Result<Response> HttpClient::send(const Request& request, const CallContext& call) const
{
    return impl_->send(request, nullptr, call);
}

Result<Response> HttpClient::send_streaming(const Request& request, const BodySink& sink, const CallContext& call) const
{
    return impl_->send(request, &sink, call);
}

Result<Response> HttpClient::get(std::string_view url, Deadline deadline) const
{
    Request request;
    request.target = url;
    return send(request, deadline);
}

Result<Response> HttpClient::post_json(std::string_view url, std::string json, Deadline deadline) const
{
    Request request;
    request.method = "POST";
    request.target = url;
    request.headers.set("Content-Type", "application/json");
    request.body = std::move(json);
    return send(request, deadline);
}

Result<Response> require_success(Result<Response> response)
{
    if (!response || response->is_success()) return response;
    const int status = response->status;
    const ErrorKind kind = status == 401                    ? ErrorKind::unauthenticated
                           : status == 403                  ? ErrorKind::permission_denied
                           : status == 404 || status == 410 ? ErrorKind::not_found
                           : status == 409                  ? ErrorKind::conflict
                           : status == 412                  ? ErrorKind::precondition_failed
                           : status == 429                  ? ErrorKind::resource_exhausted
                           : status == 504                  ? ErrorKind::deadline_exceeded
                           : status >= 500                  ? ErrorKind::unavailable
                                                            : ErrorKind::invalid_input;
    constexpr std::size_t kShown = 300;
    return fail(kind, "net.status",
                "the server answered " + std::to_string(status) + ": " + response->body.substr(0, kShown));
}

}  // namespace iapp::net
