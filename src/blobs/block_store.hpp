#pragma once
// Blocks on a directory, named by their SHA-256. A block is either whole and right or not there.
// Not a cache with a limit, and no garbage collection.
#include <cstdint>
#include <filesystem>
#include <span>

#include "base/bytes.hpp"
#include "base/fixed_bytes.hpp"
#include "base/result.hpp"

namespace iapp::blobs {

/// Safe to share between threads and processes.
class BlockStore {
public:
    /// Creates the directory when it is missing. Errors: unavailable "blobs.directory".
    static Result<BlockStore> open(std::filesystem::path directory);

    /// Writes the block under its hash; durable when this returns. A block that is there already stays as it is.
    /// Errors: unavailable "blobs.write"; resource_exhausted "blobs.disk_full".
    Status put(const Hash256& hash, ByteView block) const;

    /// Reads and verifies. Errors: not_found "blobs.not_found"; corrupt "blobs.block_hash"; unavailable "blobs.read".
    Result<Bytes> get(const Hash256& hash) const;

    Result<bool> has(const Hash256& hash) const;

private:
    explicit BlockStore(std::filesystem::path directory);
    std::filesystem::path path_of(const Hash256& hash) const;
    std::filesystem::path directory_;
};

}  // namespace iapp::blobs
