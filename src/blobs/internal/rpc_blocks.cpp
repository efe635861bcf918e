// block/get, block/put, block/stat of the kubo RPC.
#include "blobs/internal/content.hpp"
#include "blobs/internal/kubo.hpp"
#include "blobs/internal/multipart.hpp"
#include "codec/json.hpp"
#include "crypto/hash.hpp"

namespace iapp::blobs::internal {
namespace {

using codec::Cid;
using codec::Multicodec;
using net::CallContext;
using net::Request;
using net::Response;

constexpr std::size_t kPieceBytes = 64 * 1024;

json::Object described(const Cid& cid, std::size_t size) { return {{"Key", cid.text()}, {"Size", size}}; }

/// Blocks are kept by their hash alone; the codec is what the caller says it is.
Result<Cid> cid_for(const net::Query& query, const Hash256& hash)
{
    const auto format = query.find("format");  // kubo's older spelling
    const std::string_view codec = format.value_or(query.find("cid-codec").value_or("raw"));
    if (format && (codec == "v0" || codec == "protobuf")) return Cid::v0(hash);
    if (codec == "dag-pb") return Cid::v1(Multicodec::dag_pb, hash);
    if (codec == "raw") return Cid::v1(Multicodec::raw, hash);
    return fail(ErrorKind::invalid_input, "blobs.option", "option cid-codec must be raw or dag-pb");
}

Result<Bytes> read_block(net::BodyReader& content)
{
    Bytes block;
    Bytes piece(kPieceBytes);
    while (block.size() <= codec::kUnixfsMaxBlockBytes) {
        TRY(const std::size_t count, content.read(piece));
        if (count == 0) return block;
        append(block, ByteView(piece).first(count));
    }
    return fail(ErrorKind::invalid_input, "blobs.block_size", "produced block is over 2 MiB; send smaller blocks");
}

Result<Response> block_put(const BlockStore& store, const Request& request, const CallContext& call)
{
    static constexpr OnlyValue kRules[] = {{"mhtype", "sha2-256"}};
    TRY_OK(check_options(request.query, kRules));
    if (const auto length = request.query.find("mhlen").value_or("-1"); length != "-1" && length != "32")
        return fail(ErrorKind::invalid_input, "blobs.option", "option mhlen is only supported as 32");
    const auto put = [&](const Part&, net::BodyReader& content) -> Result<std::string> {
        TRY(const Bytes block, read_block(content));
        const Hash256 hash = crypto::sha256(block);
        TRY(const Cid cid, cid_for(request.query, hash));
        TRY_OK(store.put(hash, block, call));
        return json::print(described(cid, block.size())) + "\n";
    };
    TRY(std::string lines, lines_of_parts(request, put));
    return net::json_response(200, std::move(lines));
}

Result<Response> block_get(const BlockStore& store, const Request& request, const CallContext& call)
{
    TRY(const Cid cid, cid_argument(request));
    TRY(const Bytes block, source_of(store, call)(cid));
    Response response;
    response.headers.set("Content-Type", "text/plain");
    response.headers.set("X-Stream-Output", "1");
    response.body = to_text(block);
    return response;
}

Result<Response> block_stat(const BlockStore& store, const Request& request, const CallContext& call)
{
    TRY(const Cid cid, cid_argument(request));
    TRY(const Bytes block, source_of(store, call)(cid));
    return net::json_response(200, json::print(described(cid, block.size())) + "\n");
}

}  // namespace

void add_block_routes(net::HttpServer& server, const BlockStore& store, const ServiceOptions& options)
{
    const net::RouteOptions upload{options.max_upload_bytes, options.transfer_timeout, true};
    const auto put = [&store](const Request& request, const CallContext& call) { return block_put(store, request, call); };
    const auto get = [&store](const Request& request, const CallContext& call) { return block_get(store, request, call); };
    const auto stat = [&store](const Request& request, const CallContext& call) { return block_stat(store, request, call); };
    server.route("POST", "/api/v0/block/put", answering_kubo(put), upload);
    server.route("POST", "/api/v0/block/get", answering_kubo(get));
    server.route("POST", "/api/v0/block/stat", answering_kubo(stat));
}

}  // namespace iapp::blobs::internal
