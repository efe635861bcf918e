#pragma once
// Which endorsements a cache believes: those that attest's verifiers vouch for under the anchors of a program.
// Not a verifier itself, and no clock: signatures and chains here, windows in the cache at each use.
#include "attest/amd_trust.hpp"
#include "endorse/entry.hpp"

namespace iapp::endorse {

/// The chain of both CAs to a pinned ARK of the product the key names, and the ARK's list.
/// Errors: those of attest::verify_snp_issuer(); unauthenticated "attest.snp_product" (of another line or kind).
Result<Facts> accept_amd_issuer(const AmdIssuerEntry& entry, const attest::AmdTrust& trust);

/// The chain from the VCEK to a pinned ARK; product, chip and firmware versions are those the key names. Revocation is the
/// issuer's business: AMD lists no VCEK.
/// Errors: those of attest::SnpEndorser::create(); unauthenticated "attest.vek", "attest.vek_chip", "attest.vek_tcb".
Result<Facts> accept_vcek(const VcekEntry& entry, const attest::AmdTrust& trust);

}  // namespace iapp::endorse
