#pragma once
// A wallet: one secp256k1 key and its address. Move-only, because a private key has one owner.
#include "crypto/secp256k1.hpp"
#include "eth/address.hpp"
#include "eth/signature.hpp"

namespace iapp::eth {

class Wallet {
public:
    explicit Wallet(crypto::Secp256k1Key key);

    static Wallet generate();
    /// 32 bytes, from 1 up to below the order of the curve. Errors: invalid_input "wallet.key".
    static Result<Wallet> from_private_key(crypto::SecretBytes bytes);
    /// "0x" and 64 digits. Errors: invalid_input "wallet.key".
    static Result<Wallet> from_private_key_hex(std::string_view text);

    const Address& address() const { return address_; }
    const crypto::Secp256k1Key& key() const { return key_; }

    /// Signs a digest as it is (EIP-712 digests, transaction hashes).
    Signature65 sign(const Hash256& digest) const;
    /// Signs personal_digest(hash): what contracts and SMS call an EIP-191 signature of 32 bytes.
    Signature65 sign_personal(const Hash256& hash) const { return sign(personal_digest(hash)); }

private:
    crypto::Secp256k1Key key_;
    Address address_;
};

}  // namespace iapp::eth
