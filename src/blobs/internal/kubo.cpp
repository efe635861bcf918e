#include "blobs/internal/kubo.hpp"

#include "base/error_kind.hpp"
#include "blobs/internal/content.hpp"
#include "blobs/internal/multipart.hpp"
#include "codec/json.hpp"

namespace iapp::blobs::internal {
namespace {

using net::CallContext;
using net::Request;
using net::Response;

// The answer is kept until the last part has come: else a body without end makes an answer without end.
constexpr std::size_t kMostParts = 10'000;
constexpr std::size_t kMostLineBytes = 8U << 20U;

Response kubo_error(const Error& error)
{
    const std::string message = error.kind == ErrorKind::internal ? "internal error" : error.detail;
    return net::json_response(info(error.kind).http_status,
                              json::print(json::Object{{"Message", message}, {"Code", 0}, {"Type", "error"}}));
}

}  // namespace

net::Handler answering_kubo(std::function<Result<Response>(const Request&, const CallContext&)> handler)
{
    return [handler = std::move(handler)](const Request& request, const CallContext& call) {
        Result<Response> answer = handler(request, call);
        return answer ? *std::move(answer) : kubo_error(answer.error());
    };
}

Result<codec::Cid> cid_argument(const Request& request)
{
    const auto argument = request.query.find("arg");
    if (!argument) return fail(ErrorKind::invalid_input, "blobs.argument", "argument \"ipfs-path\" is required");
    return parse_cid(*argument);
}

Status check_options(const net::Query& query, std::span<const OnlyValue> rules)
{
    for (const auto& [name, only] : rules)
        if (const auto value = query.find(name); value && *value != only)
            return fail(ErrorKind::invalid_input, "blobs.option",
                        "option " + std::string(name) + " is only supported as " + std::string(only));
    return {};
}

Result<std::string> lines_of_parts(const Request& request, const TakePart& take)
{
    TRY(const std::string boundary, parse_boundary(request.headers.find("content-type").value_or("")));
    MultipartReader parts(*request.body_reader, boundary);
    std::string lines;
    for (std::size_t count = 0; true; ++count) {
        TRY(const auto part, parts.next());
        if (!part && count > 0) return lines;
        if (!part) return fail(ErrorKind::invalid_input, "blobs.no_file", "file argument 'path' is required");
        if (count == kMostParts || lines.size() > kMostLineBytes)
            return fail(ErrorKind::invalid_input, "blobs.parts",
                        "one request may add 10000 files, and fewer with very long names; send the rest with another");
        TRY(const std::string line, take(*part, parts));
        lines += line;
    }
}

}  // namespace iapp::blobs::internal
