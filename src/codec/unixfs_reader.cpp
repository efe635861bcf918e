#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "codec/unixfs.hpp"
#include "codec/varint.hpp"

namespace iapp::codec {
namespace {

constexpr int kMaxDepth = 16;  ///< 4 levels hold 240 TB

// A reader pays for blocks, a writer of crumbs that repeat each other for bytes: no honest chunker cuts a large file so
// small.
constexpr std::uint64_t kFreeBlocks = 10'000;
constexpr std::uint64_t kLeastBytesPerBlock = 256;

/// One protobuf field: a number or a run of bytes.
struct Field {
    std::uint64_t number;
    std::uint64_t value = 0;
    ByteView bytes{};
    bool is_bytes = false;
};

std::unexpected<Error> malformed(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::invalid_input, reason, std::move(detail));
}

Result<Field> read_field(ByteView& in)
{
    TRY(const std::uint64_t key, read_varint(in));
    Field field{key >> 3};
    TRY(field.value, read_varint(in));
    const std::uint64_t wire_type = key & 7;
    if (wire_type == 0) return field;
    if (wire_type != 2 || field.value > in.size())
        return malformed("unixfs.protobuf", "a field is cut short or of a foreign type");
    field.is_bytes = true;
    field.bytes = in.first(field.value);
    in = in.subspan(field.value);
    return field;
}

/// dag-pb PBLink: Hash, Name, Tsize, in this order. Tsize is a hint and not trusted.
Result<Cid> decode_link(ByteView in)
{
    TRY(const Field hash, read_field(in));
    if (hash.number != 1 || !hash.is_bytes) return malformed("unixfs.dag_pb", "a link must begin with its CID");
    std::uint64_t last = 1;
    while (!in.empty()) {
        TRY(const Field field, read_field(in));
        const bool is_known = (field.number == 2 && field.is_bytes) || (field.number == 3 && !field.is_bytes);
        if (!is_known || field.number <= last) return malformed("unixfs.dag_pb", "a link has an unknown or repeated field");
        if (field.number == 2 && !field.bytes.empty()) return malformed("unixfs.type", "named links belong to directories");
        last = field.number;
    }
    return Cid::from_bytes(hash.bytes);
}

struct Node {
    std::vector<Cid> links;
    ByteView data;
};

/// dag-pb PBNode in its canonical order: Links (2), then Data (1), nothing else.
Result<Node> decode_node(ByteView in)
{
    Node node;
    while (!in.empty()) {
        TRY(const Field field, read_field(in));
        if (!field.is_bytes) return malformed("unixfs.dag_pb", "a node holds links and data only");
        if (field.number == 2) {
            TRY(const Cid link, decode_link(field.bytes));
            node.links.push_back(link);
        } else if (field.number == 1 && in.empty()) {
            node.data = field.bytes;
            return node;
        } else {
            return malformed("unixfs.dag_pb", "a node is its links, then its data, then nothing");
        }
    }
    return malformed("unixfs.dag_pb", "a node without data is not a file");
}

struct FileData {
    std::uint64_t type = 0;
    ByteView content{};
    std::optional<std::uint64_t> size{};
    std::vector<std::uint64_t> block_sizes{};
};

/// UnixFS Data: Type (1), Data (2), filesize (3), blocksizes (4)*, in this order.
Result<FileData> decode_file_data(ByteView in)
{
    FileData out;
    std::uint64_t last = 0;
    while (!in.empty()) {
        TRY(const Field field, read_field(in));
        if (field.is_bytes != (field.number == 2)) return malformed("unixfs.protobuf", "a file field has a foreign type");
        if (field.number < last || (field.number == last && last != 4) || (last == 0 && field.number != 1))
            return malformed("unixfs.protobuf", "file fields are out of order or repeated");
        if (field.number > 4)
            return malformed("unixfs.type", "only plain files are supported: no directories, modes or times");
        if (field.number == 1) out.type = field.value;
        if (field.number == 2) out.content = field.bytes;
        if (field.number == 3) out.size = field.value;
        if (field.number == 4) out.block_sizes.push_back(field.value);
        last = field.number;
    }
    return out;
}

Result<UnixfsBlock> decode_leaf(const FileData& file)
{
    if (file.size.value_or(file.content.size()) != file.content.size() || !file.block_sizes.empty())
        return malformed("unixfs.size", "a leaf announces another size than it has");
    return UnixfsBlock{file.content.size(), file.content, {}};
}

Result<UnixfsBlock> decode_inner(const FileData& file, const std::vector<Cid>& links)
{
    if (!file.content.empty() || file.block_sizes.size() != links.size())
        return malformed("unixfs.size", "an inner node needs one size per link and no content");
    UnixfsBlock out{0, {}, {}};
    for (std::size_t i = 0; i < links.size(); ++i) {
        const std::uint64_t size = file.block_sizes[i];
        // Without this rule a few small blocks can describe a walk without end that yields no byte.
        if (size == 0 || size > std::numeric_limits<std::int64_t>::max() - out.size)
            return malformed("unixfs.size", "a link announces no bytes or too many");
        out.size += size;
        out.links.push_back({links[i], size});
    }
    if (file.size.value_or(out.size) != out.size) return malformed("unixfs.size", "the sizes of the links do not add up");
    return out;
}

std::unexpected<Error> too_deep() { return malformed("unixfs.depth", "the file's tree is deeper than any honest one"); }

std::unexpected<Error> disagrees() { return malformed("unixfs.size", "a block disagrees with its parent about its size"); }

Result<Bytes> verified(const BlockSource& source, Sha256Function sha256, const Cid& cid)
{
    TRY(Bytes block, source(cid));
    TRY_OK(verify_block(cid, block, sha256));
    return block;
}

/// A depth-first walk over the part [begin, end) of a file.
class Walk {
public:
    Walk(const BlockSource& source, Sha256Function sha256, std::uint64_t begin, std::uint64_t end, const DataSink& sink)
        : source_(source), sha256_(sha256), begin_(begin), end_(end), sink_(sink)
    {
    }

    /// `at`: where the node's content begins in the file. `expected`: what its parent says about its size.
    Status visit(const Cid& cid, std::uint64_t at, std::optional<std::uint64_t> expected, int depth)
    {
        if (depth > kMaxDepth) return too_deep();
        if (++blocks_ > kFreeBlocks + given_ / kLeastBytesPerBlock)
            return malformed("unixfs.crumbs", "the file is cut into blocks of a few bytes; add it again with larger chunks");
        TRY(const Bytes block, verified(source_, sha256_, cid));
        TRY(const UnixfsBlock node, decode_unixfs(cid, block));
        if (expected && *expected != node.size) return disagrees();
        if (node.links.empty()) return give(node.data, at);
        for (const UnixfsLink& link : node.links) {
            if (at < end_ && at + link.size > begin_) TRY_OK(visit(link.cid, at, link.size, depth + 1));
            at += link.size;
        }
        return {};
    }

private:
    Status give(ByteView data, std::uint64_t at)
    {
        const std::uint64_t from = std::max(at, begin_);
        const std::uint64_t to = std::min(at + data.size(), end_);
        if (from >= to) return {};
        given_ += to - from;
        return sink_(data.subspan(from - at, to - from));
    }

    const BlockSource& source_;
    Sha256Function sha256_;
    std::uint64_t begin_;
    std::uint64_t end_;
    const DataSink& sink_;
    std::uint64_t blocks_ = 0;
    std::uint64_t given_ = 0;
};

/// Reads each block once: a few blocks that name each other many times describe more bytes than anyone can read.
class Inventory {
public:
    struct Subtree {
        std::uint64_t size;
        int height;  ///< 0 for a leaf
    };

    Inventory(const BlockSource& source, Sha256Function sha256, std::size_t max_blocks)
        : source_(source), sha256_(sha256), max_blocks_(max_blocks)
    {
    }

    Result<Subtree> visit(const Cid& cid, int depth)
    {
        if (const auto known = seen_.find(cid); known != seen_.end()) {
            if (depth + known->second.height > kMaxDepth) return too_deep();
            return known->second;
        }
        if (depth > kMaxDepth) return too_deep();
        if (read_++ == max_blocks_)
            return fail(ErrorKind::resource_exhausted, "unixfs.blocks",
                        "the file has more than " + std::to_string(max_blocks_) + " blocks, too many for one look");
        TRY(const Subtree found, read(cid, depth));
        seen_.emplace(cid, found);
        return found;
    }

private:
    Result<Subtree> read(const Cid& cid, int depth)
    {
        TRY(const Bytes block, verified(source_, sha256_, cid));
        TRY(const UnixfsBlock node, decode_unixfs(cid, block));
        Subtree found{node.size, 0};
        for (const UnixfsLink& link : node.links) {
            TRY(const Subtree below, visit(link.cid, depth + 1));
            if (below.size != link.size) return disagrees();
            found.height = std::max(found.height, below.height + 1);
        }
        return found;
    }

    const BlockSource& source_;
    Sha256Function sha256_;
    std::size_t max_blocks_;
    std::size_t read_ = 0;
    std::map<Cid, Subtree> seen_;
};

}  // namespace

Result<UnixfsBlock> decode_unixfs(const Cid& cid, ByteView block)
{
    if (block.size() > kUnixfsMaxBlockBytes) return malformed("unixfs.block_size", "a block is larger than 2 MiB");
    if (cid.codec() == Multicodec::raw) return UnixfsBlock{block.size(), block, {}};
    TRY(const Node node, decode_node(block));
    TRY(const FileData file, decode_file_data(node.data));
    constexpr std::uint64_t kRaw = 0;  // leaves of old importers
    constexpr std::uint64_t kFile = 2;
    if (node.data.empty() || (file.type != kFile && file.type != kRaw))
        return malformed("unixfs.type", "the CID names no plain file");
    return node.links.empty() ? decode_leaf(file) : decode_inner(file, node.links);
}

Status verify_block(const Cid& cid, ByteView block, Sha256Function sha256)
{
    if (sha256(block) == cid.digest()) return {};
    return fail(ErrorKind::corrupt, "unixfs.hash", "the bytes given for " + cid.text() + " are not that block");
}

Status read_unixfs(const Cid& root, const BlockSource& source, Sha256Function sha256, std::uint64_t offset,
                   std::uint64_t size, const DataSink& sink)
{
    const std::uint64_t end = size > std::numeric_limits<std::uint64_t>::max() - offset
                                  ? std::numeric_limits<std::uint64_t>::max()
                                  : offset + size;
    return Walk(source, sha256, offset, end, sink).visit(root, 0, std::nullopt, 0);
}

Result<std::uint64_t> unixfs_size(const Cid& root, const BlockSource& source, Sha256Function sha256)
{
    TRY(const Bytes block, verified(source, sha256, root));
    TRY(const UnixfsBlock node, decode_unixfs(root, block));
    return node.size;
}

Status check_unixfs(const Cid& root, const BlockSource& source, Sha256Function sha256, std::size_t max_blocks)
{
    TRY_OK(Inventory(source, sha256, max_blocks).visit(root, 0));
    return {};
}

}  // namespace iapp::codec
