#pragma once
// Who issues the endorsement keys of an AMD product line, and what that line has revoked: the part of the endorsements that
// all its chips share, judged without any of them. For caches; snp_verify.hpp checks the same again for each chip.
#include "attest/amd_trust.hpp"
#include "attest/check.hpp"
#include "base/clock.hpp"

namespace iapp::attest {

struct SnpIssuer {
    SnpProduct product;
    VekKind kind;            ///< ASK: VCEKs; ASVK: VLEKs
    UnixSeconds valid_from;  ///< the window common to both certificates and the list
    UnixSeconds valid_until;
    std::optional<Bytes> crl_number;  ///< big endian: refuse lower ones
};

/// Checks the two certificates and the ARK's list. Time does not enter. `checks` receives vek_chain, root, crl and revoked.
/// Errors: the reason of the first of them that failed.
Result<SnpIssuer> verify_snp_issuer(std::string_view cert_chain_pem, ByteView crl, const AmdTrust& trust, CheckLog& checks);

}  // namespace iapp::attest
