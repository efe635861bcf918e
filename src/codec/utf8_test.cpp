#include "codec/utf8.hpp"

#include <gtest/gtest.h>

namespace iapp::codec {
namespace {

using namespace std::string_literals;

TEST(Utf8, RepairsWhatIsNoCharacter)
{
    EXPECT_EQ(repair_utf8(""), "");
    EXPECT_EQ(repair_utf8("a\xc3\xa9\xf0\x9f\x98\x80"), "a\xc3\xa9\xf0\x9f\x98\x80");
    EXPECT_EQ(repair_utf8("a\xff"
                          "b"),
              "a\xef\xbf\xbd"
              "b");
    EXPECT_EQ(repair_utf8("\xc3"), "\xef\xbf\xbd");
    EXPECT_EQ(repair_utf8("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_EQ(repair_utf8("\0"s), "\0"s);
    for (int byte = 0; byte < 256; ++byte)
        EXPECT_TRUE(is_utf8(repair_utf8(std::string{static_cast<char>(byte), 'x'}))) << byte;
}

TEST(Utf8, MakesWhatADatabaseCanHold)
{
    EXPECT_EQ(storable_text("a\0b\0"s),
              "a\xef\xbf\xbd"
              "b\xef\xbf\xbd");
    EXPECT_EQ(storable_text("a\xff\xc3\xa9"), "a\xef\xbf\xbd\xc3\xa9");
    EXPECT_EQ(storable_text(""), "");
}

TEST(Utf8, CountsCharactersFromTheEnd)
{
    EXPECT_EQ(last_characters("abc", 2), "bc");
    EXPECT_EQ(last_characters("abc", 3), "abc");
    EXPECT_EQ(last_characters("abc", 9), "abc");
    EXPECT_EQ(last_characters("abc", 0), "");
    EXPECT_EQ(last_characters("a\xc3\xa9"
                              "b",
                              2),
              "\xc3\xa9"
              "b");
    EXPECT_EQ(last_characters("\xf0\x9f\x98\x80", 1), "\xf0\x9f\x98\x80");
}

}  // namespace
}  // namespace iapp::codec
