#include "net/internal/address_scope.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace iapp::net::internal {
namespace {

namespace ip = boost::asio::ip;

struct Range4 {
    std::uint32_t first;
    unsigned bits;
};

constexpr std::uint32_t quad(std::uint32_t a, std::uint32_t b, std::uint32_t c = 0) { return a << 24U | b << 16U | c << 8U; }

constexpr std::array kSpecial4{
    Range4{quad(0, 0), 8},         Range4{quad(10, 0), 8},     Range4{quad(100, 64), 10},   Range4{quad(127, 0), 8},
    Range4{quad(169, 254), 16},    Range4{quad(172, 16), 12},  Range4{quad(192, 0, 0), 24}, Range4{quad(192, 0, 2), 24},
    Range4{quad(192, 88, 99), 24}, Range4{quad(192, 168), 16}, Range4{quad(198, 18), 15},   Range4{quad(198, 51, 100), 24},
    Range4{quad(203, 0, 113), 24}, Range4{quad(224, 0), 3},  // multicast and all above
};

bool is_public4(std::uint32_t address)
{
    return std::ranges::none_of(kSpecial4,
                                [&](const Range4& range) { return (address ^ range.first) >> (32 - range.bits) == 0; });
}

/// 2000::/3 is what IANA gives out; of it 2001::/23 (protocols, Teredo), 2001:db8::/32 (documents), 2002::/16 (6to4) and
/// 3fff::/20 (documents) are not places.
bool is_public6(const ip::address_v6::bytes_type& bytes)
{
    const auto word = [&](std::size_t i) { return static_cast<unsigned>(bytes[2 * i] << 8U | bytes[2 * i + 1]); };
    if (bytes[0] >> 5U != 1) return false;
    if (word(0) == 0x2001 && (word(1) < 0x0200 || word(1) == 0x0db8)) return false;
    return word(0) != 0x2002 && !(word(0) == 0x3fff && word(1) < 0x1000);
}

}  // namespace

bool is_public(const ip::address& address)
{
    return address.is_v4() ? is_public4(address.to_v4().to_uint()) : is_public6(address.to_v6().to_bytes());
}

}  // namespace iapp::net::internal
