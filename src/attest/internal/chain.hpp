#pragma once
// Certificate chains of the Intel profile: found by name, checked by signature and role, complete to a self-signed root.
// Says nothing about trust or time: the caller compares the root with its anchor and the windows with its clock.
#include <algorithm>

#include "base/clock.hpp"
#include "crypto/x509.hpp"

namespace iapp::attest {

struct CertificateChain {
    std::vector<crypto::Certificate> certificates;  ///< leaf first, root last

    const crypto::Certificate& leaf() const { return certificates.front(); }
    const crypto::Certificate& issuer() const { return certificates[1]; }  ///< of the leaf
    const crypto::Certificate& root() const { return certificates.back(); }
};

enum class ChainKind : unsigned char {
    pck,         ///< PCK certificate, PCK CA, root
    signer,      ///< TCB signing certificate, root
    crl_issuer,  ///< PCK CA, root
};

/// Certificates that were parsed and links whose signatures were checked, so that what several chains share is done once.
/// Only facts that no clock changes are kept. Not for use by two threads at once unless nobody writes.
class CertificateStore {
public:
    /// `known`  a finished store to look into first; must outlive this one and everything it answers.
    explicit CertificateStore(const CertificateStore* known = nullptr) : known_(known) {}

    /// One PEM block, from its BEGIN line to its END line. Errors: those of crypto::Certificate::from_pem().
    Result<crypto::Certificate> parse(std::string_view block);

    /// Errors: those of crypto::Certificate::verify_signed_by().
    Status check_signature(const crypto::Certificate& child, const crypto::Certificate& issuer);

private:
    struct Entry {
        std::string text;
        crypto::Certificate certificate;
    };
    struct Link {
        const x509_st* child;
        const x509_st* issuer;
        friend bool operator==(const Link&, const Link&) = default;
    };
    const crypto::Certificate* find(std::string_view block) const;
    const crypto::Certificate* find_der(const Bytes& der) const;
    bool checked(const Link& link) const;

    const CertificateStore* known_;
    std::vector<Entry> entries_;
    std::vector<Link> links_;
};

/// Takes exactly the certificates `kind` needs, in any order, and nothing else.
/// Errors: unauthenticated "attest.chain", or those of crypto/x509.hpp.
Result<CertificateChain> build_chain(std::string_view pem, ChainKind kind, CertificateStore& store);

/// SHA-256 of the DER SubjectPublicKeyInfo of a P-256 key. Errors: as build_chain().
Result<Hash256> spki_sha256(const crypto::Certificate& certificate);

/// When something is valid: both ends count.
struct TimeWindow {
    UnixSeconds from = UnixSeconds::min();
    UnixSeconds to = UnixSeconds::max();

    bool contains(UnixSeconds time) const { return from <= time && time <= to; }
    void narrow(UnixSeconds other_from, UnixSeconds other_to)
    {
        from = std::max(from, other_from);
        to = std::min(to, other_to);
    }
    void narrow(const CertificateChain& chain)
    {
        for (const auto& certificate : chain.certificates) narrow(certificate.not_before(), certificate.not_after());
    }
};

}  // namespace iapp::attest
