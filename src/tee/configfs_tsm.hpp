#pragma once
// Evidence from the kernel's configfs-tsm interface (Linux 6.7): Intel TDX quotes and AMD SEV-SNP reports.
// Not for TPMs (room tpm2) and not for SGX (gramine.hpp). The root path is a compile-time default; a parameter only for
// tests, never configuration: who redirects the path chooses the evidence.
// Source: Linux Documentation/ABI/testing/configfs-tsm-report.
#include <memory>
#include <optional>

#include "tee/evidence_source.hpp"
#include "tee/runtime_registers.hpp"

namespace iapp::tee {

inline constexpr std::string_view kTsmReportRoot = "/sys/kernel/config/tsm/report";
inline constexpr std::size_t kMaxTsmBlob = 64 * 1024;

struct TsmOptions {
    std::string report_root = std::string(kTsmReportRoot);
    std::string measurements_dir = std::string(kMeasurementsDir);
    std::optional<unsigned> privilege_level = {};  ///< SEV-SNP: the VMPL to report, 0 to 3; none: the kernel's own
    RetryPolicy retry = {};
};

/// What the kernel returned for one request.
struct TsmReport {
    attest::Evidence evidence;
    Bytes certificate_table;  ///< SEV-SNP: what the host put beside the report, for attest's parser; often empty
};

class ConfigfsTsm final : public EvidenceSource {
public:
    /// Finds out which TEE this is. `files` outlives the source. Errors: unavailable "tee.unavailable" (no such interface),
    /// permission_denied "tee.provider" (a provider that is neither "tdx_guest" nor "sev_guest"), and those of report().
    static Result<std::unique_ptr<ConfigfsTsm>> open(TsmOptions options = {}, PseudoFiles& files = posix_files());

    attest::EvidenceKind kind() const override { return kind_; }
    bool simulated() const override { return false; }

    /// On a TD. SEV-SNP has no runtime registers: precondition_failed "tee.no_runtime_registers".
    Status extend(int index, const Hash384& digest) override;

    Result<Bytes> quote(const attest::ReportData& report_data) override;

    /// As quote(), with what came beside it. Each request has a directory of its own, which is gone afterwards.
    /// Errors: "tee.unavailable"; "tee.provider" (another one than at open()); invalid_input "tee.privilege_level" (below
    /// the floor, or there is none to choose); unavailable "tee.busy", "tee.raced" (still, after every attempt);
    /// corrupt "tee.too_large", "tee.quote" (not evidence, or over other report data), "tee.generation"; "tee.transport".
    Result<TsmReport> report(const attest::ReportData& report_data);

private:
    ConfigfsTsm(TsmOptions options, PseudoFiles& files, attest::EvidenceKind kind);

    TsmOptions options_;
    PseudoFiles& files_;
    attest::EvidenceKind kind_;
    RuntimeRegisters registers_;
};

}  // namespace iapp::tee
