#pragma once
// Cryptographic hashes: SHA-2 (FIPS 180-4) and Ethereum's Keccak-256 (original padding 0x01, not SHA3-256 of FIPS 202).
// Not message authentication: see kdf.hpp for HMAC.
#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/fixed_bytes.hpp"
#include "crypto/handle.hpp"

namespace iapp {

using Hash384 = FixedBytes<48, struct Hash384Tag>;
using Hash512 = FixedBytes<64, struct Hash512Tag>;

}  // namespace iapp

namespace iapp::crypto {

Hash256 sha256(ByteView data);
Hash384 sha384(ByteView data);
Hash512 sha512(ByteView data);
Hash256 keccak256(ByteView data);

/// SHA-256 of bytes that arrive in pieces. finish() leaves the object ready for the next message.
class Sha256 {
public:
    Sha256();
    Sha256& update(ByteView more);
    Hash256 finish();

private:
    DigestHandle context_;
};

/// SHA-384 of bytes that arrive in pieces. finish() leaves the object ready for the next message.
class Sha384 {
public:
    Sha384();
    Sha384& update(ByteView more);
    Hash384 finish();

private:
    DigestHandle context_;
};

/// SHA-512 of bytes that arrive in pieces. finish() leaves the object ready for the next message.
class Sha512 {
public:
    Sha512();
    Sha512& update(ByteView more);
    Hash512 finish();

private:
    DigestHandle context_;
};

/// Keccak-256 of bytes that arrive in pieces. finish() leaves the object ready for the next message.
class Keccak256 {
public:
    Keccak256& update(ByteView more);
    Hash256 finish();

private:
    friend Hash256 keccak256(ByteView data);

    void absorb(const std::uint8_t* block);
    Hash256 squeeze();

    static constexpr std::size_t kRate = 136;  ///< bytes per permutation: (1600 - 2 * 256) / 8

    std::array<std::uint64_t, 25> state_{};
    std::array<std::uint8_t, kRate> pending_;  ///< the first pending_size_ bytes count
    std::size_t pending_size_ = 0;
};

}  // namespace iapp::crypto
