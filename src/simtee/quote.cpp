#include "simtee/quote.hpp"

#include "simtee/internal/machine.hpp"

namespace iapp::simtee {
namespace {

constexpr std::array<std::uint8_t, 16> kIntelQeVendor{0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                                      0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};
constexpr std::uint64_t kSeptVeDisable = 1ULL << 28U;
constexpr std::uint64_t kXfam = 0xe7;  ///< x87, SSE, AVX, AVX-512

void append_little_endian(Bytes& out, std::uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

/// Version 5 adds a descriptor of the body: TD 1.5, 648 bytes.
Bytes encode_header(bool td15)
{
    Bytes out;
    append_little_endian(out, td15 ? 5 : 4, 2);
    append_little_endian(out, 2, 2);     // ECDSA P-256
    append_little_endian(out, 0x81, 4);  // TDX
    append_little_endian(out, 0, 4);     // reserved
    append(out, kIntelQeVendor);
    Bytes user_data = to_bytes("IAPP SIMULATED QE");
    user_data.resize(20);
    append(out, user_data);
    if (td15) {
        append_little_endian(out, 3, 2);
        append_little_endian(out, 648, 4);
    }
    return out;
}

Bytes encode_body(const attest::TdBody& body)
{
    Bytes out;
    append(out, body.tee_tcb_svn);
    append(out, body.mr_seam.bytes());
    append(out, body.mr_signer_seam.bytes());
    append_little_endian(out, body.seam_attributes, 8);
    append_little_endian(out, body.td_attributes, 8);
    append_little_endian(out, body.xfam, 8);
    for (const Hash384* field : {&body.mr_td, &body.mr_config_id, &body.mr_owner, &body.mr_owner_config})
        append(out, field->bytes());
    for (const Hash384& rtmr : body.rtmr) append(out, rtmr.bytes());
    append(out, body.report_data.bytes());
    if (body.tee_tcb_svn2) append(out, *body.tee_tcb_svn2);
    if (body.mr_service_td) append(out, body.mr_service_td->bytes());
    return out;
}

/// SGX report body, 384 bytes; what is not a field of EnclaveReport is zero.
Bytes encode_report(const attest::EnclaveReport& report)
{
    Bytes out(16);  // CPUSVN
    append_little_endian(out, report.misc_select, 4);
    out.resize(48);
    append(out, report.attributes);
    append(out, report.mr_enclave.bytes());
    out.resize(128);
    append(out, report.mr_signer.bytes());
    out.resize(256);
    append_little_endian(out, report.isv_prod_id, 2);
    append_little_endian(out, report.isv_svn, 2);
    out.resize(320);
    append(out, report.report_data);
    return out;
}

/// Type, size, data: certification data as it nests in a quote.
void append_certification(Bytes& out, std::uint16_t type, ByteView data)
{
    append_little_endian(out, type, 2);
    append_little_endian(out, data.size(), 4);
    append(out, data);
}

}  // namespace

attest::TdBody simulated_body(const Hash384& mr_td, const std::array<Hash384, 4>& rtmr,
                              const attest::ReportData& report_data)
{
    return {.tee_tcb_svn = kTeeTcbSvn,
            .mr_seam = crypto::sha384(as_bytes("IAPP simulated TDX module")),
            .mr_signer_seam = Hash384::zero(),
            .seam_attributes = 0,
            .td_attributes = kSeptVeDisable,
            .xfam = kXfam,
            .mr_td = mr_td,
            .mr_config_id = Hash384::zero(),
            .mr_owner = Hash384::zero(),
            .mr_owner_config = Hash384::zero(),
            .rtmr = rtmr,
            .report_data = report_data,
            .tee_tcb_svn2 = std::nullopt,
            .mr_service_td = std::nullopt};
}

attest::EnclaveReport simulated_qe_report(const crypto::P256PublicKey& attestation_key, ByteView auth)
{
    attest::EnclaveReport out{.misc_select = 0,
                              .attributes = kQeAttributes,
                              .mr_enclave = crypto::sha256(as_bytes("IAPP simulated quoting enclave")),
                              .mr_signer = qe_signer(),
                              .isv_prod_id = kQeProduct,
                              .isv_svn = kQeSvn,
                              .report_data = {}};
    const Hash256 bound = crypto::Sha256().update(attestation_key.bytes()).update(auth).finish();
    std::ranges::copy(bound.bytes(), out.report_data.begin());
    return out;
}

Bytes simulated_qe_auth()
{
    Bytes out(32);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(i);
    return out;
}

Bytes encode_quote(const QuoteParts& parts, const crypto::P256Key& pck_key, const crypto::P256Key& attestation_key)
{
    const Bytes report = encode_report(parts.qe_report);
    Bytes qe = report;
    append(qe, pck_key.sign(report).bytes());
    append_little_endian(qe, parts.qe_auth.size(), 2);
    append(qe, parts.qe_auth);
    append_certification(qe, 5, as_bytes(parts.pck_chain_pem));

    Bytes out = encode_header(parts.body.tee_tcb_svn2.has_value());
    append(out, encode_body(parts.body));
    Bytes auth = to_bytes(attestation_key.sign(out).bytes());
    append(auth, attestation_key.public_key().bytes());
    append_certification(auth, 6, qe);

    append_little_endian(out, auth.size(), 4);
    append(out, auth);
    return out;
}

}  // namespace iapp::simtee
