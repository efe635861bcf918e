#include "tee/internal/own_quote.hpp"

#include "attest/intel_quote.hpp"
#include "attest/snp_report.hpp"

namespace iapp::tee::internal {
namespace {

using attest::EvidenceKind;
using attest::ReportData;

std::unexpected<Error> refuse(std::string detail) { return fail(ErrorKind::corrupt, "tee.quote", std::move(detail)); }

Result<ReportData> report_data_of(EvidenceKind kind, ByteView evidence)
{
    if (kind == EvidenceKind::snp) {
        TRY(const auto report, attest::parse_snp_report(evidence));
        return report.report_data;
    }
    TRY(const auto quote, attest::parse_intel_quote(evidence));
    if (quote.kind() != kind) return refuse("the quote is of kind " + std::string(attest::name(quote.kind())));
    return quote.report_data();
}

}  // namespace

Status check_own_quote(EvidenceKind kind, ByteView evidence, const ReportData& asked)
{
    const auto signed_data = report_data_of(kind, evidence);
    if (!signed_data)
        return refuse("the TEE returned no " + std::string(attest::name(kind)) + " evidence: " + signed_data.error().detail);
    if (*signed_data != asked) return refuse("the TEE returned evidence over other report data than was asked for");
    return {};
}

}  // namespace iapp::tee::internal
