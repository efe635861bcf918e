#pragma once
// Hybrid public key encryption (RFC 9180), base mode, single shot.
// Suite: DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, AES-256-GCM 0x0002.
// Not authenticated to a sender: whoever knows the public key can seal.
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/x25519.hpp"

namespace iapp::crypto {

using HpkePublicKey = X25519PublicKey;
using HpkeKeyPair = X25519Key;

struct HpkeSealed {
    Bytes enc;         ///< encapsulated key, 32 bytes
    Bytes ciphertext;  ///< text.size() + 16 bytes
};

/// Seals one message to `recipient` under a fresh ephemeral key.
/// Errors: invalid_input "crypto.x25519_zero" (recipient is a low-order point).
Result<HpkeSealed> hpke_seal(const HpkePublicKey& recipient, ByteView info, ByteView aad, ByteView text);

/// Errors: invalid_input "crypto.hpke_enc" (enc is not 32 bytes), "crypto.x25519_zero";
///         unauthenticated "crypto.aead_open" (other key, info or aad, or changed bytes).
Result<SecretBytes> hpke_open(const HpkeKeyPair& recipient, ByteView enc, ByteView info, ByteView aad, ByteView ciphertext);

}  // namespace iapp::crypto
