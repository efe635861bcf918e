#pragma once
// Content identifiers (multiformats/cid): version 0 and 1, always over a whole sha2-256 digest.
// Other hash functions are refused, not carried along unverified.
#include "base/fixed_bytes.hpp"

namespace iapp::codec {

enum class Multicodec : std::uint64_t { raw = 0x55, dag_pb = 0x70 };

class Cid {
public:
    /// The form kubo answers for a file: base58, dag-pb implied ("Qm…").
    static Cid v0(const Hash256& sha256) { return Cid{0, Multicodec::dag_pb, sha256}; }
    static Cid v1(Multicodec codec, const Hash256& sha256) { return Cid{1, codec, sha256}; }

    /// "Qm…", or multibase 'b' (base32) or 'z' (base58) of a version 1 CID.
    /// Errors: invalid_input "cid.text", "cid.multibase", and those of from_bytes.
    static Result<Cid> parse(std::string_view text);

    /// Exactly one CID and nothing behind it.
    /// Errors: invalid_input "cid.version", "cid.codec", "cid.hash" (not sha2-256 of 32 bytes), "cid.length".
    static Result<Cid> from_bytes(ByteView bytes);

    int version() const { return version_; }
    Multicodec codec() const { return codec_; }
    const Hash256& digest() const { return digest_; }

    Bytes bytes() const;
    std::string text() const;

    friend auto operator<=>(const Cid&, const Cid&) = default;

private:
    Cid(int version, Multicodec codec, const Hash256& digest) : version_(version), codec_(codec), digest_(digest) {}

    int version_;
    Multicodec codec_;
    Hash256 digest_;
};

/// 0x12 0x20 and the digest.
Bytes sha256_multihash(const Hash256& digest);

/// The reverse. Errors: invalid_input "cid.hash".
Result<Hash256> parse_sha256_multihash(ByteView bytes);

}  // namespace iapp::codec
