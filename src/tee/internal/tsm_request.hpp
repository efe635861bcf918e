#pragma once
// One report request: its directory under configfs, its attributes, and one attempt to have it answered.
#include "attest/evidence.hpp"
#include "base/result.hpp"
#include "tee/configfs_tsm.hpp"

namespace iapp::tee::internal {

/// A directory below the report root that nobody else uses. Removed when the object goes, whatever happened.
class TsmRequest {
public:
    /// Errors: unavailable "tee.unavailable", "tee.busy", "tee.transport".
    static Result<TsmRequest> create(PseudoFiles& files, const std::string& root, const RetryPolicy& retry);

    TsmRequest(TsmRequest&& other) noexcept;
    TsmRequest& operator=(TsmRequest&&) = delete;
    ~TsmRequest();

    /// The evidence kind of the provider, compared as a whole: "tdx_guest_sim" is not "tdx_guest".
    /// Errors: permission_denied "tee.provider"; those of reading.
    Result<attest::EvidenceKind> provider() const;

    /// Asks for the report of a VMPL. Errors: invalid_input "tee.privilege_level"; those of reading and writing.
    Status choose_privilege(unsigned level) const;

    /// One attempt. Errors: "tee.raced" when somebody else wrote in between or the kernel did not take our input;
    /// corrupt "tee.generation"; those of reading and writing.
    Result<TsmReport> attempt(attest::EvidenceKind kind, const attest::ReportData& report_data) const;

private:
    TsmRequest(PseudoFiles& files, std::string dir) : files_(&files), dir_(std::move(dir)) {}

    Result<Bytes> read(std::string_view attribute, std::size_t max_bytes) const;
    Result<std::uint64_t> read_number(std::string_view attribute) const;
    Status write(std::string_view attribute, ByteView bytes) const;

    PseudoFiles* files_;
    std::string dir_;  ///< empty: moved from
};

}  // namespace iapp::tee::internal
