#include "tee/configfs_tsm.hpp"

#include "attest/snp_report.hpp"
#include "tee/internal/attempts.hpp"
#include "tee/internal/own_quote.hpp"
#include "tee/internal/tsm_request.hpp"

namespace iapp::tee {
namespace {

/// TDX has no privilege levels to choose from.
Status choose_privilege(const internal::TsmRequest& request, attest::EvidenceKind kind, std::optional<unsigned> level)
{
    if (!level) return {};
    if (kind != attest::EvidenceKind::snp)
        return fail(ErrorKind::invalid_input, "tee.privilege_level", "only SEV-SNP reports have a privilege level");
    return request.choose_privilege(*level);
}

/// A report of another level is another guest's view: the service module in front of ours, or whoever is behind it.
Status check_privilege(const TsmReport& report, std::optional<unsigned> level)
{
    if (!level) return {};
    TRY(const auto parsed, attest::parse_snp_report(report.evidence.bytes));
    if (parsed.vmpl == *level) return {};
    return fail(ErrorKind::corrupt, "tee.quote", "the report is of privilege level " + std::to_string(parsed.vmpl));
}

}  // namespace

ConfigfsTsm::ConfigfsTsm(TsmOptions options, PseudoFiles& files, attest::EvidenceKind kind)
    : options_(std::move(options)), files_(files), kind_(kind), registers_(files, options_.measurements_dir, options_.retry)
{
}

Result<std::unique_ptr<ConfigfsTsm>> ConfigfsTsm::open(TsmOptions options, PseudoFiles& files)
{
    TRY(const auto request, internal::TsmRequest::create(files, options.report_root, options.retry));
    TRY(const auto kind, internal::try_repeatedly(options.retry, [&] { return request.provider(); }));
    return std::unique_ptr<ConfigfsTsm>(new ConfigfsTsm(std::move(options), files, kind));
}

Status ConfigfsTsm::extend(int index, const Hash384& digest)
{
    if (kind_ == attest::EvidenceKind::snp)
        return fail(
            ErrorKind::precondition_failed, "tee.no_runtime_registers",
            "SEV-SNP has no runtime measurement registers, so a run cannot be measured; use a TDX machine with Linux "
            "6.16 or newer");
    return registers_.extend(index, digest);
}

Result<Bytes> ConfigfsTsm::quote(const attest::ReportData& report_data)
{
    TRY(TsmReport whole, report(report_data));
    return std::move(whole.evidence.bytes);
}

Result<TsmReport> ConfigfsTsm::report(const attest::ReportData& report_data)
{
    TRY(const auto request, internal::TsmRequest::create(files_, options_.report_root, options_.retry));
    TRY(const auto kind, internal::try_repeatedly(options_.retry, [&] { return request.provider(); }));
    if (kind != kind_)
        return fail(ErrorKind::permission_denied, "tee.provider", "the kernel's report provider is another one than before");
    TRY_OK(
        internal::try_repeatedly(options_.retry, [&] { return choose_privilege(request, kind, options_.privilege_level); }));
    TRY(auto answer, internal::try_repeatedly(options_.retry, [&] { return request.attempt(kind, report_data); }));
    TRY_OK(internal::check_own_quote(kind, answer.evidence.bytes, report_data));
    TRY_OK(check_privilege(answer, options_.privilege_level));
    return answer;
}

}  // namespace iapp::tee
