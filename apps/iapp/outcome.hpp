#pragma once
// What a finished task left: its files and its receipt, fetched, opened, written below a folder, and judged.
#include <filesystem>

#include "session.hpp"

namespace iapp::cli {

/// Folder a result goes to unless the user names one.
std::filesystem::path default_folder(const poco::TaskId& task);

/// Errors: conflict "result.folder" (there is something in it).
Status check_free(const std::filesystem::path& folder);

/// Fetches the result of a completed task into `folder` (made; must be empty or absent), verifies its receipt, and compares
/// the files with it. The answer's exit code is 6 when the receipt does not prove this result, 1 when the app failed.
/// Errors: precondition_failed "result.not_ready"; conflict "result.folder"; those of the stores and of opening.
Result<Answer> open_outcome(const Session& session, Context& context, const poco::TaskId& task,
                            const std::filesystem::path& folder);

}  // namespace iapp::cli
