#include "codec/varint.hpp"

namespace iapp::codec {
namespace {

constexpr std::size_t kMaxBytes = 9;  // unsigned-varint, "practical maximum": 63 bits

}  // namespace

void append_varint(Bytes& out, std::uint64_t value)
{
    for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<std::uint8_t>(value) | 0x80U);
    out.push_back(static_cast<std::uint8_t>(value));
}

Result<std::uint64_t> read_varint(ByteView& in)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < in.size() && i < kMaxBytes; ++i) {
        value |= std::uint64_t{in[i] & 0x7fU} << (7 * i);
        if ((in[i] & 0x80U) != 0) continue;
        if (in[i] == 0 && i > 0)
            return fail(ErrorKind::invalid_input, "varint.not_shortest", "the number has a shorter spelling");
        in = in.subspan(i + 1);
        return value;
    }
    if (in.size() < kMaxBytes) return fail(ErrorKind::invalid_input, "varint.truncated", "the number ends in the middle");
    return fail(ErrorKind::invalid_input, "varint.too_long", "the number has more than 9 bytes");
}

}  // namespace iapp::codec
