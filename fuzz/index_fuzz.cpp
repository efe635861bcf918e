// rooms: index
// Any bytes as what strangers put where the index reads: parameters of deals, bulks on IPFS, schemas, names.
#include "codec/utf8.hpp"
#include "index/bulk.hpp"
#include "index/internal/event_handlers.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const std::string_view text = as_text(ByteView(data, size));
    static_cast<void>(index::bulk_cid(text));
    static_cast<void>(index::parse_bulk_root(text));
    static_cast<void>(index::parse_bulk_slice(text));
    for (const auto& leaf : index::internal::read_schema(text))
        if (leaf.path.empty() || leaf.type.empty()) __builtin_trap();
    const std::string clean = index::internal::clean_text(text);
    if (!codec::is_utf8(clean) || clean.find('\0') != std::string::npos) __builtin_trap();
    if (index::internal::clean_text(clean) != clean) __builtin_trap();
    return 0;
}
