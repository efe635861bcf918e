#include "attest/result_documents.hpp"

#include <algorithm>

#include "codec/utf8.hpp"

namespace iapp::attest {
namespace {

/// A document is UTF-8 whatever the evidence holds.
std::string text(std::string_view anything)
{
    std::string out(anything);
    if (!codec::is_utf8(out))
        std::ranges::replace_if(
            out, [](char c) { return static_cast<unsigned char>(c) > 0x7f; }, '?');
    return out;
}

json::Array advisories_of(const Appraisal& appraisal)
{
    json::Array out;
    if (appraisal.claims && appraisal.claims->tcb)
        for (const std::string& id : appraisal.claims->tcb->advisories) out.emplace_back(text(id));
    return out;
}

json::Object measurements_of(const Appraisal& appraisal)
{
    json::Object out;
    if (appraisal.claims)
        for (const auto& [name, value] : appraisal.claims->registers) out[name] = hex(value);
    return out;
}

json::Array checks_of(const Appraisal& appraisal)
{
    json::Array out;
    for (const CheckOutcome& check : appraisal.checks)
        out.push_back({{"id", info(check.id).reason}, {"outcome", name(check.outcome)}, {"detail", text(check.detail)}});
    return out;
}

/// Intel's word; nothing else is rated by its vendor.
json::Value tcb_status_of(const Appraisal& appraisal)
{
    if (!appraisal.claims || !appraisal.claims->tcb) return nullptr;
    return json::Value(name(appraisal.claims->tcb->status));
}

/// Null when the file is no evidence of any kind.
json::Value tee_of(const Appraisal& appraisal)
{
    if (outcome_of(appraisal, CheckId::evidence_kind) == Outcome::failed) return nullptr;
    return json::Value(name(appraisal.kind));
}

json::Object tree(const Field& field)
{
    json::Object out{{"name", text(field.name)}};
    if (!field.value.empty()) out["value"] = text(field.value);
    if (field.fields.empty()) return out;
    json::Array below;
    for (const Field& one : field.fields) below.push_back(tree(one));
    out["fields"] = std::move(below);
    return out;
}

}  // namespace

json::Object result_document(const Appraisal& appraisal)
{
    json::Object out{{"verdict", appraisal.accepted ? "accepted" : "refused"},
                     {"tee", tee_of(appraisal)},
                     {"simulated", appraisal.claims && appraisal.claims->simulated},
                     {"tcb_status", tcb_status_of(appraisal)},
                     {"advisories", advisories_of(appraisal)},
                     {"measurements", measurements_of(appraisal)},
                     {"policy", text(appraisal.policy_name)},
                     {"checks", checks_of(appraisal)}};
    if (appraisal.at) out["at"] = iso8601(*appraisal.at);
    if (const CheckOutcome* failed = failed_check(appraisal)) out["reason"] = info(failed->id).reason;
    if (appraisal.claims) {
        out["report_data"] = hex(appraisal.claims->report_data);
        out["evidence_id"] = hex(appraisal.claims->evidence_id.bytes());
    }
    return out;
}

json::Object result_document(const Field& inspected)
{
    return {{"format", text(inspected.name)}, {"verified", false}, {"content", tree(inspected)}};
}

json::Object lint_document(const PolicyDocument& document)
{
    json::Array findings;
    for (const auto& [level, message] : lint(document.policy))
        findings.push_back(
            {{"level", level == PolicyFinding::Level::warning ? "warning" : "note"}, {"text", text(message)}});
    return {
        {"policy", text(document.policy.name)}, {"sha256", hex(document.sha256.bytes())}, {"findings", std::move(findings)}};
}

}  // namespace iapp::attest
