#include "crypto/x509.hpp"

#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/x509v3.h>

#include "crypto/internal/key_native.hpp"
#include "crypto/internal/openssl.hpp"
#include "crypto/internal/p256_native.hpp"
#include "crypto/internal/pem.hpp"
#include "crypto/internal/x509_native.hpp"

namespace iapp::crypto {
namespace {

constexpr std::string_view kLabel = "CERTIFICATE";
constexpr std::size_t kMostDer = 64 << 10;
constexpr std::size_t kMostSerial = 20;  // RFC 5280 s.4.1.2.2

std::unexpected<Error> bad(std::string_view reason, std::string detail)
{
    return internal::refuse(ErrorKind::invalid_input, reason, std::move(detail));
}

std::unexpected<Error> untrusted(std::string_view reason, std::string detail)
{
    return internal::refuse(ErrorKind::unauthenticated, reason, std::move(detail));
}

/// A library without algorithms. OpenSSL 3.0 decodes the key of each certificate it parses, through a search that takes
/// longer than verifying a signature; in here it finds no decoder and goes on. subject_key() reads the key when it is
/// wanted.
OSSL_LIB_CTX* empty_library()
{
    static OSSL_LIB_CTX* const made = [] {
        OSSL_LIB_CTX* context = OSSL_LIB_CTX_new();
        internal::must(context != nullptr && OSSL_PROVIDER_load(context, "null") != nullptr, "OSSL_PROVIDER_load");
        return context;
    }();
    return made;
}

/// Decodes exactly one certificate and insists that it encodes back to the same bytes.
std::shared_ptr<X509> decode(ByteView der)
{
    if (der.empty() || der.size() > kMostDer) return nullptr;
    const std::uint8_t* at = der.data();
    X509* made = X509_new_ex(empty_library(), nullptr);
    internal::must(made != nullptr, "X509_new_ex");
    const bool ok = d2i_X509(&made, &at, static_cast<long>(der.size())) != nullptr;  // frees and clears `made` otherwise
    std::shared_ptr<X509> parsed(made, X509_free);
    if (!ok || at != der.data() + der.size()) return nullptr;
    std::uint8_t* again = nullptr;
    const int size = i2d_X509(parsed.get(), &again);
    const internal::Given owner(again);
    const bool same = size >= 0 && std::ranges::equal(std::span(again, static_cast<std::size_t>(size)), der);
    return same ? parsed : nullptr;
}

/// The one common name as UTF-8; empty when there is none, several, or one with control characters.
std::string common_name(const X509_NAME* name)
{
    const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0) return {};
    std::uint8_t* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size < 0) {
        ERR_clear_error();
        return {};
    }
    const internal::Given owner(text);
    std::string out(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    const bool printable = std::ranges::none_of(out, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    return printable ? out : std::string{};
}

std::optional<X509BasicConstraints> parse_basic_constraints(const Bytes& value)
{
    const std::uint8_t* at = value.data();
    const std::unique_ptr<BASIC_CONSTRAINTS, decltype(&BASIC_CONSTRAINTS_free)> parsed{
        d2i_BASIC_CONSTRAINTS(nullptr, &at, static_cast<long>(value.size())), BASIC_CONSTRAINTS_free};
    if (!parsed || at != value.data() + value.size()) return std::nullopt;
    X509BasicConstraints out{parsed->ca != 0, std::nullopt};
    if (parsed->pathlen == nullptr) return out;
    std::uint64_t length = 0;
    if (!out.ca || ASN1_INTEGER_get_uint64(&length, parsed->pathlen) != 1 || length > 255) return std::nullopt;
    out.path_length = static_cast<std::uint32_t>(length);
    return out;
}

std::optional<X509KeyUsage> parse_key_usage(const Bytes& value)
{
    const std::uint8_t* at = value.data();
    const std::unique_ptr<ASN1_BIT_STRING, decltype(&ASN1_BIT_STRING_free)> bits{
        d2i_ASN1_BIT_STRING(nullptr, &at, static_cast<long>(value.size())), ASN1_BIT_STRING_free};
    if (!bits || at != value.data() + value.size()) return std::nullopt;
    const auto bit = [&](int n) { return ASN1_BIT_STRING_get_bit(bits.get(), n) == 1; };
    return X509KeyUsage{bit(0), bit(5), bit(6)};  // RFC 5280 s.4.2.1.3
}

Result<PublicKey> decode_subject_key(const X509* certificate)
{
    std::uint8_t* der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    internal::must(size > 0, "i2d_X509_PUBKEY");
    const internal::Given owner(der);
    auto key = PublicKey::from_spki_der({der, static_cast<std::size_t>(size)});
    if (!key) return bad("crypto.x509_key", std::string(key.error().reason) + ": " + key.error().detail);
    return key;
}

const X509Extension* find_in(const std::vector<X509Extension>& extensions, std::string_view oid)
{
    const auto found = std::ranges::find(extensions, oid, &X509Extension::oid);
    return found == extensions.end() ? nullptr : &*found;
}

}  // namespace

Result<Certificate> Certificate::from_der(ByteView der)
{
    auto native = decode(der);
    if (!native) return bad("crypto.x509_der", "not exactly one DER certificate of at most 64 KiB");
    if (X509_get_version(native.get()) != X509_VERSION_3)
        return bad("crypto.x509_version", "the certificate is not version 3");
    auto serial = internal::read_unsigned(X509_get0_serialNumber(native.get()));
    if (!serial || serial->size() > kMostSerial)
        return bad("crypto.x509_serial", "a serial number is not negative and has at most 20 bytes");
    const auto not_before = internal::read_time(X509_get0_notBefore(native.get()));
    const auto not_after = internal::read_time(X509_get0_notAfter(native.get()));
    if (!not_before || !not_after) return bad("crypto.x509_time", "a validity date is not in the form of RFC 5280");
    auto extensions = internal::read_extensions<X509>(native.get(), X509_get_ext_count, X509_get_ext);
    if (!extensions) return bad("crypto.x509_extension", "an extension comes twice, or there are more than 64");

    auto parts = std::make_shared<Parts>(Parts{
        .der = to_bytes(der),
        .subject_cn = common_name(X509_get_subject_name(native.get())),
        .subject_der = internal::name_der(X509_get_subject_name(native.get())),
        .issuer_der = internal::name_der(X509_get_issuer_name(native.get())),
        .serial = *std::move(serial),
        .not_before = *not_before,
        .not_after = *not_after,
        .basic_constraints = {},
        .key_usage = {},
        .extensions = *std::move(extensions),
        .subject_key = std::make_unique<SubjectKey>(),
    });
    if (const X509Extension* found = find_in(parts->extensions, internal::kBasicConstraintsOid)) {
        parts->basic_constraints = parse_basic_constraints(found->value);
        if (!parts->basic_constraints) return bad("crypto.x509_extension", "basicConstraints is malformed");
    }
    if (const X509Extension* found = find_in(parts->extensions, internal::kKeyUsageOid)) {
        parts->key_usage = parse_key_usage(found->value);
        if (!parts->key_usage) return bad("crypto.x509_extension", "keyUsage is malformed");
    }
    return Certificate(std::move(native), std::move(parts));
}

Result<Certificate> Certificate::from_pem(std::string_view pem)
{
    TRY(const Bytes der, internal::decode_pem_block(pem, kLabel));
    return from_der(der);
}

std::string Certificate::to_pem() const { return internal::encode_pem(der(), kLabel); }

const X509Extension* Certificate::find_extension(std::string_view oid) const { return find_in(parts_->extensions, oid); }

const X509Extension* Certificate::unknown_critical_extension() const
{
    for (const X509Extension& extension : parts_->extensions)
        if (extension.critical && extension.oid != internal::kBasicConstraintsOid && extension.oid != internal::kKeyUsageOid)
            return &extension;
    return nullptr;
}

Result<P256PublicKey> Certificate::public_key() const
{
    TRY(const P256PublicKey key, internal::named_curve_point(native_.get()));
    TRY_OK(internal::p256_public_handle(key));
    return key;
}

Result<PublicKey> Certificate::subject_key() const
{
    SubjectKey& cached = *parts_->subject_key;
    std::call_once(cached.once, [&] { cached.key.emplace(decode_subject_key(native_.get())); });
    return *cached.key;
}

Status Certificate::verify_signed_by(const Certificate& issuer, CertificateSignatures accepted) const
{
    if (issuer_der() != issuer.subject_der())
        return untrusted("crypto.x509_issuer", "the certificate names another issuer than " + issuer.subject_cn());
    const ASN1_BIT_STRING* signature = nullptr;
    const X509_ALGOR* outer = nullptr;
    X509_get0_signature(&signature, &outer, native_.get());
    const auto scheme = internal::signature_scheme(outer, accepted);
    if (!scheme || X509_ALGOR_cmp(outer, X509_get0_tbs_sigalg(native_.get())) != 0)
        return untrusted("crypto.x509_algorithm", "the certificate is not signed with an algorithm that is known here");
    TRY(const PublicKey key, issuer.subject_key());
    if (key.kind() != internal::parts_of(*scheme).kind)
        return untrusted("crypto.x509_algorithm", "the signature algorithm is not one for the issuer's key");
    if (!internal::verify_signed_part(key, *scheme, der(), signature))
        return untrusted("crypto.x509_signature", "the key of " + issuer.subject_cn() + " did not sign this certificate");
    return {};
}

Result<std::vector<Certificate>> parse_pem_certificates(std::string_view pem, std::size_t most)
{
    TRY(const std::vector<Bytes> blocks, internal::decode_pem(pem, kLabel));
    if (blocks.empty() || blocks.size() > most)
        return bad("crypto.pem_count",
                   "expected 1 to " + std::to_string(most) + " certificates, found " + std::to_string(blocks.size()));
    std::vector<Certificate> out;
    for (const Bytes& der : blocks) {
        TRY(Certificate certificate, Certificate::from_der(der));
        out.push_back(std::move(certificate));
    }
    return out;
}

}  // namespace iapp::crypto
