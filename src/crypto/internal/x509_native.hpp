#pragma once
// Readers of OpenSSL's certificate structures that certificates and revocation lists share.
#include <openssl/x509.h>

#include <optional>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "crypto/x509.hpp"

namespace iapp::crypto::internal {

/// RFC 5280 s.4.1.2.5: YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ, nothing shorter, no offset.
std::optional<UnixSeconds> read_time(const ASN1_TIME* time);

/// The magnitude, big endian; nothing for a negative or missing number.
std::optional<Bytes> read_unsigned(const ASN1_INTEGER* number);

/// The encoding as it was received.
Bytes name_der(const X509_NAME* name);

std::string oid_text(const ASN1_OBJECT* object);

Bytes octets(const ASN1_STRING* string);

/// More than any real certificate has; keeps the search for duplicates short.
inline constexpr int kMostExtensions = 64;

/// All extensions of a certificate, list or entry (`count` and `get` of that structure); nothing when an OID comes twice or
/// there are more than kMostExtensions.
template <class Owner>
std::optional<std::vector<X509Extension>> read_extensions(const Owner* owner, int (*count)(const Owner*),
                                                          X509_EXTENSION* (*get)(const Owner*, int))
{
    if (count(owner) > kMostExtensions) return std::nullopt;
    std::vector<X509Extension> out;
    for (int i = 0; i < count(owner); ++i) {
        X509_EXTENSION* extension = get(owner, i);
        X509Extension read{oid_text(X509_EXTENSION_get_object(extension)), X509_EXTENSION_get_critical(extension) != 0,
                           octets(X509_EXTENSION_get_data(extension))};
        for (const X509Extension& earlier : out)
            if (earlier.oid == read.oid) return std::nullopt;
        out.push_back(std::move(read));
    }
    return out;
}

/// ecdsa-with-SHA256 (by P-256) and ecdsa-with-SHA384 (by P-384) without parameters, or RSASSA-PSS with exactly SHA-384,
/// MGF1 with SHA-384, salt 48 and trailer 1. Nothing for all others, unless `accepted` adds RSASSA-PKCS1-v1_5.
std::optional<SignatureScheme> signature_scheme(const X509_ALGOR* algorithm,
                                                CertificateSignatures accepted = CertificateSignatures::strict);

/// The content of the first DER element of `element`, which OpenSSL has parsed before.
ByteView inside_of(ByteView element);

/// The first element inside the outer SEQUENCE of a certificate or list that OpenSSL has parsed: what its signature covers.
ByteView signed_part(ByteView der);

/// True when `key` is of the scheme's kind and made this signature. Neither names nor rights.
bool verify_signed_part(const PublicKey& key, SignatureScheme scheme, ByteView der, const ASN1_BIT_STRING* signature);

/// DER of an AlgorithmIdentifier.
Bytes algorithm_der(const X509_ALGOR* algorithm);

/// The point in a certificate's SubjectPublicKeyInfo, not yet checked to lie on the curve. Read from the structure itself:
/// the key that OpenSSL decodes from it also accepts explicit curve parameters. Errors: invalid_input "crypto.x509_key".
Result<P256PublicKey> named_curve_point(const X509* certificate);

inline constexpr const char* kBasicConstraintsOid = "2.5.29.19";
inline constexpr const char* kKeyUsageOid = "2.5.29.15";
inline constexpr const char* kCrlNumberOid = "2.5.29.20";

}  // namespace iapp::crypto::internal
