#include "attest/judge.hpp"

#include <algorithm>

#include "attest/azure.hpp"
#include "attest/boot_log.hpp"
#include "attest/detect.hpp"
#include "attest/endorsement_files.hpp"
#include "attest/event_log.hpp"
#include "attest/internal/appraiser.hpp"
#include "attest/internal/json_text.hpp"
#include "attest/run.hpp"
#include "attest/runtime_log.hpp"

namespace iapp::attest {
namespace {

/// The PCK chain a quote carries; empty when it carries none or is no quote.
std::string pck_chain_of(ByteView quote)
{
    const auto parsed = parse_intel_quote(quote);
    return parsed ? std::string(parsed->pck_chain_pem) : "";
}

/// The registers of a verified quote or TPM that a log can explain; empty for other evidence.
MeasuredRegisters registers_of(const VerifiedQuote& quote)
{
    if (quote.td() != nullptr) return rtmr_registers(quote.td()->rtmr);
    return {RegisterKind::rtmr, HashAlgorithm::sha384, {}};
}
MeasuredRegisters registers_of(const VerifiedSnpReport&) { return {RegisterKind::rtmr, HashAlgorithm::sha384, {}}; }
MeasuredRegisters registers_of(const VerifiedTpmQuote& quote) { return quote.pcrs(); }
MeasuredRegisters registers_of(const VerifiedAzure& azure) { return azure.tpm().pcrs(); }

bool is_json(ByteView log)
{
    const auto first =
        std::ranges::find_if(log, [](std::uint8_t b) { return b != ' ' && b != '\n' && b != '\r' && b != '\t'; });
    return first != log.end() && (*first == '[' || *first == '{');
}

class Judge {
public:
    Judge(const Submission& submission, const Trust& trust, const AppraisalPolicy& policy,
          const std::optional<Bytes>& challenge, UnixSeconds now, JudgeMemory* memory)
        : submission_(submission), trust_(trust), policy_(policy), challenge_{challenge, {}}, now_(now), memory_(memory)
    {
    }

    /// The kind as far as it is known, and whether everything passed.
    std::pair<EvidenceKind, bool> run()
    {
        auto evidence = submission_.loose_tpm ? Result<Evidence>(Evidence{EvidenceKind::tpm, submission_.evidence})
                                              : read_evidence(submission_.evidence);
        if (!evidence) {
            (void)checks_.fail(CheckId::evidence_kind, evidence.error().detail);
            return {EvidenceKind::tdx, false};
        }
        return {evidence->kind, judge(*evidence).has_value()};
    }

    const std::vector<CheckOutcome>& outcomes() const { return checks_.outcomes(); }
    std::optional<Claims> claims() const { return claims_; }

private:
    Status judge(const Evidence& evidence)
    {
        switch (evidence.kind) {
            case EvidenceKind::tdx:
            case EvidenceKind::sgx:
                return appraise_and_log(verify_intel_quote(evidence));
            case EvidenceKind::snp:
                return appraise_and_log(verify_report(evidence));
            case EvidenceKind::tpm:
                return appraise_and_log(verify_tpm_evidence(evidence));
            case EvidenceKind::azure_snp:
            case EvidenceKind::azure_tdx:
                return appraise_and_log(verify_azure(evidence));
        }
        return {};
    }

    template <class Verified>
    Status appraise_and_log(Result<Verified> verified)
    {
        if (!verified) return std::unexpected(verified.error());
        claims_ = claims_of(*verified);
        const MeasuredRegisters registers = registers_of(*verified);
        const bool json = submission_.log && is_json(*submission_.log);
        if (json) {
            TRY(challenge_.events, check_json_log(registers));
        }
        TRY_OK(appraise(*verified, policy_, challenge_, now_, checks_));
        return submission_.log && !json ? check_boot_log(registers) : Status{};
    }

    Result<Collateral> collateral(EvidenceKind kind, ByteView quote)
    {
        Collateral out = choose_collateral(submission_.endorsements, kind, pck_chain_of(quote), now_);
        for (const Bytes& file : submission_.revocation_lists)
            if (!take_revocation_list(file, out))
                return checks_.fail(CheckId::crl, "a list that was given is unreadable, or of no CA of this evidence");
        return out;
    }

    Result<VerifiedQuote> verify_intel_quote(const Evidence& evidence)
    {
        TRY(const Collateral all, collateral(evidence.kind, evidence.bytes));
        const auto known = memory_ != nullptr ? memory_->verifier(all, trust_.intel) : nullptr;
        // What does not open is named in its place among the checks of the quote.
        return known ? known->verify(evidence, now_, checks_) : verify_intel(evidence, all, trust_.intel, now_, checks_);
    }

    /// `embedded`  the VEK that the evidence carries, one file more; may be empty.
    Result<SnpEndorsements> snp_endorsements(ByteView report, const Bytes& embedded)
    {
        std::vector<Bytes> files = submission_.endorsements;
        if (!embedded.empty()) files.push_back(embedded);
        SnpEndorsements out = choose_snp_endorsements(files, report, submission_.vek, now_);
        for (const Bytes& file : submission_.revocation_lists)
            if (!take_revocation_list(file, out))
                return checks_.fail(CheckId::crl, "a list that was given is unreadable, or not of the ARK of this evidence");
        return out;
    }

    Result<VerifiedSnpReport> verify_report(const Evidence& evidence)
    {
        TRY(const SnpEndorsements all, snp_endorsements(evidence.bytes, {}));
        return verify_snp(evidence, all, trust_.amd, revocation(), now_, checks_);
    }

    Revocation revocation() const
    {
        return policy_.snp.dangerous_no_revocation_list ? Revocation::if_provided : Revocation::required;
    }

    /// The registers the policy names; under the waiver of measurements, whatever the quote covers.
    PcrSelection demanded(ByteView attest)
    {
        PcrSelection out{HashAlgorithm::sha256, {policy_.tpm.pcrs.begin(), policy_.tpm.pcrs.end()}};
        if (!out.pcrs.empty() || !policy_.dangerous_any_measurement) return out;
        const auto quote = parse_tpm_quote(attest);
        if (!quote || quote->selections.empty()) return out;
        checks_.skip(CheckId::pcr_selection, "the policy names no registers");
        return quote->selections.front();
    }

    Result<VerifiedTpmQuote> verify_tpm_evidence(const Evidence& evidence)
    {
        if (submission_.loose_tpm) return verify_loose_tpm(*submission_.loose_tpm);
        const auto parsed = parse_tpm_evidence(as_text(evidence.bytes));
        return verify_tpm(evidence, trust_.aks, demanded(parsed ? ByteView(parsed->attest) : ByteView()), checks_);
    }

    Result<VerifiedTpmQuote> verify_loose_tpm(const TpmEvidence& tpm)
    {
        if (tpm.ak_public) return checks_.fail(CheckId::tpm_format, "loose files name their key as PEM");
        if (!trust_.loose_ak) return checks_.fail(CheckId::ak_binding, "no attestation key was given");
        const std::array pins{crypto::sha256(trust_.loose_ak->spki_der())};
        TRY(const TrustedAk ak, trust_pinned_key(*trust_.loose_ak, pins, checks_));
        return verify_tpm(tpm, ak, demanded(tpm.attest), checks_);
    }

    Result<VerifiedAzure> verify_azure(const Evidence& evidence)
    {
        const auto parsed = parse_azure_evidence(as_text(evidence.bytes), evidence.kind);
        const PcrSelection pcrs = demanded(parsed ? ByteView(parsed->tpm.attest) : ByteView());
        if (evidence.kind == EvidenceKind::azure_snp) {
            const auto hcl =
                parsed ? parse_hcl_report(parsed->hcl_report) : Result<HclReport>(std::unexpected(parsed.error()));
            TRY(const SnpEndorsements all,
                snp_endorsements(hcl ? ByteView(hcl->hardware_report) : ByteView(), parsed ? parsed->vek : Bytes()));
            return verify_azure_snp(evidence, all, trust_.amd, revocation(), pcrs, now_, checks_);
        }
        TRY(const Collateral all, collateral(EvidenceKind::tdx, parsed ? ByteView(parsed->td_quote) : ByteView()));
        return verify_azure_tdx(evidence, all, trust_.intel, pcrs, now_, checks_);
    }

    /// What a log that replays says of the start.
    Result<LoggedEvents> check_json_log(const MeasuredRegisters& registers)
    {
        if (auto own = parse_event_log(as_text(*submission_.log))) return check_own_log(*own, registers);
        return check_runtime_log(registers);
    }

    Status check_boot_log(const MeasuredRegisters& registers)
    {
        const auto log = parse_boot_log(*submission_.log);
        if (!log) return checks_.fail(CheckId::boot_log_format, log.error().detail);
        checks_.pass(CheckId::boot_log_format);
        TRY_OK(appraise_boot_log(*log, registers, checks_));
        return {};
    }

    Result<LoggedEvents> check_own_log(const EventLog& log, const MeasuredRegisters& registers)
    {
        const auto rtmr3 = registers.values.find(kLogRegister);
        if (registers.kind != RegisterKind::rtmr || rtmr3 == registers.values.end())
            return checks_.fail(CheckId::event_log_replay, "this evidence has no RTMR3");
        TRY(const Hash384 value, Hash384::from_bytes(rtmr3->second));
        TRY_OK(appraise_event_log(log, value, checks_));
        return events_of(log);
    }

    Result<LoggedEvents> check_runtime_log(const MeasuredRegisters& registers)
    {
        const auto log = parse_runtime_log(as_text(*submission_.log));
        if (!log) return checks_.fail(CheckId::runtime_log_format, explain(log.error()));
        checks_.pass(CheckId::runtime_log_format);
        TRY(const RuntimeFacts facts, appraise_runtime_log(*log, registers, {}, checks_));
        LoggedEvents out;
        for (const auto& [name, payload] : facts.launch()) out.push_back({name, payload});
        return out;
    }

    const Submission& submission_;
    const Trust& trust_;
    const AppraisalPolicy& policy_;
    Challenge challenge_;
    UnixSeconds now_;
    JudgeMemory* memory_;
    CheckLog checks_;
    std::optional<Claims> claims_;
};

}  // namespace

Result<Trust> trust_roots(std::string_view pem)
{
    Trust out;
    auto intel = TrustAnchor::from_pem(pem);
    auto amd = AmdTrust::from_pem(pem);
    if (!intel && !amd) return std::unexpected(intel.error());
    if (intel) out.intel = *std::move(intel);
    if (amd) out.amd = *std::move(amd);
    return out;
}

Appraisal judge(const Submission& submission, const Trust& trust, const PolicyDocument& policy,
                const std::optional<Bytes>& challenge, UnixSeconds now, JudgeMemory* memory)
{
    Judge judge(submission, trust, policy.policy, challenge, now, memory);
    const auto [kind, accepted] = judge.run();
    Appraisal out{.kind = kind,
                  .accepted = accepted,
                  .claims = judge.claims(),
                  .checks = judge.outcomes(),
                  .policy_name = policy.policy.name,
                  .policy_sha256 = policy.sha256,
                  .at = now};
    const auto passed = [&](CheckId id) { return outcome_of(out, id) == Outcome::passed; };
    out.boot_measured = passed(CheckId::measurement);
    const bool logged = passed(CheckId::event_log_replay) || passed(CheckId::runtime_log_replay);
    out.runtime_measured = out.boot_measured && logged;
    out.machine_listed = passed(CheckId::machine);
    return out;
}

}  // namespace iapp::attest
