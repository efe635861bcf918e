// The subset of the kubo RPC that the npm clients use. Errors have kubo's shape: {"Message","Code","Type"}.
#include <charconv>

#include "base/error_kind.hpp"
#include "blobs/internal/content.hpp"
#include "blobs/internal/multipart.hpp"
#include "blobs/service.hpp"
#include "codec/json.hpp"
#include "crypto/hash.hpp"

namespace iapp::blobs {
namespace {

using net::CallContext;
using net::Request;
using net::Response;

/// kubo answers 500 for almost everything; clients take 5xx for an outage, so each kind keeps its own status here.
Response kubo_error(const Error& error)
{
    const std::string message = error.kind == ErrorKind::internal ? "internal error" : error.detail;
    return net::json_response(info(error.kind).http_status,
                              json::print(json::Object{{"Message", message}, {"Code", 0}, {"Type", "error"}}));
}

net::Handler answering_kubo(std::function<Result<Response>(const Request&, const CallContext&)> handler)
{
    return [handler = std::move(handler)](const Request& request, const CallContext& call) {
        Result<Response> answer = handler(request, call);
        return answer ? *std::move(answer) : kubo_error(answer.error());
    };
}

/// Options that would change the CID or ask for more than plain files. Silently ignoring one would answer another CID.
Status check_add_options(const net::Query& query)
{
    struct Rule {
        std::string_view name;
        std::string_view only;
    };
    static constexpr Rule kRules[] = {{"cid-version", "0"},
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
    for (const auto& [name, only] : kRules)
        if (const auto value = query.find(name); value && *value != only)
            return fail(ErrorKind::invalid_input, "blobs.option",
                        "option " + std::string(name) + " is only supported as " + std::string(only));
    return {};
}

std::string add_line(const internal::Part& part, const codec::UnixfsFile& file)
{
    const std::string cid = file.cid.text();
    const json::Object line{
        {"Name", part.file_name.empty() ? cid : part.file_name}, {"Hash", cid}, {"Size", std::to_string(file.dag_size)}};
    return json::print(line) + "\n";
}

Result<Response> add(const BlockStore& store, const Request& request, const CallContext& call)
{
    TRY_OK(check_add_options(request.query));
    TRY(const std::string boundary, internal::parse_boundary(request.headers.find("content-type").value_or("")));
    internal::MultipartReader parts(*request.body_reader, boundary);
    std::string lines;
    while (true) {
        TRY(const auto part, parts.next());
        if (!part) break;
        if (part->content_type == "application/x-directory" || part->content_type == "application/symlink")
            return fail(ErrorKind::invalid_input, "blobs.directory_part", "only plain files can be added");
        TRY(const codec::UnixfsFile file, internal::import_file(store, parts, call));
        lines += add_line(*part, file);
    }
    if (lines.empty()) return fail(ErrorKind::invalid_input, "blobs.no_file", "file argument 'path' is required");
    return net::json_response(200, std::move(lines));
}

Result<codec::Cid> cid_argument(const Request& request)
{
    const auto argument = request.query.find("arg");
    if (!argument) return fail(ErrorKind::invalid_input, "blobs.argument", "argument \"ipfs-path\" is required");
    return internal::parse_cid(*argument);
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

Result<Response> cat(const BlockStore& store, const Request& request)
{
    TRY(const codec::Cid cid, cid_argument(request));
    TRY(const std::uint64_t size, codec::unixfs_size(cid, internal::source_of(store), crypto::sha256));
    TRY(const std::uint64_t offset, number_option(request, "offset", 0));
    TRY(const std::uint64_t length, number_option(request, "length", size));
    if (offset > size) return fail(ErrorKind::invalid_input, "blobs.option", "the offset lies behind the end of the file");

    Response response;
    response.headers.set("Content-Type", "text/plain");
    response.headers.set("X-Stream-Output", "1");
    response.stream_size = std::min(length, size - offset);
    response.stream = internal::stream_of(store, cid, offset, *response.stream_size);
    return response;
}

Result<Response> block_get(const BlockStore& store, const Request& request)
{
    TRY(const codec::Cid cid, cid_argument(request));
    TRY(const Bytes block, internal::source_of(store)(cid));
    Response response;
    response.headers.set("Content-Type", "text/plain");
    response.headers.set("X-Stream-Output", "1");
    response.body = to_text(block);
    return response;
}

Response version()
{
    return net::json_response(
        200, json::print(json::Object{
                 {"Version", "0.1.0"}, {"Commit", ""}, {"Repo", "iapp-blobs/1"}, {"System", ""}, {"Golang", ""}}));
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
    server.route("POST", "/api/v0/cat",
                 answering_kubo([&store](const Request& request, const CallContext&) { return cat(store, request); }),
                 download);
    server.route("POST", "/api/v0/block/get",
                 answering_kubo([&store](const Request& request, const CallContext&) { return block_get(store, request); }));
    server.route("POST", "/api/v0/version", [](const Request&, const CallContext&) { return version(); });
}

}  // namespace iapp::blobs
