#pragma once
// Judges a receipt by a network's trust, and the files beside it by the hashes in it. Offline: no session, no clock of its
// own.
#include <filesystem>

#include "attest/receipt_verify.hpp"
#include "command.hpp"
#include "wire/network.hpp"

namespace iapp::cli {

/// The receipt's own verdict, then the checks only its reader can make. The first failure makes the level REFUSED.
struct Judgement {
    struct Check {
        std::string_view id;  ///< "receipt.network", "receipt.task", "receipt.file"
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

/// Every file the receipt names lies in `folder` with the size and hash it had when it left the TEE.
void require_files(Judgement& judgement, const std::filesystem::path& folder);

/// Level first, then what ran: lines for people, members for machines. Exit code 6 when refused.
Answer describe(const Judgement& judgement);

}  // namespace iapp::cli
