#pragma once
// Bech32 text (BIP-173) without its 90-character limit, as age writes keys.
// Not bech32m. The human-readable part is known by the caller, so it is compared, not guessed.
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iapp::codec {

/// `hrp` is lower case; the text comes out in lower case.
std::string encode_bech32(std::string_view hrp, ByteView data);

/// Accepts all lower or all upper case, never mixed.
/// Errors: invalid_input "bech32.case", "bech32.prefix", "bech32.character", "bech32.checksum", "bech32.padding",
/// "bech32.length".
Result<Bytes> parse_bech32(std::string_view text, std::string_view hrp);

}  // namespace iapp::codec
