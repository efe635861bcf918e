#pragma once
// Solidity contract ABI (docs.soliditylang.org, "Contract ABI Specification"): a typed writer and a strict reader.
// No type strings at run time: the call site says what each value is, in order.
#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "base/fixed_bytes.hpp"
#include "eth/address.hpp"
#include "eth/u256.hpp"

namespace iapp::eth {

using Selector = FixedBytes<4, struct SelectorTag>;

/// First four bytes of the Keccak-256 of "name(type,type)".
Selector selector(std::string_view signature);

/// A text as a template's argument.
template <std::size_t kSize>
struct FixedText {
    std::array<char, kSize> text{};

    consteval FixedText(const char (&given)[kSize]) { std::ranges::copy(given, text.begin()); }
    constexpr std::string_view view() const { return {text.data(), kSize - 1}; }
};

/// selector() of a signature that the source names: hashed once.
template <FixedText kSignature>
const Selector& selector()
{
    static const Selector kSelector = selector(kSignature.view());
    return kSelector;
}

/// Keccak-256 of "Name(type,type)": topic 0 of an event that is not anonymous.
Hash256 event_topic(std::string_view signature);

/// Writes one tuple: members in order, static ones in the head, dynamic ones in the tail.
class AbiWriter {
public:
    AbiWriter& uint(const U256& value);
    AbiWriter& boolean(bool value) { return uint(value ? 1U : 0U); }
    AbiWriter& address(const Address& value);
    template <class Tag>
    AbiWriter& bytes32(const FixedBytes<32, Tag>& value)
    {
        return word(value.bytes());
    }
    AbiWriter& bytes4(const Selector& value);
    AbiWriter& bytes(ByteView value);
    AbiWriter& string(std::string_view value) { return bytes(as_bytes(value)); }
    /// A struct. It is inlined when all its members are static, else it gets an offset.
    AbiWriter& tuple(const AbiWriter& value);
    /// T[]; every element is a writer that holds exactly one member (a struct element: one tuple()).
    AbiWriter& array(std::span<const AbiWriter> elements);

    bool is_dynamic() const { return !tails_.empty(); }
    Bytes encode() const;
    Bytes call(const Selector& function) const;  ///< calldata: selector and encode()

private:
    struct Tail {
        std::size_t head_at;
        Bytes data;
    };
    AbiWriter& word(std::span<const std::uint8_t, 32> value);
    AbiWriter& dynamic(Bytes data);

    Bytes head_;
    std::vector<Tail> tails_;
};

struct AbiArray;

/// Reads one tuple from ABI bytes, members in order. Views point into the bytes given at construction.
/// Offsets need not be canonical but must stay inside; numbers must fit; unused high bits of a word must be zero.
/// Bytes behind the last member and the padding of `bytes` are ignored: contracts have been seen to leave both dirty.
/// Errors: corrupt "abi.truncated", "abi.offset", "abi.range", "abi.padding", "abi.length".
class AbiReader {
public:
    explicit AbiReader(ByteView data) : data_(data) {}

    Result<U256> uint();
    Result<std::uint64_t> uint64();
    Result<bool> boolean();
    Result<Address> address();
    template <class Id = Hash256>
    requires(Id::kSize == 32) Result<Id> bytes32()
    {
        TRY(const ByteView raw, word());
        return Id{raw.template first<32>()};
    }
    Result<ByteView> bytes();
    Result<std::string_view> string();  ///< the bytes as they are; well-formedness is the caller's concern
    Result<AbiReader> dynamic_tuple();  ///< follows one offset
    /// T[]: its length, and a reader placed on the first element. The length is bounded by the bytes that are there.
    Result<AbiArray> array(std::size_t head_words_per_element = 1);

private:
    Result<ByteView> word();
    Result<ByteView> follow();

    ByteView data_;
    std::size_t at_ = 0;
};

struct AbiArray {
    std::uint64_t length;
    AbiReader items;
};

/// The text of a revert: `Error(string)`, `Panic(uint256)` as "panic 0x11", a known custom error as "Name: text",
/// other data as hex, empty data as "". Never fails: it is for messages.
std::string revert_reason(ByteView data);

}  // namespace iapp::eth
