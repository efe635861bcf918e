#include "eth/abi.hpp"

namespace iapp::eth {
namespace {

constexpr std::size_t kWord = 32;

}  // namespace

Result<ByteView> AbiReader::word()
{
    if (data_.size() - at_ < kWord)
        return fail(ErrorKind::corrupt, "abi.truncated",
                    "member at byte " + std::to_string(at_) + " of " + std::to_string(data_.size()) + " is cut off");
    const ByteView out = data_.subspan(at_, kWord);
    at_ += kWord;
    return out;
}

/// The bytes an offset points to. Offsets count from the start of this tuple.
Result<ByteView> AbiReader::follow()
{
    TRY(const std::uint64_t offset, uint64());
    if (offset > data_.size())
        return fail(ErrorKind::corrupt, "abi.offset",
                    "offset " + std::to_string(offset) + " is behind the end at " + std::to_string(data_.size()));
    return data_.subspan(offset);
}

Result<U256> AbiReader::uint()
{
    TRY(const ByteView raw, word());
    return U256::from_be(raw.first<32>());
}

Result<std::uint64_t> AbiReader::uint64()
{
    TRY(const U256 value, uint());
    if (!value.fits_u64()) return fail(ErrorKind::corrupt, "abi.range", value.to_dec() + " does not fit in 64 bits");
    return value.clamp_u64();
}

Result<bool> AbiReader::boolean()
{
    TRY(const U256 value, uint());
    if (value > U256{1}) return fail(ErrorKind::corrupt, "abi.range", value.to_dec() + " is not a bool");
    return !value.is_zero();
}

Result<Address> AbiReader::address()
{
    TRY(const ByteView raw, word());
    if (std::ranges::any_of(raw.first<12>(), [](std::uint8_t byte) { return byte != 0; }))
        return fail(ErrorKind::corrupt, "abi.padding", "the unused bytes of an address are not zero");
    return Address{raw.last<20>()};
}

Result<ByteView> AbiReader::bytes()
{
    TRY(const ByteView target, follow());
    AbiReader tail(target);
    TRY(const std::uint64_t length, tail.uint64());
    if (length > target.size() - kWord)
        return fail(ErrorKind::corrupt, "abi.length",
                    std::to_string(length) + " bytes announced, " + std::to_string(target.size() - kWord) + " there");
    return target.subspan(kWord, length);
}

Result<std::string_view> AbiReader::string()
{
    TRY(const ByteView raw, bytes());
    return as_text(raw);
}

Result<AbiReader> AbiReader::dynamic_tuple()
{
    TRY(const ByteView target, follow());
    return AbiReader{target};
}

Result<AbiArray> AbiReader::array(std::size_t head_words_per_element)
{
    TRY(const ByteView target, follow());
    AbiReader tail(target);
    TRY(const std::uint64_t length, tail.uint64());
    const std::size_t room = (target.size() - kWord) / (kWord * head_words_per_element);
    if (length > room)
        return fail(ErrorKind::corrupt, "abi.length",
                    std::to_string(length) + " elements announced, room for " + std::to_string(room));
    return AbiArray{length, AbiReader{target.subspan(kWord)}};
}

}  // namespace iapp::eth
