#include "crypto/x25519.hpp"

#include "crypto/internal/openssl.hpp"
#include "crypto/random.hpp"

namespace iapp::crypto {
namespace {

using internal::must;

constexpr std::size_t kSize = 32;

KeyHandle private_key(const SecretBytes& scalar)
{
    KeyHandle key{EVP_PKEY_new_raw_private_key_ex(nullptr, "X25519", nullptr, scalar.reveal(SecretAccess{}).data(), kSize)};
    must(key != nullptr, "EVP_PKEY_new_raw_private_key_ex");
    return key;
}

X25519PublicKey public_of(const KeyHandle& key)
{
    std::array<std::uint8_t, kSize> raw{};
    std::size_t size = raw.size();
    must(EVP_PKEY_get_raw_public_key(key.get(), raw.data(), &size) == 1 && size == kSize, "EVP_PKEY_get_raw_public_key");
    return X25519PublicKey{raw};
}

}  // namespace

X25519Key X25519Key::generate() { return *from_secret(random_secret(kSize)); }

Result<X25519Key> X25519Key::from_secret(const SecretBytes& scalar)
{
    if (scalar.size() != kSize)
        return fail(ErrorKind::invalid_input, "crypto.key_length",
                    "an X25519 key has 32 bytes, got " + std::to_string(scalar.size()));
    KeyHandle key = private_key(scalar);
    const X25519PublicKey public_key = public_of(key);
    return X25519Key(std::move(key), public_key);
}

SecretBytes X25519Key::secret() const
{
    SecretBytes out(kSize);
    std::size_t size = kSize;
    must(EVP_PKEY_get_raw_private_key(key_.get(), out.writable(SecretAccess{}).data(), &size) == 1,
         "EVP_PKEY_get_raw_private_key");
    return out;
}

Result<SecretBytes> X25519Key::agree(const X25519PublicKey& peer) const
{
    const KeyHandle other{EVP_PKEY_new_raw_public_key_ex(nullptr, "X25519", nullptr, peer.bytes().data(), kSize)};
    const internal::KeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr)};
    must(other && context && EVP_PKEY_derive_init(context.get()) == 1 &&
             EVP_PKEY_derive_set_peer(context.get(), other.get()) == 1,
         "EVP_PKEY_derive_init");
    SecretBytes out(kSize);
    std::size_t size = kSize;
    const bool derived = EVP_PKEY_derive(context.get(), out.writable(SecretAccess{}).data(), &size) == 1;
    if (!derived || equal_constant_time(out.reveal(SecretAccess{}), std::array<std::uint8_t, kSize>{}))
        return internal::refuse(ErrorKind::invalid_input, "crypto.x25519_zero",
                                "the peer's public key is a low-order point");
    return out;
}

}  // namespace iapp::crypto
