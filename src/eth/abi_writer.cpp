#include "crypto/hash.hpp"
#include "eth/abi.hpp"

namespace iapp::eth {
namespace {

constexpr std::size_t kWord = 32;

std::size_t padded(std::size_t size) { return (size + kWord - 1) / kWord * kWord; }

}  // namespace

Selector selector(std::string_view signature) { return Selector{crypto::keccak256(as_bytes(signature)).bytes().first<4>()}; }

Hash256 event_topic(std::string_view signature) { return crypto::keccak256(as_bytes(signature)); }

AbiWriter& AbiWriter::word(std::span<const std::uint8_t, 32> value)
{
    append(head_, value);
    return *this;
}

AbiWriter& AbiWriter::dynamic(Bytes data)
{
    tails_.push_back({head_.size(), std::move(data)});
    head_.resize(head_.size() + kWord);
    return *this;
}

AbiWriter& AbiWriter::uint(const U256& value) { return word(value.be()); }

AbiWriter& AbiWriter::address(const Address& value)
{
    head_.resize(head_.size() + kWord - Address::kSize);
    append(head_, value.bytes());
    return *this;
}

AbiWriter& AbiWriter::bytes4(const Selector& value)
{
    append(head_, value.bytes());
    head_.resize(head_.size() + kWord - Selector::kSize);
    return *this;
}

AbiWriter& AbiWriter::bytes(ByteView value)
{
    Bytes data;
    data.reserve(kWord + padded(value.size()));
    append(data, U256{value.size()}.be());
    append(data, value);
    data.resize(kWord + padded(value.size()));
    return dynamic(std::move(data));
}

AbiWriter& AbiWriter::tuple(const AbiWriter& value)
{
    if (value.is_dynamic()) return dynamic(value.encode());
    append(head_, value.head_);
    return *this;
}

AbiWriter& AbiWriter::array(std::span<const AbiWriter> elements)
{
    AbiWriter all;  // the elements of T[] are laid out like the members of one tuple, each keeping its own offset
    for (const AbiWriter& element : elements) {
        const std::size_t base = all.head_.size();
        append(all.head_, element.head_);
        for (const Tail& tail : element.tails_) all.tails_.push_back({base + tail.head_at, tail.data});
    }
    Bytes data;
    append(data, U256{elements.size()}.be());
    append(data, all.encode());
    return dynamic(std::move(data));
}

Bytes AbiWriter::encode() const
{
    Bytes out = head_;
    for (const Tail& tail : tails_) {
        std::ranges::copy(U256{out.size()}.be(), out.begin() + static_cast<std::ptrdiff_t>(tail.head_at));
        append(out, tail.data);
    }
    return out;
}

Bytes AbiWriter::call(const Selector& function) const
{
    Bytes out = to_bytes(function.bytes());
    append(out, encode());
    return out;
}

}  // namespace iapp::eth
