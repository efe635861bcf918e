#include "runtime/unpack.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include "support/oci_builder.hpp"

namespace iapp::runtime {
namespace {

using test::TarBuilder;
using test::TempFolder;

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

Bytes gzip(const Bytes& plain)
{
    z_stream stream = {};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    Bytes out(deflateBound(&stream, plain.size()) + 64);
    stream.next_in = const_cast<std::uint8_t*>(plain.data());
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

Bytes zstd(const Bytes& plain)
{
    Bytes out(ZSTD_compressBound(plain.size()));
    out.resize(ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 3));
    return out;
}

class Unpack : public testing::Test {
protected:
    Unpack()
    {
        test::fs::create_directory(folder_.path("root"));
        std::ofstream(folder_.path("outside")) << "outside";
        if (::geteuid() != 0) return;
        auto rootfs = Rootfs::create(folder_.path("root"), {}, {.bytes = 1 << 20, .entries = 100});
        EXPECT_TRUE(rootfs);
        rootfs_.emplace(std::move(*rootfs));
    }
    void SetUp() override
    {
        if (!rootfs_) GTEST_SKIP() << "needs root";
    }
    void TearDown() override
    {
        EXPECT_EQ(test::read_file(folder_.path("outside")), "outside");
        EXPECT_EQ(std::distance(test::fs::directory_iterator(folder_.path()), {}), 2)
            << "something was made outside the root";
    }

    Status apply(const Bytes& tar) { return apply_packed(tar, tar, oci::LayerCompression::none); }
    Status apply_packed(const Bytes& packed, const Bytes& tar, oci::LayerCompression compression)
    {
        return rootfs_->apply(codec::byte_source(packed), compression, oci::Digest::of(tar));
    }
    std::string in_root(std::string_view path) const { return folder_.path("root/" + std::string(path)); }
    struct stat look(std::string_view path) const
    {
        struct stat info = {};
        EXPECT_EQ(::lstat(in_root(path).c_str(), &info), 0) << path;
        return info;
    }

    TempFolder folder_;
    std::optional<Rootfs> rootfs_;
};

TEST_F(Unpack, WritesFilesFoldersAndLinks)
{
    const auto done = apply(TarBuilder()
                                .folder("etc", 01777)
                                .add({.name = "etc/passwd", .content = "root:x:0:0", .mode = 0640, .uid = 7, .gid = 8})
                                .file("made/on/the/way", "1")
                                .hard_link("etc/passwd2", "etc/passwd")
                                .symlink("etc/link", "/outside/of/everything")
                                .finish());
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_EQ(look("etc/passwd").st_uid, 100'007U);
    EXPECT_EQ(look("etc/passwd").st_gid, 100'008U);
    EXPECT_EQ(look("etc/passwd").st_mode & 07777, 0640U);
    EXPECT_EQ(look("etc/passwd").st_mtime, 1'700'000'000);
    EXPECT_EQ(look("etc/passwd").st_nlink, 2U);
    EXPECT_EQ(look("etc").st_mode & 07777, 01777U);
    EXPECT_EQ(look("made/on/the").st_uid, 100'000U);
    EXPECT_EQ(test::fs::read_symlink(in_root("etc/link")), "/outside/of/everything");
    EXPECT_EQ(*rootfs_->read_text("etc/passwd"), "root:x:0:0");
    EXPECT_EQ(*rootfs_->read_text("etc/none"), "");
    EXPECT_EQ(reason(rootfs_->read_text("etc/link")), "unpack.file");
    EXPECT_EQ(reason(rootfs_->read_text("etc")), "unpack.file");
}

TEST_F(Unpack, DropsSetIdBitsAndDevicesOfDev)
{
    ASSERT_TRUE(apply(TarBuilder()
                          .file("su", "", 06755)
                          .add({.name = "dev/sda", .type = '4'})
                          .add({.name = "dev/pipe", .type = '6'})
                          .finish()));
    EXPECT_EQ(look("su").st_mode & 07777, 0755U);
    EXPECT_FALSE(test::fs::exists(in_root("dev/sda")));
}

TEST_F(Unpack, ReadsGzipAndZstdInSeveralPieces)
{
    const Bytes first = TarBuilder().file("a", std::string(100'000, 'a')).unfinished();
    const Bytes rest = TarBuilder().file("b", std::string(70'000, 'b')).finish();
    Bytes tar = first, packed = gzip(first), packed_zstd = zstd(first);
    append(tar, rest);
    append(packed, gzip(rest));
    append(packed_zstd, zstd(rest));
    EXPECT_TRUE(apply_packed(packed, tar, oci::LayerCompression::gzip));
    EXPECT_EQ(test::read_file(in_root("b")), std::string(70'000, 'b'));
    EXPECT_TRUE(apply_packed(packed_zstd, tar, oci::LayerCompression::zstd));
}

TEST_F(Unpack, LaterLayersReplaceAndHide)
{
    ASSERT_TRUE(apply(TarBuilder()
                          .file("a", "1")
                          .file("b", "1")
                          .file("d/x", "1")
                          .file("d/y", "1")
                          .file("f/old", "1")
                          .symlink("l", "d")
                          .finish()));
    ASSERT_TRUE(apply(TarBuilder()
                          .file("a", "2")              // replaces a file
                          .file(".wh.b", "")           // hides a file
                          .file("d/new", "2")          // before the opaque mark: stays
                          .file("d/.wh..wh..opq", "")  // hides what d had
                          .file("f", "2")              // a file in the place of a folder
                          .folder("l")                 // a folder in the place of a link
                          .file(".wh.none", "")        // hides nothing
                          .file("n/o/.wh.x", "")       // in a folder that is not there
                          .file("keep", "2")
                          .file(".wh.keep", "")  // a whiteout hides lower layers only
                          .finish()));
    EXPECT_EQ(test::read_file(in_root("a")), "2");
    EXPECT_FALSE(test::fs::exists(in_root("b")));
    EXPECT_TRUE(test::fs::exists(in_root("d/new")));
    EXPECT_FALSE(test::fs::exists(in_root("d/x")) || test::fs::exists(in_root("d/y")));
    EXPECT_EQ(test::read_file(in_root("f")), "2");
    EXPECT_TRUE(test::fs::is_directory(test::fs::symlink_status(in_root("l"))));
    EXPECT_TRUE(test::fs::exists(in_root("keep")));
    EXPECT_FALSE(test::fs::exists(in_root("n")));
}

TEST_F(Unpack, RewritingAFileLeavesItsOtherNamesAlone)
{
    ASSERT_TRUE(apply(TarBuilder().file("a", "old").hard_link("b", "a").finish()));
    ASSERT_TRUE(apply(TarBuilder().file("a", "new").finish()));
    EXPECT_EQ(test::read_file(in_root("b")), "old");
}

TEST_F(Unpack, MakesMountPointsInThePlaceOfAnything)
{
    constexpr std::string_view kFolders[] = {"proc", "tmp"};
    ASSERT_TRUE(apply(TarBuilder().symlink("proc", "../../outside").file("tmp", "x").finish()));
    ASSERT_TRUE(rootfs_->add_folders(kFolders));
    EXPECT_TRUE(test::fs::is_directory(test::fs::symlink_status(in_root("proc"))));
    EXPECT_TRUE(test::fs::is_directory(test::fs::symlink_status(in_root("tmp"))));
}

struct Attack {
    const char* name;
    Bytes tar;
    std::string_view reason;
};
class UnpackRefuses : public Unpack, public testing::WithParamInterface<Attack> {};

TEST_P(UnpackRefuses, NamesTheRule)
{
    const auto done = apply(GetParam().tar);
    EXPECT_EQ(reason(done), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Attacks, UnpackRefuses,
    testing::Values(
        Attack{"dot_dot", TarBuilder().file("../outside", "x").finish(), "tar.path"},
        Attack{"absolute", TarBuilder().file("/etc/passwd", "x").finish(), "tar.path"},
        Attack{"write_through_symlink", TarBuilder().symlink("d", "..").file("d/outside", "x").finish(), "unpack.path"},
        Attack{"write_through_absolute_symlink", TarBuilder().symlink("d", "/tmp").file("d/x", "x").finish(), "unpack.path"},
        Attack{"write_through_inner_symlink", TarBuilder().folder("r").symlink("d", "r").file("d/x", "x").finish(),
               "unpack.path"},
        Attack{"folder_through_symlink", TarBuilder().symlink("d", "..").folder("d/new").finish(), "unpack.path"},
        Attack{"whiteout_through_symlink", TarBuilder().symlink("d", "..").file("d/.wh.outside", "").finish(),
               "unpack.path"},
        Attack{"opaque_through_symlink", TarBuilder().symlink("d", "..").file("d/.wh..wh..opq", "").finish(), "unpack.path"},
        Attack{"file_as_folder", TarBuilder().file("f", "x").file("f/x", "x").finish(), "unpack.path"},
        Attack{"hard_link_out", TarBuilder().hard_link("x", "../outside").finish(), "tar.path"},
        Attack{"hard_link_through_symlink", TarBuilder().symlink("d", "..").hard_link("x", "d/outside").finish(),
               "unpack.path"},
        Attack{"hard_link_to_nothing", TarBuilder().hard_link("x", "none").finish(), "unpack.hard_link"},
        Attack{"hard_link_to_folder", TarBuilder().folder("d").hard_link("x", "d").finish(), "unpack.hard_link"},
        Attack{"block_device", TarBuilder().add({.name = "disk", .type = '4'}).finish(), "unpack.device"},
        Attack{"character_device", TarBuilder().add({.name = "etc/mem", .type = '3'}).finish(), "unpack.device"},
        Attack{"fifo", TarBuilder().add({.name = "pipe", .type = '6'}).finish(), "unpack.device"},
        Attack{"owner", TarBuilder().add({.name = "a", .uid = 65'536}).finish(), "unpack.owner"},
        Attack{"group", TarBuilder().add({.name = "a", .gid = 65'536}).finish(), "unpack.owner"},
        Attack{"whiteout_of_nothing", TarBuilder().file(".wh.", "").finish(), "unpack.whiteout"},
        Attack{"whiteout_of_dot_dot", TarBuilder().file("d/.wh...", "").finish(), ""},  // d is not there: nothing to hide
        Attack{"whiteout_of_parent", TarBuilder().folder("d").file("d/.wh...", "").finish(), "unpack.whiteout"},
        Attack{"whiteout_of_whiteout", TarBuilder().file(".wh..wh.plnk", "").finish(), "unpack.whiteout"},
        Attack{"too_many_bytes", TarBuilder().file("a", std::string((1 << 20) + 1, 'x')).finish(), "tar.limit"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(Unpack, CountsEntriesAndBytesOverAllLayers)
{
    ASSERT_TRUE(apply(TarBuilder().file("a", std::string(600'000, 'x')).finish()));
    EXPECT_EQ(reason(apply(TarBuilder().file("b", std::string(600'000, 'x')).finish())), "tar.limit");
}

TEST_F(Unpack, RefusesABombOfZerosAfterTheEnd)
{
    Bytes tar = TarBuilder().finish();
    tar.resize(64u << 20);
    EXPECT_EQ(reason(apply_packed(gzip(tar), tar, oci::LayerCompression::gzip)), "unpack.limit");
    EXPECT_EQ(reason(apply_packed(zstd(tar), tar, oci::LayerCompression::zstd)), "unpack.limit");
}

TEST_F(Unpack, RefusesDamage)
{
    const Bytes tar = TarBuilder().file("a", "1").finish();
    Bytes cut_gzip = gzip(tar), cut_zstd = zstd(tar), trailing = gzip(tar);
    cut_gzip.resize(cut_gzip.size() - 3);
    cut_zstd.resize(cut_zstd.size() - 3);
    append(trailing, as_bytes("junk"));
    EXPECT_EQ(reason(apply_packed(cut_gzip, tar, oci::LayerCompression::gzip)), "unpack.compression");
    EXPECT_EQ(reason(apply_packed(cut_zstd, tar, oci::LayerCompression::zstd)), "unpack.compression");
    EXPECT_EQ(reason(apply_packed(trailing, tar, oci::LayerCompression::gzip)), "unpack.compression");
    EXPECT_EQ(reason(apply_packed(tar, tar, oci::LayerCompression::gzip)), "unpack.compression");
    EXPECT_EQ(reason(apply_packed(tar, tar, oci::LayerCompression::zstd)), "unpack.compression");
    EXPECT_EQ(reason(apply_packed({}, tar, oci::LayerCompression::gzip)), "unpack.compression");
}

TEST_F(Unpack, RefusesAnotherDiffId)
{
    const Bytes tar = TarBuilder().file("a", "1").finish();
    EXPECT_EQ(reason(apply_packed(tar, TarBuilder().file("a", "2").finish(), oci::LayerCompression::none)),
              "unpack.diff_id");
}

TEST_F(Unpack, WantsAnEmptyFolder)
{
    ASSERT_TRUE(apply(TarBuilder().file("a", "1").finish()));
    EXPECT_EQ(reason(Rootfs::create(folder_.path("root"), {})), "unpack.root");
    EXPECT_EQ(reason(Rootfs::create(folder_.path("none"), {})), "unpack.root");
}

}  // namespace
}  // namespace iapp::runtime
