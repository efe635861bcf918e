#include "codec/unixfs.hpp"
#include "codec/varint.hpp"

namespace iapp::codec {
namespace {

// Protobuf keys (field << 3 | wire type).
constexpr std::uint8_t kNodeData = 0x0a;
constexpr std::uint8_t kNodeLink = 0x12;
constexpr std::uint8_t kLinkHash = 0x0a;
constexpr std::uint8_t kLinkName = 0x12;
constexpr std::uint8_t kLinkSize = 0x18;
constexpr std::uint8_t kFileType = 0x08;
constexpr std::uint8_t kFileData = 0x12;
constexpr std::uint8_t kFileSize = 0x18;
constexpr std::uint8_t kFileBlockSize = 0x20;
constexpr std::uint8_t kTypeFile = 2;

void append_number(Bytes& out, std::uint8_t key, std::uint64_t value)
{
    out.push_back(key);
    append_varint(out, value);
}

void append_bytes(Bytes& out, std::uint8_t key, ByteView value)
{
    append_number(out, key, value.size());
    append(out, value);
}

Bytes encode_leaf(ByteView content)
{
    Bytes file;
    file.reserve(content.size() + 24);
    append_number(file, kFileType, kTypeFile);
    if (!content.empty()) append_bytes(file, kFileData, content);
    append_number(file, kFileSize, content.size());
    Bytes node;
    node.reserve(file.size() + 8);
    append_bytes(node, kNodeData, file);
    return node;
}

Bytes encode_link(const UnixfsFile& child)
{
    Bytes link;
    append_bytes(link, kLinkHash, child.cid.bytes());
    append_bytes(link, kLinkName, {});
    append_number(link, kLinkSize, child.dag_size);
    return link;
}

}  // namespace

Status UnixfsImporter::update(ByteView more)
{
    while (!more.empty()) {
        if (chunk_.size() == kUnixfsChunkBytes) TRY_OK(end_chunk());  // not before: a full chunk may be the whole file
        const std::size_t count = std::min(more.size(), kUnixfsChunkBytes - chunk_.size());
        append(chunk_, more.first(count));
        more = more.subspan(count);
    }
    return {};
}

Status UnixfsImporter::end_chunk()
{
    TRY(const UnixfsFile leaf, emit(encode_leaf(chunk_), chunk_.size(), 0));
    chunk_.clear();
    return push(0, leaf);
}

Status UnixfsImporter::push(std::size_t level, const UnixfsFile& node)
{
    if (levels_.size() == level) levels_.emplace_back();
    levels_[level].push_back(node);
    if (levels_[level].size() < kUnixfsLinksPerNode) return {};
    TRY(const UnixfsFile parent, join(levels_[level]));
    levels_[level].clear();
    return push(level + 1, parent);
}

Result<UnixfsFile> UnixfsImporter::join(const std::vector<UnixfsFile>& children)
{
    Bytes node;
    Bytes file;
    std::uint64_t size = 0;
    std::uint64_t below = 0;
    for (const UnixfsFile& child : children) {
        append_bytes(node, kNodeLink, encode_link(child));
        size += child.size;
        below += child.dag_size;
    }
    append_number(file, kFileType, kTypeFile);
    append_number(file, kFileSize, size);
    for (const UnixfsFile& child : children) append_number(file, kFileBlockSize, child.size);
    append_bytes(node, kNodeData, file);
    return emit(node, size, below);
}

Result<UnixfsFile> UnixfsImporter::emit(const Bytes& block, std::uint64_t size, std::uint64_t below)
{
    const Cid cid = Cid::v0(sha256_(block));
    TRY_OK(sink_(cid, block));
    return UnixfsFile{cid, size, below + block.size()};
}

Result<UnixfsFile> UnixfsImporter::finish()
{
    if (!chunk_.empty() || levels_.empty()) TRY_OK(end_chunk());
    // All leaves are equally deep, so what is left over is joined level by level, even a single node, up to one root.
    for (std::size_t level = 0;; ++level) {
        const bool is_top = level + 1 == levels_.size();
        const std::vector<UnixfsFile> nodes = std::exchange(levels_[level], {});
        if (is_top && nodes.size() == 1) return nodes.front();
        if (nodes.empty()) continue;
        TRY(const UnixfsFile parent, join(nodes));
        if (levels_.size() == level + 1) levels_.emplace_back();
        levels_[level + 1].push_back(parent);
    }
}

}  // namespace iapp::codec
