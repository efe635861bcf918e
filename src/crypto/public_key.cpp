#include "crypto/public_key.hpp"

#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <span>

#include "crypto/internal/key_native.hpp"
#include "crypto/internal/openssl.hpp"
#include "crypto/internal/pem.hpp"

namespace iapp::crypto {
namespace {

using internal::KeyContext;
using internal::must;
using internal::Owned;

constexpr std::string_view kLabel = "PUBLIC KEY";
constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 8192;

std::unexpected<Error> bad(std::string_view reason, std::string detail)
{
    return internal::refuse(ErrorKind::invalid_input, reason, std::move(detail));
}

std::unexpected<Error> bad_form()
{
    return bad("crypto.public_key",
               "not a SubjectPublicKeyInfo of an RSA key or of a point on the named curve P-256 or P-384");
}

// SubjectPublicKeyInfo up to and with the 0x04 of an uncompressed point (RFC 5480 s.2): id-ecPublicKey, curve, BIT STRING.
constexpr std::array<std::uint8_t, 27> kP256Prefix{0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                                   0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                                   0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
constexpr std::array<std::uint8_t, 24> kP384Prefix{0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
                                                   0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04};

ByteView spki_prefix(KeyKind kind) { return kind == KeyKind::ec_p256 ? ByteView(kP256Prefix) : ByteView(kP384Prefix); }

/// Everything after the prefix, when `der` is exactly an uncompressed point of this kind.
std::optional<ByteView> coordinates_of(KeyKind kind, ByteView der)
{
    const ByteView prefix = spki_prefix(kind);
    if (der.size() != prefix.size() + 2 * internal::scalar_size(kind) ||
        !std::ranges::equal(der.first(prefix.size()), prefix))
        return std::nullopt;
    return der.subspan(prefix.size());
}

/// The number under `name`, or null.
Owned<BIGNUM, BN_free> number_of(EVP_PKEY* key, const char* name)
{
    BIGNUM* number = nullptr;
    EVP_PKEY_get_bn_param(key, name, &number);
    return Owned<BIGNUM, BN_free>{number};
}

/// RFC 8017 lets the exponent be anything odd; below 65537 it only invites padding attacks, above 64 bits it is a stall.
bool acceptable_rsa(EVP_PKEY* key)
{
    const int bits = EVP_PKEY_get_bits(key);
    const auto n = number_of(key, OSSL_PKEY_PARAM_RSA_N);
    const auto e = number_of(key, OSSL_PKEY_PARAM_RSA_E);
    return n && e && bits >= kLeastRsaBits && bits <= kMostRsaBits && BN_is_odd(n.get()) == 1 && BN_is_odd(e.get()) == 1 &&
           BN_num_bits(e.get()) >= 17 && BN_num_bits(e.get()) <= 64;
}

std::unexpected<Error> bad_rsa()
{
    return bad("crypto.public_key_rsa", "an RSA key has an odd modulus of 2048 to 8192 bits and an odd exponent from 65537");
}

Bytes encode_spki(EVP_PKEY* key)
{
    std::uint8_t* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    must(size > 0, "i2d_PUBKEY");
    Bytes out(der, der + size);
    OPENSSL_free(der);
    return out;
}

/// rsaEncryption only: a key restricted to PSS (id-RSASSA-PSS) brings parameters that nobody here needs.
KeyHandle decode_rsa(ByteView der)
{
    const std::uint8_t* at = der.data();
    KeyHandle key{d2i_PUBKEY_ex(nullptr, &at, static_cast<long>(der.size()), nullptr, nullptr)};
    if (!key || at != der.data() + der.size() || EVP_PKEY_is_a(key.get(), "RSA") != 1) return nullptr;
    return std::ranges::equal(encode_spki(key.get()), der) ? std::move(key) : nullptr;
}

KeyHandle rsa_handle(ByteView n, ByteView e)
{
    Bytes native_n(n.rbegin(), n.rend());  // little endian, as OSSL_PARAM wants numbers on this machine
    Bytes native_e(e.rbegin(), e.rend());
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, native_n.data(), native_n.size()),
                                     OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, native_e.data(), native_e.size()),
                                     OSSL_PARAM_construct_end()};
    const KeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)};
    must(context && EVP_PKEY_fromdata_init(context.get()) == 1, "EVP_PKEY_fromdata_init");
    EVP_PKEY* made = nullptr;
    EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parameters));
    return KeyHandle{made};
}

ByteView without_leading_zeros(ByteView number)
{
    while (!number.empty() && number[0] == 0) number = number.subspan(1);
    return number;
}

bool verifies(EVP_PKEY* key, const internal::SchemeParts& scheme, ByteView message, ByteView signature)
{
    const EVP_MD* md = internal::digest(scheme.digest);
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    must(EVP_Digest(message.data(), message.size(), digest.data(), &size, md, nullptr) == 1, "EVP_Digest");
    const KeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)};
    must(context && EVP_PKEY_verify_init(context.get()) == 1, "EVP_PKEY_verify_init");
    if (scheme.kind == KeyKind::rsa) {
        internal::set_padding(context.get(), scheme);
        return EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), size) == 1;
    }
    const internal::DerSignature der(signature);
    return EVP_PKEY_verify(context.get(), der.data(), der.size(), digest.data(), size) == 1;
}

}  // namespace

namespace internal {

SchemeParts parts_of(SignatureScheme scheme)
{
    switch (scheme) {
        case SignatureScheme::ecdsa_p256_sha256:
            return {KeyKind::ec_p256, Digest::sha256, 0};
        case SignatureScheme::ecdsa_p384_sha384:
            return {KeyKind::ec_p384, Digest::sha384, 0};
        case SignatureScheme::rsa_pss_sha256:
            return {KeyKind::rsa, Digest::sha256, RSA_PKCS1_PSS_PADDING};
        case SignatureScheme::rsa_pss_sha384:
            return {KeyKind::rsa, Digest::sha384, RSA_PKCS1_PSS_PADDING};
        case SignatureScheme::rsa_pss_sha512:
            return {KeyKind::rsa, Digest::sha512, RSA_PKCS1_PSS_PADDING};
        case SignatureScheme::rsa_pkcs1_sha256:
            return {KeyKind::rsa, Digest::sha256, RSA_PKCS1_PADDING};
        case SignatureScheme::rsa_pkcs1_sha384:
            return {KeyKind::rsa, Digest::sha384, RSA_PKCS1_PADDING};
        case SignatureScheme::rsa_pkcs1_sha512:
            return {KeyKind::rsa, Digest::sha512, RSA_PKCS1_PADDING};
    }
    std::abort();
}

void set_padding(EVP_PKEY_CTX* context, const SchemeParts& scheme)
{
    const EVP_MD* md = digest(scheme.digest);
    must(EVP_PKEY_CTX_set_rsa_padding(context, scheme.padding) == 1 && EVP_PKEY_CTX_set_signature_md(context, md) == 1,
         "EVP_PKEY_CTX_set_rsa_padding");
    if (scheme.padding == RSA_PKCS1_PSS_PADDING)
        must(EVP_PKEY_CTX_set_rsa_mgf1_md(context, md) == 1 &&
                 EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1,
             "EVP_PKEY_CTX_set_rsa_pss_saltlen");
}

const char* curve_name(KeyKind kind) { return kind == KeyKind::ec_p256 ? "prime256v1" : "secp384r1"; }

std::size_t scalar_size(KeyKind kind) { return kind == KeyKind::ec_p256 ? 32 : 48; }

KeyHandle ec_public_handle(const char* name, ByteView uncompressed_point)
{
    std::array<char, 16> group{};
    std::string_view(name).copy(group.data(), group.size() - 1);
    Bytes point = to_bytes(uncompressed_point);
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
                                     OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
                                     OSSL_PARAM_construct_end()};
    const KeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)};
    must(context && EVP_PKEY_fromdata_init(context.get()) == 1, "EVP_PKEY_fromdata_init");
    EVP_PKEY* made = nullptr;
    EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parameters));
    return KeyHandle{made};
}

std::optional<PublicKey> public_key_of(EVP_PKEY* key)
{
    auto parsed = PublicKey::from_spki_der(encode_spki(key));
    if (!parsed) return std::nullopt;
    return *std::move(parsed);
}

}  // namespace internal

PublicKey PublicKey::make(KeyHandle key, KeyKind kind, Bytes spki)
{
    const auto bits = static_cast<std::size_t>(EVP_PKEY_get_bits(key.get()));
    return PublicKey(std::make_shared<const Parts>(Parts{std::move(key), kind, bits, std::move(spki)}));
}

Result<PublicKey> PublicKey::from_spki_der(ByteView der)
{
    for (const KeyKind kind : {KeyKind::ec_p256, KeyKind::ec_p384})
        if (const auto point = coordinates_of(kind, der)) {
            const std::size_t half = point->size() / 2;
            return from_ec_point(kind == KeyKind::ec_p256 ? Curve::p256 : Curve::p384, point->first(half),
                                 point->subspan(half));
        }
    KeyHandle key = decode_rsa(der);
    if (!key) return bad_form();
    if (!acceptable_rsa(key.get())) return bad_rsa();
    return make(std::move(key), KeyKind::rsa, to_bytes(der));
}

Result<PublicKey> PublicKey::from_spki_pem(std::string_view pem)
{
    TRY(const Bytes der, internal::decode_pem_block(pem, kLabel));
    return from_spki_der(der);
}

Result<PublicKey> PublicKey::from_ec_point(Curve curve, ByteView x, ByteView y)
{
    const KeyKind kind = curve == Curve::p256 ? KeyKind::ec_p256 : KeyKind::ec_p384;
    const std::size_t size = internal::scalar_size(kind);
    if (x.size() != size || y.size() != size) return bad_form();
    Bytes spki = to_bytes(spki_prefix(kind));
    const std::size_t point = spki.size() - 1;
    append(spki, x);
    append(spki, y);
    KeyHandle key = internal::ec_public_handle(internal::curve_name(kind), ByteView(spki).subspan(point));
    if (!key) return bad("crypto.public_key_point", "the point is not on its curve");
    return make(std::move(key), kind, std::move(spki));
}

Result<PublicKey> PublicKey::from_rsa(ByteView n, ByteView e)
{
    n = without_leading_zeros(n);
    e = without_leading_zeros(e);
    if (n.empty() || n.size() > kMostRsaBits / 8 || e.empty() || e.size() > sizeof(std::uint64_t)) return bad_rsa();
    KeyHandle key = rsa_handle(n, e);
    if (!key || !acceptable_rsa(key.get())) return bad_rsa();
    Bytes spki = encode_spki(key.get());
    return make(std::move(key), KeyKind::rsa, std::move(spki));
}

std::string PublicKey::spki_pem() const { return internal::encode_pem(spki_der(), kLabel); }

Status PublicKey::verify(SignatureScheme scheme, ByteView message, ByteView signature) const
{
    const internal::SchemeParts parts = internal::parts_of(scheme);
    if (parts.kind != kind()) return bad("crypto.public_key_scheme", "the key is of another kind than the signature scheme");
    const std::size_t size = kind() == KeyKind::rsa ? (bits() + 7) / 8 : 2 * internal::scalar_size(kind());
    if (signature.size() == size && verifies(native(), parts, message, signature)) return {};
    return internal::refuse(ErrorKind::unauthenticated, "crypto.public_key_signature", "this key did not sign this message");
}

}  // namespace iapp::crypto
