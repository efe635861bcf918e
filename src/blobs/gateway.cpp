// IPFS HTTP gateway for files: GET and HEAD /ipfs/{cid}, ranges, ?format=raw (trustless gateway specification).
#include "base/error_kind.hpp"
#include "blobs/internal/content.hpp"
#include "blobs/internal/content_type.hpp"
#include "blobs/service.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"

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

Result<Response> raw_block(const BlockStore& store, const codec::Cid& cid, const Request& request, const CallContext& call)
{
    const std::string etag = "\"" + cid.text() + ".raw\"";
    TRY(const Bytes block, internal::source_of(store, call)(cid));
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

/// A file of the store that is about to be answered.
struct File {
    codec::Cid cid;
    std::uint64_t size;
    std::string type;
};

Result<File> find_file(const BlockStore& store, const codec::Cid& cid, const CallContext& call)
{
    const auto source = internal::source_of(store, call);
    TRY(const std::uint64_t size, codec::unixfs_size(cid, source, crypto::sha256));
    Bytes beginning;
    const auto keep = [&](ByteView bytes) {
        append(beginning, bytes);
        return Status{};
    };
    TRY_OK(codec::read_unixfs(cid, source, crypto::sha256, 0, internal::kTypeBytes, keep));
    return File{cid, size, std::string(internal::content_type(beginning))};
}

std::string content_range(const net::ByteRange& part, const File& file)
{
    return "bytes " + std::to_string(part.first) + "-" + std::to_string(part.first + part.size - 1) + "/" +
           std::to_string(file.size);
}

void answer_part(Response& response, const BlockStore& store, const File& file, const net::ByteRange& part,
                 const CallContext& call)
{
    response.headers.set("Content-Type", file.type);
    response.stream_size = part.size;
    response.stream = internal::stream_of(store, file.cid, part.first, part.size, call);
}

/// multipart/byteranges (RFC 9110 14.6). The delimiter is random, so content cannot contain it on purpose.
void answer_parts(Response& response, const BlockStore& store, const File& file, const std::vector<net::ByteRange>& parts,
                  const CallContext& call)
{
    const std::string boundary = hex(crypto::random_bytes(16));
    const std::string end = "\r\n--" + boundary + "--\r\n";
    std::vector<std::string> heads;
    std::uint64_t total = end.size();
    for (const auto& part : parts) {
        heads.push_back("\r\n--" + boundary + "\r\nContent-Type: " + file.type +
                        "\r\nContent-Range: " + content_range(part, file) + "\r\n\r\n");
        total += heads.back().size() + part.size;
    }
    response.headers.set("Content-Type", "multipart/byteranges; boundary=" + boundary);
    response.stream_size = total;
    response.stream = [&store, cid = file.cid, parts, heads, end, call](net::BodyWriter& out) -> Status {
        for (std::size_t i = 0; i < parts.size(); ++i) {
            TRY_OK(out.write(as_bytes(heads[i])));
            TRY_OK(internal::stream_of(store, cid, parts[i].first, parts[i].size, call)(out));
        }
        return out.write(as_bytes(end));
    };
}

/// ?filename=NAME and ?download=true, as kubo reads them.
void set_disposition(Response& response, const net::Query& query)
{
    const bool is_download = query.find("download") == "true";
    const auto name = query.find("filename");
    if (!name && !is_download) return;
    std::string value = is_download ? "attachment" : "inline";
    if (name) value += "; filename*=UTF-8''" + net::percent_encode(*name);
    response.headers.set("Content-Disposition", value);
}

Result<Response> answer_file(const BlockStore& store, const codec::Cid& cid, const Request& request, const CallContext& call)
{
    const std::string etag = "\"" + cid.text() + "\"";
    TRY(const File file, find_file(store, cid, call));
    if (is_known_to_client(request, etag)) return not_modified(cid, etag);
    const auto ranges = net::parse_ranges(range_field(request, etag), file.size);
    if (!ranges) return unsatisfiable(cid, etag, file.size, ranges.error());

    Response response;
    response.status = ranges->empty() ? 200 : 206;
    response.headers.set("Accept-Ranges", "bytes");
    set_content_fields(response, cid, etag);
    set_disposition(response, request.query);
    if (ranges->size() == 1) response.headers.set("Content-Range", content_range(ranges->front(), file));
    if (ranges->size() > 1) answer_parts(response, store, file, *ranges, call);
    else answer_part(response, store, file, ranges->empty() ? net::ByteRange{0, file.size} : ranges->front(), call);
    return response;
}

Result<Response> answer(const BlockStore& store, const Request& request, const CallContext& call)
{
    TRY(const codec::Cid cid, internal::parse_cid(request.param("cid")));
    const auto format = request.query.find("format");
    const bool accepts_raw = request.headers.find("accept").value_or("").contains(kRawType);
    if (format == "raw" || (!format && accepts_raw)) return raw_block(store, cid, request, call);
    if (format) return fail(ErrorKind::invalid_input, "blobs.format", "unsupported format; ask for raw or leave it out");
    return answer_file(store, cid, request, call);
}

}  // namespace

void add_gateway_routes(net::HttpServer& server, const BlockStore& store, ServiceOptions options)
{
    const net::RouteOptions download{{}, options.transfer_timeout, false};
    server.route(
        "GET", "/ipfs/{cid}",
        [&store](const Request& request, const CallContext& call) {
            Result<Response> response = answer(store, request, call);
            return response ? *std::move(response) : gateway_error(response.error());
        },
        download);
    server.route("GET", "/ipfs/{cid}/{path...}", [](const Request& request, const CallContext&) {
        const auto cid = internal::parse_cid(request.param("cid"));
        if (!cid) return gateway_error(cid.error());
        return gateway_error(
            {ErrorKind::not_found, "blobs.path", "a file has nothing below it; ask for /ipfs/" + cid->text()});
    });
}

}  // namespace iapp::blobs
