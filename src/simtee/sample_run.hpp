#pragma once
// One complete good run in memory: PKI, collateral, measured log, quote, ledger decision, receipt. Tests and fuzz seeds of
// every room bend one thing of it and sign again. Not a simulator: nothing runs.
#include "attest/appraise.hpp"
#include "attest/receipt_verify.hpp"
#include "attest/report_data.hpp"
#include "eth/wallet.hpp"
#include "simtee/authority.hpp"
#include "simtee/quote.hpp"

namespace iapp::simtee {

struct SampleRun {
    UnixSeconds now;
    Authority authority;
    attest::Collateral collateral;
    eth::Wallet enclave;
    eth::Wallet ledger;
    attest::Binding binding;
    attest::EventLog log;
    QuoteParts parts;  ///< RTMR3 and report data follow from `log` and `binding` when made; bend them here
    attest::AppraisalPolicy policy;

    /// Puts `entries` into the log, with seq and digests recomputed, and RTMR3 into the TD report.
    void set_log(const std::vector<std::pair<std::string_view, Bytes>>& entries);

    /// Signs `parts` as they are now.
    attest::Evidence evidence() const;

    attest::TrustAnchor anchor() const;

    /// An unsigned receipt of this run with these parts; its decision is leaf 3 of a ledger of 5.
    attest::Receipt receipt() const;

    /// Replaces the decision's leaf, rebuilds its proof and signs the head.
    attest::Decision decide(const attest::DecisionLeaf& leaf) const;
    attest::DecisionLeaf leaf() const;

    /// Signs with the enclave key and encodes.
    std::string sign(const attest::Receipt& receipt) const;

    attest::ReceiptTrust trust() const;
};

/// A run at `now` that verifies, appraises and yields a receipt of level SIMULATED.
SampleRun make_sample_run(UnixSeconds now);

}  // namespace iapp::simtee
