#include "codec/cid.hpp"

#include "codec/base32.hpp"
#include "codec/base58.hpp"
#include "codec/varint.hpp"

namespace iapp::codec {
namespace {

constexpr std::size_t kMultihashSize = 34;
constexpr std::uint8_t kSha256Code = 0x12;
constexpr std::uint8_t kSha256Size = 0x20;

Result<Bytes> multibase_body(std::string_view text)
{
    switch (text.front()) {
        case 'b':
            return parse_base32(text.substr(1));
        case 'z':
            return parse_base58(text.substr(1));
        default:
            return fail(ErrorKind::invalid_input, "cid.multibase",
                        "a version 1 CID starts with b (base32) or z (base58); convert it to one of them");
    }
}

Result<Multicodec> known_codec(std::uint64_t code)
{
    if (code == static_cast<std::uint64_t>(Multicodec::raw)) return Multicodec::raw;
    if (code == static_cast<std::uint64_t>(Multicodec::dag_pb)) return Multicodec::dag_pb;
    return fail(ErrorKind::invalid_input, "cid.codec",
                "codec " + std::to_string(code) + " is neither raw (85) nor dag-pb (112)");
}

}  // namespace

Bytes sha256_multihash(const Hash256& digest)
{
    Bytes out{kSha256Code, kSha256Size};
    append(out, digest.bytes());
    return out;
}

Result<Hash256> parse_sha256_multihash(ByteView bytes)
{
    if (bytes.size() != kMultihashSize || bytes[0] != kSha256Code || bytes[1] != kSha256Size)
        return fail(ErrorKind::invalid_input, "cid.hash", "expected a sha2-256 multihash: 12 20 and 32 bytes");
    return Hash256{bytes.last<32>()};
}

Result<Cid> Cid::parse(std::string_view text)
{
    if (text.size() < 2) return fail(ErrorKind::invalid_input, "cid.text", "not a CID: too short");
    const bool is_v0 = text.starts_with("Qm");
    const auto bytes = is_v0 ? parse_base58(text) : multibase_body(text);
    if (!bytes && bytes.error().reason == "cid.multibase") return std::unexpected(bytes.error());
    if (!bytes) return fail(ErrorKind::invalid_input, "cid.text", "not a CID: " + bytes.error().detail);
    TRY(const Cid cid, from_bytes(*bytes));
    if ((cid.version() == 0) != is_v0)
        return fail(ErrorKind::invalid_input, "cid.version", "a version 0 CID is written without a multibase prefix");
    return cid;
}

Result<Cid> Cid::from_bytes(ByteView bytes)
{
    if (!bytes.empty() && bytes[0] == kSha256Code) {
        TRY(const Hash256 digest, parse_sha256_multihash(bytes));
        return v0(digest);
    }
    const auto version = read_varint(bytes);
    if (!version || *version != 1) return fail(ErrorKind::invalid_input, "cid.version", "expected CID version 0 or 1");
    const auto code = read_varint(bytes);
    if (!code) return fail(ErrorKind::invalid_input, "cid.codec", "the codec number is missing: " + code.error().detail);
    TRY(const Multicodec codec, known_codec(*code));
    if (bytes.size() > kMultihashSize) return fail(ErrorKind::invalid_input, "cid.length", "bytes behind the CID");
    TRY(const Hash256 digest, parse_sha256_multihash(bytes));
    return v1(codec, digest);
}

Bytes Cid::bytes() const
{
    Bytes out;
    if (version_ == 1) {
        append_varint(out, 1);
        append_varint(out, static_cast<std::uint64_t>(codec_));
    }
    append(out, sha256_multihash(digest_));
    return out;
}

std::string Cid::text() const { return version_ == 0 ? base58(bytes()) : "b" + base32(bytes()); }

}  // namespace iapp::codec
