#include "crypto/x509_builder.hpp"

#include <openssl/x509v3.h>

#include "crypto/hash.hpp"
#include "crypto/internal/key_native.hpp"
#include "crypto/internal/openssl.hpp"
#include "crypto/internal/x509_native.hpp"
#include "crypto/random.hpp"

namespace iapp::crypto {
namespace {

using internal::must;
using internal::Owned;

using Name = Owned<X509_NAME, X509_NAME_free>;
using Extension = Owned<X509_EXTENSION, X509_EXTENSION_free>;
using Integer = Owned<ASN1_INTEGER, ASN1_INTEGER_free>;
using Time = Owned<ASN1_TIME, ASN1_TIME_free>;

std::unexpected<Error> bad_profile(std::string_view reason, std::string detail)
{
    return internal::refuse(ErrorKind::invalid_input, reason, std::move(detail));
}

/// Times that RFC 5280 can write: 1950 to 9999.
bool writable(UnixSeconds time)
{
    using namespace std::chrono;
    return time >= sys_days(year(1950) / 1 / 1) && time < sys_days(year(10000) / 1 / 1);
}

bool valid_serial(ByteView serial, bool zero_too = false)
{
    return serial.size() <= 20 && (serial[0] & 0x80) == 0 &&
           (zero_too || std::ranges::any_of(serial, [](std::uint8_t b) { return b != 0; }));
}

Status check(const CertificateProfile& profile)
{
    constexpr std::string_view kReason = "crypto.x509_profile";
    if (profile.common_name.empty() || profile.common_name.size() > 64 || profile.organization.size() > 64)
        return bad_profile(kReason, "a common name has 1 to 64 bytes, an organization at most 64");
    if (!profile.serial.empty() && !valid_serial(profile.serial, profile.bare))
        return bad_profile(kReason, "a serial number has 1 to 20 bytes, a clear top bit and is not zero");
    if (!writable(profile.not_before) || !writable(profile.not_after) || profile.not_before > profile.not_after)
        return bad_profile(kReason, "the validity window is empty or outside 1950 to 9999");
    if (profile.path_length && (!profile.ca || *profile.path_length > 255))
        return bad_profile(kReason, "only a CA has a path length, at most 255");
    return {};
}

Bytes random_serial()
{
    Bytes serial = random_bytes(16);
    serial[0] = static_cast<std::uint8_t>((serial[0] & 0x3f) | 0x40);  // positive, and always 16 bytes
    return serial;
}

Integer integer(ByteView magnitude)
{
    BIGNUM* number = BN_bin2bn(magnitude.data(), static_cast<int>(magnitude.size()), nullptr);
    Integer out{BN_to_ASN1_INTEGER(number, nullptr)};
    BN_free(number);
    must(out != nullptr, "BN_to_ASN1_INTEGER");
    return out;
}

Time asn1_time(UnixSeconds time)
{
    Time out{ASN1_TIME_set(nullptr, time.time_since_epoch().count())};
    must(out != nullptr, "ASN1_TIME_set");
    return out;
}

Name subject_name(const CertificateProfile& profile)
{
    Name name{X509_NAME_new()};
    const auto add = [&](int nid, const std::string& text) {
        must(X509_NAME_add_entry_by_NID(name.get(), nid, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.data()),
                                        static_cast<int>(text.size()), -1, 0) == 1,
             "X509_NAME_add_entry_by_NID");
    };
    add(NID_commonName, profile.common_name);
    if (!profile.organization.empty()) add(NID_organizationName, profile.organization);
    return name;
}

Extension make_extension(const X509Extension& extension)
{
    const Owned<ASN1_OBJECT, ASN1_OBJECT_free> oid{OBJ_txt2obj(extension.oid.c_str(), 1)};
    const Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> value{ASN1_OCTET_STRING_new()};
    if (!oid || ASN1_OCTET_STRING_set(value.get(), extension.value.data(), static_cast<int>(extension.value.size())) != 1)
        return nullptr;
    return Extension{X509_EXTENSION_create_by_OBJ(nullptr, oid.get(), extension.critical, value.get())};
}

/// SEQUENCE { BOOLEAN TRUE, INTEGER } with both parts optional.
Bytes basic_constraints_der(bool ca, std::optional<std::uint32_t> path_length)
{
    Bytes body;
    if (ca) body = {0x01, 0x01, 0xff};
    if (path_length) {
        const bool sign = *path_length > 0x7f;
        append(body, Bytes{0x02, static_cast<std::uint8_t>(1 + sign)});
        if (sign) body.push_back(0);
        body.push_back(static_cast<std::uint8_t>(*path_length));
    }
    Bytes out{0x30, static_cast<std::uint8_t>(body.size())};
    append(out, body);
    return out;
}

/// RFC 7093 s.2 method 1: the leftmost 160 bits of SHA-256 over the public key's bits.
Bytes key_identifier(const PublicKey& key)
{
    const std::uint8_t* at = key.spki_der().data();
    const Owned<X509_PUBKEY, X509_PUBKEY_free> parsed{
        d2i_X509_PUBKEY(nullptr, &at, static_cast<long>(key.spki_der().size()))};
    const std::uint8_t* bits = nullptr;
    int size = 0;
    must(parsed && X509_PUBKEY_get0_param(nullptr, &bits, &size, nullptr, parsed.get()) == 1, "X509_PUBKEY_get0_param");
    return to_bytes(sha256({bits, static_cast<std::size_t>(size)}).bytes().first<20>());
}

Bytes tagged(std::uint8_t tag, const Bytes& value)
{
    Bytes out{tag, static_cast<std::uint8_t>(value.size())};
    append(out, value);
    return out;
}

X509Extension authority_key_identifier(const PublicKey& issuer)
{
    return {"2.5.29.35", false, tagged(0x30, tagged(0x80, key_identifier(issuer)))};
}

std::vector<X509Extension> all_extensions(const CertificateProfile& profile, const PublicKey& subject,
                                          const PublicKey& issuer)
{
    if (profile.bare) return profile.extensions;
    const Bytes sign_certificates_and_lists{0x03, 0x02, 0x01, 0x06};
    const Bytes sign_data{0x03, 0x02, 0x07, 0x80};
    std::vector<X509Extension> out{
        {internal::kBasicConstraintsOid, true, basic_constraints_der(profile.ca, profile.path_length)},
        {internal::kKeyUsageOid, true, profile.ca ? sign_certificates_and_lists : sign_data},
        {"2.5.29.14", false, tagged(0x04, key_identifier(subject))},
        authority_key_identifier(issuer)};
    out.insert(out.end(), profile.extensions.begin(), profile.extensions.end());
    return out;
}

/// A key that signs, borrowed from a P256Key or a SigningKey.
struct Signer {
    EVP_PKEY* key;
    PublicKey public_key;
};

Signer signer_of(const P256Key& key)
{
    auto public_key = internal::public_key_of(key.native());
    must(public_key.has_value(), "public_key_of");
    return {key.native(), *std::move(public_key)};
}

Signer signer_of(const SigningKey& key) { return {key.native(), key.public_key()}; }

/// A context with the one algorithm that an issuer of this kind of key signs with.
DigestHandle signing_context(const Signer& signer)
{
    const KeyKind kind = signer.public_key.kind();
    const auto parts = internal::parts_of(kind == KeyKind::ec_p256   ? SignatureScheme::ecdsa_p256_sha256
                                          : kind == KeyKind::ec_p384 ? SignatureScheme::ecdsa_p384_sha384
                                                                     : SignatureScheme::rsa_pss_sha384);
    DigestHandle context{EVP_MD_CTX_new()};
    EVP_PKEY_CTX* operation = nullptr;
    must(context && EVP_DigestSignInit(context.get(), &operation, internal::digest(parts.digest), nullptr, signer.key) == 1,
         "EVP_DigestSignInit");
    if (kind == KeyKind::rsa) internal::set_padding(operation, parts);
    return context;
}

Result<Certificate> sign_certificate(const CertificateProfile& profile, const PublicKey& subject_key,
                                     const X509_NAME* issuer_name, const Signer& signer)
{
    const Name name = subject_name(profile);
    const Owned<X509, X509_free> made{X509_new()};
    X509* x = made.get();
    must(X509_set_version(x, X509_VERSION_3) == 1 &&
             X509_set_serialNumber(x, integer(profile.serial.empty() ? random_serial() : profile.serial).get()) == 1 &&
             X509_set1_notBefore(x, asn1_time(profile.not_before).get()) == 1 &&
             X509_set1_notAfter(x, asn1_time(profile.not_after).get()) == 1 && X509_set_subject_name(x, name.get()) == 1 &&
             X509_set_issuer_name(x, issuer_name != nullptr ? issuer_name : name.get()) == 1 &&
             X509_set_pubkey(x, subject_key.native()) == 1,
         "X509_set");
    for (const X509Extension& extension : all_extensions(profile, subject_key, signer.public_key)) {
        const Extension native = make_extension(extension);
        if (!native) return bad_profile("crypto.x509_profile", "not an OID: " + extension.oid);
        must(X509_add_ext(x, native.get(), -1) == 1, "X509_add_ext");
    }
    must(X509_sign_ctx(x, signing_context(signer).get()) > 0, "X509_sign_ctx");
    std::uint8_t* der = nullptr;
    const int size = i2d_X509(x, &der);
    must(size > 0, "i2d_X509");
    const internal::Given owner(der);
    return Certificate::from_der({der, static_cast<std::size_t>(size)});
}

Status check_issuer_key(const Certificate& issuer, const Signer& signer)
{
    TRY(const PublicKey expected, issuer.subject_key());
    if (expected == signer.public_key) return {};
    return bad_profile("crypto.x509_issuer_key", "the signing key does not belong to the issuer's certificate");
}

Result<Certificate> sign_under(const CertificateProfile& profile, const PublicKey& subject_key, const Certificate& issuer,
                               const Signer& signer)
{
    TRY_OK(check(profile));
    TRY_OK(check_issuer_key(issuer, signer));
    return sign_certificate(profile, subject_key, X509_get_subject_name(issuer.native()), signer);
}

void add_revoked(X509_CRL* list, const Bytes& serial, UnixSeconds date)
{
    Owned<X509_REVOKED, X509_REVOKED_free> entry{X509_REVOKED_new()};
    must(X509_REVOKED_set_serialNumber(entry.get(), integer(serial).get()) == 1 &&
             X509_REVOKED_set_revocationDate(entry.get(), asn1_time(date).get()) == 1 &&
             X509_CRL_add0_revoked(list, entry.get()) == 1,
         "X509_CRL_add0_revoked");
    (void)entry.release();  // the list owns it now
}

Status check(const CrlProfile& profile)
{
    if (!writable(profile.this_update) ||
        (profile.next_update && (!writable(*profile.next_update) || *profile.next_update < profile.this_update)))
        return bad_profile("crypto.crl_profile", "the update window is empty or outside 1950 to 9999");
    for (const Bytes& serial : profile.revoked_serials)
        if (serial.empty() || !valid_serial(serial))
            return bad_profile("crypto.crl_profile", "a serial number has 1 to 20 bytes and a clear top bit");
    return {};
}

X509Extension crl_number(std::uint64_t number)
{
    Bytes magnitude{0};
    for (int shift = 56; shift >= 0; shift -= 8) magnitude.push_back(static_cast<std::uint8_t>(number >> shift));
    while (magnitude.size() > 1 && magnitude[0] == 0 && (magnitude[1] & 0x80) == 0) magnitude.erase(magnitude.begin());
    return {internal::kCrlNumberOid, false, tagged(0x02, magnitude)};
}

Result<Crl> sign_crl(const CrlProfile& profile, const Certificate& issuer, const Signer& signer)
{
    TRY_OK(check(profile));
    TRY_OK(check_issuer_key(issuer, signer));
    const Owned<X509_CRL, X509_CRL_free> made{X509_CRL_new()};
    X509_CRL* list = made.get();
    must(X509_CRL_set_version(list, X509_CRL_VERSION_2) == 1 &&
             X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer.native())) == 1 &&
             X509_CRL_set1_lastUpdate(list, asn1_time(profile.this_update).get()) == 1 &&
             (!profile.next_update || X509_CRL_set1_nextUpdate(list, asn1_time(*profile.next_update).get()) == 1),
         "X509_CRL_set");
    for (const Bytes& serial : profile.revoked_serials) add_revoked(list, serial, profile.this_update);
    std::vector<X509Extension> extensions{authority_key_identifier(signer.public_key), crl_number(profile.number)};
    extensions.insert(extensions.end(), profile.extensions.begin(), profile.extensions.end());
    for (const X509Extension& extension : extensions) {
        const Extension native = make_extension(extension);
        if (!native) return bad_profile("crypto.crl_profile", "not an OID: " + extension.oid);
        must(X509_CRL_add_ext(list, native.get(), -1) == 1, "X509_CRL_add_ext");
    }
    must(X509_CRL_sort(list) == 1 && X509_CRL_sign_ctx(list, signing_context(signer).get()) > 0, "X509_CRL_sign_ctx");
    std::uint8_t* der = nullptr;
    const int size = i2d_X509_CRL(list, &der);
    must(size > 0, "i2d_X509_CRL");
    const internal::Given owner(der);
    return Crl::from_der({der, static_cast<std::size_t>(size)});
}

}  // namespace

Result<Certificate> issue_root(const CertificateProfile& profile, const P256Key& key)
{
    TRY_OK(check(profile));
    const Signer signer = signer_of(key);
    return sign_certificate(profile, signer.public_key, nullptr, signer);
}

Result<Certificate> issue_root(const CertificateProfile& profile, const SigningKey& key)
{
    TRY_OK(check(profile));
    return sign_certificate(profile, key.public_key(), nullptr, signer_of(key));
}

Result<Certificate> issue_certificate(const CertificateProfile& profile, const P256PublicKey& subject_key,
                                      const Certificate& issuer, const P256Key& issuer_key)
{
    const auto xy = subject_key.bytes();
    auto subject = PublicKey::from_ec_point(Curve::p256, xy.first<32>(), xy.last<32>());
    if (!subject) return bad_profile("crypto.p256_point", "the public key is not a point of P-256");
    return sign_under(profile, *subject, issuer, signer_of(issuer_key));
}

Result<Certificate> issue_certificate(const CertificateProfile& profile, const PublicKey& subject_key,
                                      const Certificate& issuer, const SigningKey& issuer_key)
{
    return sign_under(profile, subject_key, issuer, signer_of(issuer_key));
}

Result<Crl> issue_crl(const CrlProfile& profile, const Certificate& issuer, const P256Key& issuer_key)
{
    return sign_crl(profile, issuer, signer_of(issuer_key));
}

Result<Crl> issue_crl(const CrlProfile& profile, const Certificate& issuer, const SigningKey& issuer_key)
{
    return sign_crl(profile, issuer, signer_of(issuer_key));
}

}  // namespace iapp::crypto
