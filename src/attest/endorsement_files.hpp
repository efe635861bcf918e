#pragma once
// Endorsements from loose files, as people download them: every file is told apart by its content, never by its name.
// Looks at 4 MiB of files in all; what does not fit is not there.
// Chooses, does not judge: the result is as untrusted as what went in, and verification names whatever is missing or stale.
#include <span>

#include "attest/evidence.hpp"
#include "attest/intel_collateral.hpp"
#include "attest/snp_verify.hpp"
#include "base/clock.hpp"

namespace iapp::attest {

/// Picks what a quote of `kind` with the certificates `pck_chain_pem` needs at `now` out of `files`: PCS answers
/// ({"tcbInfo":...}, {"enclaveIdentity":...}), certificates and revocation lists (PEM, DER or hex), or the one document with
/// everything. Where several fit, one that is valid at `now` wins, then the newest. A part that is not there stays empty.
Collateral choose_collateral(std::span<const Bytes> files, EvidenceKind kind, std::string_view pck_chain_pem,
                             UnixSeconds now);

/// Likewise for SEV-SNP: the VCEK or VLEK that fits `report` (else any, for verification to say what is wrong), its issuers,
/// and their list.
/// `named`  the VEK, DER or PEM, whatever else lies there; unreadable, it comes back as it is.
SnpEndorsements choose_snp_endorsements(std::span<const Bytes> files, ByteView report, const std::optional<Bytes>& named,
                                        UnixSeconds now);

/// Puts a revocation list somebody named into the place of the one that was chosen. False: the file is no list, or the list
/// of neither CA (Intel: PCK CA or root; AMD: ARK).
bool take_revocation_list(ByteView file, Collateral& into);
bool take_revocation_list(ByteView file, SnpEndorsements& into);

}  // namespace iapp::attest
