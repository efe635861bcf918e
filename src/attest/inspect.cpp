#include "attest/inspect.hpp"

#include <algorithm>

#include "attest/detect.hpp"
#include "attest/internal/appraiser.hpp"
#include "attest/internal/fields.hpp"

namespace iapp::attest {
namespace {

bool starts_with(ByteView bytes, ByteView magic)
{
    return bytes.size() >= magic.size() && std::ranges::equal(bytes.first(magic.size()), magic);
}

std::string_view without_leading_space(std::string_view text)
{
    return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

/// The header event of a TCG log carries this signature behind its 32 bytes.
bool is_boot_log(ByteView bytes) { return bytes.size() > 48 && starts_with(bytes.subspan(32), as_bytes("Spec ID Event03")); }

Result<Field> evidence(ByteView bytes, EvidenceKind kind)
{
    switch (kind) {
        case EvidenceKind::tdx:
        case EvidenceKind::sgx:
            return fields::intel_quote(bytes);
        case EvidenceKind::snp:
            return fields::snp_report(bytes);
        case EvidenceKind::tpm:
            return fields::tpm_document(bytes);
        case EvidenceKind::azure_snp:
        case EvidenceKind::azure_tdx:
            break;
    }
    return fields::azure_evidence(bytes, kind);
}

Result<Field> unknown()
{
    return fail(ErrorKind::invalid_input, "attest.evidence_kind",
                "the file is no quote, report, log, certificate, revocation list or collateral that is known here");
}

/// Binary formats without a magic number: whichever parser takes all of it.
Result<Field> by_trial(ByteView bytes)
{
    for (auto* read : {fields::certificate_der, fields::revocation_list, fields::snp_cert_table})
        if (auto tree = read(bytes)) return tree;
    return unknown();
}

}  // namespace

namespace fields {

Field mask(std::string name, std::uint64_t value) { return {std::move(name), word(value), {}}; }

}  // namespace fields

Result<Field> inspect(ByteView file)
{
    TRY(const Bytes bytes, unwrap_text(file));
    if (const auto kind = detect_kind(bytes)) return evidence(bytes, *kind);
    const std::string_view text = without_leading_space(as_text(bytes));
    if (text.starts_with("-----BEGIN")) return fields::certificates(bytes);
    if (text.starts_with('{') || text.starts_with('[')) return fields::json_document(bytes);
    constexpr std::array<std::uint8_t, 4> kTpmGenerated{0xff, 0x54, 0x43, 0x47};
    if (starts_with(bytes, kTpmGenerated)) return fields::tpm_attest(bytes);
    if (starts_with(bytes, as_bytes("HCLA"))) return fields::hcl_report(bytes);
    if (is_boot_log(bytes)) return fields::boot_log(bytes);
    return by_trial(bytes);
}

}  // namespace iapp::attest
