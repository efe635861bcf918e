#include "net/internal/answer.hpp"

#include <algorithm>
#include <array>

#include "base/error_kind.hpp"
#include "net/internal/text.hpp"

namespace iapp::net::internal {
namespace {

bool is_framing(std::string_view name)
{
    return equal_without_case(name, "content-length") || equal_without_case(name, "transfer-encoding") ||
           equal_without_case(name, "connection");
}

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

void append_field(std::string& head, std::string_view name, std::string_view value)
{
    head.append(name).append(": ").append(value).append("\r\n");
}

void append_framing(std::string& head, const Call& call, int status, std::optional<std::uint64_t> size)
{
    const bool is_chunked = !size && call.version == 11;
    if (size && !has_no_body(status)) append_field(head, "Content-Length", std::to_string(*size));
    if (is_chunked && !has_no_body(status)) append_field(head, "Transfer-Encoding", "chunked");
    if (!call.keep_alive) append_field(head, "Connection", "close");
    else if (call.version == 10) append_field(head, "Connection", "keep-alive");
}

void append_cors(std::string& head, const Request& request, const ServerOptions& options)
{
    if (!options.cors) return;
    if (!options.cors_names_origin) return append_field(head, "Access-Control-Allow-Origin", "*");
    append_field(head, "Vary", "Origin");
    const auto origin = request.headers.find("origin");
    if (origin && is_field_value(*origin)) append_field(head, "Access-Control-Allow-Origin", *origin);
}

/// Where HTTP knows a status that says more than the error's kind.
int status_of(const Error& error)
{
    constexpr std::array<std::pair<std::string_view, int>, 5> kStatuses{{{"http.head_size", 431},
                                                                         {"http.transfer_encoding", 501},
                                                                         {"http.body_size", 413},
                                                                         {"http.method", 405},
                                                                         {"http.slow", 408}}};
    const auto at = std::ranges::find(kStatuses, error.reason, &std::pair<std::string_view, int>::first);
    return at == kStatuses.end() ? info(error.kind).http_status : at->second;
}

}  // namespace

Response refusal(const ServerOptions& options, const Error& error)
{
    const int status = status_of(error);
    Response response = options.refuse ? options.refuse(status, error) : error_response(error);
    response.status = status;
    return response;
}

Error out_of_room()
{
    return {ErrorKind::unavailable, "net.busy", "the service holds as many bytes as it may; try again in a moment"};
}

Response preflight_answer(const ServerOptions& options, const Request& request)
{
    const auto wanted = request.headers.find("access-control-request-headers");
    const bool as_asked = options.cors_names_origin && wanted && is_field_value(*wanted);
    Response response = empty_response(204);
    response.headers.set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, OPTIONS");
    response.headers.set("Access-Control-Allow-Headers", as_asked ? *wanted : "authorization, content-type");
    response.headers.set("Access-Control-Max-Age", "86400");
    return response;
}

Result<std::string> encode_head(const Call& call, const Response& response, std::optional<std::uint64_t> size,
                                const ServerOptions& options, std::string room)
{
    std::string head = std::move(room);
    head.clear();
    head.reserve(512);
    head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
    head.append(reason_phrase(response.status)).append("\r\n");
    for (const Header& header : response.headers) {
        if (is_framing(header.name)) continue;
        if (!is_token(header.name) || !is_field_value(header.value))
            return fail(ErrorKind::internal, "http.header", "a response field would break the message head");
        append_field(head, header.name, header.value);
    }
    append_cors(head, call.request, options);
    if (!call.context.request_id.empty()) append_field(head, "X-Request-Id", call.context.request_id);
    append_framing(head, call, response.status, size);
    head += "\r\n";
    return head;
}

}  // namespace iapp::net::internal
