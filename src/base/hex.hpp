#pragma once
// Hexadecimal text. One spelling out (lower case); both cases in, because addresses carry EIP-55 case.
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iapp {

/// Lower-case digits without a prefix.
std::string hex(ByteView bytes);

/// Lower-case digits after "0x".
std::string hex0x(ByteView bytes);

/// Parses an even number of digits, no prefix. Errors: invalid_input "hex.length", "hex.digit".
Result<Bytes> parse_hex(std::string_view digits);

/// Parses "0x" and an even number of digits. Errors: invalid_input "hex.prefix", "hex.length", "hex.digit".
Result<Bytes> parse_hex0x(std::string_view text);

/// Parses exactly out.size() * 2 digits after "0x" into `out`. Errors: as parse_hex0x.
Status parse_hex0x_into(std::string_view text, std::span<std::uint8_t> out);

}  // namespace iapp
