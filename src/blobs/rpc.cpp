// The subset of the kubo RPC that the npm clients use: add, cat, version, id, and unknown commands; blocks and pins are in
// internal/.
#include <charconv>

#include "blobs/internal/content.hpp"
#include "blobs/internal/kubo.hpp"
#include "blobs/internal/multipart.hpp"
#include "blobs/service.hpp"
#include "codec/base58.hpp"
#include "codec/json.hpp"
#include "crypto/hash.hpp"

namespace iapp::blobs {
namespace {

using internal::answering_kubo;
using net::CallContext;
using net::Request;
using net::Response;

/// Options that would change the CID or ask for more than plain files. Silently ignoring one would answer another CID.
Status check_add_options(const net::Query& query)
{
    static constexpr internal::OnlyValue kRules[] = {{"cid-version", "0"},
                                                     {"raw-leaves", "false"},
                                                     {"chunker", "size-262144"},
                                                     {"hash", "sha2-256"},
                                                     {"wrap-with-directory", "false"},
                                                     {"trickle", "false"},
                                                     {"inline", "false"},
                                                     {"nocopy", "false"},
                                                     {"only-hash", "false"},
                                                     {"preserve-mode", "false"},
                                                     {"preserve-mtime", "false"}};
    return internal::check_options(query, kRules);
}

std::string add_lines(const internal::Part& part, const codec::UnixfsFile& file, bool with_progress)
{
    const std::string cid = file.cid.text();
    const json::Object line{
        {"Name", part.file_name.empty() ? cid : part.file_name}, {"Hash", cid}, {"Size", std::to_string(file.dag_size)}};
    const json::Object progress{{"Name", part.file_name}, {"Bytes", file.size}};
    return (with_progress ? json::print(progress) + "\n" : "") + json::print(line) + "\n";
}

Result<Response> add(const BlockStore& store, const Request& request, const CallContext& call)
{
    TRY_OK(check_add_options(request.query));
    const bool with_progress = request.query.find("progress") == "true";
    const auto take = [&](const internal::Part& part, net::BodyReader& content) -> Result<std::string> {
        if (part.content_type == "application/x-directory" || part.content_type == "application/symlink")
            return fail(ErrorKind::invalid_input, "blobs.directory_part", "only plain files can be added");
        TRY(const codec::UnixfsFile file, internal::import_file(store, content, call));
        return add_lines(part, file, with_progress);
    };
    TRY(std::string lines, internal::lines_of_parts(request, take));
    return net::json_response(200, std::move(lines));
}

Result<std::uint64_t> number_option(const Request& request, std::string_view name, std::uint64_t otherwise)
{
    const auto text = request.query.find(name);
    if (!text) return otherwise;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error == std::errc{} && end == text->data() + text->size() && !text->empty()) return value;
    return fail(ErrorKind::invalid_input, "blobs.option", "option " + std::string(name) + " must be a number");
}

Result<Response> cat(const BlockStore& store, const Request& request, const CallContext& call)
{
    TRY(const codec::Cid cid, internal::cid_argument(request));
    TRY(const std::uint64_t size, codec::unixfs_size(cid, internal::source_of(store, call), crypto::sha256));
    TRY(const std::uint64_t offset, number_option(request, "offset", 0));
    TRY(const std::uint64_t length, number_option(request, "length", size));
    if (offset > size) return fail(ErrorKind::invalid_input, "blobs.option", "the offset lies behind the end of the file");

    Response response;
    response.headers.set("Content-Type", "text/plain");
    response.headers.set("X-Stream-Output", "1");
    response.stream_size = std::min(length, size - offset);
    response.stream = internal::stream_of(store, cid, offset, *response.stream_size, call);
    return response;
}

Response version()
{
    return net::json_response(
        200, json::print(json::Object{
                 {"Version", "0.1.0"}, {"Commit", ""}, {"Repo", "iapp-blobs/1"}, {"System", ""}, {"Golang", ""}}));
}

/// No libp2p node stands behind this. Clients insist on a peer id, so this one names the origin they asked.
Response id(const Request& request)
{
    const std::string origin = "iapp-blobs " + std::string(request.headers.find("host").value_or(""));
    const std::string peer = codec::base58(codec::sha256_multihash(crypto::sha256(as_bytes(origin))));
    return net::json_response(200, json::print(json::Object{{"ID", peer},
                                                            {"PublicKey", ""},
                                                            {"Addresses", json::Array{}},
                                                            {"AgentVersion", "iapp-blobs/0.1.0"},
                                                            {"Protocols", json::Array{}}}));
}

}  // namespace

void add_rpc_routes(net::HttpServer& server, const BlockStore& store, ServiceOptions options)
{
    const net::RouteOptions upload{options.max_upload_bytes, options.transfer_timeout, true};
    const net::RouteOptions download{{}, options.transfer_timeout, false};
    server.route("POST", "/api/v0/add", answering_kubo([&store](const Request& request, const CallContext& call) {
                     return add(store, request, call);
                 }),
                 upload);
    server.route("POST", "/api/v0/cat", answering_kubo([&store](const Request& request, const CallContext& call) {
                     return cat(store, request, call);
                 }),
                 download);
    internal::add_block_routes(server, store, options);
    internal::add_pin_routes(server, store, options);
    server.route("POST", "/api/v0/version", [](const Request&, const CallContext&) { return version(); });
    server.route("POST", "/api/v0/id", [](const Request& request, const CallContext&) { return id(request); });
    server.route("POST", "/api/v0/{command...}",
                 answering_kubo([](const Request& request, const CallContext&) -> Result<Response> {
                     return fail(ErrorKind::not_found, "blobs.command",
                                 "this store has no command " + std::string(request.param("command")));
                 }));
}

}  // namespace iapp::blobs
