// rooms: codec
// Any bytes as a CID, as its text and as the text forms below it: what is accepted has one spelling.
#include <algorithm>

#include "codec/base32.hpp"
#include "codec/base58.hpp"
#include "codec/base64.hpp"
#include "codec/cid.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const ByteView bytes(data, size);
    const std::string_view text = as_text(bytes);
    if (const auto cid = codec::Cid::from_bytes(bytes); cid && !std::ranges::equal(cid->bytes(), bytes)) __builtin_trap();
    if (const auto cid = codec::Cid::parse(text); cid && *codec::Cid::parse(cid->text()) != *cid) __builtin_trap();
    if (const auto raw = codec::parse_base64(text); raw && codec::base64(*raw) != text) __builtin_trap();
    if (const auto raw = codec::parse_base32(text); raw && codec::base32(*raw) != text) __builtin_trap();
    if (const auto raw = codec::parse_base58(text); raw && codec::base58(*raw) != text) __builtin_trap();
    return 0;
}
