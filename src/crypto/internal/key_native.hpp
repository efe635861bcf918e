#pragma once
// Public keys and ECDSA signatures between our bytes and OpenSSL's objects, for every curve and kind this room knows.
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "crypto/internal/openssl.hpp"
#include "crypto/public_key.hpp"

namespace iapp::crypto::internal {

/// ECDSA-Sig-Value (RFC 3279 s.2.2.3) by hand, from raw r || s: two positive INTEGERs of at most 48 bytes. A zero stays one
/// zero byte; refusing it is the verifier's business.
class DerSignature {
public:
    static constexpr std::size_t kMostScalar = 48;

    /// `raw` has 2 * n bytes, n <= kMostScalar.
    explicit DerSignature(ByteView raw)
    {
        put_integer(raw.first(raw.size() / 2));
        put_integer(raw.subspan(raw.size() / 2));
        bytes_[1] = static_cast<std::uint8_t>(size_ - 2);
    }
    const std::uint8_t* data() const { return bytes_.data(); }
    std::size_t size() const { return size_; }

private:
    void put_integer(ByteView number)
    {
        while (number.size() > 1 && number[0] == 0) number = number.subspan(1);
        const bool sign = (number[0] & 0x80) != 0;
        bytes_[size_++] = 0x02;
        bytes_[size_++] = static_cast<std::uint8_t>(number.size() + sign);
        if (sign) bytes_[size_++] = 0;
        for (const std::uint8_t byte : number) bytes_[size_++] = byte;
    }

    std::array<std::uint8_t, 2 + 2 * (3 + kMostScalar)> bytes_{0x30};
    std::size_t size_ = 2;
};

/// `name` as OpenSSL spells it: "prime256v1", "secp384r1". Null when the point is not on the curve: decoding it checks the
/// equation, and both curves have cofactor 1, so every such point is in the group.
KeyHandle ec_public_handle(const char* name, ByteView uncompressed_point);

/// What OpenSSL wants to know about a scheme.
struct SchemeParts {
    KeyKind kind;
    Digest digest;
    int padding;  ///< RSA only
};
SchemeParts parts_of(SignatureScheme scheme);

/// Tells an RSA operation its padding, hashes and salt length.
void set_padding(EVP_PKEY_CTX* context, const SchemeParts& scheme);

/// With the signature as certificates carry it: ECDSA-Sig-Value in DER, or RSA's number. The scheme is one of this kind of
/// key.
bool verify_encoded(const PublicKey& key, SignatureScheme scheme, ByteView message, ByteView signature);

/// The parts of a kind that have no common name in OpenSSL.
const char* curve_name(KeyKind kind);                   ///< of an EC kind
std::size_t scalar_size(KeyKind kind);                  ///< bytes of a coordinate, of r and of s
std::optional<PublicKey> public_key_of(EVP_PKEY* key);  ///< nothing unless the key is of a kind and size we know

}  // namespace iapp::crypto::internal
