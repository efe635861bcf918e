#pragma once
// What a finished task left: its files and its receipt, fetched, opened and written below a folder.
#include <filesystem>

#include "attest/receipt_verify.hpp"
#include "poco/result.hpp"
#include "session.hpp"

namespace iapp::cli {

struct Outcome {
    std::filesystem::path folder;
    std::vector<std::string> files;        ///< relative to `folder`
    std::filesystem::path receipt_file;    ///< empty when the task left none
};

/// Fetches the result of a completed task into `folder` (made; must be empty or absent).
/// Errors: precondition_failed "result.not_ready"; conflict "result.folder"; those of the stores and of opening.
Result<Outcome> fetch_outcome(const Session& session, const poco::TaskId& task, const std::filesystem::path& folder);

/// Verifies a receipt by the network's own trust.
Result<attest::ReceiptReport> check_receipt(const wire::Network& network, const std::string& receipt, UnixSeconds now);

/// Level first, then what ran: lines for people, members for machines.
Answer describe_report(const attest::ReceiptReport& report);

}  // namespace iapp::cli
