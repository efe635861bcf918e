// Certificate revocation lists; declared in x509.hpp beside the certificates they revoke.
#include <openssl/x509.h>

#include "crypto/internal/key_native.hpp"
#include "crypto/internal/openssl.hpp"
#include "crypto/internal/pem.hpp"
#include "crypto/internal/x509_native.hpp"
#include "crypto/x509.hpp"

namespace iapp::crypto {
namespace {

constexpr std::string_view kLabel = "X509 CRL";
constexpr std::size_t kMostDer = std::size_t{16} << 20;

using Extensions = std::vector<X509Extension>;

std::unexpected<Error> bad(std::string_view reason, std::string detail)
{
    return internal::refuse(ErrorKind::invalid_input, reason, std::move(detail));
}

std::unexpected<Error> untrusted(std::string_view reason, std::string detail)
{
    return internal::refuse(ErrorKind::unauthenticated, reason, std::move(detail));
}

std::shared_ptr<X509_CRL> decode(ByteView der)
{
    if (der.empty() || der.size() > kMostDer) return nullptr;
    const std::uint8_t* at = der.data();
    std::shared_ptr<X509_CRL> parsed(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())), X509_CRL_free);
    if (!parsed || at != der.data() + der.size()) return nullptr;
    std::uint8_t* again = nullptr;
    const int size = i2d_X509_CRL(parsed.get(), &again);
    const internal::Given owner(again);
    const bool same = size >= 0 && std::ranges::equal(std::span(again, static_cast<std::size_t>(size)), der);
    return same ? parsed : nullptr;
}

std::optional<Bytes> parse_number(const Bytes& value)
{
    const std::uint8_t* at = value.data();
    const std::unique_ptr<ASN1_INTEGER, decltype(&ASN1_INTEGER_free)> parsed{
        d2i_ASN1_INTEGER(nullptr, &at, static_cast<long>(value.size())), ASN1_INTEGER_free};
    if (!parsed || at != value.data() + value.size()) return std::nullopt;
    return internal::read_unsigned(parsed.get());
}

/// Delta and partitioned lists are incomplete on purpose, whether or not the issuer marked the extension critical (RFC 5280
/// s.5.2).
bool changes_meaning(const X509Extension& extension)
{
    return extension.critical || extension.oid == "2.5.29.27" || extension.oid == "2.5.29.28";
}

/// OpenSSL 3.0 has no reader for the algorithm inside the signed part: compare version 2 and the AlgorithmIdentifier behind
/// the header of tBSCertList byte for byte (RFC 5280 s.5.1.2.2: it is the same as outside).
bool signed_part_names(ByteView der, ByteView algorithm)
{
    constexpr std::array<std::uint8_t, 3> kVersion{0x02, 0x01, 0x01};
    const ByteView inside = internal::inside_of(internal::signed_part(der));
    return inside.size() >= kVersion.size() + algorithm.size() &&
           std::ranges::equal(inside.first(kVersion.size()), kVersion) &&
           std::ranges::equal(inside.subspan(kVersion.size(), algorithm.size()), algorithm);
}

void note_critical(std::string& first, const Extensions& extensions)
{
    for (const X509Extension& extension : extensions)
        if (first.empty() && changes_meaning(extension)) first = extension.oid;
}

/// Reads serial numbers and notes critical entry extensions (a certificateIssuer makes the list indirect).
Status read_entries(X509_CRL* list, std::vector<Bytes>& serials, std::string& unknown_critical)
{
    STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(list);
    for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
        const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
        auto serial = internal::read_unsigned(X509_REVOKED_get0_serialNumber(entry));
        const auto extensions =
            internal::read_extensions<X509_REVOKED>(entry, X509_REVOKED_get_ext_count, X509_REVOKED_get_ext);
        if (!serial || !extensions) return bad("crypto.crl_entry", "entry " + std::to_string(i) + " is malformed");
        note_critical(unknown_critical, *extensions);
        serials.push_back(*std::move(serial));
    }
    std::ranges::sort(serials);
    return {};
}

}  // namespace

Result<Crl> Crl::from_der(ByteView der)
{
    auto native = decode(der);
    if (!native) return bad("crypto.crl_der", "not exactly one DER revocation list of at most 16 MiB");
    if (X509_CRL_get_version(native.get()) != X509_CRL_VERSION_2)
        return bad("crypto.crl_version", "the list is not version 2");
    const auto this_update = internal::read_time(X509_CRL_get0_lastUpdate(native.get()));
    const ASN1_TIME* next = X509_CRL_get0_nextUpdate(native.get());
    const auto next_update = internal::read_time(next);
    if (!this_update || (next != nullptr && !next_update))
        return bad("crypto.crl_time", "an update date is not in the form of RFC 5280");
    const auto extensions = internal::read_extensions<X509_CRL>(native.get(), X509_CRL_get_ext_count, X509_CRL_get_ext);
    if (!extensions) return bad("crypto.crl_extension", "an extension comes twice, or there are more than 64");

    auto parts = std::make_shared<Parts>(Parts{
        .der = to_bytes(der),
        .issuer_der = internal::name_der(X509_CRL_get_issuer(native.get())),
        .this_update = *this_update,
        .next_update = next_update,
        .number = {},
        .serials = {},
        .unknown_critical = {},
    });
    note_critical(parts->unknown_critical, *extensions);
    const auto number = std::ranges::find(*extensions, internal::kCrlNumberOid, &X509Extension::oid);
    if (number != extensions->end()) {
        parts->number = parse_number(number->value);
        if (!parts->number) return bad("crypto.crl_extension", "the list's number is malformed");
    }
    TRY_OK(read_entries(native.get(), parts->serials, parts->unknown_critical));
    return Crl(std::move(native), std::move(parts));
}

Result<Crl> Crl::from_pem(std::string_view pem)
{
    TRY(const Bytes der, internal::decode_pem_block(pem, kLabel));
    return from_der(der);
}

std::string Crl::to_pem() const { return internal::encode_pem(der(), kLabel); }

bool Crl::contains(ByteView serial) const
{
    return std::ranges::binary_search(
        parts_->serials, serial, [](ByteView a, ByteView b) { return std::ranges::lexicographical_compare(a, b); },
        [](const Bytes& listed) { return ByteView(listed); });
}

Status Crl::verify_signed_by(const Certificate& issuer) const
{
    if (issuer_der() != issuer.subject_der())
        return untrusted("crypto.crl_issuer", "the list was issued by another name than " + issuer.subject_cn());
    const ASN1_BIT_STRING* signature = nullptr;
    const X509_ALGOR* outer = nullptr;
    X509_CRL_get0_signature(native_.get(), &signature, &outer);
    const auto scheme = internal::signature_scheme(outer);
    if (!scheme || !signed_part_names(der(), internal::algorithm_der(outer)))
        return untrusted("crypto.crl_algorithm", "the list is not signed with an algorithm that is known here");
    TRY(const PublicKey key, issuer.subject_key());
    if (key.kind() != internal::parts_of(*scheme).kind)
        return untrusted("crypto.crl_algorithm", "the signature algorithm is not one for the issuer's key");
    if (!internal::verify_signed_part(key, *scheme, der(), signature))
        return untrusted("crypto.crl_signature", "the key of " + issuer.subject_cn() + " did not sign this list");
    return {};
}

}  // namespace iapp::crypto
