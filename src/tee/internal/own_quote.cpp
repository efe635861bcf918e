#include "tee/internal/own_quote.hpp"

#include "attest/intel_quote.hpp"
#include "attest/snp_report.hpp"

namespace iapp::tee::internal {
namespace {

using attest::EvidenceKind;
using attest::ReportData;

std::unexpected<Error> refuse(std::string detail) { return fail(ErrorKind::corrupt, "tee.quote", std::move(detail)); }

constexpr std::size_t kSgxReportData = 48 + 320;  // header, then REPORTDATA of the report body

Result<ReportData> at(ByteView bytes, std::size_t offset)
{
    if (bytes.size() < offset + ReportData::kSize) return refuse("the evidence is too short to hold report data");
    return ReportData::from_bytes(bytes.subspan(offset, ReportData::kSize));
}

Result<ReportData> report_data_of(EvidenceKind kind, ByteView evidence)
{
    if (kind == EvidenceKind::tdx) {
        TRY(const auto quote, attest::parse_intel_quote(evidence));
        if (quote.td() == nullptr) return refuse("the quote is not over a TD report");
        return quote.report_data();
    }
    if (kind == EvidenceKind::snp) {
        TRY(const auto report, attest::parse_snp_report(evidence));
        return report.report_data;
    }
    if (kind == EvidenceKind::sgx) return at(evidence, kSgxReportData);
    return refuse("no parser for evidence of kind " + std::string(attest::name(kind)));
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
