#include "attest/check.hpp"

#include <algorithm>
#include <array>

namespace iapp::attest {
namespace {

using enum ErrorKind;

// Ordered as CheckId. `explain` says what holds when the check passes; `fix` is for the person who sees it fail.
constexpr std::array kChecks{
    CheckInfo{CheckId::evidence_kind, "attest.evidence_kind", "The evidence is of a kind this verifier knows.",
              "Send evidence of kind \"tdx\", or update the verifier.", invalid_input},
    CheckInfo{CheckId::quote_format, "attest.quote_format",
              "The quote is an Intel TDX quote, version 4 or 5, with every nested size exact.",
              "Send the bytes of the quote as the TEE returned them, without text around them.", invalid_input},
    CheckInfo{CheckId::chain, "attest.chain",
              "The quote carries a PCK certificate, its CA and the root, each signed by the next and fit for its role.",
              "Ask the platform's quote provider for a quote with the whole PCK chain (certification data type 5).",
              unauthenticated},
    CheckInfo{CheckId::root, "attest.root", "The chain ends in the root key the verifier trusts.",
              "Check which trust anchor the network document names; hardware needs the vendor's root.", unauthenticated},
    CheckInfo{CheckId::certificate_expired, "attest.certificate_expired",
              "Every certificate is inside its validity window at the time of verification.",
              "Check the verifier's clock; refresh the certificates of the platform or the collateral.", unauthenticated},
    CheckInfo{CheckId::pck, "attest.pck", "The leaf is a PCK certificate with one well-formed SGX extension.",
              "Re-provision the platform: its PCK certificate does not follow Intel's profile.", unauthenticated},
    CheckInfo{CheckId::qe_signature, "attest.qe_signature", "The PCK key signed the quoting enclave's report.",
              "The quote was altered or assembled from parts: ask for a new one.", unauthenticated},
    CheckInfo{CheckId::qe_binding, "attest.qe_binding",
              "The quoting enclave's report names the attestation key: SHA-256(key || auth data), then zeros.",
              "The quote was altered or assembled from parts: ask for a new one.", unauthenticated},
    CheckInfo{CheckId::signature, "attest.signature", "The attestation key signed header and body of the quote.",
              "The quote was altered: ask for a new one.", unauthenticated},
    CheckInfo{CheckId::collateral_format, "attest.collateral_format",
              "The collateral is complete and each document in it is well formed.",
              "Fetch the collateral again for this platform, as one JSON document with nine members.", invalid_input},
    CheckInfo{CheckId::collateral_chain, "attest.collateral_chain",
              "The signers of TCB info, QE identity and revocation lists chain to the same trusted root.",
              "Fetch the collateral again; do not mix collateral of two vendors or two PKIs.", unauthenticated},
    CheckInfo{CheckId::crl, "attest.crl",
              "Both revocation lists are there, signed by the CA they speak for, and name their next update.",
              "Fetch the root CA list and the list of the PCK certificate's own CA.", unauthenticated},
    CheckInfo{CheckId::revoked, "attest.revoked", "No certificate in use is on a revocation list.",
              "Stop trusting this platform; re-provision it with its vendor.", permission_denied},
    CheckInfo{CheckId::collateral_signature, "attest.collateral_signature",
              "TCB info and QE identity carry the signer's signature over their exact bytes.",
              "Fetch the collateral again and store it byte for byte: reformatting breaks the signature.", unauthenticated},
    CheckInfo{CheckId::collateral_expired, "attest.collateral_expired",
              "TCB info, QE identity and revocation lists are inside their windows, at both ends.",
              "Refresh the collateral; check the verifier's clock.", precondition_failed},
    CheckInfo{CheckId::platform, "attest.platform", "The TCB info speaks about this platform: same FMSPC, same PCE.",
              "Fetch the TCB info for the FMSPC of the PCK certificate.", precondition_failed},
    CheckInfo{CheckId::qe_identity, "attest.qe_identity",
              "The quoting enclave is the vendor's: signer, product, attributes and version match its identity.",
              "Update the quoting enclave of the platform; anything else signing quotes is an attack.", permission_denied},
    CheckInfo{CheckId::tdx_module, "attest.tdx_module", "The TDX module is one the vendor's TCB info describes.",
              "Update the TDX module of the platform, or fetch newer TCB info.", permission_denied},
    CheckInfo{CheckId::tcb_level, "attest.tcb_level", "The platform reaches at least the lowest listed TCB level.",
              "Update firmware and microcode of the platform: its TCB is not supported.", permission_denied},

    CheckInfo{CheckId::simulated, "attest.simulated", "The quote comes from hardware, or the policy allows simulation.",
              "Run on TDX hardware; for development only, set dangerous_allow_simulated_tee = true.", permission_denied},
    CheckInfo{CheckId::debug, "attest.debug", "The TD is not under debug: its host cannot read its memory.",
              "Start the TD without the debug attribute.", permission_denied},
    CheckInfo{CheckId::attributes, "attest.attributes",
              "TD attributes, XFAM, SEAM attributes and service TD stay inside the policy.",
              "Start the TD with SEPT_VE_DISABLE, without migration, and with the CPU features the policy lists.",
              permission_denied},
    CheckInfo{CheckId::tcb, "attest.tcb", "The TCB status and its advisories are ones the policy accepts.",
              "Update the platform, or accept the status and its advisories by name in the policy.", permission_denied},
    CheckInfo{CheckId::tcb_evaluation, "attest.tcb_evaluation",
              "The collateral's TCB evaluation number is not below the least the policy accepts.",
              "Refresh the collateral: an older, more forgiving one was replayed.", precondition_failed},
    CheckInfo{CheckId::no_reference_values, "attest.no_reference_values", "The policy names at least one measurement.",
              "Add the agent's MRTD to trust.agent_measurements; an empty list accepts nothing.", precondition_failed},
    CheckInfo{CheckId::measurement, "attest.measurement", "MRTD and the boot registers RTMR0..2 equal one reference value.",
              "Run the released agent, or add this agent's measurement to the network document after review.",
              permission_denied},
    CheckInfo{CheckId::report_data, "attest.report_data",
              "The quote binds exactly this challenge, key and task: all 64 bytes of report data are equal.",
              "Ask for a new nonce and quote again; do not reuse a quote for another task or key.", permission_denied},

    CheckInfo{CheckId::event_log_format, "attest.event_log_format",
              "The event log is a JSON array of entries with seq, domain, op, digest and payload.",
              "Send the log as the agent wrote it.", invalid_input},
    CheckInfo{CheckId::event_log_replay, "attest.event_log_replay",
              "Every digest is the hash of its entry, and the digests replay to the RTMR3 that the quote signs.",
              "The log was altered, reordered or cut: send the log that belongs to this quote.", permission_denied},
    CheckInfo{CheckId::event_log_unknown, "attest.event_log_unknown", "Every entry is in our domain and a known operation.",
              "Use the agent and the verifier of one release.", permission_denied},
    CheckInfo{CheckId::event_log_duplicate, "attest.event_log_duplicate", "No operation appears twice.",
              "One agent runs one task: start a new agent.", permission_denied},
    CheckInfo{CheckId::event_log_after_ready, "attest.event_log_after_ready", "Nothing follows the entry \"ready\".",
              "Something extended RTMR3 after the agent was ready: do not trust this run.", permission_denied},
    CheckInfo{CheckId::event_log_order, "attest.event_log_order",
              "The operations come in their order: agent-config, app-image, app-manifest, deal, task, ready.",
              "Use the released agent.", permission_denied},
    CheckInfo{CheckId::event_log_missing, "attest.event_log_missing", "All six operations are there.",
              "The agent quoted before it was ready: quote after the entry \"ready\".", permission_denied},
    CheckInfo{CheckId::event_log_payload, "attest.event_log_payload", "Each payload has the form its operation demands.",
              "Use the agent and the verifier of one release.", permission_denied},

    CheckInfo{CheckId::receipt_format, "attest.receipt_format", "The receipt is canonical JSON of schema iapp-receipt/1.",
              "Pass the receipt file exactly as it was downloaded.", invalid_input},
    CheckInfo{CheckId::receipt_signature, "attest.receipt_signature", "The enclave key of the run signed the receipt.",
              "The receipt was altered: fetch it again by its CID.", unauthenticated},
    CheckInfo{CheckId::receipt_time, "attest.receipt_time",
              "The run started before it finished, the decision falls inside it, and none of it is in the future.",
              "Check the verifier's clock and the clocks of worker and ledger.", precondition_failed},
    CheckInfo{CheckId::receipt_identity, "attest.receipt_identity",
              "Chain, deal, task, image and manifest of the receipt are the ones the measured log names.",
              "The receipt describes another run than its evidence: do not trust it.", permission_denied},
    CheckInfo{CheckId::ledger_head, "attest.ledger_head", "The ledger key the verifier trusts signed the tree head.",
              "Check trust.ledger_signer in the network document.", unauthenticated},
    CheckInfo{CheckId::ledger_inclusion, "attest.ledger_inclusion", "The decision is a leaf of the tree under that head.",
              "The release was not written down: do not trust this run.", permission_denied},
    CheckInfo{CheckId::ledger_leaf, "attest.ledger_leaf",
              "The leaf is a release for this task, this evidence, this enclave and these datasets.",
              "The decision belongs to another run: do not trust this receipt.", permission_denied},
};

constexpr bool in_order()
{
    for (std::size_t i = 0; i < kChecks.size(); ++i)
        if (static_cast<std::size_t>(kChecks[i].id) != i) return false;
    return kChecks.size() == static_cast<std::size_t>(CheckId::ledger_leaf) + 1;
}
static_assert(in_order(), "kChecks lists every CheckId once, in order");

}  // namespace

const CheckInfo& info(CheckId id) { return kChecks[static_cast<std::size_t>(id)]; }

std::span<const CheckInfo> all_checks() { return kChecks; }

std::optional<CheckInfo> find_check(std::string_view reason)
{
    const auto* found = std::ranges::find(kChecks, reason, &CheckInfo::reason);
    if (found == kChecks.end()) return std::nullopt;
    return *found;
}

void CheckLog::pass(CheckId id, std::string detail) { outcomes_.push_back({id, Outcome::passed, std::move(detail)}); }

std::unexpected<Error> CheckLog::fail(CheckId id, std::string detail, std::source_location where)
{
    outcomes_.push_back({id, Outcome::failed, detail});
    const CheckInfo& check = info(id);
    return iapp::fail(check.kind, check.reason, std::move(detail), where);
}

Status CheckLog::require(CheckId id, bool ok, std::string detail, std::source_location where)
{
    if (!ok) return fail(id, std::move(detail), where);
    pass(id);
    return {};
}

bool CheckLog::passed(CheckId id) const
{
    const auto is = [id](const CheckOutcome& o) { return o.id == id; };
    return std::ranges::any_of(outcomes_, is) &&
           std::ranges::none_of(outcomes_, [&](const CheckOutcome& o) { return is(o) && o.outcome == Outcome::failed; });
}

}  // namespace iapp::attest
