#pragma once
// Where an agent gets its evidence: extend a runtime register, ask for a quote. One implementation per environment.
// Not a verifier, and not a maker of evidence: the simulated source only talks to a simulator outside this process.
#include <memory>

#include "attest/evidence.hpp"
#include "crypto/hash.hpp"

namespace iapp::tee {

class EvidenceSource {
public:
    virtual ~EvidenceSource() = default;

    virtual attest::EvidenceKind kind() const = 0;

    /// True when no hardware stands behind the quotes. Every log line and receipt of such an agent says so.
    virtual bool simulated() const = 0;

    /// RTMR[index] = SHA-384(RTMR[index] || digest). `index` is 2 or 3. Errors: invalid_input "tee.register",
    /// precondition_failed "tee.no_runtime_registers" (this TEE or kernel has none: said, never skipped), "tee.transport",
    /// and what each source adds.
    virtual Status extend(int index, const Hash384& digest) = 0;

    /// Evidence of kind() over `report_data` and the registers as they are now, checked to be the answer to this question.
    /// Errors: "tee.transport", "tee.quote", and what each source adds.
    virtual Result<Bytes> quote(const attest::ReportData& report_data) = 0;
};

/// The descriptor on which iapp-tee-sim serves its agent.
inline constexpr int kSimulatorFd = 3;

/// Client of iapp-tee-sim; takes ownership of `fd` (a SOCK_SEQPACKET socket). Errors: "tee.unavailable".
Result<std::unique_ptr<EvidenceSource>> open_simulated(int fd = kSimulatorFd);

}  // namespace iapp::tee
