#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "base/clock.hpp"
#include "base/error_kind.hpp"
#include "base/file.hpp"
#include "base/fixed_bytes.hpp"

namespace iapp {
namespace {

using Id = FixedBytes<4, struct IdTag>;
static_assert(!std::is_default_constructible_v<Id>);

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

TEST(ReadFile, AnswersTheWholeFileOrWhyItCannot)
{
    const auto folder = std::filesystem::temp_directory_path();
    const auto file = folder / ("iapp-read-file-" + std::to_string(::getpid()));
    const std::string text(100'000, 'x');
    std::ofstream(file) << text;
    EXPECT_EQ(read_file(file), text);
    std::filesystem::remove(file);
    EXPECT_EQ(read_file(file), std::nullopt);
    EXPECT_EQ(errno, ENOENT);
}

TEST(ReadFile, SurvivesAReadThatFails)
{
    EXPECT_EQ(read_file("/"), std::nullopt);
    EXPECT_EQ(errno, EISDIR);
    EXPECT_EQ(read_file("/proc/self/mem"), std::nullopt);
    EXPECT_EQ(errno, EIO);
}

TEST(Hex, RoundTripsAndNamesTheBrokenRule)
{
    EXPECT_EQ(hex0x(Bytes{0x00, 0xab, 0xff}), "0x00abff");
    EXPECT_EQ(*parse_hex0x("0x00ABff"), (Bytes{0x00, 0xab, 0xff}));
    EXPECT_EQ(reason(parse_hex0x("00ab")), "hex.prefix");
    EXPECT_EQ(reason(parse_hex0x("0x0")), "hex.length");
    EXPECT_EQ(reason(parse_hex0x("0xzz")), "hex.digit");
}

/// Long texts go through another path than short ones and ends.
TEST(Hex, JudgesEveryCharacterAtEveryPlaceAlike)
{
    constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
    const std::string good = "00112233445566778899aabbccddeeffAABBCCDDEEFF0123456789";
    for (std::size_t place = 0; place < good.size(); ++place)
        for (int c = 0; c < 256; ++c) {
            std::string text = good;
            text[place] = static_cast<char>(c);
            const auto bytes = parse_hex(text);
            const auto digit = kDigits.find(text[place]);
            ASSERT_EQ(bytes.has_value(), digit != std::string_view::npos) << place << ' ' << c;
            if (!bytes) continue;
            const unsigned nibble = place % 2 == 0 ? (*bytes)[place / 2] >> 4U : (*bytes)[place / 2] & 0xfU;
            ASSERT_EQ(nibble, digit < 16 ? digit : digit - 6) << place << ' ' << c;
        }
    EXPECT_EQ(hex(*parse_hex(good)), "00112233445566778899aabbccddeeffaabbccddeeff0123456789");
}

TEST(FixedBytes, TakesOneLengthOnly)
{
    EXPECT_EQ(Id::from_hex("0x01020304")->hex(), "0x01020304");
    EXPECT_EQ(reason(Id::from_hex("0x010203")), "hex.length");
    EXPECT_EQ(reason(Id::from_bytes(Bytes(5))), "bytes.length");
    EXPECT_TRUE(Id::zero().is_zero());
}

TEST(Time, FormatsAndParsesOneSpelling)
{
    const UnixSeconds time{std::chrono::seconds(1'700'000'000)};
    EXPECT_EQ(iso8601(time), "2023-11-14T22:13:20Z");
    EXPECT_EQ(iso8601(UnixMillis(time) + std::chrono::milliseconds(7)), "2023-11-14T22:13:20.007Z");
    EXPECT_EQ(*parse_iso8601("2023-11-14T22:13:20Z"), time);
    for (const char* bad :
         {"2023-11-14T22:13:20", "2023-13-14T22:13:20Z", "2023-02-30T00:00:00Z", "2023-11-14T24:00:00Z", ""})
        EXPECT_EQ(reason(parse_iso8601(bad)), "time.format") << bad;
}

TEST(ErrorKind, MapsToExitCodes)
{
    EXPECT_EQ(exit_code(Error{ErrorKind::permission_denied, "policy.revoked", ""}), ExitCode::denied);
    EXPECT_EQ(exit_code(Error{ErrorKind::permission_denied, "attest.debug", ""}), ExitCode::attestation);
    EXPECT_EQ(info(ErrorKind::internal).http_status, 500);
}

}  // namespace
}  // namespace iapp
