#pragma once
// Which endorsements a cache believes: those that attest's verifiers vouch for under the anchors of a program.
// Not a verifier itself, and no clock: signatures and chains here, windows in the cache at each use.
#include "attest/amd_trust.hpp"
#include "attest/intel_endorsements.hpp"
#include "endorse/entry.hpp"

namespace iapp::endorse {

/// What a program believes in. A vendor without an anchor is never believed.
struct Anchors {
    std::optional<attest::TrustAnchor> intel{};
    std::optional<attest::AmdTrust> amd{};
};

/// The whole of this file as the cache wants it. Errors: those below; unauthenticated "attest.root" without an anchor.
Accept accept_under(const Anchors& anchors);

/// Chains to the anchor, both lists and that they revoke none of the signers, both documents; TEE, FMSPC and CA are those
/// the key names. Errors: those of attest::IntelEndorsements::open(); unauthenticated "attest.revoked", "attest.platform".
Result<Facts> accept_intel(const IntelEntry& entry, const attest::TrustAnchor& anchor);

/// The chain of both CAs to a pinned ARK of the product the key names, and the ARK's list.
/// Errors: those of attest::verify_snp_issuer(); unauthenticated "attest.snp_product" (of another line or kind).
Result<Facts> accept_amd_issuer(const AmdIssuerEntry& entry, const attest::AmdTrust& trust);

/// The chain from the VCEK to a pinned ARK; product, chip and firmware versions are those the key names. Revocation is the
/// issuer's business: AMD lists no VCEK.
/// Errors: those of attest::SnpEndorser::create(); unauthenticated "attest.vek", "attest.vek_chip", "attest.vek_tcb".
Result<Facts> accept_vcek(const VcekEntry& entry, const attest::AmdTrust& trust);

}  // namespace iapp::endorse
