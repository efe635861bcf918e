#pragma once
// Judges a receipt by a network's trust, and the files beside it by the hashes in it. Offline: no session, no clock of its
// own.
#include <filesystem>

#include "attest/receipt_verify.hpp"
#include "command.hpp"
#include "poco/deal.hpp"
#include "wire/network.hpp"

namespace iapp::cli {

/// The receipt's own verdict, then the checks only its reader can make. The first failure makes the level REFUSED.
struct Judgement {
    struct Check {
        std::string_view id;  ///< "receipt.network", "receipt.task", "receipt.deal", "receipt.dataset", "receipt.digest",
                              ///< "receipt.stored", "receipt.file"
        bool passed;
        std::string detail;
    };

    attest::ReceiptReport report;
    std::vector<Check> checks = {};           ///< after the report's own
    std::vector<std::string> uncovered = {};  ///< files in the folder that the receipt does not speak of
};

/// Verifies a receipt by the network's own trust, and that it is of this network. Errors: those of TrustAnchor.
Result<Judgement> judge_receipt(const wire::Network& network, const std::string& receipt, UnixSeconds now);

/// A genuine receipt of another task proves nothing about this one.
void require_task(Judgement& judgement, const Hash256& task);

/// What the agent was told about the deal is what the chain says: app, parties, and the params it ran with.
void require_deal(Judgement& judgement, const poco::Deal& deal);

/// The data that was opened is what the dataset's contract names.
void require_dataset(Judgement& judgement, const eth::Address& dataset, const Hash256& checksum);

/// The result that was paid for is the one of this receipt: a task may have been run more than once.
void require_digest(Judgement& judgement, const Hash256& on_chain);

/// The stored bytes are the ones the agent stored. They are all that a receipt says of a result sealed in iExec's form.
void require_stored(Judgement& judgement, const Hash256& sha256);

/// Every file the receipt names lies in `folder` with the size and hash it had when it left the TEE.
void require_files(Judgement& judgement, const std::filesystem::path& folder);

/// Level first, then what ran: lines for people, members for machines. Exit code 6 when refused.
Answer describe(const Judgement& judgement);

}  // namespace iapp::cli
