#include "crypto/signing_key.hpp"

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "crypto/internal/key_native.hpp"
#include "crypto/internal/pem.hpp"

namespace iapp::crypto {
namespace {

using internal::KeyContext;
using internal::must;
using internal::Owned;

Bytes raw_signature(ByteView der, std::size_t scalar)
{
    const std::uint8_t* at = der.data();
    const Owned<ECDSA_SIG, ECDSA_SIG_free> parsed{d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()))};
    Bytes raw(2 * scalar);
    const int size = static_cast<int>(scalar);
    must(parsed && BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), raw.data(), size) == size &&
             BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), raw.data() + scalar, size) == size,
         "d2i_ECDSA_SIG");
    return raw;
}

}  // namespace

SigningKey SigningKey::generate(Curve curve)
{
    const KeyKind kind = curve == Curve::p256 ? KeyKind::ec_p256 : KeyKind::ec_p384;
    auto made = from_handle(KeyHandle{EVP_EC_gen(internal::curve_name(kind))});
    must(made.has_value(), "EVP_EC_gen");
    return *std::move(made);
}

Result<SigningKey> SigningKey::generate_rsa(int bits)
{
    if (bits < 2048 || bits > 8192)
        return fail(ErrorKind::invalid_input, "crypto.public_key_rsa",
                    "an RSA key has 2048 to 8192 bits, got " + std::to_string(bits));
    return from_handle(KeyHandle{EVP_RSA_gen(static_cast<unsigned>(bits))});
}

Result<SigningKey> SigningKey::from_pem(const SecretBytes& pem) { return from_handle(internal::read_private_key_pem(pem)); }

Result<SigningKey> SigningKey::from_handle(KeyHandle key)
{
    auto public_key = key ? internal::public_key_of(key.get()) : std::nullopt;
    if (!public_key)
        return internal::refuse(ErrorKind::invalid_input, "crypto.signing_key",
                                "not an unencrypted PEM private key of a kind that is known here");
    return SigningKey(std::move(key), *std::move(public_key));
}

SecretBytes SigningKey::to_pem() const { return internal::private_key_pem(key_.get()); }

Result<Bytes> SigningKey::sign(SignatureScheme scheme, ByteView message) const
{
    const internal::SchemeParts parts = internal::parts_of(scheme);
    if (parts.kind != public_.kind())
        return fail(ErrorKind::invalid_input, "crypto.public_key_scheme", "the key is of another kind than the scheme");
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    must(EVP_Digest(message.data(), message.size(), digest.data(), &size, internal::digest(parts.digest), nullptr) == 1,
         "EVP_Digest");
    const KeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr)};
    must(context && EVP_PKEY_sign_init(context.get()) == 1, "EVP_PKEY_sign_init");
    if (parts.kind == KeyKind::rsa) internal::set_padding(context.get(), parts);
    Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
    std::size_t length = out.size();
    must(EVP_PKEY_sign(context.get(), out.data(), &length, digest.data(), size) == 1, "EVP_PKEY_sign");
    out.resize(length);
    return parts.kind == KeyKind::rsa ? std::move(out) : raw_signature(out, internal::scalar_size(parts.kind));
}

}  // namespace iapp::crypto
