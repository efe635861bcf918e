// The HCL report as bytes. Layout: header (32 bytes), hardware report (1184 bytes), runtime data (20 bytes and JSON), zeros.
#include "attest/azure.hpp"
#include "attest/internal/cursor.hpp"
#include "attest/internal/json_text.hpp"
#include "codec/base64.hpp"
#include "codec/json.hpp"

namespace iapp::attest {
namespace {

constexpr std::string_view kMagic = "HCLA";
constexpr std::size_t kHardwareSize = 1184;
constexpr std::size_t kTdReportSize = 1024;
constexpr std::size_t kRuntimeOffset = 32 + kHardwareSize;
constexpr std::uint32_t kRuntimeHeader = 20;
constexpr std::uint32_t kRequestType = 2;
constexpr std::uint32_t kTypeSnp = 2;
constexpr std::uint32_t kTypeTdx = 4;
constexpr std::uint32_t kHashSha256 = 1;
constexpr std::string_view kAkId = "HCLAkPub";

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.hcl_format", "HCL report: " + std::move(detail));
}

bool all_zero(ByteView bytes)
{
    return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

/// The size that counts header, hardware report and runtime data.
Result<std::uint32_t> read_header(Cursor& in)
{
    const bool magic = as_text(in.take(kMagic.size())) == kMagic;
    const std::uint32_t version = in.u32();
    const std::uint32_t size = in.u32();
    const std::uint32_t request = in.u32();
    const ByteView status_and_reserved = in.take(16);
    if (!in.ok() || !magic) return bad("it does not begin with a header \"HCLA\"");
    if (version != 1 && version != 2) return bad("version " + std::to_string(version) + " is not 1 or 2");
    if (request != kRequestType || !all_zero(status_and_reserved))
        return bad("the request type or a reserved field differs");
    return size;
}

struct RuntimeData {
    EvidenceKind hardware;
    ByteView json;
};

Result<RuntimeData> read_runtime_data(Cursor& in, std::uint32_t whole_size)
{
    const std::uint32_t size = in.u32();
    const std::uint32_t version = in.u32();
    const std::uint32_t type = in.u32();
    const std::uint32_t hash = in.u32();
    const std::uint32_t json_size = in.u32();
    const ByteView json = in.take(json_size);
    if (!in.ok()) return bad("it ends inside its runtime data");
    if (size != kRuntimeHeader + std::uint64_t{json_size} || whole_size != kRuntimeOffset + std::uint64_t{size})
        return bad("its sizes contradict each other");
    if (version != 1 || hash != kHashSha256) return bad("the runtime data are not version 1, hashed with SHA-256");
    if (type != kTypeSnp && type != kTypeTdx) return bad("report type " + std::to_string(type) + " is not SNP or TDX");
    return RuntimeData{type == kTypeSnp ? EvidenceKind::snp : EvidenceKind::tdx, json};
}

/// A JSON Web Key (RFC 7518, section 6.3.1).
Result<crypto::PublicKey> read_rsa_key(const json::ObjectReader& jwk)
{
    TRY(const std::string_view type, jwk.text("kty"));
    if (type != "RSA") return bad("the attestation key is not RSA");
    TRY(const std::string_view n, jwk.text("n"));
    TRY(const std::string_view e, jwk.text("e"));
    TRY(const Bytes modulus, codec::parse_base64url(n));
    TRY(const Bytes exponent, codec::parse_base64url(e));
    return crypto::PublicKey::from_rsa(modulus, exponent);
}

Result<crypto::PublicKey> read_ak(ByteView claims)
{
    TRY(const json::Value value, json::parse(as_text(claims), {.max_bytes = kMaxHclReportSize, .max_depth = 8}));
    TRY(const json::ObjectReader document, json::ObjectReader::of(value));
    TRY(const json::ArrayReader keys, document.array("keys"));
    std::optional<crypto::PublicKey> found;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        TRY(const json::ObjectReader jwk, keys.object(i));
        TRY(const std::string_view id, jwk.text("kid"));
        if (id != kAkId) continue;
        if (found) return bad("the attestation key is named twice");
        TRY(found, read_rsa_key(jwk));
    }
    if (!found) return bad("the claims name no key " + std::string(kAkId));
    return *std::move(found);
}

}  // namespace

Result<HclReport> parse_hcl_report(ByteView bytes)
{
    if (bytes.size() > kMaxHclReportSize) return bad("larger than 16 KiB");
    Cursor in(bytes);
    TRY(const std::uint32_t size, read_header(in));
    const ByteView hardware = in.take(kHardwareSize);
    TRY(const RuntimeData runtime, read_runtime_data(in, size));
    if (!all_zero(in.rest())) return bad("bytes other than zero padding follow");
    const std::size_t used = runtime.hardware == EvidenceKind::snp ? kHardwareSize : kTdReportSize;
    if (!all_zero(hardware.subspan(used))) return bad("bytes other than zero padding follow the hardware report");
    auto ak = read_ak(runtime.json);
    if (!ak) return bad(explain(ak.error()));
    return HclReport{runtime.hardware, to_bytes(hardware.first(used)), std::string(as_text(runtime.json)), *std::move(ak)};
}

}  // namespace iapp::attest
