#pragma once
// Client of a content-addressed store: kubo RPC to add, trustless gateway to fetch. Every byte is checked against the CID.
// Not a cache, and no trust in the other side: a wrong block is an error, not data.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/call_context.hpp"
#include "net/client.hpp"
#include "net/http.hpp"

namespace iapp::blobs {

class BlobClient {
public:
    /// `api_url`: kubo RPC origin or URL whose path replaces /api/v0; `gateway_url`: origin of /ipfs/{cid}.
    BlobClient(const net::HttpClient& http, std::string api_url, std::string gateway_url);

    /// Uploads and returns the CIDv0 that was computed here while sending; the server must answer the same one.
    /// Errors: net.*; corrupt "blobs.cid_mismatch", "blobs.answer".
    Result<std::string> add(net::BodyReader& content, const net::CallContext& call) const;
    Result<std::string> add(ByteView content, const net::CallContext& call) const;

    /// Fetches a UnixFS file block by block and hands verified bytes to `sink`, in order, in constant memory.
    /// `cid` may be written "Qm...", "bafy..." or "/ipfs/Qm...".
    /// Errors: net.*; invalid_input "blobs.cid", "unixfs.*" (not a plain file); not_found "blobs.not_found";
    ///         corrupt "unixfs.hash";
    ///         resource_exhausted "blobs.too_large" when the file is larger than `max_bytes`.
    Status fetch(std::string_view cid, const net::BodySink& sink, std::uint64_t max_bytes,
                 const net::CallContext& call) const;

    Result<Bytes> fetch_bytes(std::string_view cid, std::uint64_t max_bytes, const net::CallContext& call) const;
    Result<std::string> fetch_text(std::string_view cid, std::uint64_t max_bytes, const net::CallContext& call) const;

private:
    const net::HttpClient& http_;
    std::string api_url_;
    std::string gateway_url_;
};

}  // namespace iapp::blobs
