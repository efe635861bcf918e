#pragma once
// Blocks named by their SHA-256, wherever they are kept: a directory, an IPFS node, an S3 bucket. No back end is trusted:
// what it gives back is verified here, once, for all of them. Not a cache, and no garbage collection.
#include <memory>

#include "base/bytes.hpp"
#include "base/fixed_bytes.hpp"
#include "base/result.hpp"
#include "net/call_context.hpp"

namespace iapp::blobs {

/// Blocks that are added together. The last one becomes visible only when all the others are, so a file whose root comes
/// last is whole or not there.
class BlockBatch {
public:
    BlockBatch() = default;
    virtual ~BlockBatch() = default;
    BlockBatch(BlockBatch&&) = delete;

    /// `hash` is the SHA-256 of `block`: the caller has just computed it.
    /// Writes by itself when many blocks wait, so that memory and descriptors stay bounded.
    /// Errors: unavailable "blobs.write"; resource_exhausted "blobs.disk_full"; of a remote store also permission_denied
    ///         "blobs.denied", corrupt "blobs.cid_mismatch", and those of CallContext::check().
    virtual Status add(const Hash256& hash, ByteView block) = 0;

    /// Durable when this returns, as far as the back end can promise it. Errors: as add().
    virtual Status commit() = 0;
};

/// Safe to share between threads.
class BlockStore {
public:
    BlockStore() = default;
    virtual ~BlockStore() = default;
    BlockStore(BlockStore&&) = default;

    /// A batch of one block.
    Status put(const Hash256& hash, ByteView block, const net::CallContext& call) const;

    /// Reads and verifies. Errors: not_found "blobs.not_found"; corrupt "blobs.block_hash"; unavailable "blobs.read";
    ///         of a remote store also permission_denied "blobs.denied", and those of CallContext::check().
    Result<Bytes> get(const Hash256& hash, const net::CallContext& call) const;

    /// The store and `call` outlive the batch.
    virtual std::unique_ptr<BlockBatch> start_batch(const net::CallContext& call) const = 0;

protected:
    /// The bytes as the back end has them.
    virtual Result<Bytes> fetch(const Hash256& hash, const net::CallContext& call) const = 0;
};

}  // namespace iapp::blobs
