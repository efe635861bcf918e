#include "net/internal/answer.hpp"

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

}  // namespace

Response refusal(ErrorKind kind, std::string_view reason, std::string detail)
{
    return error_response(Error{kind, reason, std::move(detail)});
}

Response preflight_answer()
{
    Response response = empty_response(204);
    response.headers.set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, OPTIONS");
    response.headers.set("Access-Control-Allow-Headers", "authorization, content-type");
    response.headers.set("Access-Control-Max-Age", "86400");
    return response;
}

Result<std::string> encode_head(const Call& call, const Response& response, std::optional<std::uint64_t> size, bool cors)
{
    std::string head;
    head.reserve(512);
    head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
    head.append(reason_phrase(response.status)).append("\r\n");
    for (const Header& header : response.headers) {
        if (is_framing(header.name)) continue;
        if (!is_token(header.name) || !is_field_value(header.value))
            return fail(ErrorKind::internal, "http.header", "a response field would break the message head");
        append_field(head, header.name, header.value);
    }
    if (cors) append_field(head, "Access-Control-Allow-Origin", "*");
    if (!call.context.request_id.empty()) append_field(head, "X-Request-Id", call.context.request_id);
    append_framing(head, call, response.status, size);
    head += "\r\n";
    return head;
}

}  // namespace iapp::net::internal
