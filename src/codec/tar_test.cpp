#include "codec/tar.hpp"

#include <gtest/gtest.h>

#include "support/tar_builder.hpp"

namespace iapp::codec {
namespace {

using test::TarBuilder;

struct Item {
    TarEntry entry;
    std::string content;
};

Result<std::vector<Item>> read_all(const Bytes& archive, const TarLimits& limits = {})
{
    TarReader reader(byte_source(archive), limits);
    std::vector<Item> out;
    for (;;) {
        TRY(auto entry, reader.next());
        if (!entry) return out;
        std::string content;
        std::array<std::uint8_t, 100> buffer;
        for (std::size_t got = 1; got != 0;) {
            TRY(got, reader.read(buffer));
            content += as_text(ByteView(buffer).first(got));
        }
        out.push_back({*std::move(entry), std::move(content)});
    }
}

std::string reason(const Bytes& archive, const TarLimits& limits = {})
{
    const auto result = read_all(archive, limits);
    return result ? "" : std::string(result.error().reason);
}

TEST(Tar, ReadsFilesFoldersAndLinks)
{
    const auto items = read_all(TarBuilder()
                                    .folder("./")
                                    .folder("./bin/")
                                    .file("./bin/app", std::string(1000, 'x'), 04755)
                                    .symlink("bin/sh", "../../etc//passwd")
                                    .hard_link("bin/app2", "./bin//app")
                                    .add({.name = "dev/null", .type = '3'})
                                    .finish());
    ASSERT_TRUE(items) << items.error().detail;
    ASSERT_EQ(items->size(), 6U);
    EXPECT_EQ((*items)[0].entry.path, ".");
    EXPECT_EQ((*items)[1].entry.path, "bin");
    EXPECT_EQ((*items)[1].entry.kind, TarKind::directory);
    EXPECT_EQ((*items)[2].entry.mode, 04755U);
    EXPECT_EQ((*items)[2].content, std::string(1000, 'x'));
    EXPECT_EQ((*items)[3].entry.link_target, "../../etc//passwd");
    EXPECT_EQ((*items)[4].entry.link_target, "bin/app");
    EXPECT_EQ((*items)[5].entry.kind, TarKind::character_device);
}

TEST(Tar, SkipsContentNobodyReads)
{
    const Bytes archive = TarBuilder().file("a", std::string(5000, 'x')).file("b", "2").finish();
    TarReader reader(byte_source(archive));
    EXPECT_EQ((*reader.next())->path, "a");
    EXPECT_EQ((*reader.next())->path, "b");
    EXPECT_FALSE(*reader.next());
    EXPECT_FALSE(*reader.next());
}

TEST(Tar, ReadsPaxAndGnuExtensions)
{
    const std::string long_name(300, 'n');
    const auto items =
        read_all(TarBuilder()
                     .add({.name = "g", .type = 'g', .content = TarBuilder::pax_record("comment", "hello")})
                     .add({.name = "x",
                           .type = 'x',
                           .content = TarBuilder::pax_record("path", long_name) + TarBuilder::pax_record("uid", "70000") +
                                      TarBuilder::pax_record("mtime", "1.5")})
                     .file("short", "1")
                     .add({.name = "././@LongLink", .type = 'L', .content = long_name + "2" + '\0'})
                     .file("short", "2")
                     .add({.name = "x", .type = 'x', .content = TarBuilder::pax_record("linkpath", long_name)})
                     .symlink("s", "cut")
                     .finish());
    ASSERT_TRUE(items) << items.error().detail;
    EXPECT_EQ((*items)[0].entry.path, long_name);
    EXPECT_EQ((*items)[0].entry.uid, 70000U);
    EXPECT_EQ((*items)[1].entry.path, long_name + "2");
    EXPECT_EQ((*items)[2].entry.link_target, long_name);
}

TEST(Tar, JoinsTheUstarPrefix)
{
    auto header = TarBuilder::header({.name = "file"}, 0);
    std::memcpy(header.data() + 345, "some/folder", 11);
    TarBuilder::sign(header);
    EXPECT_EQ((*read_all(TarBuilder().raw(header).finish()))[0].entry.path, "some/folder/file");
}

/// A good header with one field overwritten, the checksum made right again unless told.
Bytes bent(std::size_t offset, std::string_view text, bool sign = true)
{
    auto header = TarBuilder::header({.name = "file"}, 0);
    std::memcpy(header.data() + offset, text.data(), text.size());
    if (sign) TarBuilder::sign(header);
    return TarBuilder().raw(header).finish();
}

Bytes pax(const std::string& content)
{
    return TarBuilder().add({.name = "x", .type = 'x', .content = content}).file("a", "").finish();
}

Bytes cut(Bytes archive, std::size_t by)
{
    archive.resize(archive.size() - by);
    return archive;
}

struct Case {
    const char* name;
    Bytes archive;
    std::string_view reason;
};
class TarRefuses : public testing::TestWithParam<Case> {};

TEST_P(TarRefuses, NamesTheRule) { EXPECT_EQ(reason(GetParam().archive), GetParam().reason); }

INSTANTIATE_TEST_SUITE_P(
    Tar, TarRefuses,
    testing::Values(
        Case{"nothing", {}, "tar.truncated"}, Case{"no_end_mark", TarBuilder().file("a", "1").unfinished(), "tar.truncated"},
        Case{"half_end_mark", cut(TarBuilder().finish(), 512), "tar.truncated"},
        Case{"inside_a_block", cut(TarBuilder().finish(), 100), "tar.truncated"},
        Case{"inside_a_file", cut(TarBuilder().file("a", std::string(2000, 'x')).unfinished(), 1024), "tar.truncated"},
        Case{"data_after_the_end", TarBuilder().raw(TarBuilder().finish()).file("hidden", "1").finish(), "tar.trailing"},
        Case{"checksum", bent(0, "other", false), "tar.checksum"},
        Case{"magic", bent(257, std::string_view("\0\0\0\0\0\0\0\0", 8)), "tar.magic"},
        Case{"number_not_octal", bent(100, "00009"), "tar.number"},
        Case{"number_with_junk", bent(124, "0 junk"), "tar.number"},
        Case{"negative_number", bent(124, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), "tar.number"},
        Case{"huge_number", bent(124, "\x80\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), "tar.number"},
        Case{"huge_uid", bent(108, std::string_view("\x80\0\0\1\0\0\0\0", 8)), "tar.number"},
        Case{"absolute", TarBuilder().file("/etc/passwd", "").finish(), "tar.path"},
        Case{"parent", TarBuilder().file("a/../../b", "").finish(), "tar.path"},
        Case{"empty_name", TarBuilder().file("", "").finish(), "tar.path"},
        Case{"hard_link_out", TarBuilder().hard_link("a", "../b").finish(), "tar.path"},
        Case{"hard_link_absolute", TarBuilder().hard_link("a", "/etc/shadow").finish(), "tar.path"},
        Case{"symlink_to_nothing", TarBuilder().symlink("a", "").finish(), "tar.path"},
        Case{"nul_in_pax_path", pax(TarBuilder::pax_record("path", std::string("a\0b", 3))), "tar.path"},
        Case{"sparse", TarBuilder().add({.name = "a", .type = 'S'}).finish(), "tar.type"},
        Case{"multi_volume", TarBuilder().add({.name = "a", .type = 'M'}).finish(), "tar.type"},
        Case{"pax_sparse", pax(TarBuilder::pax_record("GNU.sparse.major", "1")), "tar.type"},
        Case{"folder_with_content", TarBuilder().add({.name = "a", .type = '5', .content = "x"}).finish(), "tar.size"},
        Case{"pax_length_short", pax("5 path=a\n"), "tar.pax"}, Case{"pax_length_long", pax("99 path=a\n"), "tar.pax"},
        Case{"pax_no_newline", pax("9 path=ab"), "tar.pax"}, Case{"pax_no_key", pax("5 =a\n"), "tar.pax"},
        Case{"pax_bad_size", pax(TarBuilder::pax_record("size", "1x")), "tar.pax"},
        Case{"pax_for_nothing",
             TarBuilder().add({.name = "x", .type = 'x', .content = TarBuilder::pax_record("path", "a")}).finish(),
             "tar.pax"},
        Case{"global_path",
             TarBuilder()
                 .add({.name = "g", .type = 'g', .content = TarBuilder::pax_record("path", "a")})
                 .file("b", "")
                 .finish(),
             "tar.pax"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Tar, KeepsItsLimits)
{
    const Bytes archive = TarBuilder().file("a", std::string(600, 'x')).file("b", std::string(600, 'x')).finish();
    EXPECT_EQ(reason(archive, {.entries = 2, .total_bytes = 1200}), "");
    EXPECT_EQ(reason(archive, {.entries = 1}), "tar.limit");
    EXPECT_EQ(reason(archive, {.total_bytes = 1199}), "tar.limit");
    EXPECT_EQ(reason(pax(TarBuilder::pax_record("comment", std::string(200, 'x'))), {.pax_bytes = 100}), "tar.limit");
    EXPECT_EQ(reason(archive, {.path_bytes = 0}), "tar.path");
}

TEST(Tar, StaysBrokenAfterAnError)
{
    const Bytes archive = TarBuilder().file("/a", "").file("b", "").finish();
    TarReader reader(byte_source(archive));
    EXPECT_EQ(reader.next().error().reason, "tar.path");
    EXPECT_EQ(reader.next().error().reason, "tar.path");
}

}  // namespace
}  // namespace iapp::codec
