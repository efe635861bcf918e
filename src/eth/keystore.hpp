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

/// The address a keystore claims, without opening it. Errors: corrupt "keystore.format".
Result<Address> keystore_address(std::string_view json);

/// Opens a keystore.
/// Errors: unauthenticated "keystore.password" (the check value does not match: wrong password, or damaged ciphertext);
///         corrupt "keystore.format" (not a keystore, or a member is malformed), "keystore.address" (opens, but to another address);
///         precondition_failed "keystore.unsupported" (another version, cipher or key derivation),
///         resource_exhausted "keystore.cost" (asks for more than 1 GiB or 2^24 rounds).
Result<Wallet> open_keystore(std::string_view json, std::string_view password);

/// Writes a keystore with fresh salt, iv and id.
Result<std::string> seal_keystore(const Wallet& wallet, std::string_view password, const ScryptCost& cost = {});

}  // namespace iapp::eth
