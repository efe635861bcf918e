#pragma once
// Recursive Length Prefix (Ethereum yellow paper, appendix B): encoder, and a decoder that takes the canonical form only.
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iapp::codec {

/// Builds the items of one list: `RlpList{}.uint(1).bytes(data).list(RlpList{}).encode()`.
class RlpList {
public:
    RlpList& bytes(ByteView value);
    RlpList& uint(std::uint64_t value);
    /// A big-endian number of any width; leading zero bytes are dropped.
    RlpList& uint_be(ByteView value);
    RlpList& list(const RlpList& value);

    Bytes encode() const;

private:
    Bytes payload_;
};

Bytes rlp_bytes(ByteView value);

/// One decoded item; `payload` is a view into the parsed bytes.
struct RlpItem {
    bool is_list;
    ByteView payload;
};

/// Parses exactly one item and nothing behind it.
/// Errors: invalid_input "rlp.truncated", "rlp.not_canonical" (a shorter spelling exists), "rlp.trailing_bytes".
Result<RlpItem> parse_rlp(ByteView bytes);

/// Reads the next item of a payload and moves `in` behind it. Errors: as parse_rlp.
Result<RlpItem> read_rlp(ByteView& in);

/// The items of a list. Errors: invalid_input "rlp.kind" for a string, and those of parse_rlp.
Result<std::vector<RlpItem>> rlp_items(const RlpItem& list);

/// The bytes of a string. Errors: invalid_input "rlp.kind".
Result<ByteView> rlp_string(const RlpItem& item);

/// A number: no leading zero, at most 8 bytes. Errors: invalid_input "rlp.kind", "rlp.number".
Result<std::uint64_t> rlp_uint(const RlpItem& item);

}  // namespace iapp::codec
