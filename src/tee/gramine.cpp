#include "tee/gramine.hpp"

#include "tee/internal/attempts.hpp"
#include "tee/internal/own_quote.hpp"

namespace iapp::tee {
namespace {

constexpr std::size_t kMaxType = 64;
constexpr std::size_t kMaxQuote = 64 * 1024;
constexpr std::string_view kWantedType = "dcap";

Result<std::string> attestation_type(PseudoFiles& files, const std::string& dir)
{
    const auto type = files.read(dir + "/attestation_type", kMaxType);
    if (type) return to_text(*type);
    if (type.error() == std::errc::no_such_file_or_directory)
        return fail(ErrorKind::unavailable, "tee.unavailable",
                    "there is no " + dir + "; run the agent under Gramine with sgx.remote_attestation = \"dcap\"");
    return internal::system_failure(type.error(), "cannot read the attestation type");
}

}  // namespace

Result<std::unique_ptr<GramineSource>> GramineSource::open(PseudoFiles& files, std::string dir, RetryPolicy retry)
{
    TRY(const std::string type, internal::try_repeatedly(retry, [&] { return attestation_type(files, dir); }));
    if (type != kWantedType)
        return fail(ErrorKind::permission_denied, "tee.provider",
                    "Gramine's attestation type is '" + type + "'; set sgx.remote_attestation = \"dcap\" in the manifest");
    return std::unique_ptr<GramineSource>(new GramineSource(files, std::move(dir), retry));
}

Status GramineSource::extend(int, const Hash384&)
{
    return fail(ErrorKind::precondition_failed, "tee.no_runtime_registers",
                "an SGX enclave has no runtime measurement registers, so a run cannot be measured; use a TDX machine with "
                "Linux 6.16 or newer");
}

Result<Bytes> GramineSource::quote(const attest::ReportData& report_data)
{
    const std::scoped_lock lock(turn_);
    return internal::try_repeatedly(retry_, [&]() -> Result<Bytes> {
        const auto written = files_.write(dir_ + "/user_report_data", report_data.bytes());
        if (!written) return internal::system_failure(written.error(), "cannot write the report data");
        auto quote = files_.read(dir_ + "/quote", kMaxQuote);
        if (!quote) return internal::system_failure(quote.error(), "cannot read the quote");
        TRY_OK(internal::check_own_quote(kind(), *quote, report_data));
        return *std::move(quote);
    });
}

}  // namespace iapp::tee
