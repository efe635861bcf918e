// U256: text forms, every overflow, and its arithmetic against identities and the compiler's 128-bit integers.
#include "eth/u256.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace iapp::eth {
namespace {

__extension__ using Wide = unsigned __int128;

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

U256 from(Wide value)
{
    return *U256{static_cast<std::uint64_t>(value >> 64U)}
                .mul(U256::power_of_two(64))
                ->add(static_cast<std::uint64_t>(value));
}

U256 from(const std::array<std::uint8_t, 32>& word) { return U256::from_be(word); }

TEST(U256, ReadsAndWritesText)
{
    const std::tuple<const char*, const char*> vectors[] = {
        {"0", "0x0"},
        {"1", "0x1"},
        {"18446744073709551616", "0x10000000000000000"},
        {"10000000000000000000000000000000000000001", "0x1d6329f1c35ca4bfabb9f5610000000001"},
        {"57896044618658097711785492504343953926634992332820282019728792003956564819949",
         "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed"},
        {"115792089237316195423570985008687907853269984665640564039457584007913129639935",
         "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}};
    for (const auto& [dec, hexadecimal] : vectors) {
        EXPECT_EQ(*U256::from_dec(dec), *U256::from_hex(hexadecimal));
        EXPECT_EQ(U256::from_dec(dec)->to_dec(), dec);
        EXPECT_EQ(U256::from_dec(dec)->to_hex(), hexadecimal);
    }
    EXPECT_EQ(U256::max(), *U256::from_dec(std::get<0>(vectors[5])));
}

TEST(U256, RefusesOtherText)
{
    for (const char* bad : {"", "01", "-1", "+1", " 1", "1.0", "0x1", "1e3"})
        EXPECT_EQ(reason(U256::from_dec(bad)), "u256.digit") << bad;
    EXPECT_EQ(reason(U256::from_dec("115792089237316195423570985008687907853269984665640564039457584007913129639936")),
              "u256.range");
    EXPECT_EQ(reason(U256::from_dec(std::string(100, '9'))), "u256.range");
    for (const char* bad : {"", "0x", "1", "0xg"}) EXPECT_EQ(reason(U256::from_hex(bad)), "u256.digit") << bad;
    EXPECT_EQ(reason(U256::from_hex("0x1" + std::string(64, '0'))), "u256.range");
    EXPECT_EQ(reason(U256::from_be_bytes(Bytes(33))), "u256.range");
    EXPECT_EQ(reason(U256::power_of_two(64).to_u64()), "u256.range");
}

TEST(U256, ChecksEveryOperation)
{
    EXPECT_EQ(reason(U256::max().add(1U)), "u256.overflow");
    EXPECT_EQ(reason(U256{}.sub(1U)), "u256.overflow");
    EXPECT_EQ(reason(U256::power_of_two(128).mul(U256::power_of_two(128))), "u256.overflow");
    EXPECT_EQ(reason(U256{1U}.div(U256{})), "u256.zero_divisor");
    EXPECT_EQ(*U256::max().div(U256::max()), U256{1U});
    EXPECT_EQ(*U256::max().div(*U256::max().sub(1U)), U256{1U});
    EXPECT_EQ(saturating_sub(U256{3U}, U256{5U}), U256{});
    EXPECT_EQ(saturating_sub(U256{5U}, U256{3U}), U256{2U});
    EXPECT_EQ(U256::power_of_two(255).clamp_u64(), ~0ULL);
}

TEST(U256, OrdersByTheMostSignificantLimb)
{
    EXPECT_LT(U256{~0ULL}, U256::power_of_two(64));
    EXPECT_LT(U256::power_of_two(192), U256::power_of_two(255));
    EXPECT_EQ(U256::power_of_two(200) | U256{1U}, *U256::power_of_two(200).add(1U));
    EXPECT_EQ(~U256{}, U256::max());
}

TEST(U256, AgreesWithTheCompiler)
{
    EXPECT_TRUE(rc::check([](std::uint64_t a, std::uint64_t b, std::uint64_t c) {
        RC_ASSERT(*U256{a}.mul(b) == from(Wide{a} * b));
        RC_ASSERT(*U256{a}.add(b) == from(Wide{a} + b));
        const Wide wide = Wide{a} << 64U | b;
        if (c != 0) RC_ASSERT(*from(wide).div(c) == from(wide / c));
    }));
}

TEST(U256, KeepsItsIdentities)
{
    EXPECT_TRUE(
        rc::check([](const std::array<std::uint8_t, 32>& x, const std::array<std::uint8_t, 32>& y, std::uint64_t small) {
            const U256 a = from(x), b = from(y);
            RC_ASSERT(a.be() == x);
            RC_ASSERT(*U256::from_dec(a.to_dec()) == a);
            RC_ASSERT(*U256::from_hex(a.to_hex()) == a);
            RC_ASSERT(*U256::from_be_bytes(a.be_minimal()) == a);
            const U256 low = a < b ? a : b, high = a < b ? b : a;
            RC_ASSERT(*high.sub(low)->add(low) == high);
            if (low.is_zero()) return;
            const U256 quotient = *high.div(low);
            const U256 product = *quotient.mul(low);
            RC_ASSERT(product <= high);
            RC_ASSERT(*high.sub(product) < low);
            if (const auto scaled = low.mul(small); scaled && small != 0) RC_ASSERT(*scaled->div(small) == low);
        }));
}

}  // namespace
}  // namespace iapp::eth
