// rooms: index
// Any bytes as what strangers put where the index reads: parameters of deals, bulks on IPFS, schemas, names, calldata.
#include "codec/utf8.hpp"
#include "index/bulk.hpp"
#include "index/internal/event_handlers.hpp"
#include "poco/match_call.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const std::string_view text = as_text(ByteView(data, size));
    static_cast<void>(index::bulk_cid(text));
    static_cast<void>(index::parse_bulk_root(text));
    static_cast<void>(index::parse_bulk_slice(text));
    for (const auto& leaf : index::internal::read_schema(text))
        if (leaf.path.empty() || leaf.path.size() > 512 || leaf.type.empty()) __builtin_trap();
    const poco::OrdersMatched match{poco::DealId::zero(), Hash256::zero(), Hash256::zero(),
                                    Hash256::zero(),      Hash256::zero(), {}};
    if (poco::find_match_call({data, size}, Hash256::zero(), match)) __builtin_trap();  // nothing hashes to zero
    const std::string clean = codec::storable_text(text);
    if (!codec::is_utf8(clean) || clean.find('\0') != std::string::npos) __builtin_trap();
    if (codec::storable_text(clean) != clean) __builtin_trap();
    return 0;
}
