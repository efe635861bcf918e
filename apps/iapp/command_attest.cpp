// iapp attest show / verify / policy lint: shows and judges evidence offline, by files and a policy. Nothing is fetched.
#include <filesystem>

#include "attest/describe.hpp"
#include "attest/inspect.hpp"
#include "attest_files.hpp"
#include "base/error_kind.hpp"
#include "commands.hpp"

namespace iapp::cli {
namespace {

boost::json::array advisories_of(const attest::Appraisal& appraisal)
{
    boost::json::array out;
    if (appraisal.claims && appraisal.claims->tcb)
        for (const std::string& id : appraisal.claims->tcb->advisories) out.emplace_back(id);
    return out;
}

boost::json::object measurements_of(const attest::Appraisal& appraisal)
{
    boost::json::object out;
    if (appraisal.claims)
        for (const auto& [name, value] : appraisal.claims->registers) out[name] = hex(value);
    return out;
}

boost::json::array checks_of(const attest::Appraisal& appraisal)
{
    boost::json::array out;
    for (const attest::CheckOutcome& check : appraisal.checks)
        out.push_back(
            {{"id", attest::info(check.id).reason}, {"outcome", attest::name(check.outcome)}, {"detail", check.detail}});
    return out;
}

/// Intel's word; nothing else is rated by its vendor.
boost::json::value tcb_status_of(const attest::Appraisal& appraisal)
{
    if (!appraisal.claims || !appraisal.claims->tcb) return nullptr;
    return boost::json::value(attest::name(appraisal.claims->tcb->status));
}

boost::json::object document_of(const attest::Appraisal& appraisal)
{
    boost::json::object out{{"verdict", appraisal.accepted ? "accepted" : "refused"},
                            {"tee", attest::name(appraisal.kind)},
                            {"simulated", appraisal.claims && appraisal.claims->simulated},
                            {"tcb_status", tcb_status_of(appraisal)},
                            {"advisories", advisories_of(appraisal)},
                            {"measurements", measurements_of(appraisal)},
                            {"policy", appraisal.policy_name},
                            {"checks", checks_of(appraisal)}};
    if (const auto* failed = attest::failed_check(appraisal)) out["reason"] = attest::info(failed->id).reason;
    if (appraisal.claims) {
        out["report_data"] = hex(appraisal.claims->report_data);
        out["evidence_id"] = hex(appraisal.claims->evidence_id.bytes());
    }
    return out;
}

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

/// {"name":...,"value":...,"fields":[...]}: an array, because names repeat and order means something.
boost::json::object tree_json(const attest::Field& field)
{
    boost::json::object out{{"name", field.name}};
    if (!field.value.empty()) out["value"] = field.value;
    if (field.fields.empty()) return out;
    boost::json::array below;
    for (const attest::Field& one : field.fields) below.push_back(tree_json(one));
    out["fields"] = std::move(below);
    return out;
}

}  // namespace

Result<Answer> run_attest_show(const Arguments& arguments, Context&)
{
    TRY(const Bytes file, read_bytes(arguments.get("FILE")));
    TRY(const attest::Field tree, attest::inspect(file));
    Answer answer{{{"format", tree.name}}, "NOT VERIFIED: this is what the file says\n\n"};
    print_tree(tree, 0, answer.text);
    answer.document["verified"] = false;
    answer.document["content"] = tree_json(tree);
    return answer;
}

Result<Answer> run_attest_verify(const Arguments& arguments, Context& context)
{
    TRY(const AttestRequest request, read_attest_request(arguments, context.clock.now_seconds()));
    const attest::Appraisal appraisal =
        attest::judge(request.submission, request.trust, request.policy, request.challenge, request.at);
    return Answer{document_of(appraisal), attest::describe(appraisal),
                  appraisal.accepted ? 0 : static_cast<int>(ExitCode::attestation)};
}

Result<Answer> run_attest_policy_lint(const Arguments& arguments, Context&)
{
    TRY(const std::string text, read_file(arguments.get("FILE")));
    TRY(const attest::PolicyDocument document, attest::parse_policy(text));
    Answer answer{{{"policy", document.policy.name}, {"sha256", hex(document.sha256.bytes())}}, {}};
    boost::json::array findings;
    for (const auto& [level, message] : attest::lint(document.policy)) {
        const std::string word = level == attest::PolicyFinding::Level::warning ? "warning" : "note";
        findings.push_back({{"level", word}, {"text", message}});
        answer.text.append(word).append(": ").append(message).append("\n");
    }
    answer.text += "policy \"" + document.policy.name + "\": " + std::to_string(document.policy.accepted.size()) +
                   " references, " + std::to_string(findings.size()) + " findings, sha256 " + hex(document.sha256.bytes()) +
                   "\n";
    answer.document["findings"] = std::move(findings);
    return answer;
}

}  // namespace iapp::cli
