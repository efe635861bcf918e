#pragma once
// A bounds-checked reader of little-endian structures. It compares with what remains, never with a sum that could wrap.
// After one read past the end every later read yields zeros and ok() stays false: check once, at the end of a structure.
#include <algorithm>
#include <array>

#include "base/fixed_bytes.hpp"

namespace iapp::attest {

class Cursor {
public:
    explicit Cursor(ByteView bytes) : rest_(bytes) {}

    ByteView take(std::size_t n)
    {
        if (n > rest_.size()) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        const ByteView out = rest_.first(n);
        rest_ = rest_.subspan(n);
        return out;
    }

    template <std::size_t N>
    std::array<std::uint8_t, N> array()
    {
        std::array<std::uint8_t, N> out{};
        std::ranges::copy(take(N), out.begin());
        return out;
    }

    template <class Id>
    Id id()
    {
        return Id{array<Id::kSize>()};
    }

    std::uint16_t u16() { return static_cast<std::uint16_t>(little_endian(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(little_endian(4)); }
    std::uint64_t u64() { return little_endian(8); }

    std::size_t remaining() const { return rest_.size(); }
    ByteView rest() const { return rest_; }
    bool ok() const { return ok_; }
    bool done() const { return ok_ && rest_.empty(); }

private:
    std::uint64_t little_endian(std::size_t n)
    {
        std::uint64_t out = 0;
        unsigned shift = 0;
        for (const std::uint8_t byte : take(n)) {
            out |= static_cast<std::uint64_t>(byte) << shift;
            shift += 8;
        }
        return out;
    }

    ByteView rest_;
    bool ok_ = true;
};

}  // namespace iapp::attest
