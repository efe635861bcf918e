#include "blobs/kubo_store.hpp"

#include "blobs/internal/kubo_url.hpp"
#include "blobs/internal/remote_batch.hpp"
#include "codec/cid.hpp"
#include "codec/json.hpp"
#include "crypto/random.hpp"

namespace iapp::blobs {
namespace {

using codec::Cid;
using net::CallContext;
using net::Request;
using net::Response;

Cid raw_cid(const Hash256& hash) { return Cid::v1(codec::Multicodec::raw, hash); }

/// The "Message" of kubo's error, on one line of the log.
std::string message_of(const Response& response)
{
    const auto value = json::parse(response.body);
    const auto object = value ? json::ObjectReader::of(*value) : Result<json::ObjectReader>(std::unexpected(value.error()));
    const auto message = object ? object->text("Message") : Result<std::string_view>(std::unexpected(object.error()));
    return "the IPFS node answered " + std::to_string(response.status) + (message ? ": " + std::string(*message) : "");
}

/// kubo says 500 for everything, so what is missing is known by the words.
bool is_missing(const Response& response)
{
    return response.status == 404 || (response.status == 500 && response.body.contains("not found"));
}

std::unexpected<Error> refused(const Response& response, std::string_view reason)
{
    if (response.status == 401 || response.status == 403)
        return fail(ErrorKind::permission_denied, "blobs.denied", message_of(response));
    return fail(ErrorKind::unavailable, reason, message_of(response));
}

/// The hash in the answer to block/put.
Result<Hash256> answered_hash(const Response& response)
{
    const auto value = json::parse(response.body);
    if (value) {
        const auto object = json::ObjectReader::of(*value);
        const auto key = object ? object->text("Key") : Result<std::string_view>(std::unexpected(object.error()));
        const auto cid = key ? Cid::parse(*key) : Result<Cid>(std::unexpected(key.error()));
        if (cid) return cid->digest();
    }
    return fail(ErrorKind::corrupt, "blobs.answer", "the IPFS node did not answer with the key of a block");
}

}  // namespace

KuboStore::KuboStore(const net::HttpClient& http, std::string api_url, internal::Patience patience)
    : http_(http), root_(internal::kubo_root(api_url)), patience_(patience)
{
}

/// A 500 that says what is missing is an answer, not a moment of weakness.
Result<Response> KuboStore::ask(const Request& request, const CallContext& call) const
{
    return internal::send_patiently(
        [&](const CallContext& attempt) -> Result<Response> {
            TRY(Response response, http_.send(request, attempt));
            if (is_missing(response)) response.status = 404;
            return response;
        },
        call, patience_);
}

Result<Bytes> KuboStore::fetch(const Hash256& hash, const CallContext& call) const
{
    Request request;
    request.method = "POST";
    request.target = root_ + "/block/get?offline=true&arg=" + raw_cid(hash).text();
    TRY(const Response response, ask(request, call));
    if (response.status == 404) return fail(ErrorKind::not_found, "blobs.not_found", "no such block in this store");
    if (!response.is_success()) return refused(response, "blobs.read");
    return to_bytes(as_bytes(response.body));
}

Status KuboStore::upload(const Hash256& hash, ByteView block, const CallContext& call) const
{
    const std::string boundary = "iapp-" + hex(crypto::random_bytes(16));
    Request request;
    request.method = "POST";
    request.target = root_ + "/block/put?cid-codec=raw&mhtype=sha2-256&pin=true&allow-big-block=true";
    request.headers.set("Content-Type", "multipart/form-data; boundary=" + boundary);
    request.body = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"data\"; filename=\"block\"\r\n" +
                   "Content-Type: application/octet-stream\r\n\r\n" + to_text(block) + "\r\n--" + boundary + "--\r\n";
    TRY(const Response response, ask(request, call));
    if (!response.is_success()) return refused(response, "blobs.write");
    TRY(const Hash256 answered, answered_hash(response));
    if (answered == hash) return {};
    return fail(ErrorKind::corrupt, "blobs.cid_mismatch",
                "the IPFS node stored " + answered.hex() + " for block " + hash.hex());
}

std::unique_ptr<BlockBatch> KuboStore::start_batch(const CallContext& call) const
{
    return std::make_unique<internal::RemoteBatch>(
        [this, &call](const Hash256& hash, ByteView block) { return upload(hash, block, call); });
}

}  // namespace iapp::blobs
