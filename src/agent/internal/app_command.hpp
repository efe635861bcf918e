#pragma once
// The app's environment and arguments, by iExec's contract. Pure.
#include <string>
#include <vector>

#include "agent/internal/task.hpp"

namespace iapp::agent {

/// The image's own variables, then the contract's, which win. Secrets become part of the strings: wipe them after use.
std::vector<std::string> app_environment(const Admission& admission, const wire::AgentConfig& config,
                                         const std::vector<std::string>& image_env);

/// Splits `iexec_args` into words as a shell would: blanks separate, '…' is literal, "…" knows \" and \\, and a backslash
/// outside quotes takes the next character as it is. Nothing is expanded.
/// Errors: invalid_input "agent.args" (a quote that is never closed, a backslash at the end).
Result<std::vector<std::string>> split_words(std::string_view text);

/// The name of a dataset's file below /iexec_in: its address, lower case.
std::string dataset_file_name(const eth::Address& dataset);

}  // namespace iapp::agent
