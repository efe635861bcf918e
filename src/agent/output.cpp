// Step 6: what the chain and the requester get to see of the app's work. An app that failed still answers: its error.txt is
// a result like any other, the same on every machine, so the requester learns why.
#include "agent/internal/output_folder.hpp"
#include "agent/internal/steps.hpp"
#include "crypto/hash.hpp"
#include "poco/result.hpp"

namespace iapp::agent {
namespace {

constexpr std::string_view kErrorJson =
    R"({"deterministic-output-path":"/iexec_out/error.txt","error-message":"the app failed; see error.txt"})";

struct Finding {
    Hash256 digest;
    Bytes callback_data;
    std::vector<OutputFile> files;
};

std::unexpected<AppFault> fault(std::string_view id, std::string text)
{
    return std::unexpected(AppFault{id, std::move(text)});
}

Judged<poco::ComputedJson> read_computed(const OutputFolder& folder, const runtime::SandboxOutcome& outcome)
{
    const auto text = folder.read_computed_json(outcome.exit.code);
    if (!text && outcome.out_of_memory)
        return fault("app.out_of_memory", "the app needed more memory than its manifest asks for");
    if (!text) return std::unexpected(text.error());
    auto computed = poco::parse_computed_json(*text);
    if (!computed) return fault("app.computed_json", "computed.json is not usable: " + std::string(computed.error().reason));
    return *std::move(computed);
}

Judged<Finding> judge(const OutputFolder& folder, const runtime::SandboxOutcome& outcome, bool callback)
{
    const auto computed = read_computed(folder, outcome);
    if (!computed) return std::unexpected(computed.error());
    if (callback) {
        if (!computed->callback_data)
            return fault("app.callback_data", "the deal has a callback and computed.json has no callback-data");
        return Finding{poco::callback_digest(*computed->callback_data), *computed->callback_data, {}};
    }
    if (!computed->deterministic_output_path)
        return fault("app.output_path", "computed.json has no deterministic-output-path, and the deal has no callback");
    const auto digest = folder.digest(*computed->deterministic_output_path);
    if (!digest) return std::unexpected(digest.error());
    auto files = folder.list();
    if (!files) return std::unexpected(files.error());
    return Finding{*digest, {}, *std::move(files)};
}

}  // namespace

Result<Output> failed_output(const Admission& admission, const Scratch& scratch, std::string_view id, std::string_view text,
                             runtime::SandboxOutcome outcome)
{
    if (!admission.bundle.deal.callback.is_zero())
        return fail(ErrorKind::precondition_failed, "agent.callback",
                    std::string(id) + ": " + std::string(text) + "; there is nothing to call back with");
    TRY(const auto folder, OutputFolder::open(scratch.output()));
    const std::string error_text = std::string(id) + ": " + std::string(text) + '\n';
    TRY_OK(folder.replace({{"computed.json", std::string(kErrorJson)}, {"error.txt", error_text}}));
    auto files = folder.list();
    if (!files) return fail(ErrorKind::internal, "agent.output", files.error().text);
    return Output{poco::file_digest(as_bytes(error_text)),
                  {},
                  *std::move(files),
                  outcome.exit.code,
                  std::move(outcome.out),
                  std::move(outcome.err)};
}

Result<Output> collect_output(const Admission& admission, const Scratch& scratch, runtime::SandboxOutcome outcome)
{
    // How fast an app runs is in the hands of the worker: one that starves it must not be paid for an error.txt.
    if (outcome.timed_out)
        return fail(ErrorKind::deadline_exceeded, "app.timeout", "the app ran longer than the deal's category allows");
    TRY(const auto folder, OutputFolder::open(scratch.output()));
    auto finding = judge(folder, outcome, !admission.bundle.deal.callback.is_zero());
    if (!finding) return failed_output(admission, scratch, finding.error().id, finding.error().text, std::move(outcome));
    return Output{finding->digest,           std::move(finding->callback_data),
                  std::move(finding->files), outcome.exit.code,
                  std::move(outcome.out),    std::move(outcome.err)};
}

}  // namespace iapp::agent
