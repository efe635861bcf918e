#include "blobs/internal/multipart.hpp"

#include <gtest/gtest.h>

namespace iapp::blobs::internal {
namespace {

struct Case {
    const char* name;
    std::string body;
    std::string expected;  ///< "[name|file name|type]content" for each part, or the reason
};

std::string parse(std::string_view body)
{
    net::MemoryReader memory(as_bytes(body));
    MultipartReader reader(memory, "XX");
    std::string out;
    Bytes buffer(10);
    while (true) {
        const auto part = reader.next();
        if (!part) return std::string(part.error().reason);
        if (!*part) return out;
        out += "[" + (*part)->name + "|" + (*part)->file_name + "|" + (*part)->content_type + "]";
        while (true) {
            const auto count = reader.read(buffer);
            if (!count) return std::string(count.error().reason);
            if (*count == 0) break;
            out += as_text(ByteView(buffer).first(*count));
        }
    }
}

class Multipart : public testing::TestWithParam<Case> {};
TEST_P(Multipart, Parses) { EXPECT_EQ(parse(GetParam().body), GetParam().expected); }

const std::string kHead = "Content-Disposition: form-data; name=\"file\"; filename=\"\"\r\n";
INSTANTIATE_TEST_SUITE_P(
    Blobs, Multipart,
    testing::Values(
        Case{"empty_file_name", "--XX\r\n" + kHead + "Content-Type: a/b\r\n\r\nhello\r\n--XX--\r\n", "[file||a/b]hello"},
        Case{"file_name", "--XX\r\ncontent-disposition: form-data; filename=\"a \\\"b\\\".txt\"; name=f\r\n\r\nx\r\n--XX--",
             "[f|a \"b\".txt|]x"},
        Case{"two_parts", "--XX\r\n\r\na\r\n--XX\r\n\r\nb\r\n--XX--", "[||]a[||]b"},
        Case{"empty_part", "--XX\r\n\r\n\r\n--XX--", "[||]"},
        Case{"preamble_and_epilogue", "ignored\r\n--XX\r\n\r\na\r\n--XX--\r\nignored", "[||]a"},
        Case{"blanks_behind_delimiter", "--XX \t\r\n\r\na\r\n--XX--", "[||]a"},
        Case{"delimiter_look_alikes", "--XX\r\n\r\n--XX\r\n-\r\n--X\r\n\r\n--XX--", "[||]--XX\r\n-\r\n--X\r\n"},
        Case{"no_parts", "--XX--", ""}, Case{"empty_body", "", "multipart.truncated"},
        Case{"no_end", "--XX\r\n\r\nabc", "multipart.truncated"},
        Case{"end_in_head", "--XX\r\nA: b\r\n", "multipart.truncated"},
        Case{"end_at_delimiter", "--XX\r\n\r\na\r\n--XX", "multipart.truncated"},
        Case{"longer_boundary", "--XX\r\n\r\na\r\n--XXY\r\n", "multipart.delimiter"},
        Case{"head_without_colon", "--XX\r\nabc\r\n\r\na\r\n--XX--", "multipart.head"},
        Case{"head_too_large", "--XX\r\nA: " + std::string(9'000, 'a') + "\r\n\r\na\r\n--XX--", "multipart.head"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(MultipartBoundary, IsTakenFromTheContentType)
{
    EXPECT_EQ(*parse_boundary("multipart/form-data; boundary=-----------------------------abc"),
              "-----------------------------abc");
    EXPECT_EQ(*parse_boundary("Multipart/Form-Data; charset=x; Boundary=\"a b\""), "a b");
    for (const char* bad : {"", "application/json", "text/plain; boundary=a"})
        EXPECT_EQ(parse_boundary(bad).error().reason, "multipart.type") << bad;
    const std::string long_one = "multipart/form-data; boundary=" + std::string(71, 'a');
    for (const std::string& bad :
         {std::string("multipart/form-data"), std::string("multipart/form-data; boundary="), long_one})
        EXPECT_EQ(parse_boundary(bad).error().reason, "multipart.boundary") << bad;
}

}  // namespace
}  // namespace iapp::blobs::internal
