#include "attest/azure.hpp"
#include "attest/boot_log.hpp"
#include "attest/internal/fields.hpp"
#include "attest/internal/registers.hpp"
#include "attest/tpm_evidence.hpp"
#include "attest/tpm_public.hpp"
#include "attest/tpm_quote.hpp"

namespace iapp::attest::fields {
namespace {

Field selection(const PcrSelection& selected)
{
    std::string list;
    for (const std::uint32_t pcr : selected.pcrs) list += (list.empty() ? "" : " ") + std::to_string(pcr);
    return text(std::string(name(selected.bank)), list);
}

Field registers(const TpmEvidence& evidence)
{
    Field out = group("pcrs", std::string(name(evidence.bank)), {});
    for (const auto& [index, value] : evidence.pcrs) out.fields.push_back(digits(pcr_name(index), value));
    return out;
}

std::string key_text(const crypto::PublicKey& key)
{
    const bool rsa = key.kind() == crypto::KeyKind::rsa;
    return (rsa ? "RSA " : "P-") + std::to_string(key.bits());
}

Field event(const BootEvent& event)
{
    Field out = group("event", "", {number("index", event.index), mask("type", event.type)});
    for (const BootEventDigest& digest : event.digests)
        out.fields.push_back(digits(std::string(name(digest.algorithm)), digest.value));
    out.fields.push_back(number("data_bytes", event.data.size()));
    return out;
}

}  // namespace

Result<Field> tpm_attest(ByteView bytes)
{
    TRY(const UnverifiedTpmQuote quote, parse_tpm_quote(bytes));
    Field selections = group("pcr_selection", {});
    for (const PcrSelection& selected : quote.selections) selections.fields.push_back(selection(selected));
    return group("tpm quote", {digits("qualified_signer", quote.qualified_signer), digits("extra_data", quote.extra_data),
                               number("clock_ms", quote.clock.clock), number("reset_count", quote.clock.reset_count),
                               number("restart_count", quote.clock.restart_count), flag("clock_safe", quote.clock.safe),
                               mask("firmware_version", quote.firmware_version), std::move(selections),
                               digits("pcr_digest", quote.pcr_digest)});
}

Result<Field> tpm_document(ByteView bytes)
{
    TRY(const TpmEvidence evidence, parse_tpm_evidence(as_text(bytes)));
    TRY(Field quote, tpm_attest(evidence.attest));
    TRY(const TpmPublic ak, parse_tpm_public(*evidence.ak_public));
    Field key = group("attestation_key",
                      {text("key", key_text(ak.key)), mask("attributes", ak.attributes), digits("name", ak.name())});
    return group("tpm evidence", {std::move(quote), std::move(key), registers(evidence)});
}

Result<Field> hcl_report(ByteView bytes)
{
    TRY(const HclReport report, parse_hcl_report(bytes));
    Field out = group("hcl report", {text("hardware", name(report.hardware)), text("attestation_key", key_text(report.ak)),
                                     text("runtime_claims", report.runtime_claims)});
    if (report.hardware != EvidenceKind::snp) return out;
    TRY(Field hardware, snp_report(report.hardware_report));
    out.fields.push_back(std::move(hardware));
    return out;
}

Result<Field> azure_evidence(ByteView bytes, EvidenceKind kind)
{
    TRY(const AzureEvidence evidence, parse_azure_evidence(as_text(bytes), kind));
    TRY(Field report, hcl_report(evidence.hcl_report));
    TRY(Field quote, tpm_attest(evidence.tpm.attest));
    Field out = group(std::string(name(kind)) + " evidence", {std::move(report), std::move(quote), registers(evidence.tpm)});
    if (!evidence.vek.empty())
        if (auto vek = certificate_der(evidence.vek)) out.fields.push_back(*std::move(vek));
    if (!evidence.td_quote.empty())
        if (auto td = intel_quote(evidence.td_quote)) out.fields.push_back(*std::move(td));
    return out;
}

Result<Field> boot_log(ByteView bytes)
{
    TRY(const BootLog log, parse_boot_log(bytes));
    Field out = group("boot log", {number("events", log.events.size())});
    for (const BootEvent& one : log.events) out.fields.push_back(event(one));
    return out;
}

}  // namespace iapp::attest::fields
