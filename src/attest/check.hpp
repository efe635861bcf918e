#pragma once
// The checks of this room: one id, one reason, one explanation and one fix each, as data (`iapp explain`, docs, tests).
// Not an error hierarchy: a failed check becomes an Error whose reason is the check's reason.
#include <optional>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace iapp::attest {

/// In the order in which a verifier runs them. Each check has one reason and one negative test.
enum class CheckId : unsigned char {
    // evidence (evidence.hpp)
    evidence_kind,
    // Intel: the quote and its signature chain
    quote_format,
    chain,
    root,
    certificate_expired,
    pck,
    pck_match,
    qe_signature,
    qe_binding,
    signature,
    // Intel: endorsements
    collateral_format,
    collateral_chain,
    crl,
    revoked,
    collateral_signature,
    collateral_expired,
    platform,
    qe_identity,
    tdx_module,
    tcb_level,
    // AMD: the report and its signature chain (root, certificate_expired, crl, revoked, signature are shared)
    snp_format,
    snp_product,
    vek_chain,
    vek,
    vek_tcb,
    vek_chip,
    // TPM 2.0, and Azure's paravisor that carries one
    tpm_format,
    ak,
    ak_binding,
    pcr_selection,
    pcr_digest,
    hcl_format,
    hcl_binding,
    // appraisal (appraise.hpp)
    policy_format,
    tee,
    simulated,
    debug,
    attributes,
    vmpl,
    tcb,
    tcb_evaluation,
    collateral_age,
    machine,
    no_reference_values,
    measurement,
    host_data,
    report_data,
    // boot logs and runtime logs of others (boot_log.hpp, runtime_log.hpp)
    boot_log_format,
    boot_log_replay,
    boot_log_event,
    runtime_log_format,
    runtime_log_replay,
    runtime_log_event,
    runtime_log_duplicate,
    runtime_log_sentinel,
    // our measured log (event_log.hpp)
    event_log_format,
    event_log_replay,
    event_log_unknown,
    event_log_duplicate,
    event_log_after_ready,
    event_log_order,
    event_log_missing,
    event_log_payload,
    // attestation results as tokens (ear.hpp)
    ear_format,
    ear_signature,
    ear_claims,
    // receipt (receipt.hpp)
    receipt_format,
    receipt_signature,
    receipt_time,
    receipt_identity,
    ledger_head,
    ledger_inclusion,
    ledger_leaf,
};

struct CheckInfo {
    CheckId id;
    std::string_view reason;   ///< "attest.debug"
    std::string_view explain;  ///< one sentence: what the check demands
    std::string_view fix;      ///< one sentence: what to do when it fails
    ErrorKind kind;
};

const CheckInfo& info(CheckId id);

/// Every check, in order.
std::span<const CheckInfo> all_checks();

/// The check behind a reason, if it is one of ours.
std::optional<CheckInfo> find_check(std::string_view reason);

/// `skipped`: the caller's policy says by name that this check need not run. It is listed so that nobody takes it for
/// passed.
enum class Outcome : unsigned char { passed, failed, skipped };

/// "passed", "failed", "skipped".
std::string_view name(Outcome outcome);
std::optional<Outcome> find_outcome(std::string_view text);

struct CheckOutcome {
    CheckId id;
    Outcome outcome;
    std::string detail;  ///< what was seen; public data only
};

/// What ran, in order. A check that is not listed, or listed as skipped, did not run, and nothing that is listed as failed
/// yields a value.
class CheckLog {
public:
    CheckLog() { outcomes_.reserve(kUsualChecks); }

    void pass(CheckId id, std::string detail = {});

    /// Records the failure and makes the error: `return log.fail(CheckId::debug, "TUD byte is 01");`
    std::unexpected<Error> fail(CheckId id, std::string detail,
                                std::source_location where = std::source_location::current());

    /// Lists a check that the policy waived by name.
    void skip(CheckId id, std::string detail);

    /// pass() when `ok`, otherwise fail().
    Status require(CheckId id, bool ok, std::string detail, std::source_location where = std::source_location::current());

    /// Adds what another log saw.
    void append(const CheckLog& more);

    const std::vector<CheckOutcome>& outcomes() const { return outcomes_; }
    bool passed(CheckId id) const;

private:
    static constexpr std::size_t kUsualChecks = 32;  ///< one allocation for the run of a whole verification

    std::vector<CheckOutcome> outcomes_;
};

}  // namespace iapp::attest
