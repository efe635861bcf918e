#pragma once
// Files in a block store: import with a batch, read with verification. Shared by the RPC and the gateway.
#include "blobs/block_store.hpp"
#include "codec/unixfs.hpp"
#include "net/call_context.hpp"
#include "net/http.hpp"

namespace iapp::blobs::internal {

/// Reads `content` to its end and stores it; the root is durable when this returns.
Result<codec::UnixfsFile> import_file(const BlockStore& store, net::BodyReader& content, const net::CallContext& call);

/// Blocks of the store by CID; both arguments outlive it. Errors name the CID as kubo does.
codec::BlockSource source_of(const BlockStore& store, const net::CallContext& call);

/// "Qm..." or "bafy...", alone or behind "/ipfs/". Errors: invalid_input "blobs.cid".
Result<codec::Cid> parse_cid(std::string_view text);

/// Streams [offset, offset + size) of the file `root`, which has at least that many bytes.
net::BodySource stream_of(const BlockStore& store, const codec::Cid& root, std::uint64_t offset, std::uint64_t size,
                          const net::CallContext& call);

}  // namespace iapp::blobs::internal
