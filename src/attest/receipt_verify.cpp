#include "attest/receipt_verify.hpp"

#include "attest/report_data.hpp"
#include "crypto/merkle.hpp"
#include "eth/signature.hpp"

namespace iapp::attest {
namespace {

constexpr std::chrono::seconds kClockSkew{300};  ///< between worker, ledger and verifier

/// One judgement: fills the report as far as it gets.
class ReceiptVerifier {
public:
    ReceiptVerifier(const ReceiptTrust& trust, UnixSeconds now, ReceiptReport& report)
        : trust_(trust), now_(now), report_(report)
    {
    }

    Result<ReceiptLevel> run(std::string_view json)
    {
        TRY(const Receipt receipt, read(json));
        TRY_OK(check_ledger(receipt));
        TRY_OK(check_times(receipt));
        TRY(const VerifiedQuote quote, verify_quote(receipt));
        if (quote.td() != nullptr) report_.mr_td = quote.td()->mr_td;
        report_.tcb = quote.tcb();
        TRY(const RunAttestation result, appraise_run(quote, trust_.policy, report_data(binding_of(receipt)),
                                                      receipt.event_log, decided_at(receipt), log_));
        TRY_OK(check_identity(receipt, result));
        TRY_OK(check_leaf(receipt, result));
        return result.simulated() ? ReceiptLevel::simulated : ReceiptLevel::hardware;
    }

    const std::vector<CheckOutcome>& outcomes() const { return log_.outcomes(); }

private:
    Result<Receipt> read(std::string_view json)
    {
        auto parsed = parse_receipt(json);
        if (!parsed) return log_.fail(CheckId::receipt_format, parsed.error().detail);
        log_.pass(CheckId::receipt_format);
        report_.receipt = parsed->receipt;

        TRY(const Hash256 digest, receipt_digest(parsed->receipt));
        TRY_OK(log_.require(CheckId::receipt_signature,
                            eth::verify(digest, parsed->signature.bytes(), parsed->receipt.enclave),
                            "the signature is not that of enclave " + parsed->receipt.enclave.hex()));
        return std::move(parsed->receipt);
    }

    Status check_ledger(const Receipt& receipt)
    {
        const Decision& decision = receipt.decision;
        const TreeHead& head = decision.tree_head;
        const Hash256 digest = tree_head_digest(receipt.chain_id, head.size, head.root, head.timestamp);
        TRY_OK(log_.require(CheckId::ledger_head, eth::verify(digest, head.signature.bytes(), trust_.ledger_signer),
                            "the tree head is not signed by ledger " + trust_.ledger_signer.hex()));
        const auto included = crypto::merkle_verify_inclusion(crypto::merkle_leaf_hash(decision.leaf), decision.index,
                                                              head.size, decision.inclusion, head.root);
        return log_.require(CheckId::ledger_inclusion, included.has_value(),
                            "leaf " + std::to_string(decision.index) + " is not in the tree of the signed head");
    }

    /// The head's timestamp is the one time in a receipt that neither the worker nor the agent chose.
    Status check_times(const Receipt& receipt)
    {
        const UnixSeconds decided = decided_at(receipt);
        const bool ordered = receipt.started_at <= receipt.finished_at;
        const bool inside = receipt.started_at - kClockSkew <= decided && decided <= receipt.finished_at + kClockSkew;
        const bool past = receipt.finished_at <= now_ + kClockSkew && decided <= now_ + kClockSkew;
        return log_.require(CheckId::receipt_time, ordered && inside && past,
                            "started " + iso8601(receipt.started_at) + ", decided " + iso8601(decided) + ", finished " +
                                iso8601(receipt.finished_at) + ", verified " + iso8601(now_));
    }

    /// Tries the anchors; the first whose root the chain ends in judges the quote.
    Result<VerifiedQuote> verify_quote(const Receipt& receipt)
    {
        for (const TrustAnchor& anchor : trust_.anchors) {
            CheckLog attempt = log_;
            auto quote = verify_intel(receipt.evidence, receipt.collateral, anchor, decided_at(receipt), attempt);
            if (!quote && quote.error().reason == info(CheckId::root).reason) continue;
            log_ = std::move(attempt);
            return quote;
        }
        return log_.fail(CheckId::root,
                         "the quote does not chain to one of " + std::to_string(trust_.anchors.size()) + " trusted roots");
    }

    Status check_identity(const Receipt& receipt, const RunAttestation& result)
    {
        const RunIdentity& run = result.run();
        const auto differs = [&](std::string_view what) {
            return log_.fail(CheckId::receipt_identity, std::string(what) + " differs from what was measured");
        };
        if (receipt.simulated != result.simulated()) return differs("the kind of TEE");
        if (run.chain_id != receipt.chain_id || run.hub != receipt.hub) return differs("the chain or the hub");
        if (run.deal != receipt.deal.id) return differs("the deal");
        if (run.task != receipt.task) return differs("the task");
        if (run.image_digest != receipt.image_digest) return differs("the image");
        if (crypto::sha256(run.app_manifest) != receipt.manifest_digest) return differs("the app manifest");
        log_.pass(CheckId::receipt_identity);
        return {};
    }

    Status check_leaf(const Receipt& receipt, const RunAttestation& result)
    {
        const auto leaf = parse_leaf(receipt.decision.leaf);
        if (!leaf) return log_.fail(CheckId::ledger_leaf, leaf.error().detail);
        const auto differs = [&](std::string_view what) {
            return log_.fail(CheckId::ledger_leaf, "the leaf names another " + std::string(what));
        };
        if (!leaf->released) return log_.fail(CheckId::ledger_leaf, "the leaf is a refusal: " + leaf->reason);
        if (leaf->chain_id != receipt.chain_id || leaf->hub != receipt.hub) return differs("chain or hub");
        if (leaf->deal != receipt.deal.id || leaf->task != receipt.task) return differs("deal or task");
        if (leaf->enclave != receipt.enclave) return differs("enclave");
        if (leaf->evidence != result.claims().evidence_id) return differs("evidence");
        if (leaf->mr_td != hex(*find_register(result.claims().registers, "mrtd"))) return differs("measurement");
        if (leaf->datasets != released_datasets(receipt)) return differs("list of released datasets");
        log_.pass(CheckId::ledger_leaf);
        return {};
    }

    static std::vector<eth::Address> released_datasets(const Receipt& receipt)
    {
        std::vector<eth::Address> out;
        for (const ReceiptDataset& dataset : receipt.datasets)
            if (!dataset.refused) out.push_back(dataset.address);
        return out;
    }

    static UnixSeconds decided_at(const Receipt& receipt)
    {
        return UnixSeconds(std::chrono::seconds(receipt.decision.tree_head.timestamp));
    }

    static Binding binding_of(const Receipt& r)
    {
        return Binding{.nonce = r.nonce,
                       .hpke_public_key = r.hpke_public_key,
                       .enclave = r.enclave,
                       .chain_id = r.chain_id,
                       .hub = r.hub,
                       .deal = r.deal.id,
                       .task = r.task};
    }

    const ReceiptTrust& trust_;
    UnixSeconds now_;
    ReceiptReport& report_;
    CheckLog log_;
};

}  // namespace

std::string_view name(ReceiptLevel level)
{
    switch (level) {
        case ReceiptLevel::simulated:
            return "SIMULATED";
        case ReceiptLevel::hardware:
            return "HARDWARE";
        case ReceiptLevel::refused:
            break;
    }
    return "REFUSED";
}

ReceiptReport verify_receipt(std::string_view json, const ReceiptTrust& trust, UnixSeconds now)
{
    ReceiptReport report{.level = ReceiptLevel::refused,
                         .checks = {},
                         .error = std::nullopt,
                         .receipt = std::nullopt,
                         .mr_td = std::nullopt,
                         .tcb = std::nullopt};
    ReceiptVerifier verifier(trust, now, report);
    const auto level = verifier.run(json);
    report.checks = verifier.outcomes();
    if (level) report.level = *level;
    else report.error = level.error();
    return report;
}

}  // namespace iapp::attest
