#pragma once
// The tag of orders and deals: 256 capability bits. The contract knows bit 0 only; the rest is agreed off chain.
#include <string>
#include <vector>

#include "base/fixed_bytes.hpp"

namespace iapp::poco {

using Tag = FixedBytes<32, struct TagTag>;

/// Bit numbers; bit 0 is the least significant bit of the last byte.
enum class TagBit : unsigned { tee = 0, scone = 1, gramine = 2, tdx = 3, gpu = 8 };

/// The TEE framework a tag asks for. The whole low nibble decides: 0x3, 0x5, 0x9; any other nibble names no framework.
enum class Framework : unsigned char { none, scone, gramine, tdx };

Tag make_tag(std::initializer_list<TagBit> bits);
bool has(const Tag& tag, TagBit bit);
Tag operator|(const Tag& a, const Tag& b);
Tag operator&(const Tag& a, const Tag& b);
Tag without(const Tag& tag, const Tag& bits);  ///< tag AND NOT bits
bool includes(const Tag& tag, const Tag& bits);

/// Bits 1 to 3: what version 6.2 clears from a dataset tag before comparing.
Tag framework_bits();
/// 0x…09, the tag of every order the current clients make.
Tag tdx_tag();

Framework framework(const Tag& tag);
std::string_view name(Framework framework);  ///< "none" "scone" "gramine" "tdx"

/// Lower-case names of the set bits ("tee", "tdx", "gpu"; others "bit 17").
std::vector<std::string> tag_names(const Tag& tag);

/// Comma-separated names ("tee,tdx") or 32 bytes of hex; "" is zero. Errors: invalid_input "tag.name", "hex.*".
Result<Tag> parse_tag(std::string_view text);

}  // namespace iapp::poco
