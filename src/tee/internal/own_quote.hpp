#pragma once
// What a collector believes of the evidence it was just handed: that it is the answer to its own question.
// Not verification: nobody's signature is checked here, that is the relying party's work.
#include "attest/evidence.hpp"

namespace iapp::tee::internal {

/// Parses `evidence` as `kind` and compares its report data, all 64 bytes. Errors: corrupt "tee.quote".
Status check_own_quote(attest::EvidenceKind kind, ByteView evidence, const attest::ReportData& asked);

}  // namespace iapp::tee::internal
