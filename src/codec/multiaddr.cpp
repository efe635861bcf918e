#include "codec/multiaddr.hpp"

#include "codec/cid.hpp"
#include "codec/utf8.hpp"
#include "codec/varint.hpp"

namespace iapp::codec {
namespace {

constexpr std::uint64_t kP2p = 421;  // alias ipfs; multiaddr protocols table

Result<Bytes> encode_ipfs(std::string_view cid_text)
{
    const auto cid = Cid::parse(cid_text);
    if (!cid) return fail(ErrorKind::invalid_input, "multiaddr.cid", "the path does not name a CID: " + cid.error().detail);
    if (cid->codec() != Multicodec::dag_pb)
        return fail(
            ErrorKind::invalid_input, "multiaddr.cid",
            "only the hash of a CID survives on chain and readers assume dag-pb; upload the file as CIDv0 (\"Qm...\")");
    const Bytes hash = sha256_multihash(cid->digest());
    Bytes out;
    append_varint(out, kP2p);
    append_varint(out, hash.size());
    append(out, hash);
    return out;
}

Result<Hash256> parse_ipfs(ByteView bytes)
{
    TRY(const std::uint64_t protocol, read_varint(bytes));
    if (protocol != kP2p) return fail(ErrorKind::invalid_input, "multiaddr.protocol", "not p2p");
    TRY(const std::uint64_t size, read_varint(bytes));
    if (size != bytes.size()) return fail(ErrorKind::invalid_input, "multiaddr.protocol", "wrong length");
    return parse_sha256_multihash(bytes);
}

}  // namespace

Result<Bytes> encode_multiaddr(std::string_view text)
{
    if (text.empty())
        return fail(ErrorKind::invalid_input, "multiaddr.empty",
                    "an entry needs an address: an image reference, a URL or /ipfs/<cid>");
    for (const std::string_view prefix : {"/ipfs/", "/p2p/"})
        if (text.starts_with(prefix)) return encode_ipfs(text.substr(prefix.size()));
    if (text.starts_with('/'))
        return fail(ErrorKind::invalid_input, "multiaddr.protocol",
                    "of the multiaddr protocols only /ipfs/<cid> and /p2p/<cid> are used on chain");
    if (!is_utf8(text)) return fail(ErrorKind::invalid_input, "multiaddr.utf8", "the address is not UTF-8 text");
    return to_bytes(text);
}

Result<std::string> print_multiaddr(ByteView bytes)
{
    if (bytes.empty()) return fail(ErrorKind::invalid_input, "multiaddr.empty", "the entry has no address");
    if (const auto digest = parse_ipfs(bytes)) return "/ipfs/" + Cid::v0(*digest).text();
    if (!is_utf8(as_text(bytes)))
        return fail(ErrorKind::invalid_input, "multiaddr.utf8",
                    "the address is neither an IPFS multiaddr nor UTF-8 text: " + hex0x(bytes));
    return to_text(bytes);
}

}  // namespace iapp::codec
