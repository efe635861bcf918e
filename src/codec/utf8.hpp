#pragma once
// UTF-8 well-formedness (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF.
#include <string_view>

namespace iapp::codec {

bool is_utf8(std::string_view text);

}  // namespace iapp::codec
