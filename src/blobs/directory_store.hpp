#pragma once
// Blocks on a directory. A block is either whole and right or not there, across kill -9 and power loss.
// Layout: blocks/<first two hex digits>/<64 hex digits>; tmp/ holds files that are being written.
#include <filesystem>

#include "blobs/block_store.hpp"

namespace iapp::blobs {

/// Safe to share between threads and processes.
class DirectoryStore final : public BlockStore {
public:
    /// Creates the directory when it is missing and removes what writers left behind in tmp/ more than an hour ago.
    /// Errors: unavailable "blobs.directory".
    static Result<DirectoryStore> open(const std::filesystem::path& directory);

    /// What is not committed leaves no trace; one wait for the disk for the whole batch. A block that is there already and
    /// sound is not written again, a damaged one is; its folder is synced again, because who wrote it may not have come to
    /// that yet.
    std::unique_ptr<BlockBatch> start_batch(const net::CallContext& call) const override;

private:
    friend class DirectoryBatch;
    explicit DirectoryStore(std::filesystem::path directory) : directory_(std::move(directory)) {}
    Result<Bytes> fetch(const Hash256& hash, const net::CallContext& call) const override;
    std::filesystem::path folder_of(const Hash256& hash) const;
    std::filesystem::path path_of(const Hash256& hash) const;

    std::filesystem::path directory_;
};

}  // namespace iapp::blobs
