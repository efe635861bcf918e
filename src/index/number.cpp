#include "index/number.hpp"

namespace iapp::index {

Bytes encode_number(const eth::U256& number)
{
    Bytes out = number.be_minimal();
    out.insert(out.begin(), static_cast<std::uint8_t>(out.size()));
    return out;
}

Result<eth::U256> decode_number(ByteView text)
{
    const bool counts = !text.empty() && text[0] == text.size() - 1 && text[0] <= 32;
    const bool is_shortest = counts && (text.size() == 1 || text[1] != 0);
    if (!is_shortest) return fail(ErrorKind::corrupt, "index.number", "a stored number has a wrong form");
    return eth::U256::from_be_bytes(text.subspan(1));
}

}  // namespace iapp::index
