#pragma once
// What a file is: evidence, logs and endorsements told apart by their own bytes, in the forms people keep them in.
// Not a parser: it looks at magic numbers and outer shapes only, and whatever it says is parsed strictly afterwards.
#include <optional>

#include "attest/evidence.hpp"

namespace iapp::attest {

inline constexpr std::size_t kMaxEvidenceFile = std::size_t{4} << 20;

/// The bytes behind a file that may be raw, or hexadecimal or base64 text (white space around it and line breaks inside are
/// allowed). JSON documents come back as they are.
/// Errors: invalid_input "attest.evidence_kind" (empty, or above kMaxEvidenceFile).
Result<Bytes> unwrap_text(ByteView file);

/// The kind of evidence in `bytes` (as unwrap_text() gives them): quotes by header, reports by version and size, JSON by
/// its members. None: not evidence.
std::optional<EvidenceKind> detect_kind(ByteView bytes);

/// unwrap_text() and detect_kind() together; of a document that carries a quote beside other things ({"quote":"hex",...}),
/// the quote. Errors: invalid_input "attest.evidence_kind".
Result<Evidence> read_evidence(ByteView file);

}  // namespace iapp::attest
