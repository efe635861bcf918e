#pragma once
// Blocks in a bucket of S3 or of a server that speaks it (signature version 4). One object for each block: PREFIX then 64
// hex digits. Blocks are at most 2 MiB, so there are no multipart uploads.
#include <string>

#include "base/clock.hpp"
#include "blobs/block_store.hpp"
#include "blobs/internal/patience.hpp"
#include "blobs/s3_credentials.hpp"
#include "net/client.hpp"
#include "net/url.hpp"

namespace iapp::blobs {

struct S3Options {
    std::string endpoint;  ///< "https://s3.eu-west-3.amazonaws.com": an origin
    std::string region;
    std::string bucket;
    std::string prefix{};     ///< "" or one that ends as it should: "blocks/"
    bool path_style = false;  ///< https://ENDPOINT/BUCKET/KEY instead of https://BUCKET.ENDPOINT/KEY
};

class S3Store final : public BlockStore {
public:
    /// Asks nothing of the server yet. `http` and `clock` outlive the store.
    /// Errors: invalid_input "blobs.s3_options" (bucket and prefix are of letters, digits and -._/ ; the endpoint is an
    /// origin).
    static Result<S3Store> make(const net::HttpClient& http, const S3Options& options, S3Credentials credentials,
                                const Clock& clock, internal::Patience patience = {});

    std::unique_ptr<BlockBatch> start_batch(const net::CallContext& call) const override;

    /// Where a block is.
    std::string url_of(const Hash256& hash) const;

private:
    S3Store(const net::HttpClient& http, net::Url base, std::string region, S3Credentials credentials, const Clock& clock,
            internal::Patience patience);
    Result<Bytes> fetch(const Hash256& hash, const net::CallContext& call) const override;
    Status upload(const Hash256& hash, ByteView block, const net::CallContext& call) const;
    Result<net::Response> ask(std::string_view method, const Hash256& hash, ByteView body, const Hash256& payload,
                              const net::CallContext& call) const;
    net::HeaderMap sign(std::string_view method, std::string_view path, const Hash256& payload) const;

    const net::HttpClient& http_;
    net::Url base_;  ///< its target is the path up to the key
    std::string region_;
    S3Credentials credentials_;
    const Clock& clock_;
    internal::Patience patience_;
};

}  // namespace iapp::blobs
