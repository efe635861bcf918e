// iapp attest show / verify / policy lint: shows and judges evidence offline, by files and a policy. Nothing is fetched.
#include <filesystem>

#include "attest/describe.hpp"
#include "attest/inspect.hpp"
#include "attest/result_documents.hpp"
#include "attest_files.hpp"
#include "base/error_kind.hpp"
#include "commands.hpp"

namespace iapp::cli {
namespace {

/// Text of a document may hold anything: a terminal gets printable ASCII only.
std::string printable(std::string text)
{
    std::ranges::replace_if(
        text, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    return text;
}

void print_tree(const attest::Field& field, std::size_t depth, std::string& out)
{
    out.append(2 * depth, ' ').append(printable(field.name));
    if (!field.value.empty()) out.append("  ").append(printable(field.value));
    out += '\n';
    for (const attest::Field& below : field.fields) print_tree(below, depth + 1, out);
}

}  // namespace

Result<Answer> run_attest_show(const Arguments& arguments, Context&)
{
    TRY(const Bytes file, read_bytes(arguments.get("FILE")));
    TRY(const attest::Field tree, attest::inspect(file));
    Answer answer{attest::result_document(tree), "NOT VERIFIED: this is what the file says\n\n"};
    print_tree(tree, 0, answer.text);
    return answer;
}

Result<Answer> run_attest_verify(const Arguments& arguments, Context& context)
{
    TRY(const AttestRequest request, read_attest_request(arguments, context.clock.now_seconds()));
    const attest::Appraisal appraisal =
        attest::judge(request.submission, request.trust, request.policy, request.challenge, request.at);
    return Answer{attest::result_document(appraisal), attest::describe(appraisal),
                  appraisal.accepted ? 0 : static_cast<int>(ExitCode::attestation)};
}

Result<Answer> run_attest_policy_lint(const Arguments& arguments, Context&)
{
    TRY(const std::string text, read_file(arguments.get("FILE")));
    TRY(const attest::PolicyDocument document, attest::parse_policy(text));
    Answer answer{attest::lint_document(document), {}};
    const auto findings = attest::lint(document.policy);
    for (const auto& [level, message] : findings)
        answer.text.append(level == attest::PolicyFinding::Level::warning ? "warning: " : "note: ")
            .append(message)
            .append("\n");
    answer.text += "policy \"" + document.policy.name + "\": " + std::to_string(document.policy.accepted.size()) +
                   " references, " + std::to_string(findings.size()) + " findings, sha256 " + hex(document.sha256.bytes()) +
                   "\n";
    return answer;
}

}  // namespace iapp::cli
