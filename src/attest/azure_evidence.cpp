// The JSON documents that attestation agents on Azure send.
#include "attest/azure.hpp"
#include "attest/internal/json_text.hpp"
#include "codec/base64.hpp"
#include "codec/json.hpp"
#include "crypto/x509.hpp"

namespace iapp::attest {
namespace {

constexpr std::size_t kMaxDocument = 256 * 1024;  // arrays of decimal bytes are bulky
constexpr std::size_t kMaxField = kMaxQuoteSize;
constexpr std::size_t kValueSize = 32;

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.hcl_format", "Azure evidence: " + std::move(detail));
}

/// How a document spells bytes.
enum class Spelling : unsigned char { text, array };

/// base64url with its padding: the alphabet of section 5, the form of section 4 of RFC 4648.
Result<Bytes> parse_padded_base64url(std::string_view text)
{
    if (text.size() % 4 != 0) return fail(ErrorKind::invalid_input, "base64url.length", "the padding is missing");
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    return codec::parse_base64url(text.substr(0, text.size() - padding));
}

Result<Bytes> parse_array(const json::ArrayReader& array)
{
    if (array.size() > kMaxField) return bad(array.path() + " is too long");
    Bytes out;
    out.reserve(array.size());
    for (std::size_t i = 0; i < array.size(); ++i) {
        TRY(const std::uint64_t byte, array.u64(i, 0xff));
        out.push_back(static_cast<std::uint8_t>(byte));
    }
    return out;
}

Result<Bytes> parse_lower_hex(std::string_view digits)
{
    if (has_upper_case_digit(digits)) return fail(ErrorKind::invalid_input, "hex.digit", "upper-case hexadecimal digits");
    return parse_hex(digits);
}

/// Members of the document itself.
Result<Bytes> read_blob(const json::ObjectReader& in, std::string_view name, Spelling spelling)
{
    if (spelling == Spelling::array) {
        TRY(const json::ArrayReader array, in.array(name));
        return parse_array(array);
    }
    TRY(const std::string_view text, in.text(name));
    return parse_padded_base64url(text);
}

/// Members of the quote.
Result<Bytes> read_quoted(const json::ObjectReader& in, std::string_view name, Spelling spelling)
{
    if (spelling == Spelling::array) return read_blob(in, name, spelling);
    TRY(const std::string_view digits, in.text(name));
    return parse_lower_hex(digits);
}

Result<Bytes> read_value(const json::ArrayReader& values, std::size_t index, Spelling spelling)
{
    TRY(const json::Value* value, values.value(index));
    if (spelling == Spelling::array) {
        TRY(const json::ArrayReader array, json::ArrayReader::of(*value, values.path()));
        return parse_array(array);
    }
    TRY(const std::string_view digits, values.text(index));
    return parse_lower_hex(digits);
}

/// The signature is the bare RSASSA one over SHA-256.
Result<TpmEvidence> read_quote(const json::ObjectReader& in, Spelling spelling)
{
    TRY_OK(in.only({"message", "signature", "pcrs"}));
    TpmEvidence out{{}, {}, {}, HashAlgorithm::sha256, {}};
    TRY(out.attest, read_quoted(in, "message", spelling));
    TRY(Bytes signature, read_quoted(in, "signature", spelling));
    if (signature.size() > kMaxTpmSignatureSize) return bad("the signature is too long");
    out.signature = encode(TpmSignature{TpmSignatureKind::rsassa, HashAlgorithm::sha256, std::move(signature), {}, {}});
    TRY(const json::ArrayReader values, in.array("pcrs"));
    if (values.size() != kPcrCount) return bad("there are not 24 register values");
    for (std::uint32_t i = 0; i < kPcrCount; ++i) {
        TRY(Bytes value, read_value(values, i, spelling));
        if (value.size() != kValueSize) return bad("a register value is not 32 bytes long");
        out.pcrs.emplace(i, std::move(value));
    }
    return out;
}

/// The older form of SNP evidence carries the endorsement key as PEM and names its members otherwise.
Result<AzureEvidence> read_old_snp(const json::ObjectReader& in)
{
    TRY_OK(in.only({"quote", "report", "vcek"}));
    AzureEvidence out{EvidenceKind::azure_snp, {}, {{}, {}, {}, HashAlgorithm::sha256, {}}, {}, {}};
    TRY(out.hcl_report, read_blob(in, "report", Spelling::array));
    TRY(const json::ObjectReader quote, in.object("quote"));
    TRY(out.tpm, read_quote(quote, Spelling::array));
    TRY(const std::string_view pem, in.text("vcek"));
    TRY(const crypto::Certificate vek, crypto::Certificate::from_pem(pem));
    out.vek = vek.der();
    return out;
}

/// Version 2 of SNP evidence differs from 1 in what the agent put into the claims, not in form.
Result<AzureEvidence> read_numbered(const json::ObjectReader& in, EvidenceKind kind, Spelling spelling)
{
    const std::string_view extra = kind == EvidenceKind::azure_snp ? "vcek" : "td_quote";
    TRY_OK(in.only({"version", "tpm_quote", "hcl_report", extra}));
    TRY(const auto version, in.find_u64("version", kind == EvidenceKind::azure_snp ? 2 : 1));
    if (version == 0U || version.has_value() != (spelling == Spelling::text)) return bad("an unknown version");
    AzureEvidence out{kind, {}, {{}, {}, {}, HashAlgorithm::sha256, {}}, {}, {}};
    TRY(out.hcl_report, read_blob(in, "hcl_report", spelling));
    TRY(const json::ObjectReader quote, in.object("tpm_quote"));
    TRY(out.tpm, read_quote(quote, spelling));
    TRY(Bytes blob, read_blob(in, extra, spelling));
    (kind == EvidenceKind::azure_snp ? out.vek : out.td_quote) = std::move(blob);
    return out;
}

Result<AzureEvidence> parse_document(std::string_view text, EvidenceKind kind)
{
    TRY(const json::Value value, json::parse(text, {.max_bytes = kMaxDocument, .max_depth = 6}));
    TRY(const json::ObjectReader document, json::ObjectReader::of(value));
    if (document.has("version")) return read_numbered(document, kind, Spelling::text);
    if (kind == EvidenceKind::azure_snp) return read_old_snp(document);
    return read_numbered(document, kind, Spelling::array);
}

}  // namespace

Result<AzureEvidence> parse_azure_evidence(std::string_view text, EvidenceKind kind)
{
    if (kind != EvidenceKind::azure_snp && kind != EvidenceKind::azure_tdx) return bad("not a kind of Azure evidence");
    auto evidence = parse_document(text, kind);
    if (!evidence) return bad(explain(evidence.error()));
    return evidence;
}

}  // namespace iapp::attest
