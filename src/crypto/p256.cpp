#include "crypto/p256.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>

#include "crypto/hash.hpp"
#include "crypto/internal/key_native.hpp"
#include "crypto/internal/openssl.hpp"
#include "crypto/internal/p256_native.hpp"
#include "crypto/internal/pem.hpp"

namespace iapp::crypto {
namespace {

using internal::KeyContext;
using internal::must;
using internal::Owned;

constexpr const char* kGroup = "prime256v1";
constexpr int kScalarSize = 32;

P256PublicKey public_of(const KeyHandle& key)
{
    std::array<std::uint8_t, 64> raw{};
    std::uint8_t* out = raw.data();
    for (const char* coordinate : {OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y}) {
        BIGNUM* number = nullptr;
        must(EVP_PKEY_get_bn_param(key.get(), coordinate, &number) == 1, "EVP_PKEY_get_bn_param");
        const Owned<BIGNUM, BN_free> owner{number};
        must(BN_bn2binpad(number, out, kScalarSize) == kScalarSize, "BN_bn2binpad");
        out += kScalarSize;
    }
    return P256PublicKey{raw};
}

/// True for the named curve only: a key with explicit parameters names no group, or is flagged as explicit.
bool on_named_curve(const KeyHandle& key)
{
    std::array<char, 64> group{};
    std::array<char, 32> encoding{};
    return EVP_PKEY_is_a(key.get(), "EC") == 1 &&
           EVP_PKEY_get_utf8_string_param(key.get(), OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(), nullptr) == 1 &&
           EVP_PKEY_get_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_ENCODING, encoding.data(), encoding.size(),
                                          nullptr) == 1 &&
           std::string_view(group.data()) == kGroup && std::string_view(encoding.data()) == OSSL_PKEY_EC_ENCODING_GROUP;
}

P256Signature raw_signature(ByteView der)
{
    const std::uint8_t* at = der.data();
    const Owned<ECDSA_SIG, ECDSA_SIG_free> parsed{d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()))};
    std::array<std::uint8_t, 64> raw{};
    must(parsed && BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), raw.data(), kScalarSize) == kScalarSize &&
             BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), raw.data() + kScalarSize, kScalarSize) == kScalarSize,
         "d2i_ECDSA_SIG");
    return P256Signature{raw};
}

}  // namespace

namespace internal {

Result<KeyHandle> p256_public_handle(const P256PublicKey& key)
{
    std::array<std::uint8_t, 65> point{0x04};
    std::ranges::copy(key.bytes(), point.begin() + 1);
    KeyHandle made = ec_public_handle(kGroup, point);
    if (!made) return refuse(ErrorKind::invalid_input, "crypto.p256_point", "the public key is not a point of P-256");
    return made;
}

}  // namespace internal

P256Key P256Key::generate()
{
    KeyHandle key{EVP_EC_gen(kGroup)};
    must(key != nullptr, "EVP_EC_gen");
    const P256PublicKey public_key = public_of(key);
    return P256Key(std::move(key), public_key);
}

Result<P256Key> P256Key::from_pem(const SecretBytes& pem)
{
    KeyHandle key = internal::read_private_key_pem(pem);
    if (!key) return internal::refuse(ErrorKind::invalid_input, "crypto.p256_pem", "not an unencrypted PEM private key");
    if (!on_named_curve(key))
        return internal::refuse(ErrorKind::invalid_input, "crypto.p256_curve", "the key is not on the named curve P-256");
    const P256PublicKey public_key = public_of(key);
    return P256Key(std::move(key), public_key);
}

SecretBytes P256Key::to_pem() const { return internal::private_key_pem(key_.get()); }

P256Signature P256Key::sign(ByteView message) const { return sign_digest(sha256(message)); }

P256Signature P256Key::sign_digest(const Hash256& digest) const
{
    const KeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr)};
    std::array<std::uint8_t, 80> der{};
    std::size_t size = der.size();
    must(context && EVP_PKEY_sign_init(context.get()) == 1 &&
             EVP_PKEY_sign(context.get(), der.data(), &size, digest.bytes().data(), digest.bytes().size()) == 1,
         "EVP_PKEY_sign");
    return raw_signature(std::span(der).first(size));
}

Result<SecretBytes> P256Key::agree(const P256PublicKey& peer) const
{
    TRY(const KeyHandle other, internal::p256_public_handle(peer));
    const KeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr)};
    must(context && EVP_PKEY_derive_init(context.get()) == 1 && EVP_PKEY_derive_set_peer(context.get(), other.get()) == 1,
         "EVP_PKEY_derive_init");
    SecretBytes out(kScalarSize);
    std::size_t size = out.size();
    must(EVP_PKEY_derive(context.get(), out.writable(SecretAccess{}).data(), &size) == 1 && size == out.size(),
         "EVP_PKEY_derive");
    return out;
}

Result<P256Verifier> P256Verifier::create(const P256PublicKey& key)
{
    TRY(KeyHandle handle, internal::p256_public_handle(key));
    return P256Verifier(std::move(handle));
}

Status P256Verifier::verify(ByteView message, const P256Signature& signature) const
{
    return verify_digest(sha256(message), signature);
}

Status P256Verifier::verify_digest(const Hash256& digest, const P256Signature& signature) const
{
    const internal::DerSignature der(signature.bytes());
    const KeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr)};
    must(context && EVP_PKEY_verify_init(context.get()) == 1, "EVP_PKEY_verify_init");
    if (EVP_PKEY_verify(context.get(), der.data(), der.size(), digest.bytes().data(), digest.bytes().size()) == 1) return {};
    return internal::refuse(ErrorKind::unauthenticated, "crypto.p256_signature", "this key did not sign this message");
}

Status p256_verify(const P256PublicKey& key, ByteView message, const P256Signature& signature)
{
    TRY(const P256Verifier verifier, P256Verifier::create(key));
    return verifier.verify(message, signature);
}

}  // namespace iapp::crypto
