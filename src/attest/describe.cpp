#include "attest/describe.hpp"

#include <algorithm>
#include <array>

namespace iapp::attest {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kLabel = 14;   ///< column of the values
constexpr std::size_t kReason = 34;  ///< column of a check's detail

std::string_view title(EvidenceKind kind)
{
    switch (kind) {
        case EvidenceKind::tdx:
            return "Intel TDX";
        case EvidenceKind::sgx:
            return "Intel SGX";
        case EvidenceKind::snp:
            return "AMD SEV-SNP";
        case EvidenceKind::tpm:
            return "TPM 2.0";
        case EvidenceKind::azure_snp:
            return "AMD SEV-SNP on Azure, with vTPM";
        case EvidenceKind::azure_tdx:
            return "Intel TDX on Azure, with vTPM";
    }
    return name(kind);
}

std::string printable(std::string_view text)
{
    std::string out(text);
    std::ranges::replace_if(
        out, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    return out;
}

std::string pad(std::string_view text, std::size_t width)
{
    std::string out(text);
    if (out.size() < width) out.append(width - out.size(), ' ');
    return out;
}

/// Where the first line of `text` may be broken so that it fits `room`: behind a word, or inside one that is too long.
std::size_t line_end(std::string_view text, std::size_t room)
{
    if (text.size() <= room) return text.size();
    const std::size_t space = text.rfind(' ', room);
    return space == std::string_view::npos || space == 0 ? room : space;
}

/// Appends `text` behind `head`, in lines that all start at column `indent`.
void put(std::string& out, std::string_view head, std::size_t indent, std::string_view text)
{
    const std::string clean = printable(text);
    std::string_view rest = clean;
    out += pad(head, indent);
    while (true) {
        const std::size_t end = line_end(rest, kWidth - indent);
        out.append(rest.substr(0, end)) += '\n';
        rest.remove_prefix(end);
        while (rest.starts_with(' ')) rest.remove_prefix(1);
        if (rest.empty()) return;
        out.append(indent, ' ');
    }
}

void put_field(std::string& out, std::string_view label, std::string_view text)
{
    put(out, pad(label, kLabel - 1) + " ", kLabel, text);
}

bool is_simulated(const Appraisal& appraisal) { return appraisal.claims && appraisal.claims->simulated; }

void put_verdict(std::string& out, const Appraisal& appraisal)
{
    std::string verdict = appraisal.accepted ? "ACCEPTED" : "REFUSED";
    if (is_simulated(appraisal)) verdict += ", SIMULATED: no hardware protects this";
    else if (appraisal.claims && appraisal.claims->debug) verdict += ", UNDER DEBUG: the host reads its memory";
    out += verdict + "\n\n";
}

void put_refusal(std::string& out, const Appraisal& appraisal)
{
    const CheckOutcome* failed = failed_check(appraisal);
    if (failed == nullptr) return;
    const CheckInfo& check = info(failed->id);
    put_field(out, "failed", check.reason);
    put_field(out, "demanded", check.explain);
    if (!failed->detail.empty()) put_field(out, "found", failed->detail);
    put_field(out, "what to do", check.fix);
    out += '\n';
}

std::string joined(const std::vector<std::string>& texts)
{
    std::string out;
    for (const std::string& text : texts) (out += out.empty() ? "" : ", ") += text;
    return out;
}

/// What the policy waived, beside the verdict: nobody may take it for checked.
void put_skipped(std::string& out, const Appraisal& appraisal)
{
    std::vector<std::string> skipped;
    for (const CheckOutcome& check : appraisal.checks)
        if (check.outcome == Outcome::skipped) skipped.emplace_back(info(check.id).reason);
    if (!skipped.empty()) put_field(out, "not checked", joined(skipped));
}

void put_tcb(std::string& out, const Claims& claims)
{
    if (!claims.tcb) return;
    put_field(out, "TCB status", name(claims.tcb->status));
    put_field(out, "advisories", claims.tcb->advisories.empty() ? "none" : joined(claims.tcb->advisories));
    put_field(out, "TCB date", iso8601(claims.tcb->date));
    put_field(out, "evaluation", std::to_string(claims.tcb_evaluation_number));
}

void put_claims(std::string& out, const Claims& claims)
{
    put_tcb(out, claims);
    if (!claims.machine.empty()) put_field(out, "machine", claims.machine);
    put_field(out, "evidence", hex(claims.evidence_id.bytes()));
    if (claims.valid_until != UnixSeconds::max()) put_field(out, "valid until", iso8601(claims.valid_until));
    if (claims.registers.empty()) return;
    out += "\nmeasurements\n";
    for (const RegisterValue& each : claims.registers) put_field(out, "  " + printable(each.name), hex(each.value));
}

void put_checks(std::string& out, const Appraisal& appraisal)
{
    if (appraisal.checks.empty()) return;
    out += "\nchecks\n";
    for (const CheckOutcome& check : appraisal.checks) {
        const std::string head = "  " + pad(name(check.outcome), 8) + std::string(info(check.id).reason);
        const bool room = head.size() < kReason;
        if (check.detail.empty() || !room) out += head + '\n';
        if (!check.detail.empty()) put(out, room ? head : "", kReason, check.detail);
    }
}

}  // namespace

std::string describe(const Appraisal& appraisal)
{
    std::string out;
    put_verdict(out, appraisal);
    if (!appraisal.accepted) put_refusal(out, appraisal);
    put_field(out, "TEE", title(appraisal.kind));
    if (appraisal.at) put_field(out, "judged as of", iso8601(*appraisal.at));
    if (!appraisal.policy_name.empty()) put_field(out, "policy", appraisal.policy_name);
    if (!appraisal.policy_sha256.is_zero()) put_field(out, "policy hash", hex(appraisal.policy_sha256.bytes()));
    put_skipped(out, appraisal);
    if (appraisal.claims) put_claims(out, *appraisal.claims);
    else put_field(out, "claims", "none: the evidence was not verified, nothing it says is known to be true");
    put_checks(out, appraisal);
    return out;
}

}  // namespace iapp::attest
