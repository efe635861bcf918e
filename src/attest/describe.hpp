#pragma once
// An appraisal in plain text for people: verdict first, then what it is about, then every check; of a refusal also why, and
// what to do about it. Not a format: programs read the JSON or the token.
#include "attest/appraisal.hpp"

namespace iapp::attest {

/// Lines of at most 80 columns where words allow it, each ended by '\n'. Only printable ASCII: whatever else is in a name or
/// a detail is shown as '?', so that evidence cannot write to the reader's terminal.
std::string describe(const Appraisal& appraisal);

}  // namespace iapp::attest
