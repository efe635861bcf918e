#include "codec/zip.hpp"

#include <gmock/gmock.h>
#include <zlib.h>

#include <algorithm>

namespace iapp::codec {
namespace {

using testing::ElementsAre;

/// One entry as raw header fields, so that a test can bend exactly one of them.
struct Part {
    std::string name = "a.txt";
    std::string local_name;  ///< "" = name
    Bytes packed = to_bytes("hello");
    std::uint32_t crc = static_cast<std::uint32_t>(crc32_z(0, as_bytes("hello").data(), 5));
    std::uint32_t packed_bytes = 5;
    std::uint32_t size = 5;
    std::uint32_t local_crc = crc;
    std::uint32_t local_packed = 5;
    std::uint32_t local_size = 5;
    std::uint16_t flags = 0;
    std::uint16_t local_flags = 0;
    std::uint16_t method = 0;
    std::uint16_t local_method = 0;
    std::uint16_t made_by = 20;
    std::uint16_t comment = 0;
    std::uint16_t disk = 0;
    std::uint32_t attributes = 0;
    std::uint32_t local_signature = 0x04034b50;
    std::uint32_t signature = 0x02014b50;
    int offset_shift = 0;
    Bytes extra;
    Bytes local_extra;
    Bytes descriptor;
};

struct Archive {
    std::vector<Part> parts{Part{}};
    Bytes before_directory;
    Bytes after_directory;
    Bytes end64;
    std::uint32_t end_signature = 0x06054b50;
    std::uint16_t disk = 0;
    int count_shift = 0;
    int count_here_shift = 0;
    int directory_bytes_shift = 0;
    std::uint16_t comment = 0;
    Bytes tail;
};

void put(Bytes& out, std::uint64_t value, int size)
{
    for (int i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put_local(Bytes& out, const Part& part)
{
    const std::string& name = part.local_name.empty() ? part.name : part.local_name;
    put(out, part.local_signature, 4);
    put(out, 20, 2);
    put(out, part.local_flags, 2);
    put(out, part.local_method, 2);
    put(out, 0, 4);
    put(out, part.local_crc, 4);
    put(out, part.local_packed, 4);
    put(out, part.local_size, 4);
    put(out, name.size(), 2);
    put(out, part.local_extra.size(), 2);
    append(out, as_bytes(name));
    append(out, part.local_extra);
    append(out, part.packed);
    append(out, part.descriptor);
}

void put_central(Bytes& out, const Part& part, std::size_t offset)
{
    put(out, part.signature, 4);
    put(out, part.made_by, 2);
    put(out, 20, 2);
    put(out, part.flags, 2);
    put(out, part.method, 2);
    put(out, 0, 4);
    put(out, part.crc, 4);
    put(out, part.packed_bytes, 4);
    put(out, part.size, 4);
    put(out, part.name.size(), 2);
    put(out, part.extra.size(), 2);
    put(out, part.comment, 2);
    put(out, part.disk, 2);
    put(out, 0, 2);
    put(out, part.attributes, 4);
    put(out, offset + static_cast<std::size_t>(part.offset_shift), 4);
    append(out, as_bytes(part.name));
    append(out, part.extra);
}

Bytes encode(const Archive& archive)
{
    Bytes out;
    Bytes directory;
    for (const Part& part : archive.parts) {
        put_central(directory, part, out.size());
        put_local(out, part);
    }
    append(out, archive.before_directory);
    const std::size_t offset = out.size();
    append(out, directory);
    append(out, archive.after_directory);
    append(out, archive.end64);
    put(out, archive.end_signature, 4);
    put(out, archive.disk, 2);
    put(out, 0, 2);
    put(out, archive.parts.size() + static_cast<std::size_t>(archive.count_here_shift), 2);
    put(out, archive.parts.size() + static_cast<std::size_t>(archive.count_shift), 2);
    put(out, directory.size() + static_cast<std::size_t>(archive.directory_bytes_shift), 4);
    put(out, offset, 4);
    put(out, archive.comment, 2);
    append(out, archive.tail);
    return out;
}

/// Opens and unpacks everything; "" or the reason of the first refusal.
std::string_view verdict(ByteView bytes, const ZipLimits& limits = {})
{
    const auto reader = ZipReader::open(random_source(bytes), limits);
    if (!reader) return reader.error().reason;
    for (const ZipEntry& entry : reader->entries())
        if (const Status status = reader->extract(entry, [](ByteView) -> Status { return {}; }); !status)
            return status.error().reason;
    return "";
}

/// A deflated part holding `text`, with a data descriptor.
Part deflated(const std::string& text)
{
    Bytes archive;
    ZipWriter writer(append_to(archive, 1 << 20));
    EXPECT_TRUE(writer.add_deflated("a.txt", text.size(), byte_source(as_bytes(text))));
    EXPECT_TRUE(writer.finish());
    const auto reader = ZipReader::open(random_source(archive));
    const ZipEntry& entry = reader->entries().front();
    Part part;
    part.packed.assign(archive.begin() + static_cast<std::ptrdiff_t>(entry.data_offset),
                       archive.begin() + static_cast<std::ptrdiff_t>(entry.data_offset + entry.packed_bytes));
    part.method = part.local_method = 8;
    part.crc = part.local_crc = entry.crc32;
    part.size = part.local_size = static_cast<std::uint32_t>(text.size());
    part.packed_bytes = part.local_packed = static_cast<std::uint32_t>(entry.packed_bytes);
    return part;
}

void make_descriptor(Part& part, bool signature)
{
    part.flags = part.local_flags = 8;
    part.local_crc = part.local_size = part.local_packed = 0;
    if (signature) put(part.descriptor, 0x08074b50, 4);
    put(part.descriptor, part.crc, 4);
    put(part.descriptor, part.packed_bytes, 4);
    put(part.descriptor, part.size, 4);
}

Part directory_part(const char* name)
{
    Part part;
    part.name = name;
    part.packed.clear();
    part.crc = part.local_crc = part.size = part.local_size = part.packed_bytes = part.local_packed = 0;
    return part;
}

struct Case {
    const char* name;
    void (*bend)(Archive&);
    std::string_view reason;
};
class ZipStrict : public testing::TestWithParam<Case> {};

TEST_P(ZipStrict, AnswersWithTheRuleThatWasBroken)
{
    Archive archive;
    GetParam().bend(archive);
    EXPECT_EQ(verdict(encode(archive)), GetParam().reason);
}

Part& first(Archive& archive) { return archive.parts.front(); }

INSTANTIATE_TEST_SUITE_P(
    Good, ZipStrict,
    testing::Values(Case{"stored", [](Archive&) {}, ""}, Case{"empty", [](Archive& a) { a.parts.clear(); }, ""},
                    Case{"deflated", [](Archive& a) { first(a) = deflated("some text, some text, some text"); }, ""},
                    Case{"descriptor_signed", [](Archive& a) { make_descriptor(first(a), true); }, ""},
                    Case{"descriptor_bare", [](Archive& a) { make_descriptor(first(a), false); }, ""},
                    Case{"directory", [](Archive& a) { first(a) = directory_part("dir/"); }, ""},
                    Case{"directory_after_child",
                         [](Archive& a) {
                             first(a).name = "dir/a";
                             a.parts.push_back(directory_part("dir/"));
                         },
                         ""},
                    Case{"timestamp_extra",
                         [](Archive& a) {
                             first(a).extra = {0x55, 0x54, 1, 0, 9};
                         },
                         ""},
                    Case{"unix_regular",
                         [](Archive& a) {
                             first(a).made_by = 0x0314;
                             first(a).attributes = 0100644u << 16;
                         },
                         ""},
                    Case{"utf8_name",
                         [](Archive& a) {
                             first(a).name = "\xc3\xa9";
                             first(a).flags = first(a).local_flags = 1 << 11;
                         },
                         ""}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    End, ZipStrict,
    testing::Values(
        Case{"no_signature", [](Archive& a) { a.end_signature ^= 1; }, "zip.end"},
        Case{"second_disk", [](Archive& a) { a.disk = 1; }, "zip.end"},
        Case{"comment",
             [](Archive& a) {
                 a.comment = 1;
                 a.tail = {'x'};
             },
             "zip.end"},
        Case{"bytes_behind", [](Archive& a) { a.tail = {'x'}; }, "zip.end"},
        Case{"comment_length_lies", [](Archive& a) { a.comment = 1; }, "zip.end"},
        Case{"two_counts", [](Archive& a) { a.count_here_shift = 1; }, "zip.end"},
        Case{"one_entry_too_many_announced", [](Archive& a) { a.count_here_shift = a.count_shift = 1; }, "zip.directory"},
        Case{"one_entry_too_few_announced",
             [](Archive& a) {
                 a.parts.push_back(directory_part("d/"));
                 a.count_here_shift = a.count_shift = -1;
             },
             "zip.directory"},
        Case{"directory_size", [](Archive& a) { a.directory_bytes_shift = 1; }, "zip.layout"},
        Case{"gap_before_end", [](Archive& a) { a.after_directory = {0}; }, "zip.layout"},
        Case{"gap_before_directory", [](Archive& a) { a.before_directory = {0}; }, "zip.layout"},
        Case{"zip64_mark_without_record", [](Archive& a) { a.count_shift = a.count_here_shift = 0xfffe; }, "zip.end"}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Entry, ZipStrict,
    testing::Values(Case{"signature", [](Archive& a) { first(a).signature ^= 1; }, "zip.directory"},
                    Case{"comment", [](Archive& a) { first(a).comment = 1; }, "zip.directory"},
                    Case{"disk", [](Archive& a) { first(a).disk = 1; }, "zip.directory"},
                    Case{"two_sizes", [](Archive& a) { first(a).size = 6; }, "zip.directory"},
                    Case{"directory_with_content", [](Archive& a) { first(a).name = "dir/"; }, "zip.directory"},
                    Case{"cut_extra",
                         [](Archive& a) {
                             first(a).extra = {1, 0, 8};
                         },
                         "zip.directory"},
                    Case{"long_extra",
                         [](Archive& a) {
                             first(a).extra = {9, 0, 8, 0};
                         },
                         "zip.directory"},
                    Case{"zip64_size_missing", [](Archive& a) { first(a).size = 0xffffffff; }, "zip.directory"},
                    Case{"encrypted", [](Archive& a) { first(a).flags = first(a).local_flags = 1; }, "zip.unsupported"},
                    Case{"method", [](Archive& a) { first(a).method = first(a).local_method = 12; }, "zip.unsupported"},
                    Case{"symlink",
                         [](Archive& a) {
                             first(a).made_by = 0x0314;
                             first(a).attributes = 0120777u << 16;
                         },
                         "zip.unsupported"},
                    Case{"device",
                         [](Archive& a) {
                             first(a).made_by = 0x0314;
                             first(a).attributes = 0060600u << 16;
                         },
                         "zip.unsupported"},
                    Case{"unnamed_charset", [](Archive& a) { first(a).name = "\xc3\xa9"; }, "zip.unsupported"},
                    Case{"absolute", [](Archive& a) { first(a).name = "/etc"; }, "zip.path"},
                    Case{"parent", [](Archive& a) { first(a).name = "a/../b"; }, "zip.path"},
                    Case{"dot", [](Archive& a) { first(a).name = "./b"; }, "zip.path"},
                    Case{"backslash", [](Archive& a) { first(a).name = "a\\b"; }, "zip.path"},
                    Case{"nul", [](Archive& a) { first(a).name = std::string("a\0b", 3); }, "zip.path"},
                    Case{"empty_name", [](Archive& a) { first(a).name = ""; }, "zip.path"},
                    Case{"only_slash", [](Archive& a) { first(a) = directory_part("/"); }, "zip.path"},
                    Case{"bad_utf8",
                         [](Archive& a) {
                             first(a).name = "\xc0\xaf";
                             first(a).flags = first(a).local_flags = 1 << 11;
                         },
                         "zip.path"},
                    Case{"deep",
                         [](Archive& a) {
                             for (int i = 0; i < 64; ++i) first(a).name = "d/" + first(a).name;
                         },
                         "zip.path"},
                    Case{"same_path_twice", [](Archive& a) { a.parts.push_back(first(a)); }, "zip.duplicate"},
                    Case{"same_directory_twice",
                         [](Archive& a) {
                             first(a) = directory_part("d/");
                             a.parts.push_back(first(a));
                         },
                         "zip.duplicate"},
                    Case{"file_and_directory", [](Archive& a) { a.parts.push_back(directory_part("a.txt/")); },
                         "zip.duplicate"},
                    Case{"below_a_file",
                         [](Archive& a) {
                             a.parts.push_back(first(a));
                             a.parts[1].name = "a.txt/b";
                         },
                         "zip.duplicate"},
                    Case{"file_over_implied_directory",
                         [](Archive& a) {
                             a.parts.push_back(first(a));
                             first(a).name = "a.txt/b";
                         },
                         "zip.duplicate"}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Local, ZipStrict,
    testing::Values(
        Case{"signature", [](Archive& a) { first(a).local_signature ^= 1; }, "zip.local_header"},
        Case{"flags", [](Archive& a) { first(a).local_flags = 1; }, "zip.local_header"},
        Case{"method", [](Archive& a) { first(a).local_method = 8; }, "zip.local_header"},
        Case{"crc", [](Archive& a) { first(a).local_crc ^= 1; }, "zip.local_header"},
        Case{"size", [](Archive& a) { first(a).local_size = 4; }, "zip.local_header"},
        Case{"packed", [](Archive& a) { first(a).local_packed = 4; }, "zip.local_header"},
        Case{"blank_without_descriptor",
             [](Archive& a) { first(a).local_crc = first(a).local_size = first(a).local_packed = 0; }, "zip.local_header"},
        Case{"other_name", [](Archive& a) { first(a).local_name = "b.txt"; }, "zip.local_header"},
        Case{"longer_name", [](Archive& a) { first(a).local_name = "a.txtt"; }, "zip.local_header"},
        Case{"cut_extra", [](Archive& a) { first(a).local_extra = {1}; }, "zip.local_header"},
        Case{"offset", [](Archive& a) { first(a).offset_shift = 1; }, "zip.layout"},
        Case{"overlap",
             [](Archive& a) {
                 a.parts.push_back(first(a));
                 a.parts[1].name = "b.txt";
                 a.parts[1].offset_shift = -1;
             },
             "zip.layout"},
        Case{"runs_into_directory",
             [](Archive& a) { first(a).size = first(a).packed_bytes = first(a).local_size = first(a).local_packed = 500; },
             "zip.layout"},
        Case{"descriptor_crc",
             [](Archive& a) {
                 make_descriptor(first(a), true);
                 first(a).descriptor[4] ^= 1;
             },
             "zip.descriptor"},
        Case{"descriptor_size",
             [](Archive& a) {
                 make_descriptor(first(a), false);
                 first(a).descriptor[8] ^= 1;
             },
             "zip.descriptor"},
        Case{"descriptor_missing",
             [](Archive& a) {
                 make_descriptor(first(a), false);
                 first(a).descriptor.clear();
             },
             "zip.descriptor"},
        Case{"wrong_crc", [](Archive& a) { first(a).crc = first(a).local_crc ^= 1; }, "zip.crc"},
        Case{"not_deflate",
             [](Archive& a) {
                 first(a).method = first(a).local_method = 8;
                 first(a).packed = {0xff, 0xff, 0xff, 0xff, 0xff};
             },
             "zip.deflate"},
        Case{"deflate_cut",
             [](Archive& a) {
                 first(a) = deflated("cut me");
                 first(a).packed.pop_back();
                 first(a).packed_bytes--;
                 first(a).local_packed--;
             },
             "zip.deflate"},
        Case{"deflate_tail",
             [](Archive& a) {
                 first(a) = deflated("x");
                 first(a).packed.push_back(0);
                 first(a).packed_bytes++;
                 first(a).local_packed++;
             },
             "zip.deflate"},
        Case{"deflate_longer",
             [](Archive& a) {
                 first(a) = deflated("longer");
                 first(a).size = first(a).local_size = 5;
             },
             "zip.size"},
        Case{"deflate_shorter",
             [](Archive& a) {
                 first(a) = deflated("short");
                 first(a).size = first(a).local_size = 6;
             },
             "zip.size"}),
    [](const auto& test) { return std::string(test.param.name); });

struct LimitCase {
    const char* name;
    ZipLimits limits;
};
class ZipBounds : public testing::TestWithParam<LimitCase> {};

TEST_P(ZipBounds, AreChecked)
{
    Archive archive;
    archive.parts.push_back(directory_part("dir/"));
    const Bytes bytes = encode(archive);
    EXPECT_EQ(verdict(bytes), "");
    EXPECT_EQ(verdict(bytes, GetParam().limits), "zip.limit");
}
INSTANTIATE_TEST_SUITE_P(Zip, ZipBounds,
                         testing::Values(LimitCase{"entries", {.max_entries = 1}}, LimitCase{"path", {.max_path_bytes = 4}},
                                         LimitCase{"directory", {.max_directory_bytes = 99}},
                                         LimitCase{"total", {.max_total_bytes = 4}}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ZipReader, ReadRefusesMoreThanItsLimit)
{
    const Bytes bytes = encode(Archive{});
    const auto reader = ZipReader::open(random_source(bytes));
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->read(reader->entries().front(), 4).error().reason, "zip.limit");
    EXPECT_EQ(to_text(*reader->read(reader->entries().front(), 5)), "hello");
    EXPECT_EQ(reader->find("nothing"), nullptr);
}

TEST(ZipReader, EveryPrefixOfAnArchiveIsRefused)
{
    const Bytes bytes = encode(Archive{});
    for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_NE(verdict(ByteView(bytes).first(size)), "") << size;
}

TEST(ZipWriter, WritesWhatTheReaderReads)
{
    Bytes archive;
    ZipWriter writer(append_to(archive, 1 << 20));
    const Bytes big(200'000, 7);
    ASSERT_TRUE(writer.add_directory("nested"));
    ASSERT_TRUE(writer.add_stored("nested/a", as_bytes("in memory")));
    ASSERT_TRUE(writer.add_stored("\xc3\xa9", big.size(), byte_source(big)));
    ASSERT_TRUE(writer.add_deflated("deflated", big.size(), byte_source(big)));
    ASSERT_TRUE(writer.add_stored("empty", 0, byte_source(ByteView{})));
    ASSERT_TRUE(writer.add_deflated("empty.z", 0, byte_source(ByteView{})));
    ASSERT_TRUE(writer.finish());

    const auto reader = ZipReader::open(random_source(archive));
    ASSERT_TRUE(reader) << reader.error().detail;
    std::vector<std::string> paths;
    paths.reserve(reader->entries().size());
    for (const ZipEntry& entry : reader->entries()) paths.push_back(entry.path);
    EXPECT_THAT(paths, ElementsAre("nested", "nested/a", "\xc3\xa9", "deflated", "empty", "empty.z"));
    EXPECT_EQ(to_text(*reader->read(*reader->find("nested/a"), 100)), "in memory");
    EXPECT_EQ(*reader->read(*reader->find("\xc3\xa9"), 1 << 20), big);
    EXPECT_EQ(*reader->read(*reader->find("deflated"), 1 << 20), big);
    EXPECT_LT(reader->find("deflated")->packed_bytes, 1000u);
    EXPECT_EQ(verdict(archive), "");
}

TEST(ZipWriter, SmallObjectHasTheSizeDataProtectorGivesIt)
{
    Bytes archive;
    ZipWriter writer(append_to(archive, 1 << 20));
    const Bytes content = {5, 0, 0, 0, 'a', '@', 'b', '.', 'c'};
    ASSERT_TRUE(writer.add_stored("email", content));
    ASSERT_TRUE(writer.finish());
    EXPECT_EQ(archive.size(), 117u);
}

TEST(ZipWriter, RefusesWhatItCannotKeep)
{
    Bytes archive;
    ZipWriter writer(append_to(archive, 1 << 20));
    const ByteView five = as_bytes("12345");
    EXPECT_EQ(writer.add_stored("../up", five).error().reason, "zip.path");
    EXPECT_TRUE(writer.add_stored("a", five));
    EXPECT_EQ(writer.add_stored("a", five).error().reason, "zip.duplicate");
    EXPECT_EQ(writer.add_stored("b", 4, byte_source(five)).error().reason, "zip.source_size");
    EXPECT_EQ(writer.add_deflated("c", 6, byte_source(five)).error().reason, "zip.source_size");
    EXPECT_TRUE(writer.finish());
    EXPECT_EQ(writer.finish().error().reason, "zip.finished");
    EXPECT_EQ(writer.add_directory("d").error().reason, "zip.finished");
}

TEST(ZipWriter, StopsWhenTheSinkFails)
{
    ZipWriter writer([](ByteView) -> Status { return fail(ErrorKind::unavailable, "test.full"); });
    EXPECT_EQ(writer.add_stored("a", as_bytes("x")).error().reason, "test.full");
}

/// A sink that keeps only the first and last bytes of a huge archive, and a source that reads them back.
class SparseArchive {
public:
    ByteSink sink()
    {
        return [this](ByteView bytes) -> Status {
            const bool interesting = bytes.size() < 60'000;
            if (interesting) pieces_.emplace_back(size_, to_bytes(bytes));
            size_ += bytes.size();
            return {};
        };
    }
    RandomSource source() const
    {
        return {size_, [this](std::uint64_t offset, std::span<std::uint8_t> out) -> Status {
                    std::ranges::fill(out, std::uint8_t{0});
                    for (const auto& [start, bytes] : pieces_)
                        for (std::size_t i = 0; i < bytes.size(); ++i)
                            if (start + i >= offset && start + i - offset < out.size()) out[start + i - offset] = bytes[i];
                    return {};
                }};
    }

private:
    std::uint64_t size_ = 0;
    std::vector<std::pair<std::uint64_t, Bytes>> pieces_;
};

ByteSource zeros(std::uint64_t size)
{
    return [left = size](std::span<std::uint8_t> out) mutable -> Result<std::size_t> {
        const auto more = static_cast<std::size_t>(std::min<std::uint64_t>(left, out.size()));
        left -= more;  // the writer's buffer is zero from the start
        return more;
    };
}

TEST(Zip64, IsWrittenAndReadWhenAnEntryPassesFourGibibytes)
{
    constexpr std::uint64_t kSize = (std::uint64_t{4} << 30) + 5;
    SparseArchive sparse;
    ZipWriter writer(sparse.sink());
    ASSERT_TRUE(writer.add_stored("big", kSize, zeros(kSize)));
    ASSERT_TRUE(writer.add_stored("behind", as_bytes("it")));
    ASSERT_TRUE(writer.finish());
    const auto reader = ZipReader::open(sparse.source());
    ASSERT_TRUE(reader) << reader.error().reason << reader.error().detail;
    EXPECT_EQ(reader->find("big")->size_bytes, kSize);
    EXPECT_EQ(to_text(*reader->read(*reader->find("behind"), 10)), "it");
}

TEST(Zip64, ManyEntriesUseTheWideEndRecord)
{
    Bytes archive;
    ZipWriter writer(append_to(archive, 64 << 20));
    for (int i = 0; i < 65'535; ++i) ASSERT_TRUE(writer.add_stored(std::to_string(i), ByteView{}));
    ASSERT_TRUE(writer.finish());
    EXPECT_EQ(verdict(archive), "zip.limit");
    EXPECT_EQ(verdict(archive, {.max_entries = 70'000}), "");
    Bytes bent = archive;
    bent[bent.size() - 22 - 20 - 56] ^= 1;  // zip64 end record
    EXPECT_EQ(verdict(bent, {.max_entries = 70'000}), "zip.end");
    bent = archive;
    bent[bent.size() - 22 - 20] ^= 1;  // its locator
    EXPECT_EQ(verdict(bent, {.max_entries = 70'000}), "zip.end");
    bent = archive;
    bent[bent.size() - 22 + 12] ^= 1;  // the narrow record's own directory size
    EXPECT_EQ(verdict(bent, {.max_entries = 70'000}), "zip.end");
}

}  // namespace
}  // namespace iapp::codec
