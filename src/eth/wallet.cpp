#include "eth/wallet.hpp"

namespace iapp::eth {

Wallet::Wallet(crypto::Secp256k1Key key) : key_(std::move(key)), address_(address_of_public_key(key_.public_key64().bytes()))
{
}

Wallet Wallet::generate() { return Wallet{crypto::Secp256k1Key::generate()}; }

Result<Wallet> Wallet::from_private_key(crypto::SecretBytes bytes)
{
    auto key = crypto::Secp256k1Key::from_secret(std::move(bytes));
    if (!key) return fail(ErrorKind::invalid_input, "wallet.key", "not a private key: " + key.error().detail);
    return Wallet{*std::move(key)};
}

Result<Wallet> Wallet::from_private_key_hex(std::string_view text)
{
    crypto::SecretBytes bytes(std::size_t{32});
    if (!parse_hex0x_into(text, bytes.writable(crypto::SecretAccess{})))
        return fail(ErrorKind::invalid_input, "wallet.key", "a private key is 0x and 64 hexadecimal digits");
    return from_private_key(std::move(bytes));
}

Signature65 Wallet::sign(const Hash256& digest) const { return key_.sign_recoverable(digest); }

}  // namespace iapp::eth
