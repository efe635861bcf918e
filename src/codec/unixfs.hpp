#pragma once
// UnixFS files as kubo adds them by default: 256 KiB chunks in dag-pb leaves, balanced tree of 174 links, CIDv0.
// Formats: UnixFS v1 and dag-pb (ipld.io). Files only: no directories, shards, symlinks, modes or times.
// Pure: the hash function and the places where blocks live are the caller's.
#include <functional>
#include <vector>

#include "base/bytes.hpp"
#include "base/fixed_bytes.hpp"
#include "base/result.hpp"
#include "codec/cid.hpp"

namespace iapp::codec {

/// crypto::sha256. This room hashes nothing itself.
using Sha256Function = Hash256 (*)(ByteView);

using BlockSink = std::function<Status(const Cid&, ByteView block)>;
using BlockSource = std::function<Result<Bytes>(const Cid&)>;
using DataSink = std::function<Status(ByteView)>;

inline constexpr std::size_t kUnixfsChunkBytes = 256 * 1024;
inline constexpr std::size_t kUnixfsLinksPerNode = 174;
inline constexpr std::size_t kUnixfsMaxBlockBytes = 2 * 1024 * 1024;

struct UnixfsFile {
    Cid cid;
    std::uint64_t size;      ///< bytes of content
    std::uint64_t dag_size;  ///< bytes of all blocks, repeated ones counted each time: kubo's "Size"
};

/// Turns a byte stream into blocks, in constant memory. Children reach the sink before their parents, the root last.
class UnixfsImporter {
public:
    UnixfsImporter(Sha256Function sha256, BlockSink sink) : sha256_(sha256), sink_(std::move(sink)) {}

    /// Errors: those of the sink; then the import is over.
    Status update(ByteView more);
    Result<UnixfsFile> finish();

private:
    Status end_chunk();
    Status push(std::size_t level, const UnixfsFile& node);
    Result<UnixfsFile> join(const std::vector<UnixfsFile>& children);
    Result<UnixfsFile> emit(const Bytes& block, std::uint64_t size, std::uint64_t below);

    Sha256Function sha256_;
    BlockSink sink_;
    Bytes chunk_;
    std::vector<std::vector<UnixfsFile>> levels_;  ///< nodes that wait for a parent; level 0 holds leaves
};

struct UnixfsLink {
    Cid cid;
    std::uint64_t size;  ///< bytes of content below; never 0
};

/// One block of a file: content or links, never both.
struct UnixfsBlock {
    std::uint64_t size;  ///< bytes of content here and below
    ByteView data;       ///< points into the decoded bytes
    std::vector<UnixfsLink> links;
};

/// Decodes a block that was verified against `cid`. A block of codec raw is content as it stands.
/// Errors: invalid_input "unixfs.dag_pb" (malformed or not canonical), "unixfs.protobuf", "unixfs.type" (not a file),
///         "unixfs.size" (sizes that do not add up), "unixfs.block_size", and those of Cid::from_bytes.
Result<UnixfsBlock> decode_unixfs(const Cid& cid, ByteView block);

/// Errors: corrupt "unixfs.hash".
Status verify_block(const Cid& cid, ByteView block, Sha256Function sha256);

/// Reads `size` bytes of a file from `offset`; every block is verified before a byte of it is used. `size` may reach
/// beyond the end. Holds one block per level. Errors: those of source, sink, verify_block and decode_unixfs;
/// invalid_input "unixfs.size" (a child disagrees with its parent), "unixfs.depth", "unixfs.crumbs" (of the blocks
/// read, those beyond 10,000 are more than one for each 256 bytes given: a few blocks that repeat each other).
Status read_unixfs(const Cid& root, const BlockSource& source, Sha256Function sha256, std::uint64_t offset,
                   std::uint64_t size, const DataSink& sink);

/// Size of the content, from the root block alone. Errors: as read_unixfs.
Result<std::uint64_t> unixfs_size(const Cid& root, const BlockSource& source, Sha256Function sha256);

/// Every block of the file is there, right, and agrees with its parent. Each is read once, however often it is named.
/// Errors: as read_unixfs; resource_exhausted "unixfs.blocks": the file has more than `max_blocks` different blocks.
Status check_unixfs(const Cid& root, const BlockSource& source, Sha256Function sha256, std::size_t max_blocks);

}  // namespace iapp::codec
