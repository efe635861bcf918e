#pragma once
// Certificate chains of the Intel profile: found by name, checked by signature and role, complete to a self-signed root.
// Says nothing about trust or time: the caller compares the root with its anchor and the windows with its clock.
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

/// Takes exactly the certificates `kind` needs, in any order, and nothing else.
/// Errors: unauthenticated "attest.chain", or those of crypto/x509.hpp.
Result<CertificateChain> build_chain(std::string_view pem, ChainKind kind);

/// SHA-256 of the DER SubjectPublicKeyInfo of a P-256 key.
Result<Hash256> spki_sha256(const crypto::Certificate& certificate);

}  // namespace iapp::attest
