#pragma once
// Offline judgement of a receipt: signature, binding, quote, collateral at run time, measured log, ledger. Pure.
// The verifier brings its own trust; nothing in the receipt can widen it.
#include "attest/receipt.hpp"
#include "attest/run.hpp"

namespace iapp::attest {

struct ReceiptTrust {
    std::vector<TrustAnchor> anchors;  ///< roots to believe; empty refuses
    eth::Address ledger_signer;
    AppraisalPolicy policy;  ///< accepted agent measurements, TCB rules, dangerous_allow_simulated
};

enum class ReceiptLevel : unsigned char { refused, simulated, hardware };

/// "REFUSED", "SIMULATED", "HARDWARE": print this first.
std::string_view name(ReceiptLevel level);

struct ReceiptReport {
    ReceiptLevel level;
    std::vector<CheckOutcome> checks;  ///< everything that ran, in order; the last one failed when refused
    std::optional<Error> error;        ///< why it was refused
    std::optional<Receipt> receipt;    ///< present once the format was right; believed only when not refused
    std::optional<Hash384> mr_td;      ///< of the agent, once the quote was verified
    std::optional<TcbVerdict> tcb;     ///< of the platform, at run time
};

/// `now`  verifier time: a receipt from the future is refused. Collateral is judged at the time the ledger signed the
/// decision.
ReceiptReport verify_receipt(std::string_view json, const ReceiptTrust& trust, UnixSeconds now);

}  // namespace iapp::attest
