#pragma once
// Evidence of an SGX enclave that runs under Gramine: its pseudo files in /dev/attestation.
// Not EPID, and not "none": only DCAP quotes. An enclave has no runtime registers: what it says about a run must be in its
// report data. Source: Gramine manual, "Attestation and Secret Provisioning", low-level interface.
#include <memory>
#include <mutex>

#include "tee/evidence_source.hpp"
#include "tee/pseudo_files.hpp"
#include "tee/retry.hpp"

namespace iapp::tee {

inline constexpr std::string_view kGramineDir = "/dev/attestation";

class GramineSource final : public EvidenceSource {
public:
    /// `files` outlives the source. `dir` is a parameter for tests only, never configuration.
    /// Errors: unavailable "tee.unavailable" (this is not Gramine with attestation), permission_denied "tee.provider" (an
    /// attestation type other than exactly "dcap"), "tee.busy", "tee.transport".
    static Result<std::unique_ptr<GramineSource>> open(PseudoFiles& files = posix_files(),
                                                       std::string dir = std::string(kGramineDir), RetryPolicy retry = {});

    attest::EvidenceKind kind() const override { return attest::EvidenceKind::sgx; }
    bool simulated() const override { return false; }

    /// Errors: precondition_failed "tee.no_runtime_registers", always.
    Status extend(int index, const Hash384& digest) override;

    /// Errors: "tee.busy", "tee.transport", corrupt "tee.too_large", "tee.quote".
    Result<Bytes> quote(const attest::ReportData& report_data) override;

private:
    GramineSource(PseudoFiles& files, std::string dir, RetryPolicy retry)
        : files_(files), dir_(std::move(dir)), retry_(retry)
    {
    }

    PseudoFiles& files_;
    std::string dir_;
    RetryPolicy retry_;
    std::mutex turn_;  ///< the report data is one file for the whole enclave
};

}  // namespace iapp::tee
