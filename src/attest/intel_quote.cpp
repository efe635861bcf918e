#include "attest/intel_quote.hpp"

#include "attest/internal/cursor.hpp"

namespace iapp::attest {
namespace {

constexpr std::size_t kBodySizeSgx = 384;
constexpr std::size_t kBodySizeTd10 = 584;
constexpr std::size_t kBodySizeTd15 = 648;
constexpr std::uint16_t kEcdsaP256 = 2;
constexpr std::uint32_t kTeeSgx = 0x00;
constexpr std::uint32_t kTeeTdx = 0x81;
constexpr std::uint16_t kCertPckChain = 5;
constexpr std::uint16_t kCertQeReport = 6;
constexpr std::array<std::uint8_t, 16> kIntelQeVendor{0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                                      0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.quote_format", std::move(detail));
}

TdBody read_td_body(ByteView bytes)
{
    Cursor in(bytes);
    TdBody body{.tee_tcb_svn = in.array<16>(),
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
    if (in.remaining() == 0) return body;
    body.tee_tcb_svn2 = in.array<16>();
    body.mr_service_td = in.id<Hash384>();
    return body;
}

SgxBody read_sgx_body(ByteView bytes)
{
    Cursor in(bytes);
    const auto cpu_svn = in.array<16>();
    const std::uint32_t misc_select = in.u32();
    in.take(12);  // reserved
    const auto isv_ext_prod_id = in.array<16>();
    const std::uint64_t flags = in.u64();
    const std::uint64_t xfrm = in.u64();
    const auto mr_enclave = in.id<Hash256>();
    in.take(32);  // reserved
    const auto mr_signer = in.id<Hash256>();
    in.take(32);  // reserved
    const auto config_id = in.array<64>();
    const std::uint16_t isv_prod_id = in.u16();
    const std::uint16_t isv_svn = in.u16();
    const std::uint16_t config_svn = in.u16();
    in.take(42);  // reserved
    const auto isv_family_id = in.array<16>();
    return {cpu_svn,   misc_select, isv_ext_prod_id, flags,      xfrm,          mr_enclave,         mr_signer,
            config_id, isv_prod_id, isv_svn,         config_svn, isv_family_id, in.id<ReportData>()};
}

struct Header {
    std::uint16_t version;
    std::uint32_t tee_type;
    std::array<std::uint8_t, 16> qe_vendor_id;
    std::array<std::uint8_t, 20> user_data;
};

Result<Header> read_header(Cursor& in)
{
    const std::uint16_t version = in.u16();
    const std::uint16_t key_type = in.u16();
    const std::uint32_t tee_type = in.u32();
    in.take(4);  // version 3: SVNs of the quoting enclave and the PCE; later reserved. Signed, informative
    const Header header{version, tee_type, in.array<16>(), in.array<20>()};
    if (!in.ok()) return bad("the quote ends inside its header");
    if (version < 3 || version > 5) return bad("quote version " + std::to_string(version) + " is not 3, 4 or 5");
    if (key_type != kEcdsaP256) return bad("attestation key type " + std::to_string(key_type) + " is not ECDSA P-256 (2)");
    if (tee_type != kTeeSgx && tee_type != kTeeTdx) return bad("TEE type is neither SGX (0x00) nor TDX (0x81)");
    if (version == 3 && tee_type != kTeeSgx) return bad("a quote of version 3 is an SGX quote");
    if (header.qe_vendor_id != kIntelQeVendor) return bad("the quoting enclave's vendor is not Intel");
    return header;
}

struct BodyForm {
    std::uint16_t type;
    std::uint32_t size;
    std::uint32_t tee_type;
};
constexpr std::array kBodyForms{BodyForm{1, kBodySizeSgx, kTeeSgx}, BodyForm{2, kBodySizeTd10, kTeeTdx},
                                BodyForm{3, kBodySizeTd15, kTeeTdx}};

/// Size of the body; version 5 spells it out after the header, and its type must be one of this TEE.
Result<std::size_t> read_body_size(Cursor& in, const Header& header)
{
    if (header.version < 5) return header.tee_type == kTeeSgx ? kBodySizeSgx : kBodySizeTd10;
    const std::uint16_t type = in.u16();
    const std::uint32_t size = in.u32();
    const auto* form = std::ranges::find(kBodyForms, type, &BodyForm::type);
    if (form == kBodyForms.end() || form->size != size || form->tee_type != header.tee_type)
        return bad("body type " + std::to_string(type) + " with size " + std::to_string(size) +
                   " is not a report of this TEE");
    return size;
}

struct QeData {
    ByteView report;
    std::array<std::uint8_t, 64> signature;
    ByteView auth;
    std::string_view pem;
    std::optional<PckReference> reference;
};

/// Bytes of the PPID field: clear, or encrypted with RSA of 2048 or 3072 bits.
std::size_t ppid_size(std::uint16_t type)
{
    constexpr std::array<std::size_t, 4> kSizes{0, 16, 256, 384};
    return type < kSizes.size() ? kSizes[type] : 0;
}

Result<PckReference> read_reference(std::uint16_t type, ByteView data)
{
    Cursor in(data);
    const ByteView ppid = in.take(ppid_size(type));
    PckReference out{std::nullopt, in.array<16>(), in.u16(), std::nullopt};
    if (!in.ok()) return bad("the certification data end before the PCE's SVN");
    if (type == 1) out.ppid = Ppid{ppid.first<Ppid::kSize>()};
    if (in.remaining() == 0) return out;
    out.pce_id = in.id<PceId>();
    if (!in.done()) return bad("the certification data do not end after the PCE's id");
    return out;
}

/// The rest of `in`: how the PCK certificate is given, sizes exact.
Status read_certification(Cursor& in, QeData& out)
{
    const std::uint16_t type = in.u16();
    const std::size_t size = in.u32();
    if (!in.ok()) return bad("the quote ends inside the QE certification data");
    if (size > kMaxPemSize) return bad("the certification data are larger than 16 KiB");
    if (size != in.remaining()) return bad("the certification data do not fill their container exactly");
    if (type == kCertPckChain) {
        out.pem = as_text(in.rest());
        return {};
    }
    if (ppid_size(type) == 0) return bad("certification data type " + std::to_string(type) + " is not 1, 2, 3 or 5");
    TRY(out.reference, read_reference(type, in.rest()));
    return {};
}

/// The QE's report, its signature, its authentication data and the PCK certificate: the whole of certification data type 6,
/// and the tail of version 3's signature data.
Result<QeData> read_qe_data(ByteView bytes)
{
    Cursor in(bytes);
    QeData out{.report = in.take(kBodySizeSgx), .signature = in.array<64>(), .auth = {}, .pem = {}, .reference = {}};
    const std::size_t auth_size = in.u16();
    if (auth_size > kMaxQeAuthSize) return bad("QE authentication data is larger than 1 KiB");
    out.auth = in.take(auth_size);
    TRY_OK(read_certification(in, out));
    return out;
}

struct AuthData {
    std::array<std::uint8_t, 64> signature;
    std::array<std::uint8_t, 64> key;
    QeData qe;
};

Result<AuthData> read_auth_data(ByteView bytes, std::uint16_t version)
{
    Cursor in(bytes);
    const auto signature = in.array<64>();
    const auto key = in.array<64>();
    if (version > 3) {
        const std::uint16_t type = in.u16();
        const std::size_t size = in.u32();
        if (!in.ok()) return bad("the quote ends inside its signature data");
        if (type != kCertQeReport) return bad("certification data type " + std::to_string(type) + " is not a QE report (6)");
        if (size != in.remaining()) return bad("the QE certification data does not fill its container exactly");
    }
    TRY(const QeData qe, read_qe_data(in.rest()));
    return AuthData{signature, key, qe};
}

QuoteBody read_body(ByteView bytes)
{
    if (bytes.size() == kBodySizeSgx) return read_sgx_body(bytes);
    return read_td_body(bytes);
}

bool all_zero(ByteView bytes)
{
    return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

}  // namespace

Result<UnverifiedQuote> parse_intel_quote(ByteView bytes)
{
    if (bytes.size() > kMaxQuoteSize) return bad("the quote is larger than 32 KiB");
    Cursor in(bytes);
    TRY(const Header header, read_header(in));
    TRY(const std::size_t body_size, read_body_size(in, header));
    const ByteView body = in.take(body_size);
    const std::size_t signed_size = bytes.size() - in.remaining();
    const std::size_t auth_size = in.u32();
    if (!in.ok()) return bad("the quote ends inside its body");
    if (auth_size > in.remaining()) return bad("the signature data is longer than the quote");
    TRY(const AuthData auth, read_auth_data(in.take(auth_size), header.version));
    if (!all_zero(in.rest())) return bad("bytes other than zero padding follow the quote");

    return UnverifiedQuote{.version = header.version,
                           .qe_vendor_id = header.qe_vendor_id,
                           .user_data = header.user_data,
                           .body = read_body(body),
                           .signed_bytes = bytes.first(signed_size),
                           .signature = auth.signature,
                           .attestation_key = auth.key,
                           .qe_report_bytes = auth.qe.report,
                           .qe_report = read_sgx_body(auth.qe.report),
                           .qe_report_signature = auth.qe.signature,
                           .qe_auth = auth.qe.auth,
                           .pck_chain_pem = auth.qe.pem,
                           .pck_reference = auth.qe.reference,
                           .quote_size = bytes.size() - in.remaining()};
}

Hash256 evidence_id(const UnverifiedQuote& quote)
{
    return crypto::Sha256().update(quote.signed_bytes).update(quote.attestation_key).finish();
}

}  // namespace iapp::attest
