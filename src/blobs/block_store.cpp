#include "blobs/block_store.hpp"

#include "crypto/hash.hpp"

namespace iapp::blobs {

Status BlockStore::put(const Hash256& hash, ByteView block, const net::CallContext& call) const
{
    const auto batch = start_batch(call);
    TRY_OK(batch->add(hash, block));
    return batch->commit();
}

Result<Bytes> BlockStore::get(const Hash256& hash, const net::CallContext& call) const
{
    TRY(Bytes block, fetch(hash, call));
    if (crypto::sha256(block) == hash) return block;
    return fail(ErrorKind::corrupt, "blobs.block_hash",
                "the store gave other bytes for block " + hash.hex() + "; add the content again");
}

}  // namespace iapp::blobs
