#pragma once
// HPKE with the AEAD as a parameter and the ephemeral key as an argument, so that the published vectors can be run.
#include "crypto/hpke.hpp"
#include "crypto/internal/openssl.hpp"

namespace iapp::crypto::internal {

struct HpkeAead {
    std::uint16_t id;  ///< IANA "HPKE AEAD Identifiers"
    Cipher cipher;
    std::size_t key_size;
};
inline constexpr HpkeAead kHpkeAes128Gcm{1, Cipher::aes_128_gcm, 16};
inline constexpr HpkeAead kHpkeAes256Gcm{2, Cipher::aes_256_gcm, 32};
inline constexpr HpkeAead kHpkeChaCha20Poly1305{3, Cipher::chacha20_poly1305, 32};

Result<HpkeSealed> hpke_seal(const HpkeAead& aead, const X25519Key& ephemeral, const HpkePublicKey& recipient, ByteView info,
                             ByteView aad, ByteView text);
Result<SecretBytes> hpke_open(const HpkeAead& aead, const HpkeKeyPair& recipient, ByteView enc, ByteView info, ByteView aad,
                              ByteView ciphertext);

}  // namespace iapp::crypto::internal
