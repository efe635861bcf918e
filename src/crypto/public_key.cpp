#include "crypto/public_key.hpp"

#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <bit>
#include <span>

#include "crypto/internal/key_native.hpp"
#include "crypto/internal/openssl.hpp"
#include "crypto/internal/pem.hpp"

namespace iapp::crypto {
namespace {

using internal::KeyContext;
using internal::must;

constexpr std::string_view kLabel = "PUBLIC KEY";
constexpr std::size_t kLeastRsaBits = 2048;
constexpr std::size_t kMostRsaBits = 8192;
constexpr std::uint64_t kLeastExponent = 65537;

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

std::unexpected<Error> bad_rsa()
{
    return bad("crypto.public_key_rsa", "an RSA key has an odd modulus of 2048 to 8192 bits and an odd exponent from 65537");
}

Bytes encode_spki(EVP_PKEY* key)
{
    std::uint8_t* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    must(size > 0, "i2d_PUBKEY");
    const internal::Given owner(der);
    return {der, der + size};
}

/// The parameters of a named curve as a key that has no point yet.
KeyHandle curve_only(const char* name)
{
    std::array<char, 16> group{};
    std::string_view(name).copy(group.data(), group.size() - 1);
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
                                     OSSL_PARAM_construct_end()};
    const KeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)};
    EVP_PKEY* made = nullptr;
    must(context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
             EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEY_PARAMETERS, const_cast<OSSL_PARAM*>(parameters)) == 1,
         "EVP_PKEY_fromdata");
    return KeyHandle{made};
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

/// The content of the DER element at the front of `in`, which then moves behind it; nothing unless it has this tag and a
/// length of one spelling below 64 KiB.
std::optional<ByteView> take_element(ByteView& in, std::uint8_t tag)
{
    if (in.size() < 2 || in[0] != tag) return std::nullopt;
    const std::size_t more = in[1] < 0x80 ? 0 : in[1] - 0x80U;  // length bytes behind the first
    if (more > 2 || in.size() < 2 + more) return std::nullopt;
    std::size_t size = more == 0 ? in[1] : 0;
    for (std::size_t i = 0; i < more; ++i) size = size << 8 | in[2 + i];
    const bool minimal = more == 0 || (more == 1 ? size >= 0x80 : in[1] != 0x80 && size >= 0x100);
    if (!minimal || in[1] == 0x80 || size > in.size() - 2 - more) return std::nullopt;
    const ByteView content = in.subspan(2 + more, size);
    in = in.subspan(2 + more + size);
    return content;
}

/// A positive INTEGER of one spelling, without its sign byte.
std::optional<ByteView> take_positive(ByteView& in)
{
    const auto content = take_element(in, 0x02);
    if (!content || content->empty() || ((*content)[0] & 0x80) != 0) return std::nullopt;
    if ((*content)[0] != 0) return content;
    if (content->size() < 2 || ((*content)[1] & 0x80) == 0) return std::nullopt;
    return content->subspan(1);
}

struct RsaNumbers {
    ByteView n;
    ByteView e;
};

/// RFC 3279 s.2.3.1, by hand: OpenSSL's decoder takes other spellings and a hundred microseconds. rsaEncryption only: a key
/// restricted to PSS (id-RSASSA-PSS) brings parameters that nobody here needs.
std::optional<RsaNumbers> decode_rsa(ByteView der)
{
    constexpr std::array<std::uint8_t, 13> kAlgorithm{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                                                      0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
    auto info = take_element(der, 0x30);
    if (!info || !der.empty()) return std::nullopt;
    const auto algorithm = take_element(*info, 0x30);
    auto bits = take_element(*info, 0x03);
    if (!algorithm || !bits || !info->empty() || !std::ranges::equal(*algorithm, kAlgorithm) || bits->empty() ||
        bits->front() != 0)
        return std::nullopt;
    *bits = bits->subspan(1);
    auto numbers = take_element(*bits, 0x30);
    if (!numbers || !bits->empty()) return std::nullopt;
    const auto n = take_positive(*numbers);
    const auto e = take_positive(*numbers);
    if (!n || !e || !numbers->empty()) return std::nullopt;
    return RsaNumbers{*n, *e};
}

ByteView without_leading_zeros(ByteView number)
{
    while (!number.empty() && number[0] == 0) number = number.subspan(1);
    return number;
}

/// RFC 8017 lets the exponent be anything odd; below 65537 it only invites padding attacks, above 64 bits it is a stall.
bool acceptable_rsa(ByteView n, ByteView e)
{
    if (n.empty() || e.empty() || n.size() > kMostRsaBits / 8 || e.size() > sizeof(std::uint64_t)) return false;
    const std::size_t bits = 8 * n.size() - static_cast<std::size_t>(std::countl_zero(n[0]));
    std::uint64_t exponent = 0;
    for (const std::uint8_t byte : e) exponent = exponent << 8 | byte;
    return bits >= kLeastRsaBits && (n.back() & 1) == 1 && (exponent & 1) == 1 && exponent >= kLeastExponent;
}

/// Neither number has leading zeros. Errors: invalid_input "crypto.public_key_rsa".
Result<KeyHandle> checked_rsa(ByteView n, ByteView e)
{
    KeyHandle key = acceptable_rsa(n, e) ? rsa_handle(n, e) : nullptr;
    if (!key) return bad_rsa();
    return key;
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
    // A copy of a key without a point costs a quarter of building one: the curve's tables are made once a curve.
    static const KeyHandle p256 = curve_only("prime256v1");
    static const KeyHandle p384 = curve_only("secp384r1");
    const std::string_view wanted(name);
    must(wanted == "prime256v1" || wanted == "secp384r1", "ec_public_handle");
    KeyHandle key{EVP_PKEY_dup((wanted == "prime256v1" ? p256 : p384).get())};
    must(key != nullptr, "EVP_PKEY_dup");
    const bool on_curve =
        EVP_PKEY_set1_encoded_public_key(key.get(), uncompressed_point.data(), uncompressed_point.size()) == 1;
    return on_curve ? std::move(key) : nullptr;
}

bool verify_encoded(const PublicKey& key, SignatureScheme scheme, ByteView message, ByteView signature)
{
    const SchemeParts parts = parts_of(scheme);
    const EVP_MD* md = digest(parts.digest);
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> hash{};
    unsigned size = 0;
    must(EVP_Digest(message.data(), message.size(), hash.data(), &size, md, nullptr) == 1, "EVP_Digest");
    const KeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, key.native(), nullptr)};
    must(context && EVP_PKEY_verify_init(context.get()) == 1, "EVP_PKEY_verify_init");
    if (parts.kind == KeyKind::rsa) set_padding(context.get(), parts);
    return EVP_PKEY_verify(context.get(), signature.data(), signature.size(), hash.data(), size) == 1;
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
    const auto numbers = decode_rsa(der);
    if (!numbers) return bad_form();
    TRY(KeyHandle key, checked_rsa(numbers->n, numbers->e));
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
    TRY(KeyHandle key, checked_rsa(without_leading_zeros(n), without_leading_zeros(e)));
    Bytes spki = encode_spki(key.get());
    return make(std::move(key), KeyKind::rsa, std::move(spki));
}

std::string PublicKey::spki_pem() const { return internal::encode_pem(spki_der(), kLabel); }

Status PublicKey::verify(SignatureScheme scheme, ByteView message, ByteView signature) const
{
    if (internal::parts_of(scheme).kind != kind())
        return bad("crypto.public_key_scheme", "the key is of another kind than the signature scheme");
    const bool rsa = kind() == KeyKind::rsa;
    const auto verifies = [&] {
        if (rsa) return internal::verify_encoded(*this, scheme, message, signature);
        const internal::DerSignature der(signature);
        return internal::verify_encoded(*this, scheme, message, {der.data(), der.size()});
    };
    if (signature.size() == (rsa ? (bits() + 7) / 8 : 2 * internal::scalar_size(kind())) && verifies()) return {};
    return internal::refuse(ErrorKind::unauthenticated, "crypto.public_key_signature", "this key did not sign this message");
}

}  // namespace iapp::crypto
