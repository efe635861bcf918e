#pragma once
// Which endorsements a piece of evidence needs: read from the evidence, believed by nobody. Whoever wrote the evidence
// chooses which key is asked for, never where.
#include <vector>

#include "attest/evidence.hpp"
#include "endorse/entry.hpp"

namespace iapp::endorse {

/// The keys to get before `evidence` can be verified. TPM quotes need none. `product` serves reports that do not name
/// theirs (version 2).
/// Errors: those of attest's parsers; invalid_input "endorse.key" (a quote without its own certificate chain, a processor
/// that is not known, a report that names neither product nor chip).
Result<std::vector<Key>> keys_for(const attest::Evidence& evidence, std::optional<SnpProduct> product = std::nullopt);

/// The entry's parts as the files that attest::judge() takes beside evidence.
std::vector<Bytes> files_of(const Entry& entry);

}  // namespace iapp::endorse
