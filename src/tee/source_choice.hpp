#pragma once
// Which evidence source a program uses, by the name in its configuration. Where a source finds the hardware is compiled in:
// neither a path nor an environment variable can point it elsewhere, because whoever sets those would choose the evidence.
// Not a detector: a program that cannot have the named source fails; it never takes another one.
#include "tee/evidence_source.hpp"

namespace iapp::tee {

enum class SourceKind : unsigned char {
    simulated,     ///< "simulated": iapp-tee-sim on descriptor 3; no policy for hardware accepts its root
    configfs_tsm,  ///< "configfs-tsm": an Intel TDX or AMD SEV-SNP guest; on SEV-SNP runs cannot be measured
    gramine,       ///< "gramine": an SGX enclave under Gramine; runs cannot be measured
    tpm,           ///< "tpm": a TPM 2.0 through room tpm2, which the agent does not link
};

/// "simulated", "configfs-tsm", "gramine", "tpm".
std::string_view name(SourceKind kind);

/// One of those names, exactly; none is no default. Errors: invalid_input "tee.source".
Result<SourceKind> parse_source_kind(std::string_view text);

/// Opens a source of this room at its compiled-in place. Errors: those of each source; precondition_failed
/// "tee.source_not_linked" (tpm: see tpm2/tpm_source.hpp).
Result<std::unique_ptr<EvidenceSource>> open_source(SourceKind kind);

}  // namespace iapp::tee
