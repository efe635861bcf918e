#pragma once
// N public bytes that mean one thing.
#include <algorithm>
#include <array>
#include <compare>
#include <cstring>
#include <functional>

#include "base/bytes.hpp"
#include "base/hex.hpp"

namespace iapp {

/// N public bytes that mean one thing. No default value: all-zero is written `Id::zero()`, so it is always a choice.
template <std::size_t N, class Tag>
class FixedBytes {
public:
    static constexpr std::size_t kSize = N;

    explicit constexpr FixedBytes(std::span<const std::uint8_t, N> bytes)
    {
        std::copy(bytes.begin(), bytes.end(), v_.begin());  // not ranges::copy: see copy_bytes()
    }
    explicit constexpr FixedBytes(const std::array<std::uint8_t, N>& bytes) : v_(bytes) {}

    static constexpr FixedBytes zero() { return FixedBytes{std::array<std::uint8_t, N>{}}; }

    /// Parses exactly 2*N hex digits after "0x". Errors: invalid_input "hex.prefix", "hex.length", "hex.digit".
    static Result<FixedBytes> from_hex(std::string_view text)
    {
        std::array<std::uint8_t, N> raw{};
        TRY_OK(parse_hex0x_into(text, raw));
        return FixedBytes{raw};
    }

    /// Takes exactly N bytes. Errors: invalid_input "bytes.length".
    static Result<FixedBytes> from_bytes(ByteView bytes)
    {
        if (bytes.size() != N)
            return fail(ErrorKind::invalid_input, "bytes.length",
                        "expected " + std::to_string(N) + " bytes, got " + std::to_string(bytes.size()));
        return FixedBytes{bytes.template first<N>()};
    }

    constexpr std::span<const std::uint8_t, N> bytes() const { return v_; }
    constexpr const std::array<std::uint8_t, N>& array() const { return v_; }
    constexpr bool is_zero() const { return *this == zero(); }

    /// Lower case after "0x".
    std::string hex() const { return hex0x(v_); }

    friend constexpr auto operator<=>(const FixedBytes&, const FixedBytes&) = default;

private:
    std::array<std::uint8_t, N> v_{};
};

using Hash256 = FixedBytes<32, struct Hash256Tag>;

}  // namespace iapp

template <std::size_t N, class Tag>
struct std::hash<iapp::FixedBytes<N, Tag>> {
    std::size_t operator()(const iapp::FixedBytes<N, Tag>& value) const noexcept
    {
        std::size_t out = 0;
        std::memcpy(&out, value.bytes().data(), std::min(sizeof out, N));
        return out;
    }
};
