// rooms: codec eth
// Any bytes as RLP: whatever is accepted is canonical, so encoding it again gives the same bytes. And as a raw transaction.
#include <algorithm>

#include "codec/rlp.hpp"
#include "eth/transaction.hpp"

namespace {

using namespace iapp;

/// Writes an item again; depth is bounded by the input, one byte a level, so large inputs are cut by the caller.
bool rewrite(const codec::RlpItem& item, codec::RlpList& out)
{
    if (!item.is_list) {
        out.bytes(item.payload);
        return true;
    }
    const auto items = codec::rlp_items(item);
    if (!items) return false;
    codec::RlpList inner;
    for (const auto& element : *items)
        if (!rewrite(element, inner)) return false;
    out.list(inner);
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ByteView bytes(data, std::min<std::size_t>(size, 4096));
    if (const auto item = codec::parse_rlp(bytes)) {
        codec::RlpList holder;
        if (rewrite(*item, holder)) {
            const Bytes again = holder.encode();
            const auto outer = codec::parse_rlp(again);
            if (!outer || !std::ranges::equal(outer->payload, bytes)) __builtin_trap();
        }
    }
    static_cast<void>(eth::parse_transaction(bytes));
    return 0;
}
