#pragma once
// The two faces of the block store: kubo RPC (what the npm clients upload to) and an IPFS HTTP gateway.
// Formats: kubo RPC /api/v0; trustless gateway specification (?format=raw); UnixFS files only, no directories.
#include <cstdint>

#include "blobs/block_store.hpp"
#include "net/server.hpp"

namespace iapp::blobs {

struct ServiceOptions {
    std::uint64_t max_upload_bytes = std::uint64_t{8} << 30;
    /// One whole upload or download; a look through a file for a pin has two minutes at most.
    std::chrono::milliseconds transfer_timeout{30 * 60 * 1000};
};

/// /api/v0/add, cat, block/{get,put,stat}, pin/{add,ls,rm}, version, id. `store` must outlive the server.
void add_rpc_routes(net::HttpServer& server, const BlockStore& store, ServiceOptions options = {});

/// GET and HEAD /ipfs/{cid}: whole, one range or several; ?filename=, ?download=true, ?format=raw. `store` must outlive the
/// server.
void add_gateway_routes(net::HttpServer& server, const BlockStore& store, ServiceOptions options = {});

}  // namespace iapp::blobs
