// Which endorsement keys are trusted: by certificate chain, or by enrolment.
#include "attest/tpm_credential.hpp"
#include "crypto/x509.hpp"

namespace iapp::attest {
namespace {

using crypto::Certificate;
using crypto::CertificateSignatures;
using Certificates = std::vector<Certificate>;

constexpr std::size_t kMostCertificates = 16;
constexpr std::size_t kLongestPath = 5;  // EK, three intermediates, root
constexpr std::string_view kSubjectAltName = "2.5.29.17";
constexpr std::string_view kExtendedKeyUsage = "2.5.29.37";
// SEQUENCE { OID 2.23.133.8.1 }: tcg-kp-EKCertificate, alone.
constexpr std::array<std::uint8_t, 9> kEkUsage{0x30, 0x07, 0x06, 0x05, 0x67, 0x81, 0x05, 0x08, 0x01};

constexpr std::uint32_t kEkRequired = tpm_attribute::kFixedTpm | tpm_attribute::kFixedParent |
                                      tpm_attribute::kSensitiveDataOrigin | tpm_attribute::kRestricted |
                                      tpm_attribute::kDecrypt;

bool is_endorsement_key(const TpmPublic& ek)
{
    return (ek.attributes & kEkRequired) == kEkRequired && (ek.attributes & tpm_attribute::kSign) == 0;
}

/// EK certificates may have an empty subject; the TPM's name is then in a critical subjectAltName.
bool knows_critical_extensions(const Certificate& certificate)
{
    return std::ranges::none_of(certificate.extensions(), [](const crypto::X509Extension& e) {
        const bool known = e.oid == kSubjectAltName || e.oid == "2.5.29.19" || e.oid == "2.5.29.15";
        return e.critical && !known;
    });
}

bool is_ek_certificate(const Certificate& certificate)
{
    const crypto::X509Extension* usage = certificate.find_extension(kExtendedKeyUsage);
    return !certificate.is_ca() && knows_critical_extensions(certificate) &&
           (usage == nullptr || std::ranges::equal(usage->value, kEkUsage));
}

/// Fit to sign the certificate that has `below` CAs under it.
bool may_issue(const Certificate& issuer, std::size_t below)
{
    const auto& constraints = issuer.basic_constraints();
    return issuer.may_sign_certificates() && issuer.unknown_critical_extension() == nullptr &&
           (!constraints->path_length || *constraints->path_length >= below);
}

const Certificate* find_issuer(const Certificate& subject, const Certificates& among, std::size_t below)
{
    const auto found = std::ranges::find_if(among, [&](const Certificate& issuer) {
        return issuer.subject_der() == subject.issuer_der() && may_issue(issuer, below) &&
               subject.verify_signed_by(issuer, CertificateSignatures::with_rsa_pkcs1).has_value();
    });
    return found == among.end() ? nullptr : &*found;
}

/// From the EK certificate up. Ends with a certificate of `roots`, or where no issuer is known.
Certificates build_path(const Certificate& leaf, const Certificates& intermediates, const Certificates& roots)
{
    Certificates path{leaf};
    while (path.size() < kLongestPath) {
        const std::size_t below = path.size() - 1;
        if (const Certificate* root = find_issuer(path.back(), roots, below)) {
            path.push_back(*root);
            break;
        }
        const Certificate* next = find_issuer(path.back(), intermediates, below);
        if (next == nullptr) break;
        path.push_back(*next);
    }
    return path;
}

Result<Certificates> parse_all(std::string_view pem)
{
    if (pem.find_first_not_of(" \t\r\n") == pem.npos) return Certificates{};
    return crypto::parse_pem_certificates(pem, kMostCertificates);
}

Status check_path(const Certificates& path, const Certificates& roots, UnixSeconds now, CheckLog& checks)
{
    if (path.size() == 1) return checks.fail(CheckId::chain, "no known CA signed the EK certificate");
    checks.pass(CheckId::chain);
    const auto is_last = [&](const Certificate& root) { return root.der() == path.back().der(); };
    if (std::ranges::none_of(roots, is_last)) return checks.fail(CheckId::root, "the chain does not reach a trusted root");
    checks.pass(CheckId::root);
    for (const Certificate& certificate : path)
        if (!certificate.valid_at(now))
            return checks.fail(CheckId::certificate_expired, "outside its window: " + certificate.subject_cn());
    checks.pass(CheckId::certificate_expired);
    checks.skip(CheckId::revoked, "no list of EKs");
    return {};
}

}  // namespace

Result<TrustedEk> verify_ek_certificate(const TpmPublic& ek, ByteView certificate, std::string_view intermediates_pem,
                                        std::string_view roots_pem, UnixSeconds now, CheckLog& checks)
{
    const auto leaf = Certificate::from_der(certificate);
    const auto intermediates = parse_all(intermediates_pem);
    const auto roots = parse_all(roots_pem);
    if (!leaf || !intermediates || !roots)
        return checks.fail(CheckId::chain, "a certificate of the endorsement key's chain does not parse");
    if (!is_ek_certificate(*leaf)) return checks.fail(CheckId::chain, "the certificate is not one of an endorsement key");
    TRY_OK(check_path(build_path(*leaf, *intermediates, *roots), *roots, now, checks));

    // The certificate and the public area arrive separately: only equal keys make them one (CVE-2021-3406).
    const auto certified = leaf->subject_key();
    if (!certified || *certified != ek.key || !is_endorsement_key(ek))
        return checks.fail(CheckId::ak_binding, "the certificate is of another key than the endorsement key");
    return TrustedEk(ek);
}

Result<TrustedEk> trust_pinned_ek(const TpmPublic& ek, std::span<const Hash256> spki_sha256, CheckLog& checks)
{
    const Hash256 id = crypto::sha256(ek.key.spki_der());
    if (std::ranges::find(spki_sha256, id) == spki_sha256.end() || !is_endorsement_key(ek))
        return checks.fail(CheckId::ak_binding, "the endorsement key " + id.hex() + " is not pinned");
    return TrustedEk(ek);
}

}  // namespace iapp::attest
