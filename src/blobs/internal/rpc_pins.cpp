// pin/add, pin/ls, pin/rm of the kubo RPC. This store keeps every block, so a pin is the statement that all of a file is
// here.
#include <algorithm>

#include "blobs/internal/content.hpp"
#include "blobs/internal/kubo.hpp"
#include "codec/json.hpp"
#include "crypto/hash.hpp"

namespace iapp::blobs::internal {
namespace {

using net::CallContext;
using net::Request;
using net::Response;

constexpr std::size_t kMostBlocks = 1U << 20;   ///< 256 GiB of default chunks
constexpr std::chrono::minutes kTimeToLook{2};  ///< a small request must not hold its thread for an upload's time

/// Every block of the file is here and right, or an error names the one that is not.
Status check_is_whole(const BlockStore& store, const codec::Cid& root, const CallContext& call)
{
    const auto read = source_of(store, call);
    const auto source = [&](const codec::Cid& cid) -> Result<Bytes> {
        TRY_OK(call.check());
        return read(cid);
    };
    return codec::check_unixfs(root, source, crypto::sha256, kMostBlocks);
}

Result<Response> pin_add(const BlockStore& store, const Request& request, const CallContext& call)
{
    TRY(const codec::Cid cid, cid_argument(request));
    TRY_OK(check_is_whole(store, cid, call));
    return net::json_response(200, json::print(json::Object{{"Pins", json::Array{json::Value(cid.text())}}}) + "\n");
}

Result<Response> pin_ls(const BlockStore& store, const Request& request, const CallContext& call)
{
    if (!request.query.find("arg"))
        return fail(ErrorKind::invalid_input, "blobs.argument", "every block here is kept; name a CID with arg");
    TRY(const codec::Cid cid, cid_argument(request));
    if (const Status whole = check_is_whole(store, cid, call); !whole) {
        if (whole.error().kind != ErrorKind::not_found) return std::unexpected(whole.error());
        return fail(ErrorKind::not_found, "blobs.not_pinned", "path '" + cid.text() + "' is not pinned");
    }
    const json::Object keys{{cid.text(), json::Object{{"Type", "recursive"}}}};
    return net::json_response(200, json::print(json::Object{{"Keys", keys}}) + "\n");
}

Result<Response> pin_rm(const Request& request)
{
    TRY_OK(cid_argument(request));
    return fail(ErrorKind::invalid_input, "blobs.keeps_all", "this store keeps every block; nothing can be unpinned");
}

}  // namespace

void add_pin_routes(net::HttpServer& server, const BlockStore& store, const ServiceOptions& options)
{
    const std::chrono::milliseconds timeout = std::min<std::chrono::milliseconds>(options.transfer_timeout, kTimeToLook);
    const net::RouteOptions slow{{}, timeout, false};
    const auto add = [&store](const Request& request, const CallContext& call) { return pin_add(store, request, call); };
    const auto ls = [&store](const Request& request, const CallContext& call) { return pin_ls(store, request, call); };
    server.route("POST", "/api/v0/pin/add", answering_kubo(add), slow);
    server.route("POST", "/api/v0/pin/ls", answering_kubo(ls), slow);
    server.route("POST", "/api/v0/pin/rm",
                 answering_kubo([](const Request& request, const CallContext&) { return pin_rm(request); }));
}

}  // namespace iapp::blobs::internal
