#include "crypto/internal/x509_native.hpp"

#include "crypto/internal/key_native.hpp"
#include "crypto/internal/openssl.hpp"

namespace iapp::crypto::internal {
namespace {

// AlgorithmIdentifier, whole: comparing bytes leaves no parameter unchecked. RFC 5758 s.3.2; RFC 4055 s.3.1.
constexpr std::array<std::uint8_t, 12> kEcdsaSha256{0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
constexpr std::array<std::uint8_t, 12> kEcdsaSha384{0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03};

/// id-RSASSA-PSS with [0] SHA-384, [1] MGF1 of SHA-384, [2] salt 48. AMD's certificates spell the default trailer out in
/// one half of the cases ([3] INTEGER 1), against DER; both forms say the same.
template <std::size_t N>
constexpr std::array<std::uint8_t, N> pss_sha384(std::uint8_t whole, std::uint8_t parameters)
{
    constexpr std::array<std::uint8_t, 67> kCommon{
        0x30, 0,    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0,    0xa0, 0x0f,
        0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0xa1, 0x1c,
        0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09,
        0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x30};
    constexpr std::array<std::uint8_t, 5> kTrailer{0xa3, 0x03, 0x02, 0x01, 0x01};
    std::array<std::uint8_t, N> out{};
    std::ranges::copy(kCommon, out.begin());
    if (N > kCommon.size()) std::ranges::copy(kTrailer, out.begin() + kCommon.size());
    out[1] = whole;
    out[14] = parameters;
    return out;
}
constexpr auto kPssSha384 = pss_sha384<67>(0x41, 0x34);
constexpr auto kPssSha384WithTrailer = pss_sha384<72>(0x46, 0x39);

/// sha256-, sha384- or sha512WithRSAEncryption (RFC 4055 s.5): PKCS #1 arcs 11 to 13, with NULL parameters.
std::optional<SignatureScheme> rsa_pkcs1_scheme(ByteView der)
{
    constexpr std::array<std::uint8_t, 12> kBefore{0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01};
    constexpr std::array kSchemes{SignatureScheme::rsa_pkcs1_sha256, SignatureScheme::rsa_pkcs1_sha384,
                                  SignatureScheme::rsa_pkcs1_sha512};
    if (der.size() != 15 || !std::ranges::equal(der.first(12), kBefore) || der[12] < 11 || der[12] > 13 || der[13] != 0x05 ||
        der[14] != 0x00)
        return std::nullopt;
    return kSchemes[der[12] - 11U];
}

}  // namespace

std::optional<UnixSeconds> read_time(const ASN1_TIME* time)
{
    if (time == nullptr) return std::nullopt;
    const std::string_view text{reinterpret_cast<const char*>(ASN1_STRING_get0_data(time)),
                                static_cast<std::size_t>(ASN1_STRING_length(time))};
    const std::size_t expected = ASN1_STRING_type(time) == V_ASN1_UTCTIME ? 13 : 15;
    std::tm parts{};
    if (text.size() != expected || text.back() != 'Z' || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
    const std::chrono::year_month_day day{std::chrono::year(parts.tm_year + 1900),
                                          std::chrono::month(static_cast<unsigned>(parts.tm_mon) + 1),
                                          std::chrono::day(static_cast<unsigned>(parts.tm_mday))};
    if (!day.ok()) return std::nullopt;
    return std::chrono::sys_days(day) + std::chrono::hours(parts.tm_hour) + std::chrono::minutes(parts.tm_min) +
           std::chrono::seconds(parts.tm_sec);
}

std::optional<Bytes> read_unsigned(const ASN1_INTEGER* number)
{
    if (number == nullptr || ASN1_STRING_type(number) != V_ASN1_INTEGER) return std::nullopt;
    Bytes magnitude = octets(number);
    if (magnitude.empty()) magnitude.push_back(0);
    return magnitude;
}

Bytes name_der(const X509_NAME* name)
{
    const std::uint8_t* der = nullptr;
    std::size_t size = 0;
    must(X509_NAME_get0_der(name, &der, &size) == 1, "X509_NAME_get0_der");
    return {der, der + size};
}

std::string oid_text(const ASN1_OBJECT* object)
{
    const int size = OBJ_obj2txt(nullptr, 0, object, 1);
    if (size <= 0) return {};
    std::string text(static_cast<std::size_t>(size) + 1, '\0');
    OBJ_obj2txt(text.data(), size + 1, object, 1);
    text.pop_back();
    return text;
}

Bytes octets(const ASN1_STRING* string)
{
    const std::uint8_t* data = ASN1_STRING_get0_data(string);
    return {data, data + ASN1_STRING_length(string)};
}

Result<P256PublicKey> named_curve_point(const X509* certificate)
{
    const std::uint8_t* point = nullptr;
    int size = 0;
    X509_ALGOR* algorithm = nullptr;
    must(X509_PUBKEY_get0_param(nullptr, &point, &size, &algorithm, X509_get_X509_PUBKEY(certificate)) == 1,
         "X509_PUBKEY_get0_param");
    const ASN1_OBJECT* kind = nullptr;
    int parameter_type = 0;
    const void* parameter = nullptr;
    X509_ALGOR_get0(&kind, &parameter_type, &parameter, algorithm);
    if (OBJ_obj2nid(kind) != NID_X9_62_id_ecPublicKey || parameter_type != V_ASN1_OBJECT ||
        OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(parameter)) != NID_X9_62_prime256v1 || size != 65 || point[0] != 0x04)
        return refuse(ErrorKind::invalid_input, "crypto.x509_key",
                      "the certificate's key is not an uncompressed point on the named curve P-256");
    return P256PublicKey{ByteView(point + 1, 64).first<64>()};
}

Bytes algorithm_der(const X509_ALGOR* algorithm)
{
    std::uint8_t* der = nullptr;
    const int size = i2d_X509_ALGOR(algorithm, &der);
    must(size > 0, "i2d_X509_ALGOR");
    const Given owner(der);
    return {der, der + size};
}

std::optional<SignatureScheme> signature_scheme(const X509_ALGOR* algorithm, CertificateSignatures accepted)
{
    const Bytes der = algorithm_der(algorithm);
    if (std::ranges::equal(der, kEcdsaSha256)) return SignatureScheme::ecdsa_p256_sha256;
    if (std::ranges::equal(der, kEcdsaSha384)) return SignatureScheme::ecdsa_p384_sha384;
    if (std::ranges::equal(der, kPssSha384) || std::ranges::equal(der, kPssSha384WithTrailer))
        return SignatureScheme::rsa_pss_sha384;
    if (accepted == CertificateSignatures::with_rsa_pkcs1) return rsa_pkcs1_scheme(der);
    return std::nullopt;
}

ByteView inside_of(ByteView element)
{
    const std::uint8_t* at = element.data();
    long size = 0;
    int tag = 0;
    int tag_class = 0;
    const int result = ASN1_get_object(&at, &size, &tag, &tag_class, static_cast<long>(element.size()));
    if ((result & 0x80) != 0) return element.first(0);
    return {at, static_cast<std::size_t>(size)};
}

ByteView signed_part(ByteView der)
{
    const ByteView rest = inside_of(der);
    const ByteView inside = inside_of(rest);
    return rest.first(static_cast<std::size_t>(inside.data() - rest.data()) + inside.size());
}

bool verify_signed_part(const PublicKey& key, SignatureScheme scheme, ByteView der, const ASN1_BIT_STRING* signature)
{
    constexpr long kUnusedBits = 0x07;
    if ((signature->flags & kUnusedBits) != 0) return false;
    const ByteView bytes(ASN1_STRING_get0_data(signature), static_cast<std::size_t>(ASN1_STRING_length(signature)));
    return verify_encoded(key, scheme, signed_part(der), bytes);
}

}  // namespace iapp::crypto::internal
