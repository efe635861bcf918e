#include "attest/tpm_evidence.hpp"

#include "attest/internal/json_text.hpp"
#include "attest/tpm_quote.hpp"
#include "codec/base64.hpp"
#include "codec/json.hpp"

namespace iapp::attest {
namespace {

constexpr std::size_t kMaxDocument = 32 * 1024;

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.tpm_format", std::move(detail));
}

Result<Bytes> parse_value(std::string_view digits, HashAlgorithm bank)
{
    TRY(Bytes value, parse_hex(digits));
    if (value.size() != digest_size(bank) || has_upper_case_digit(digits))
        return bad("a register value is not a lower-case digest of its bank");
    return value;
}

Status parse_pcrs(const json::ObjectReader& pcrs, TpmEvidence& out)
{
    TRY_OK(pcrs.only({"bank", "values"}));
    TRY(const std::string_view bank, pcrs.text("bank"));
    const auto algorithm = find_hash_algorithm(bank);
    if (!algorithm) return bad("an unknown register bank");
    out.bank = *algorithm;
    TRY(const json::ArrayReader values, pcrs.array("values"));
    for (std::size_t i = 0; i < values.size(); ++i) {
        TRY(const json::ObjectReader entry, values.object(i));
        TRY_OK(entry.only({"index", "value"}));
        TRY(const std::uint64_t index, entry.u64("index", kPcrCount - 1));
        if (!out.pcrs.empty() && index <= out.pcrs.rbegin()->first) return bad("the register indices do not ascend");
        TRY(const std::string_view digits, entry.text("value"));
        TRY(Bytes value, parse_value(digits, out.bank));
        out.pcrs.emplace(static_cast<std::uint32_t>(index), std::move(value));
    }
    return {};
}

Result<TpmEvidence> parse_document(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, {.max_bytes = kMaxDocument, .max_depth = 5}));
    TRY(const json::ObjectReader document, json::ObjectReader::of(value));
    TRY_OK(document.only({"schema", "attest", "signature", "akPublic", "pcrs"}));
    TRY(const std::string_view schema, document.text("schema"));
    if (schema != kTpmEvidenceSchema) return bad("the schema is not " + std::string(kTpmEvidenceSchema));
    TpmEvidence out{{}, {}, {}, HashAlgorithm::sha256, {}};
    TRY(out.attest, document.bytes_base64("attest"));
    TRY(out.signature, document.bytes_base64("signature"));
    TRY(out.ak_public, document.bytes_base64("akPublic"));
    TRY(const json::ObjectReader pcrs, document.object("pcrs"));
    TRY_OK(parse_pcrs(pcrs, out));
    return out;
}

}  // namespace

Result<TpmEvidence> parse_tpm_evidence(std::string_view text)
{
    auto evidence = parse_document(text);
    if (!evidence) return bad(explain(evidence.error()));
    return evidence;
}

std::string encode_tpm_evidence(const TpmEvidence& evidence)
{
    json::Array values;
    for (const auto& [index, value] : evidence.pcrs)
        values.emplace_back(json::Object{{"index", index}, {"value", hex(value)}});
    json::Object document;
    document["schema"] = kTpmEvidenceSchema;
    document["attest"] = codec::base64(evidence.attest);
    document["signature"] = codec::base64(evidence.signature);
    document["akPublic"] = codec::base64(evidence.ak_public.value_or(Bytes{}));
    document["pcrs"] = json::Object{{"bank", name(evidence.bank)}, {"values", std::move(values)}};
    return json::print(document);
}

}  // namespace iapp::attest
