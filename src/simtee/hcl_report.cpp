#include "simtee/hcl_report.hpp"

#include "codec/base64.hpp"
#include "codec/json.hpp"
#include "crypto/x509.hpp"

namespace iapp::simtee {
namespace {

using attest::EvidenceKind;

constexpr std::size_t kHardwareSize = 1184;

void put_u32(Bytes& out, std::size_t value)
{
    for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

json::Object jwk(std::string_view id, std::string_view operation, const crypto::PublicKey& key)
{
    const ByteView der = key.spki_der();  // ends with the modulus and 02 03 01 00 01
    json::Object out;
    out["kid"] = id;
    out["key_ops"] = json::Array{operation};
    out["kty"] = "RSA";
    out["e"] = "AQAB";
    out["n"] = codec::base64url(der.first(der.size() - 5).last(key.bits() / 8));
    return out;
}

std::string padded_base64url(ByteView bytes)
{
    std::string text = codec::base64url(bytes);
    while (text.size() % 4 != 0) text += '=';
    return text;
}

json::Value array_of(ByteView bytes)
{
    json::Array out;
    for (const std::uint8_t byte : bytes) out.emplace_back(byte);
    return out;
}

json::Value blob(ByteView bytes, AzureForm form)
{
    return form == AzureForm::numbered ? json::Value(padded_base64url(bytes)) : array_of(bytes);
}

json::Value quoted(ByteView bytes, AzureForm form)
{
    return form == AzureForm::numbered ? json::Value(hex(bytes)) : array_of(bytes);
}

json::Object quote_of(const attest::TpmEvidence& tpm, AzureForm form)
{
    json::Array values;
    for (const auto& [index, value] : tpm.pcrs) values.emplace_back(quoted(value, form));
    const auto signature = attest::parse_tpm_signature(tpm.signature);
    json::Object out;
    out["message"] = quoted(tpm.attest, form);
    out["signature"] = quoted(signature ? signature->rsa : Bytes{}, form);
    out["pcrs"] = std::move(values);
    return out;
}

}  // namespace

std::string hcl_claims(const crypto::PublicKey& ak)
{
    json::Object claims;
    claims["keys"] = json::Array{jwk("HCLAkPub", "sign", ak), jwk("HCLEkPub", "encrypt", ak)};
    claims["vm-configuration"] = json::Object{{"secure-boot", true}, {"tpm-enabled", true}};
    claims["user-data"] = std::string(128, '0');
    return json::print(claims);
}

Bytes encode_hcl_report(const HclFields& fields)
{
    constexpr std::size_t kRuntimeHeader = 20;
    const std::size_t runtime = kRuntimeHeader + fields.claims.size();
    Bytes out = to_bytes(fields.magic);
    put_u32(out, fields.version);
    put_u32(out, 32 + kHardwareSize + runtime);
    put_u32(out, fields.request_type);
    put_u32(out, fields.status);
    out.resize(32);
    append(out, fields.hardware_report);
    out.resize(32 + kHardwareSize);
    put_u32(out, runtime);
    put_u32(out, fields.runtime_version);
    put_u32(out, fields.hardware == EvidenceKind::snp ? 2 : 4);
    put_u32(out, fields.hash);
    put_u32(out, fields.claims.size());
    append(out, as_bytes(fields.claims));
    out.resize(out.size() + fields.padding);
    return out;
}

attest::ReportData hcl_report_data(std::string_view claims)
{
    std::array<std::uint8_t, 64> out{};
    std::ranges::copy(crypto::sha256(as_bytes(claims)).bytes(), out.begin());
    return attest::ReportData{out};
}

std::string encode_azure_evidence(const attest::AzureEvidence& evidence, AzureForm form)
{
    const bool snp = evidence.kind == EvidenceKind::azure_snp;
    json::Object out;
    if (snp && form == AzureForm::old) {
        out["quote"] = quote_of(evidence.tpm, form);
        out["report"] = blob(evidence.hcl_report, form);
        const auto vek = crypto::Certificate::from_der(evidence.vek);
        out["vcek"] = vek ? vek->to_pem() : std::string();
        return json::print(out);
    }
    if (form == AzureForm::numbered) out["version"] = 1;
    out["tpm_quote"] = quote_of(evidence.tpm, form);
    out["hcl_report"] = blob(evidence.hcl_report, form);
    out[snp ? "vcek" : "td_quote"] = blob(snp ? evidence.vek : evidence.td_quote, form);
    return json::print(out);
}

}  // namespace iapp::simtee
