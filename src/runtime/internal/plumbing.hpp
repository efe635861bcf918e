#pragma once
// The descriptors of one spawn: which end the child gets, which end stays here.
#include <vector>

#include "runtime/process.hpp"

namespace iapp::runtime {

struct Plumbing {
    UniqueFd child_in, child_out, child_err;  ///< go to the child as 0, 1, 2
    UniqueFd our_in, our_out, our_err;        ///< set for piped streams only
};

/// Errors: internal "process.spawn"; invalid_input "process.command" when an output file cannot be opened.
Result<Plumbing> lay_plumbing(const Command& command);

/// A pipe whose both ends close on exec: {read, write}.
Result<std::pair<UniqueFd, UniqueFd>> make_pipe();

/// An anonymous memory file that holds `text` and stands at its start.
Result<UniqueFd> memory_file(std::string_view text);

}  // namespace iapp::runtime
