#pragma once
// What intel_endorsements.cpp keeps and intel_verify.cpp reads.
#include "attest/intel_endorsements.hpp"
#include "attest/internal/chain.hpp"

namespace iapp::attest {

struct DocumentWindow {
    std::string_view what;
    TimeWindow window;
};

struct IntelEndorsements::Parts {
    TrustAnchor anchor;
    CertificateStore store;
    CertificateChain crl_issuer;
    CertificateChain tcb_signer;
    CertificateChain qe_signer;
    crypto::Crl root_crl;
    crypto::Crl pck_crl;
    TcbInfo tcb;
    QeIdentity qe;
    std::optional<std::string> pck_chain;
    std::array<DocumentWindow, 4> documents;
    TimeWindow certificates;  ///< every endorser's certificate
    TimeWindow freshness;     ///< every document and list
};

/// A list counts only when the very CA it speaks for signed it. Errors: a sentence for CheckId::crl.
Status check_crl_issuer(const crypto::Crl& crl, const crypto::Certificate& issuer);

}  // namespace iapp::attest
