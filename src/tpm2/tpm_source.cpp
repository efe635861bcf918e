#include "tpm2/tpm_source.hpp"

#include "attest/event_log.hpp"

namespace iapp::tpm2 {
namespace {

constexpr std::uint32_t kFirstPcr = 14, kSecondPcr = 15;
constexpr std::size_t kExtraSize = 32;

bool covers_measurements(const attest::PcrSelection& selection)
{
    return selection.bank == attest::HashAlgorithm::sha384 && selection.pcrs.contains(kFirstPcr) &&
           selection.pcrs.contains(kSecondPcr);
}

}  // namespace

TpmSource::TpmSource(Tpm tpm, Key ek, Key ak, TpmSourceOptions options)
    : tpm_(std::move(tpm)),
      ek_(std::move(ek)),
      ak_(std::move(ak)),
      options_(std::move(options)),
      simulated_(!options_.tcti.starts_with("device:"))
{
}

Result<std::unique_ptr<TpmSource>> TpmSource::open(TpmSourceOptions options)
{
    if (!covers_measurements(options.selection))
        return fail(ErrorKind::invalid_input, "tpm2.selection",
                    "quotes must cover PCR 14 and 15 of the SHA-384 bank: there the run is measured");
    TRY(Tpm tpm, Tpm::open(options.tcti));
    TRY(Key ek, tpm.create_ek(options.endorsement));
    TRY(const SavedKey saved, tpm.create_ak(ek, options.attestation));
    TRY(Key ak, tpm.load_ak(ek, saved));
    return std::unique_ptr<TpmSource>(new TpmSource(std::move(tpm), std::move(ek), std::move(ak), std::move(options)));
}

Status TpmSource::extend(int index, const Hash384& digest)
{
    if (index != 2 && index != 3)
        return fail(ErrorKind::invalid_input, "tee.register", "only registers 2 and 3 are a program's to extend");
    const std::uint32_t pcr = index == 2 ? kFirstPcr : kSecondPcr;
    const attest::PcrSelection one{attest::HashAlgorithm::sha384, {pcr}};
    const std::scoped_lock lock(turn_);
    TRY(const PcrValues before, tpm_.read_pcrs(one));
    TRY_OK(tpm_.extend(one.bank, pcr, digest.bytes()));
    TRY(const PcrValues after, tpm_.read_pcrs(one));
    if (after.at(pcr) == attest::extend(one.bank, before.at(pcr), digest.bytes())) return {};
    return fail(ErrorKind::corrupt, "tee.extend",
                "PCR " + std::to_string(pcr) + " does not hold what was extended into it; nothing else may extend it");
}

Result<attest::TpmEvidence> TpmSource::collect(const attest::ReportData& report_data)
{
    const std::scoped_lock lock(turn_);
    return tpm_.quote(ak_, options_.selection, report_data.bytes().first<kExtraSize>());
}

Result<Bytes> TpmSource::quote(const attest::ReportData& report_data)
{
    TRY(const attest::TpmEvidence evidence, collect(report_data));
    return to_bytes(attest::encode_tpm_evidence(evidence));
}

Result<std::optional<Bytes>> TpmSource::ek_certificate()
{
    const std::scoped_lock lock(turn_);
    return tpm_.ek_certificate(options_.endorsement);
}

Result<Bytes> TpmSource::activate(const Credential& credential)
{
    const std::scoped_lock lock(turn_);
    return tpm_.activate(ek_, ak_, credential);
}

}  // namespace iapp::tpm2
