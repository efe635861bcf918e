#pragma once
// Certificates and revocation lists (RFC 5280) as values, and the single steps of a path check.
// Not a path validator: attest/ decides which chain, which time and which policy. Signatures are ecdsa-with-SHA256 by P-256,
// ecdsa-with-SHA384 by P-384, or RSASSA-PSS with SHA-384 throughout; nothing else is verified.
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "crypto/p256.hpp"
#include "crypto/public_key.hpp"

struct x509_st;
struct X509_crl_st;

namespace iapp::crypto {

struct X509Extension {
    std::string oid;  ///< dotted text: "1.2.840.113741.1.13.1"
    bool critical;
    Bytes value;  ///< DER inside the OCTET STRING
};

struct X509BasicConstraints {
    bool ca;
    std::optional<std::uint32_t> path_length;
};

struct X509KeyUsage {
    bool digital_signature;
    bool key_cert_sign;
    bool crl_sign;
};

/// Which signatures on certificates are verified. TPM manufacturers still sign with RSASSA-PKCS1-v1_5, nobody else here
/// does.
enum class CertificateSignatures : unsigned char {
    strict,          ///< the three of this file's head
    with_rsa_pkcs1,  ///< and RSASSA-PKCS1-v1_5 with SHA-256, SHA-384 or SHA-512
};

/// An immutable parsed certificate; copies share the parsed form. Parsing proves structure, not trust.
class Certificate {
public:
    /// Parses exactly one DER certificate, version 3, all bytes used.
    /// Errors: invalid_input "crypto.x509_der", "crypto.x509_version", "crypto.x509_serial" (negative or above 20 bytes),
    ///         "crypto.x509_time", "crypto.x509_extension" (duplicate or malformed).
    static Result<Certificate> from_der(ByteView der);

    /// Parses exactly one PEM certificate; white space around it is allowed, other text is not.
    /// Errors: invalid_input "crypto.pem"; as from_der().
    static Result<Certificate> from_pem(std::string_view pem);

    const Bytes& der() const { return parts_->der; }
    std::string to_pem() const;

    const std::string& subject_cn() const { return parts_->subject_cn; }  ///< empty unless there is exactly one CN
    const Bytes& subject_der() const { return parts_->subject_der; }      ///< Name; compare issuers with these bytes
    const Bytes& issuer_der() const { return parts_->issuer_der; }
    const Bytes& serial() const { return parts_->serial; }  ///< big endian, no leading zero byte; zero is one 0x00

    UnixSeconds not_before() const { return parts_->not_before; }
    UnixSeconds not_after() const { return parts_->not_after; }
    bool valid_at(UnixSeconds time) const { return not_before() <= time && time <= not_after(); }

    const std::optional<X509BasicConstraints>& basic_constraints() const { return parts_->basic_constraints; }
    const std::optional<X509KeyUsage>& key_usage() const { return parts_->key_usage; }
    bool is_ca() const { return basic_constraints() && basic_constraints()->ca; }
    bool may_sign_certificates() const { return is_ca() && key_usage() && key_usage()->key_cert_sign; }
    bool may_sign_crls() const { return is_ca() && key_usage() && key_usage()->crl_sign; }

    const std::vector<X509Extension>& extensions() const { return parts_->extensions; }

    /// The extension with this OID, or null. Valid as long as a copy of this certificate lives.
    const X509Extension* find_extension(std::string_view oid) const;

    /// The first critical extension this room does not interpret (it interprets basicConstraints and keyUsage), or null.
    const X509Extension* unknown_critical_extension() const;

    /// The subject's key. Errors: invalid_input "crypto.x509_key" (not an EC key on the named curve P-256; explicit
    /// parameters are refused even when they spell P-256), "crypto.p256_point".
    Result<P256PublicKey> public_key() const;

    /// The subject's key, of any kind this room knows. Errors: invalid_input "crypto.x509_key" (another kind, form or size,
    /// or a point off its curve). Decoded at the first call; safe to call from several threads.
    Result<PublicKey> subject_key() const;

    /// Checks that `issuer` is named as issuer and that its key made the signature. Neither time nor CA rights: see
    /// valid_at() and may_sign_certificates().
    /// Errors: unauthenticated "crypto.x509_issuer", "crypto.x509_algorithm" (not one of the three above, parameters
    /// included, or
    ///         not one for the issuer's key), "crypto.x509_signature"; as subject_key().
    Status verify_signed_by(const Certificate& issuer, CertificateSignatures accepted = CertificateSignatures::strict) const;

    x509_st* native() const { return native_.get(); }  ///< for this room only; OpenSSL has not decoded its key

private:
    /// Decoding an RSA or P-384 key costs as much as using it, and an issuer's key is used for each certificate below.
    struct SubjectKey {
        std::once_flag once;
        std::optional<Result<PublicKey>> key;
    };
    struct Parts {
        Bytes der;
        std::string subject_cn;
        Bytes subject_der;
        Bytes issuer_der;
        Bytes serial;
        UnixSeconds not_before;
        UnixSeconds not_after;
        std::optional<X509BasicConstraints> basic_constraints;
        std::optional<X509KeyUsage> key_usage;
        std::vector<X509Extension> extensions;
        std::unique_ptr<SubjectKey> subject_key;
    };
    Certificate(std::shared_ptr<x509_st> native, std::shared_ptr<const Parts> parts)
        : native_(std::move(native)), parts_(std::move(parts))
    {
    }

    std::shared_ptr<x509_st> native_;
    std::shared_ptr<const Parts> parts_;
};

/// One or more PEM certificates in the order of the text, white space between them, at most one NUL at the end.
/// Errors: invalid_input "crypto.pem", "crypto.pem_count" (none, or more than `most`); as Certificate::from_der().
Result<std::vector<Certificate>> parse_pem_certificates(std::string_view pem, std::size_t most = 8);

/// An immutable parsed certificate revocation list.
class Crl {
public:
    /// Parses exactly one DER list, version 2, all bytes used.
    /// Errors: invalid_input "crypto.crl_der", "crypto.crl_version", "crypto.crl_time", "crypto.crl_extension",
    /// "crypto.crl_entry".
    static Result<Crl> from_der(ByteView der);

    /// Errors: invalid_input "crypto.pem"; as from_der().
    static Result<Crl> from_pem(std::string_view pem);

    const Bytes& der() const { return parts_->der; }
    std::string to_pem() const;

    const Bytes& issuer_der() const { return parts_->issuer_der; }
    UnixSeconds this_update() const { return parts_->this_update; }
    const std::optional<UnixSeconds>& next_update() const
    {
        return parts_->next_update;
    }                                                                      ///< absent: the list never goes stale, refuse it
    const std::optional<Bytes>& number() const { return parts_->number; }  ///< big endian, no leading zero byte

    /// False when next_update() is absent.
    bool valid_at(UnixSeconds time) const { return next_update() && this_update() <= time && time <= *next_update(); }

    std::size_t size() const { return parts_->serials.size(); }

    /// `serial` as Certificate::serial() gives it.
    bool contains(ByteView serial) const;

    /// OID of the first critical extension of the list or of an entry, empty when there is none. This room interprets none
    /// of them (delta lists, indirect lists, partitioned lists): a reader that goes on may miss a revocation.
    const std::string& unknown_critical_extension() const { return parts_->unknown_critical; }

    /// Errors: unauthenticated "crypto.crl_issuer", "crypto.crl_algorithm", "crypto.crl_signature"; as
    /// Certificate::subject_key().
    Status verify_signed_by(const Certificate& issuer) const;

private:
    struct Parts {
        Bytes der;
        Bytes issuer_der;
        UnixSeconds this_update;
        std::optional<UnixSeconds> next_update;
        std::optional<Bytes> number;
        std::vector<Bytes> serials;  ///< sorted
        std::string unknown_critical;
    };
    Crl(std::shared_ptr<X509_crl_st> native, std::shared_ptr<const Parts> parts)
        : native_(std::move(native)), parts_(std::move(parts))
    {
    }

    std::shared_ptr<X509_crl_st> native_;
    std::shared_ptr<const Parts> parts_;
};

}  // namespace iapp::crypto
