#pragma once
// 65-byte signatures as Ethereum carries them: r || s || v with v 27 or 28, s in the lower half.
#include "base/fixed_bytes.hpp"
#include "crypto/secp256k1.hpp"
#include "eth/address.hpp"

namespace iapp::eth {

using crypto::Signature65;

/// Takes 65 bytes with v 27/28 and s in the lower half (EIP-2), or the 64 bytes of EIP-2098.
/// Errors: invalid_input "signature.length", "signature.v", "signature.high_s".
Result<Signature65> parse_signature(ByteView bytes);

/// As above from "0x…". Errors: also those of parse_hex0x.
Result<Signature65> parse_signature_hex(std::string_view text);

/// EIP-191 version 0x45 of 32 raw bytes: keccak256("\x19Ethereum Signed Message:\n32" || hash).
Hash256 personal_digest(const Hash256& hash);

/// EIP-191 version 0x45 of a text: keccak256("\x19Ethereum Signed Message:\n" || decimal length || text).
Hash256 personal_digest(std::string_view text);

/// The signer of `digest`. Never the zero address. Errors: unauthenticated "signature.recover".
Result<Address> recover_address(const Hash256& digest, const Signature65& signature);

/// Answers whether `signer` (not zero) made the signature; a malformed one is simply not theirs.
bool verify(const Hash256& digest, ByteView signature, const Address& signer);

}  // namespace iapp::eth
