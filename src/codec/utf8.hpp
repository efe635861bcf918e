#pragma once
// UTF-8 well-formedness (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF.
#include <cstddef>
#include <string>
#include <string_view>

namespace iapp::codec {

bool is_utf8(std::string_view text);

/// `text` with every byte that is no part of a character replaced by U+FFFD: for words of programs that promise nothing.
std::string repair_utf8(std::string_view text);

/// Text that every database and JSON can hold: as repair_utf8(), and U+FFFD for NUL, too.
std::string storable_text(std::string_view text);

/// The last `count` characters of well-formed UTF-8, or all of it.
std::string_view last_characters(std::string_view utf8, std::size_t count);

}  // namespace iapp::codec
