#include "crypto/internal/x509_native.hpp"

#include "crypto/internal/openssl.hpp"

namespace iapp::crypto::internal {

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

bool is_ecdsa_sha256(const X509_ALGOR* outer, const X509_ALGOR* inner)
{
    const ASN1_OBJECT* algorithm = nullptr;
    int parameters = 0;
    X509_ALGOR_get0(&algorithm, &parameters, nullptr, outer);
    return OBJ_obj2nid(algorithm) == NID_ecdsa_with_SHA256 && parameters == V_ASN1_UNDEF &&
           X509_ALGOR_cmp(outer, inner) == 0;
}

}  // namespace iapp::crypto::internal
