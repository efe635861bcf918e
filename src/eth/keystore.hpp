#pragma once
// Web3 Secret Storage (keystore version 3): scrypt and pbkdf2 are read, scrypt is written, the cipher is aes-128-ctr.
#include <string>

#include "eth/wallet.hpp"

namespace iapp::eth {

struct ScryptCost {
    std::uint64_t n = 1U << 18U;  ///< a power of two
    std::uint32_t r = 8;
    std::uint32_t p = 1;
};

/// What a foreign file may make this machine do.
struct KeystoreLimits {
    std::uint64_t max_scrypt_work = 1U << 30U;  ///< n * r * p, and 128 * n * r bytes of memory
    std::uint64_t max_pbkdf2_rounds = 1U << 24U;
};

/// The address a keystore claims, without opening it. Errors: corrupt "keystore.format".
Result<Address> keystore_address(std::string_view json);

/// Opens a keystore.
/// Errors: unauthenticated "keystore.password" (the check value does not match: wrong password, or damaged ciphertext);
///         corrupt "keystore.format" (not a keystore, or a member is malformed), "keystore.address" (opens, but to another
///         address); precondition_failed "keystore.unsupported" (another version, cipher or key derivation; scrypt outside
///         RFC 7914), resource_exhausted "keystore.cost" (above `limits`).
Result<Wallet> open_keystore(std::string_view json, std::string_view password, const KeystoreLimits& limits = {});

/// Writes a keystore with fresh salt, iv and id.
Result<std::string> seal_keystore(const Wallet& wallet, std::string_view password, const ScryptCost& cost = {});

}  // namespace iapp::eth
