#include "seal/dataset_object.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/hex.hpp"
#include "codec/zip.hpp"

namespace iapp::seal {
namespace {

DatasetObject sample()
{
    DatasetObject inner{{{"b", std::string("x")}}};
    DatasetObject nested{{{"a", inner}, {"yes", true}}};
    return {{{"email", std::string("a@b.c")},
             {"nested", nested},
             {"img", Bytes{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0}},
             {"empty", DatasetObject{}}}};
}

TEST(DatasetObject, SchemaKeepsInsertionOrder)
{
    EXPECT_EQ(schema_json(sample()),
              R"({"email":"string","nested":{"a":{"b":"string"},"yes":"bool"},"img":"image/png","empty":{}})");
    EXPECT_EQ(schema_json({}), "{}");
    EXPECT_EQ(schema_json({{{"n", 1.0}, {"i", Int128{1}}}}), R"({"n":"f64","i":"i128"})");
}

TEST(DatasetObject, ArchiveHasOneEntryPerLeafAndObject)
{
    Bytes payload;
    codec::ZipWriter archive(codec::append_to(payload, 1 << 20));
    ASSERT_TRUE(write_archive(sample(), archive));
    const auto reader = codec::ZipReader::open(codec::random_source(payload));
    ASSERT_TRUE(reader);
    std::string paths;
    for (const auto& entry : reader->entries()) paths += entry.path + (entry.directory ? "/ " : " ");
    EXPECT_EQ(paths, "email nested/ nested/a/ nested/a/b nested/yes img empty/ ");
    EXPECT_EQ(hex(*reader->read(*reader->find("email"), 100)), "050000006140622e63");
}

TEST(Values, AreEncodedAsBorsh)
{
    EXPECT_EQ(hex(encode_f64(42)), "0000000000004540");
    EXPECT_EQ(hex(encode_f64(-1.5)), "000000000000f8bf");
    EXPECT_EQ(hex(encode_i128(123)), "7b" + std::string(30, '0'));
    EXPECT_EQ(hex(encode_i128(-1)), std::string(32, 'f'));
    EXPECT_EQ(hex(encode_bool(true)), "01");
    EXPECT_EQ(hex(encode_string("\xc3\xa9@x.y")), "06000000c3a940782e79");
    EXPECT_EQ(hex(encode_string("")), "00000000");
}

TEST(Values, RoundTrip)
{
    const Int128 lowest = static_cast<Int128>(1) << 126;
    EXPECT_EQ(*parse_i128(encode_i128(-lowest - lowest)), -lowest - lowest);
    EXPECT_EQ(*parse_f64(encode_f64(-0.1)), -0.1);
    EXPECT_EQ(*parse_string(encode_string("text")), "text");
    EXPECT_TRUE(*parse_bool(encode_bool(true)));
    EXPECT_FALSE(*parse_bool(encode_bool(false)));
}

TEST(Values, OtherFilesAreRefused)
{
    EXPECT_EQ(parse_bool(Bytes{2}).error().reason, "seal.value");
    EXPECT_EQ(parse_bool(Bytes{}).error().reason, "seal.value");
    EXPECT_EQ(parse_f64(Bytes(7)).error().reason, "seal.value");
    EXPECT_EQ(parse_i128(Bytes(17)).error().reason, "seal.value");
    EXPECT_EQ(parse_string(Bytes(3)).error().reason, "seal.value");
    EXPECT_EQ(parse_string(Bytes{2, 0, 0, 0, 'a'}).error().reason, "seal.value");
    EXPECT_EQ(parse_string(Bytes{1, 0, 0, 0, 'a', 'b'}).error().reason, "seal.value");
    EXPECT_EQ(parse_string(Bytes{1, 0, 0, 0, 0xff}).error().reason, "seal.value");
}

DatasetObject nested(std::size_t depth)
{
    DatasetObject object;
    for (std::size_t i = 1; i < depth; ++i) {
        DatasetObject outer;
        outer.fields.push_back({"a", std::move(object)});
        object = std::move(outer);
    }
    return object;
}

DatasetObject wide(std::size_t fields)
{
    DatasetObject object;
    for (std::size_t i = 0; i < fields; ++i) object.fields.push_back({std::to_string(i), true});
    return object;
}

struct Case {
    const char* name;
    DatasetObject object;
    std::string_view reason;
};
class ObjectRule : public testing::TestWithParam<Case> {};
TEST_P(ObjectRule, IsChecked)
{
    const Status status = check_object(GetParam().object);
    EXPECT_EQ(status ? "" : status.error().reason, GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(
    Seal, ObjectRule,
    testing::Values(Case{"good", sample(), ""}, Case{"empty_object", {}, ""},
                    Case{"empty_key", {{{"", true}}}, "seal.key_empty"},
                    Case{"dot_in_key", {{{"a.b", true}}}, "seal.key_character"},
                    Case{"slash_in_nested_key", {{{"a", DatasetObject{{{"b/c", true}}}}}}, "seal.key_character"},
                    Case{"key_twice", {{{"a", true}, {"a", 1.0}}}, "seal.key_twice"},
                    Case{"same_key_on_two_levels", {{{"a", DatasetObject{{{"a", true}}}}}}, ""},
                    Case{"nan", {{{"a", std::nan("")}}}, "seal.number"},
                    Case{"infinity", {{{"a", -std::numeric_limits<double>::infinity()}}}, "seal.number"},
                    Case{"not_utf8", {{{"a", std::string("\xff")}}}, "seal.utf8"},
                    Case{"as_deep_as_allowed", nested(kMaxDatasetDepth), ""},
                    Case{"too_deep", nested(kMaxDatasetDepth + 1), "seal.too_deep"},
                    Case{"as_many_as_allowed", wide(kMaxDatasetFields), ""},
                    Case{"too_many", wide(kMaxDatasetFields + 1), "seal.too_many_fields"}),
    [](const auto& test) { return std::string(test.param.name); });

struct MimeCase {
    const char* name;
    std::string head;
    std::string_view mime;
};
class Mime : public testing::TestWithParam<MimeCase> {};
TEST_P(Mime, IsGuessedFromTheBeginning) { EXPECT_EQ(detect_mime(as_bytes(GetParam().head)), GetParam().mime); }
using namespace std::string_literals;
INSTANTIATE_TEST_SUITE_P(
    Seal, Mime,
    testing::Values(MimeCase{"empty", "", "application/octet-stream"}, MimeCase{"text", "hello", "application/octet-stream"},
                    MimeCase{"png", "\x89PNG\r\n\x1a\n....", "image/png"},
                    MimeCase{"png_cut", "\x89PNG\r\n\x1a", "application/octet-stream"},
                    MimeCase{"gif", "GIF89a..", "image/gif"}, MimeCase{"g_of_anything", "Good morning", "video/mpeg"},
                    MimeCase{"jpeg", "\xff\xd8\xff\xe0", "image/jpeg"}, MimeCase{"webp", "RIFF\1\2\3\4WEBP", "image/webp"},
                    MimeCase{"wav", "RIFF\1\2\3\4WAVE", "audio/x-wav"},
                    MimeCase{"avi", "RIFF\1\2\3\4AVI ", "video/x-msvideo"},
                    MimeCase{"riff_of_another_kind", "RIFF\1\2\3\4XXXX", "application/octet-stream"},
                    MimeCase{"mp4",
                             "\0\0\0\x18"
                             "ftypisom"s,
                             "video/mp4"},
                    MimeCase{"quicktime_hides_mp4",
                             "\0\0\0\x18"
                             "ftypqt  "s,
                             "application/octet-stream"},
                    MimeCase{"pdf", "%PDF-1.7", "application/pdf"},
                    MimeCase{"pdf_with_bom", "\xef\xbb\xbf%PDF", "application/pdf"},
                    MimeCase{"xml", "<?xml version", "application/xml"}, MimeCase{"zip", "PK\3\4....", "application/zip"},
                    MimeCase{"bmp", "BMxx", "image/bmp"}, MimeCase{"mp3", "ID3\4", "audio/mpeg"},
                    MimeCase{"midi", "MThd", "audio/midi"}, MimeCase{"mpeg", "\0\0\1\xba"s, "video/mpeg"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace iapp::seal
