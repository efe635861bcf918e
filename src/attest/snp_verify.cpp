#include "attest/snp_verify.hpp"

#include "attest/internal/json_text.hpp"

namespace iapp::attest {
namespace {

/// Files the error of a step under `id`.
std::unexpected<Error> refuse(CheckLog& checks, CheckId id, const Error& error)
{
    return checks.fail(id, explain(error), error.where);
}

/// Parses, and refuses what no key can have signed: a host's report, and one whose own fields say that it is unsigned.
Result<UnverifiedSnpReport> read_report(ByteView bytes, CheckLog& checks)
{
    auto report = parse_snp_report(bytes);
    if (!report) return refuse(checks, CheckId::snp_format, report.error());
    checks.pass(CheckId::snp_format);
    if (report->vmpl == kSnpHostVmpl) return checks.fail(CheckId::vmpl, "the host asked for this report, not a guest");
    if (report->chip_key_masked || report->signing_key == SnpSigningKey::none)
        return checks.fail(CheckId::signature, "the report says that no key signed it");
    return report;
}

std::string window_text(const std::string& what, UnixSeconds from, UnixSeconds to, UnixSeconds now)
{
    return what + " is valid from " + iso8601(from) + " to " + iso8601(to) + ", not at " + iso8601(now);
}

/// CHIP_ID has 64 bytes; Turin's hardware id has 8, and zeros follow.
bool same_chip(const SnpChipId& chip, const Bytes& hardware_id)
{
    const ByteView bytes = chip.bytes();
    return hardware_id.size() <= bytes.size() && std::ranges::equal(bytes.first(hardware_id.size()), hardware_id) &&
           std::ranges::all_of(bytes.subspan(hardware_id.size()), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

std::optional<SnpChipId> VerifiedSnpReport::chip_id() const
{
    if (vek_kind_ == VekKind::vlek) return std::nullopt;
    return report_.chip_id;
}

Result<VerifiedSnpReport> SnpEndorser::verify(ByteView report, UnixSeconds now, CheckLog& checks) const
{
    TRY(const UnverifiedSnpReport parsed, read_report(report, checks));
    for (const CheckId id : {CheckId::vek_chain, CheckId::root, CheckId::vek}) checks.pass(id);
    for (const CheckId id : {CheckId::crl, CheckId::revoked}) {
        if (crl_) checks.pass(id);
        else checks.skip(id, "no list given");
    }
    return judge(parsed, now, checks);
}

Result<VerifiedSnpReport> SnpEndorser::judge(const UnverifiedSnpReport& report, UnixSeconds now, CheckLog& checks) const
{
    if (report.cpu && report.product != product_)
        return checks.fail(CheckId::snp_product, "the processor of the report is not a " + std::string(name(product_)));
    checks.pass(CheckId::snp_product);
    TRY_OK(check_windows(now, checks));
    TRY_OK(check_vek(report, checks));
    if (const auto signed_by =
            key_.verify(crypto::SignatureScheme::ecdsa_p384_sha384, report.signed_bytes, report.signature);
        !signed_by)
        return refuse(checks, CheckId::signature, signed_by.error());
    checks.pass(CheckId::signature);

    VerifiedSnpReport out(report, crypto::Sha256().update(report.signed_bytes).update(key_.spki_der()).finish());
    out.product_ = product_;
    out.vek_kind_ = kind_;
    out.csp_id_ = vek_.csp_id.value_or("");
    out.valid_until_ = until_;
    if (crl_) out.crl_issued_ = crl_->from;
    out.crl_number_ = crl_number_;
    out.simulated_ = simulated_;
    return out;
}

Status SnpEndorser::check_windows(UnixSeconds now, CheckLog& checks) const
{
    for (const Window& window : certificates_)
        if (now < window.from || window.to < now)
            return checks.fail(CheckId::certificate_expired, window_text(window.what, window.from, window.to, now));
    checks.pass(CheckId::certificate_expired);
    if (!crl_) {
        checks.skip(CheckId::collateral_expired, "no list given");
        return {};
    }
    if (now < crl_->from || crl_->to < now)
        return checks.fail(CheckId::collateral_expired, window_text(crl_->what, crl_->from, crl_->to, now));
    checks.pass(CheckId::collateral_expired);
    return {};
}

Status SnpEndorser::check_vek(const UnverifiedSnpReport& report, CheckLog& checks) const
{
    if ((report.signing_key == SnpSigningKey::vlek) != (kind_ == VekKind::vlek))
        return checks.fail(CheckId::vek, "the report names another kind of key than " + std::string(name(kind_)));
    if (!reserved_zero(product_, report.reported_tcb))
        return checks.fail(CheckId::vek_tcb, "reserved bytes of the reported TCB are not zero");
    if (const SnpTcb reported = decode_tcb(product_, report.reported_tcb); reported != vek_.tcb)
        return checks.fail(CheckId::vek_tcb, "reported: " + to_text(reported) + "; endorsed: " + to_text(vek_.tcb));
    checks.pass(CheckId::vek_tcb);
    if (kind_ == VekKind::vlek) {
        checks.skip(CheckId::vek_chip, "VLEK: no chip");
        return {};
    }
    if (!same_chip(report.chip_id, *vek_.hardware_id))
        return checks.fail(CheckId::vek_chip,
                           "the VCEK belongs to another chip than the report, or the report hides its chip");
    checks.pass(CheckId::vek_chip);
    return {};
}

Result<VerifiedSnpReport> verify_snp(const Evidence& evidence, const SnpEndorsements& endorsements, const AmdTrust& trust,
                                     Revocation revocation, UnixSeconds now, CheckLog& checks)
{
    TRY_OK(checks.require(CheckId::evidence_kind, evidence.kind == EvidenceKind::snp, "the evidence is not an SNP report"));
    TRY(const UnverifiedSnpReport report, read_report(evidence.bytes, checks));
    TRY(const SnpEndorser endorser, SnpEndorser::create(endorsements, trust, revocation, checks));
    return endorser.judge(report, now, checks);
}

}  // namespace iapp::attest
