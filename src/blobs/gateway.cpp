// IPFS HTTP gateway for files: GET and HEAD /ipfs/{cid}, single ranges, ?format=raw (trustless gateway specification).
#include "base/error_kind.hpp"
#include "blobs/internal/content.hpp"
#include "blobs/service.hpp"
#include "crypto/hash.hpp"

namespace iapp::blobs {
namespace {

using net::CallContext;
using net::Request;
using net::Response;

constexpr std::string_view kRawType = "application/vnd.ipld.raw";

/// Plain text, as kubo's gateway answers: the npm clients show the status line when the body is not JSON.
Response gateway_error(const Error& error)
{
    const std::string message = error.kind == ErrorKind::internal ? "internal error" : error.detail;
    Response response = net::text_response(info(error.kind).http_status, message + "\n");
    response.headers.set("X-Content-Type-Options", "nosniff");
    return response;
}

/// Fields of every answer that names content: it can never change, and browsers must not guess its type.
void set_content_fields(Response& response, const codec::Cid& cid, const std::string& etag)
{
    response.headers.set("ETag", etag);
    response.headers.set("Cache-Control", "public, max-age=29030400, immutable");
    response.headers.set("X-Ipfs-Path", "/ipfs/" + cid.text());
    response.headers.set("X-Content-Type-Options", "nosniff");
}

bool is_known_to_client(const Request& request, const std::string& etag)
{
    const auto known = request.headers.find("if-none-match");
    return known && (*known == "*" || known->contains(etag));
}

Response not_modified(const codec::Cid& cid, const std::string& etag)
{
    Response response = net::empty_response(304);
    set_content_fields(response, cid, etag);
    return response;
}

Result<Response> raw_block(const BlockStore& store, const codec::Cid& cid, const Request& request)
{
    const std::string etag = "\"" + cid.text() + ".raw\"";
    TRY(const Bytes block, internal::source_of(store)(cid));
    if (is_known_to_client(request, etag)) return not_modified(cid, etag);
    Response response;
    response.headers.set("Content-Type", kRawType);
    response.headers.set("Content-Disposition", "attachment; filename=\"" + cid.text() + ".bin\"");
    set_content_fields(response, cid, etag);
    response.body = to_text(block);
    return response;
}

/// A range counts only for the content the client knows (RFC 9110 13.1.5).
std::optional<std::string_view> range_field(const Request& request, const std::string& etag)
{
    const auto condition = request.headers.find("if-range");
    if (condition && *condition != etag) return std::nullopt;
    return request.headers.find("range");
}

Response unsatisfiable(const codec::Cid& cid, const std::string& etag, std::uint64_t size, const Error& error)
{
    Response response = gateway_error(error);
    response.status = 416;
    set_content_fields(response, cid, etag);
    response.headers.set("Content-Range", "bytes */" + std::to_string(size));
    return response;
}

Result<Response> file(const BlockStore& store, const codec::Cid& cid, const Request& request)
{
    const std::string etag = "\"" + cid.text() + "\"";
    TRY(const std::uint64_t size, codec::unixfs_size(cid, internal::source_of(store), crypto::sha256));
    if (is_known_to_client(request, etag)) return not_modified(cid, etag);
    const auto range = net::parse_range(range_field(request, etag), size);
    if (!range) return unsatisfiable(cid, etag, size, range.error());

    Response response;
    response.headers.set("Content-Type", "application/octet-stream");
    response.headers.set("Accept-Ranges", "bytes");
    set_content_fields(response, cid, etag);
    const net::ByteRange part = range->value_or(net::ByteRange{0, size});
    if (*range) {
        response.status = 206;
        response.headers.set("Content-Range", "bytes " + std::to_string(part.first) + "-" +
                                                  std::to_string(part.first + part.size - 1) + "/" + std::to_string(size));
    }
    response.stream_size = part.size;
    response.stream = internal::stream_of(store, cid, part.first, part.size);
    return response;
}

Result<Response> answer(const BlockStore& store, const Request& request)
{
    TRY(const codec::Cid cid, internal::parse_cid(request.param("cid")));
    const auto format = request.query.find("format");
    const bool accepts_raw = request.headers.find("accept").value_or("").contains(kRawType);
    if (format == "raw" || (!format && accepts_raw)) return raw_block(store, cid, request);
    if (format) return fail(ErrorKind::invalid_input, "blobs.format", "unsupported format; ask for raw or leave it out");
    return file(store, cid, request);
}

}  // namespace

void add_gateway_routes(net::HttpServer& server, const BlockStore& store, ServiceOptions options)
{
    const net::RouteOptions download{{}, options.transfer_timeout, false};
    server.route(
        "GET", "/ipfs/{cid}",
        [&store](const Request& request, const CallContext&) {
            Result<Response> response = answer(store, request);
            return response ? *std::move(response) : gateway_error(response.error());
        },
        download);
}

}  // namespace iapp::blobs
