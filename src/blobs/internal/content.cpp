#include "blobs/internal/content.hpp"

#include "crypto/hash.hpp"

namespace iapp::blobs::internal {
namespace {
constexpr std::size_t kPieceBytes = 64 * 1024;  ///< small: a request may hold thousands of files
}

Result<codec::UnixfsFile> import_file(const BlockStore& store, net::BodyReader& content, const net::CallContext& call)
{
    const auto batch = store.start_batch(call);
    codec::UnixfsImporter importer(crypto::sha256,
                                   [&](const codec::Cid& cid, ByteView block) { return batch->add(cid.digest(), block); });
    Bytes piece(kPieceBytes);
    while (true) {
        TRY_OK(call.check());
        TRY(const std::size_t count, content.read(piece));
        if (count == 0) break;
        TRY_OK(importer.update(ByteView(piece).first(count)));
    }
    TRY(const codec::UnixfsFile file, importer.finish());
    TRY_OK(batch->commit());
    return file;
}

codec::BlockSource source_of(const BlockStore& store, const net::CallContext& call)
{
    const auto read = [&store, &call](const codec::Cid& cid) -> Result<Bytes> {
        Result<Bytes> block = store.get(cid.digest(), call);
        if (!block && block.error().kind == ErrorKind::not_found)
            return fail(ErrorKind::not_found, "blobs.not_found",
                        "block was not found locally (offline): ipld: could not find " + cid.text());
        return block;
    };
    std::optional<std::pair<codec::Cid, Bytes>> root;  // asked for several times: by its size, its type and its content
    return [read, root](const codec::Cid& cid) mutable -> Result<Bytes> {
        if (root && root->first == cid) return root->second;
        TRY(Bytes block, read(cid));
        if (!root) root.emplace(cid, block);
        return block;
    };
}

Result<codec::Cid> parse_cid(std::string_view text)
{
    constexpr std::string_view kPrefix = "/ipfs/";
    if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
    if (auto cid = codec::Cid::parse(text)) return *cid;
    return fail(ErrorKind::invalid_input, "blobs.cid", "invalid CID; give one of a file, like Qm... or bafy...");
}

net::BodySource stream_of(const BlockStore& store, const codec::Cid& root, std::uint64_t offset, std::uint64_t size,
                          const net::CallContext& call)
{
    return [&store, root, offset, size, call](net::BodyWriter& out) {
        const auto sink = [&out](ByteView bytes) { return out.write(bytes); };
        return codec::read_unixfs(root, source_of(store, call), crypto::sha256, offset, size, sink);
    };
}

}  // namespace iapp::blobs::internal
