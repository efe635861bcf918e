#include "attest/tdx_quote.hpp"

#include "attest/internal/cursor.hpp"

namespace iapp::attest {
namespace {

constexpr std::size_t kBodySize10 = 584;
constexpr std::size_t kBodySize15 = 648;
constexpr std::uint16_t kEcdsaP256 = 2;
constexpr std::uint32_t kTeeTdx = 0x81;
constexpr std::uint16_t kBodyTd10 = 2;
constexpr std::uint16_t kBodyTd15 = 3;
constexpr std::uint16_t kCertQeReport = 6;
constexpr std::uint16_t kCertPckChain = 5;
constexpr std::array<std::uint8_t, 16> kIntelQeVendor{0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                                      0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.quote_format", std::move(detail));
}

TdBody read_body(Cursor& in)
{
    return TdBody{.tee_tcb_svn = in.array<16>(),
                  .mr_seam = in.id<Hash384>(),
                  .mr_signer_seam = in.id<Hash384>(),
                  .seam_attributes = in.u64(),
                  .td_attributes = in.u64(),
                  .xfam = in.u64(),
                  .mr_td = in.id<Hash384>(),
                  .mr_config_id = in.id<Hash384>(),
                  .mr_owner = in.id<Hash384>(),
                  .mr_owner_config = in.id<Hash384>(),
                  .rtmr = {in.id<Hash384>(), in.id<Hash384>(), in.id<Hash384>(), in.id<Hash384>()},
                  .report_data = in.id<ReportData>(),
                  .tee_tcb_svn2 = std::nullopt,
                  .mr_service_td = std::nullopt};
}

EnclaveReport read_enclave_report(ByteView bytes)
{
    Cursor in(bytes);
    in.take(16);  // CPUSVN
    const std::uint32_t misc_select = in.u32();
    in.take(28);  // reserved, ISVEXTPRODID
    const auto attributes = in.array<16>();
    const auto mr_enclave = in.id<Hash256>();
    in.take(32);
    const auto mr_signer = in.id<Hash256>();
    in.take(96);  // reserved, CONFIGID
    const std::uint16_t isv_prod_id = in.u16();
    const std::uint16_t isv_svn = in.u16();
    in.take(60);  // CONFIGSVN, reserved, ISVFAMILYID
    return {misc_select, attributes, mr_enclave, mr_signer, isv_prod_id, isv_svn, in.array<64>()};
}

struct Header {
    std::uint16_t version;
    std::array<std::uint8_t, 16> qe_vendor_id;
    std::array<std::uint8_t, 20> user_data;
};

Result<Header> read_header(Cursor& in)
{
    const std::uint16_t version = in.u16();
    const std::uint16_t key_type = in.u16();
    const std::uint32_t tee_type = in.u32();
    in.take(4);  // reserved in version 4 and 5; signed, informative
    const Header header{version, in.array<16>(), in.array<20>()};
    if (!in.ok()) return bad("the quote ends inside its header");
    if (version != 4 && version != 5) return bad("quote version " + std::to_string(version) + " is not 4 or 5");
    if (key_type != kEcdsaP256) return bad("attestation key type " + std::to_string(key_type) + " is not ECDSA P-256 (2)");
    if (tee_type != kTeeTdx) return bad("TEE type is not TDX (0x81)");
    if (header.qe_vendor_id != kIntelQeVendor) return bad("the quoting enclave's vendor is not Intel");
    return header;
}

/// Size of the body; version 5 spells it out after the header.
Result<std::size_t> read_body_size(Cursor& in, std::uint16_t version)
{
    if (version == 4) return kBodySize10;
    const std::uint16_t type = in.u16();
    const std::uint32_t size = in.u32();
    if (type == kBodyTd10 && size == kBodySize10) return kBodySize10;
    if (type == kBodyTd15 && size == kBodySize15) return kBodySize15;
    return bad("body type " + std::to_string(type) + " with size " + std::to_string(size) + " is not a TD report");
}

struct QeData {
    std::array<std::uint8_t, 384> report;
    std::array<std::uint8_t, 64> signature;
    Bytes auth;
    std::string pem;
};

/// Certification data type 6: the QE's report, its signature, and inside it the PCK chain (type 5).
Result<QeData> read_qe_data(ByteView bytes)
{
    Cursor in(bytes);
    const auto report = in.array<384>();
    const auto signature = in.array<64>();
    const std::size_t auth_size = in.u16();
    if (auth_size > kMaxQeAuthSize) return bad("QE authentication data is larger than 1 KiB");
    const ByteView auth = in.take(auth_size);
    const std::uint16_t type = in.u16();
    const std::size_t pem_size = in.u32();
    if (!in.ok()) return bad("the quote ends inside the QE certification data");
    if (type != kCertPckChain) return bad("certification data type " + std::to_string(type) + " is not a PCK chain (5)");
    if (pem_size > kMaxPemSize) return bad("the PCK chain is larger than 16 KiB");
    if (pem_size != in.remaining()) return bad("the PCK chain does not fill its container exactly");
    return QeData{report, signature, to_bytes(auth), to_text(in.rest())};
}

struct AuthData {
    std::array<std::uint8_t, 64> signature;
    std::array<std::uint8_t, 64> key;
    QeData qe;
};

Result<AuthData> read_auth_data(ByteView bytes)
{
    Cursor in(bytes);
    const auto signature = in.array<64>();
    const auto key = in.array<64>();
    const std::uint16_t type = in.u16();
    const std::size_t size = in.u32();
    if (!in.ok()) return bad("the quote ends inside its signature data");
    if (type != kCertQeReport) return bad("certification data type " + std::to_string(type) + " is not a QE report (6)");
    if (size != in.remaining()) return bad("the QE certification data does not fill its container exactly");
    TRY(QeData qe, read_qe_data(in.rest()));
    return AuthData{signature, key, std::move(qe)};
}

}  // namespace

Result<UnverifiedQuote> parse_tdx_quote(ByteView bytes)
{
    if (bytes.size() > kMaxQuoteSize) return bad("the quote is larger than 32 KiB");
    Cursor in(bytes);
    TRY(const Header header, read_header(in));
    TRY(const std::size_t body_size, read_body_size(in, header.version));
    Cursor body_in(in.take(body_size));
    TdBody body = read_body(body_in);
    if (body_size == kBodySize15) {
        body.tee_tcb_svn2 = body_in.array<16>();
        body.mr_service_td = body_in.id<Hash384>();
    }
    const std::size_t signed_size = bytes.size() - in.remaining();
    const std::size_t auth_size = in.u32();
    if (!in.ok()) return bad("the quote ends inside its body");
    if (auth_size > in.remaining()) return bad("the signature data is longer than the quote");
    TRY(AuthData auth, read_auth_data(in.take(auth_size)));
    if (std::ranges::any_of(in.rest(), [](std::uint8_t b) { return b != 0; }))
        return bad("bytes other than zero padding follow the quote");

    return UnverifiedQuote{.version = header.version,
                           .qe_vendor_id = header.qe_vendor_id,
                           .user_data = header.user_data,
                           .body = body,
                           .signed_bytes = to_bytes(bytes.first(signed_size)),
                           .signature = auth.signature,
                           .attestation_key = auth.key,
                           .qe_report_bytes = auth.qe.report,
                           .qe_report = read_enclave_report(auth.qe.report),
                           .qe_report_signature = auth.qe.signature,
                           .qe_auth = std::move(auth.qe.auth),
                           .pck_chain_pem = std::move(auth.qe.pem),
                           .quote_size = bytes.size() - in.remaining()};
}

Hash256 evidence_id(const UnverifiedQuote& quote)
{
    return crypto::Sha256().update(quote.signed_bytes).update(quote.attestation_key).finish();
}

}  // namespace iapp::attest
