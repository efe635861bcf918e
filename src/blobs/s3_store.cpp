#include "blobs/s3_store.hpp"

#include <algorithm>

#include "blobs/internal/remote_batch.hpp"
#include "blobs/internal/s3_error.hpp"
#include "blobs/internal/sigv4.hpp"
#include "crypto/hash.hpp"

namespace iapp::blobs {
namespace {

using net::CallContext;
using net::Request;
using net::Response;

/// Characters that are the same before and after the encoding of a path.
bool is_plain(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("-._/").contains(c);
    });
}

std::unexpected<Error> wrong_options(const std::string& what)
{
    return fail(ErrorKind::invalid_input, "blobs.s3_options", what);
}

/// The kind follows the status; the server's own code is for the log.
std::unexpected<Error> refused(const Response& response, std::string_view reason)
{
    const std::string code = internal::s3_error_code(response.body);
    const std::string said = "the S3 server answered " + std::to_string(response.status) + (code.empty() ? "" : " " + code);
    if (response.status == 401 || response.status == 403)
        return fail(ErrorKind::permission_denied, "blobs.denied",
                    said + "; check the keys, the bucket's policy and the clock");
    return fail(ErrorKind::unavailable, reason, said);
}

}  // namespace

Result<S3Store> S3Store::make(const net::HttpClient& http, const S3Options& options, S3Credentials credentials,
                              const Clock& clock, internal::Patience patience)
{
    TRY(net::Url base, net::parse_url(options.endpoint));
    if (base.target != "/") return wrong_options("endpoint must be an origin, without a path");
    if (options.region.empty() || !is_plain(options.region)) return wrong_options("region is missing or malformed");
    if (options.bucket.empty() || options.bucket.contains('/') || !is_plain(options.bucket))
        return wrong_options("bucket is missing or malformed");
    if (!is_plain(options.prefix) || options.prefix.starts_with('/') || options.prefix.contains("//") ||
        options.prefix.contains(".."))
        return wrong_options("prefix may hold letters, digits and -._/ and begins with none of / and ..");
    if (options.path_style) base.target += options.bucket + "/";
    else base.host = options.bucket + "." + base.host;
    base.target += options.prefix;
    return S3Store(http, std::move(base), options.region, std::move(credentials), clock, patience);
}

S3Store::S3Store(const net::HttpClient& http, net::Url base, std::string region, S3Credentials credentials,
                 const Clock& clock, internal::Patience patience)
    : http_(http),
      base_(std::move(base)),
      region_(std::move(region)),
      credentials_(std::move(credentials)),
      clock_(clock),
      patience_(patience)
{
}

std::string S3Store::url_of(const Hash256& hash) const { return base_.origin() + base_.target + hex(hash.bytes()); }

net::HeaderMap S3Store::sign(std::string_view method, std::string_view path, const Hash256& payload) const
{
    const UnixSeconds now = clock_.now_seconds();
    std::vector<internal::SigV4Header> fields{{"x-amz-content-sha256", hex(payload.bytes())},
                                              {"x-amz-date", internal::sigv4_time(now)}};
    if (!credentials_.session_token.empty()) fields.push_back({"x-amz-security-token", credentials_.session_token});
    net::HeaderMap out;
    for (const auto& [name, value] : fields) out.set(name, value);
    fields.push_back({"host", base_.authority()});
    const internal::SigV4Scope scope{credentials_.access_key, &credentials_.secret_key, region_, "s3"};
    out.set("Authorization", internal::sigv4_authorization(method, path, std::move(fields), payload, scope, now));
    return out;
}

/// Signed anew for each attempt: a signature lives for minutes.
Result<Response> S3Store::ask(std::string_view method, const Hash256& hash, ByteView body, const Hash256& payload,
                              const CallContext& call) const
{
    const std::string path = base_.target + hex(hash.bytes());
    return internal::send_patiently(
        [&](const CallContext& attempt) {
            Request request;
            request.method = method;
            request.target = base_.origin() + path;
            request.headers = sign(method, path, payload);
            request.body = to_text(body);
            return http_.send(request, attempt);
        },
        call, patience_);
}

Result<Bytes> S3Store::fetch(const Hash256& hash, const CallContext& call) const
{
    TRY(const Response response, ask("GET", hash, {}, crypto::sha256({}), call));
    if (response.status == 404 && internal::s3_error_code(response.body) != "NoSuchBucket")
        return fail(ErrorKind::not_found, "blobs.not_found", "no such block in this store");
    if (response.status != 200) return refused(response, "blobs.read");
    return to_bytes(as_bytes(response.body));
}

/// The name of a block is the hash of its bytes, which S3 compares with what it received.
Status S3Store::upload(const Hash256& hash, ByteView block, const CallContext& call) const
{
    TRY(const Response response, ask("PUT", hash, block, hash, call));
    if (response.status == 200) return {};
    return refused(response, "blobs.write");
}

std::unique_ptr<BlockBatch> S3Store::start_batch(const CallContext& call) const
{
    return std::make_unique<internal::RemoteBatch>(
        [this, &call](const Hash256& hash, ByteView block) { return upload(hash, block, call); });
}

}  // namespace iapp::blobs
