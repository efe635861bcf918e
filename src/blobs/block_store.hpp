#pragma once
// Blocks on a directory, named by their SHA-256. A block is either whole and right or not there, across kill -9 and power
// loss. Not a cache with a limit, and no garbage collection. Layout: blocks/<first two hex digits>/<64 hex digits>; tmp/
// holds files that are being written.
#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/bytes.hpp"
#include "base/fixed_bytes.hpp"
#include "base/result.hpp"

namespace iapp::blobs {

/// Safe to share between threads and processes.
class BlockStore {
public:
    /// Creates the directory when it is missing and removes what writers left behind in tmp/ more than an hour ago.
    /// Errors: unavailable "blobs.directory".
    static Result<BlockStore> open(const std::filesystem::path& directory);

    /// A batch of one block.
    Status put(const Hash256& hash, ByteView block) const;

    /// Reads and verifies. Errors: not_found "blobs.not_found"; corrupt "blobs.block_hash"; unavailable "blobs.read".
    Result<Bytes> get(const Hash256& hash) const;

private:
    friend class BlockBatch;
    explicit BlockStore(std::filesystem::path directory) : directory_(std::move(directory)) {}
    std::filesystem::path folder_of(const Hash256& hash) const;
    std::filesystem::path path_of(const Hash256& hash) const;

    std::filesystem::path directory_;
};

/// Blocks that become visible together and in the order they were added, with one wait for the disk.
/// What is not committed leaves no trace. A block that is there already and sound is not written again.
class BlockBatch {
public:
    explicit BlockBatch(const BlockStore& store) : store_(store) {}
    ~BlockBatch();
    BlockBatch(BlockBatch&&) = delete;

    /// `hash` is the SHA-256 of `block`: the caller has just computed it.
    /// Commits by itself when many blocks wait, so that memory and descriptors stay bounded.
    /// Errors: unavailable "blobs.write"; resource_exhausted "blobs.disk_full".
    Status add(const Hash256& hash, ByteView block);

    /// Durable when this returns. Errors: as add().
    Status commit();

private:
    struct Pending {
        Hash256 hash;
        std::filesystem::path file;
        int descriptor;
    };
    bool holds(const Hash256& hash) const;
    Status flush_files();

    const BlockStore& store_;
    std::vector<Pending> pending_;
};

}  // namespace iapp::blobs
