#include "attest/detect.hpp"

#include <algorithm>

#include "codec/base64.hpp"
#include "codec/json.hpp"

namespace iapp::attest {
namespace {

constexpr std::size_t kSnpReportSize = 1184;

std::unexpected<Error> unknown(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.evidence_kind", std::move(detail));
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_text(ByteView bytes)
{
    return std::ranges::all_of(bytes,
                               [](std::uint8_t b) { return (b >= 0x20 && b < 0x7f) || is_space(static_cast<char>(b)); });
}

std::string without_space(ByteView text)
{
    std::string out;
    for (const std::uint8_t byte : text)
        if (!is_space(static_cast<char>(byte))) out.push_back(static_cast<char>(byte));
    return out;
}

std::uint32_t u32(ByteView bytes, std::size_t at)
{
    std::uint32_t out = 0;
    for (std::size_t i = 4; i-- > 0;) out = out << 8U | bytes[at + i];
    return out;
}

bool starts_with(ByteView bytes, std::string_view magic)
{
    return bytes.size() >= magic.size() && as_text(bytes.first(magic.size())) == magic;
}

/// Version 3 to 5, key type ECDSA P-256, TEE type SGX or TDX.
std::optional<EvidenceKind> quote_kind(ByteView bytes)
{
    if (bytes.size() < 54 || bytes[1] != 0 || bytes[2] != 2 || bytes[3] != 0) return std::nullopt;
    if (bytes[0] < 3 || bytes[0] > 5) return std::nullopt;
    return u32(bytes, 4) == 0 ? EvidenceKind::sgx : EvidenceKind::tdx;
}

bool is_snp_report(ByteView bytes) { return bytes.size() == kSnpReportSize && u32(bytes, 0) >= 1 && u32(bytes, 0) < 256; }

std::optional<EvidenceKind> document_kind(ByteView text)
{
    const auto value = json::parse(as_text(text));
    const auto in = value ? json::ObjectReader::of(*value) : Result<json::ObjectReader>(std::unexpected(value.error()));
    if (!in) return std::nullopt;
    const bool report = in->has("hcl_report") || in->has("report");
    if (report && in->has("td_quote")) return EvidenceKind::azure_tdx;
    if (report && (in->has("tpm_quote") || in->has("quote"))) return EvidenceKind::azure_snp;
    if (in->has("attest") && in->has("signature")) return EvidenceKind::tpm;
    return std::nullopt;
}

/// The quote of a document such as {"quote":"hex","event_log":...}.
std::optional<Bytes> quote_of(ByteView text)
{
    const auto value = json::parse(as_text(text));
    const auto in = value ? json::ObjectReader::of(*value) : Result<json::ObjectReader>(std::unexpected(value.error()));
    if (!in) return std::nullopt;
    const auto digits = in->text("quote");
    auto quote = digits ? parse_hex(*digits) : Result<Bytes>(std::unexpected(digits.error()));
    if (!quote) return std::nullopt;
    return *std::move(quote);
}

}  // namespace

Result<Bytes> unwrap_text(ByteView file)
{
    if (file.empty()) return unknown("the file is empty");
    if (file.size() > kMaxEvidenceFile) return unknown("the file is larger than 4 MiB");
    if (!is_text(file)) return to_bytes(file);
    const std::string text = without_space(file);
    if (text.starts_with('{') || text.starts_with('[') || text.starts_with("-----")) return to_bytes(file);
    const std::string_view digits = std::string_view(text).substr(text.starts_with("0x") ? 2 : 0);
    if (auto bytes = parse_hex(digits)) return *std::move(bytes);
    if (auto bytes = codec::parse_base64(text)) return *std::move(bytes);
    return to_bytes(file);
}

std::optional<EvidenceKind> detect_kind(ByteView bytes)
{
    if (const auto kind = quote_kind(bytes)) return kind;
    if (is_snp_report(bytes)) return EvidenceKind::snp;
    if (starts_with(bytes, "{") || (!bytes.empty() && is_space(static_cast<char>(bytes[0])))) return document_kind(bytes);
    return std::nullopt;
}

Result<Evidence> read_evidence(ByteView file)
{
    TRY(Bytes bytes, unwrap_text(file));
    if (const auto kind = detect_kind(bytes)) return Evidence{*kind, std::move(bytes)};
    if (auto quote = quote_of(bytes))
        if (const auto kind = detect_kind(*quote)) return Evidence{*kind, *std::move(quote)};
    return unknown("the file is neither a quote, an SEV-SNP report, a TPM quote nor Azure evidence");
}

}  // namespace iapp::attest
