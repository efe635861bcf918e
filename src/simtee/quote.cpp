#include "simtee/quote.hpp"

#include "simtee/authority.hpp"
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

std::uint16_t version_of(const QuoteParts& parts)
{
    if (parts.version != 0) return parts.version;
    if (parts.enclave) return 3;
    return parts.body.tee_tcb_svn2 ? 5 : 4;
}

/// The header; version 5 adds a descriptor of the body: type and size.
Bytes encode_header(const QuoteParts& parts, std::size_t body_size)
{
    const std::uint16_t version = version_of(parts);
    Bytes out;
    append_little_endian(out, version, 2);
    append_little_endian(out, 2, 2);                            // ECDSA P-256
    append_little_endian(out, parts.enclave ? 0x00 : 0x81, 4);  // SGX or TDX
    append_little_endian(out, 0, 4);                            // SVNs in version 3, else reserved
    append(out, kIntelQeVendor);
    Bytes user_data = to_bytes("IAPP SIMULATED QE");
    user_data.resize(20);
    append(out, user_data);
    if (version == 5) {
        append_little_endian(out, parts.enclave ? 1U : parts.body.tee_tcb_svn2 ? 3U : 2U, 2);
        append_little_endian(out, body_size, 4);
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

/// SGX report body, 384 bytes; reserved bytes are zero.
Bytes encode_report(const attest::SgxBody& report)
{
    Bytes out = to_bytes(report.cpu_svn);
    append_little_endian(out, report.misc_select, 4);
    out.resize(32);
    append(out, report.isv_ext_prod_id);
    append_little_endian(out, report.flags, 8);
    append_little_endian(out, report.xfrm, 8);
    append(out, report.mr_enclave.bytes());
    out.resize(128);
    append(out, report.mr_signer.bytes());
    out.resize(192);
    append(out, report.config_id);
    append_little_endian(out, report.isv_prod_id, 2);
    append_little_endian(out, report.isv_svn, 2);
    append_little_endian(out, report.config_svn, 2);
    out.resize(304);
    append(out, report.isv_family_id);
    append(out, report.report_data.bytes());
    return out;
}

/// Type, size, data: certification data as it nests in a quote.
void append_certification(Bytes& out, std::uint16_t type, ByteView data)
{
    append_little_endian(out, type, 2);
    append_little_endian(out, data.size(), 4);
    append(out, data);
}

/// PPID (clear, or room for its ciphertext), CPUSVN, PCE SVN and, in the usual form, PCE id.
Bytes encode_reference(const attest::PckReference& reference, std::uint16_t type)
{
    Bytes out(type == 2 ? 256 : type == 3 ? 384 : 0);
    if (type == 1) append(out, reference.ppid.value_or(attest::Ppid::zero()).bytes());
    append(out, reference.cpu_svn);
    append_little_endian(out, reference.pce_svn, 2);
    if (reference.pce_id) append(out, reference.pce_id->bytes());
    return out;
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

attest::SgxBody simulated_enclave(const Hash256& mr_enclave, const attest::ReportData& report_data)
{
    return {.cpu_svn = simulated_platform().cpu_svn,
            .misc_select = 0,
            .isv_ext_prod_id = {},
            .flags = attest::kSgxInit | attest::kSgxMode64,
            .xfrm = kXfam,
            .mr_enclave = mr_enclave,
            .mr_signer = crypto::sha256(as_bytes("IAPP simulated enclave signer")),
            .config_id = {},
            .isv_prod_id = 1,
            .isv_svn = 1,
            .config_svn = 0,
            .isv_family_id = {},
            .report_data = report_data};
}

attest::SgxBody simulated_qe_report(const crypto::P256PublicKey& attestation_key, ByteView auth)
{
    const Hash256 bound = crypto::Sha256().update(attestation_key.bytes()).update(auth).finish();
    std::array<std::uint8_t, 64> report_data{};
    std::ranges::copy(bound.bytes(), report_data.begin());
    attest::SgxBody out =
        simulated_enclave(crypto::sha256(as_bytes("IAPP simulated quoting enclave")), attest::ReportData{report_data});
    out.flags = kQeFlags;
    out.mr_signer = qe_signer();
    out.isv_prod_id = kQeProduct;
    out.isv_svn = kQeSvn;
    return out;
}

Bytes simulated_qe_auth()
{
    Bytes out(32);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(i);
    return out;
}

crypto::P256Signature sign_qe_report(const attest::SgxBody& qe_report, const crypto::P256Key& pck_key)
{
    return pck_key.sign(encode_report(qe_report));
}

Bytes encode_quote(const QuoteParts& parts, const crypto::P256Key& pck_key, const crypto::P256Key& attestation_key)
{
    Bytes qe = encode_report(parts.qe_report);
    append(qe, (parts.qe_signature ? *parts.qe_signature : sign_qe_report(parts.qe_report, pck_key)).bytes());
    append_little_endian(qe, parts.qe_auth.size(), 2);
    append(qe, parts.qe_auth);
    if (parts.reference)
        append_certification(qe, parts.reference_type, encode_reference(*parts.reference, parts.reference_type));
    else append_certification(qe, 5, as_bytes(parts.pck_chain_pem));

    const Bytes body = parts.enclave ? encode_report(*parts.enclave) : encode_body(parts.body);
    Bytes out = encode_header(parts, body.size());
    append(out, body);
    Bytes auth = to_bytes(attestation_key.sign(out).bytes());
    append(auth, attestation_key.public_key().bytes());
    if (version_of(parts) == 3) append(auth, qe);
    else append_certification(auth, 6, qe);

    append_little_endian(out, auth.size(), 4);
    append(out, auth);
    return out;
}

}  // namespace iapp::simtee
