#include "agent/internal/output_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "crypto/hash.hpp"
#include "support/oci_builder.hpp"

namespace iapp::agent {
namespace {

Bytes concat(const Hash256& a, const Hash256& b)
{
    Bytes out = to_bytes(a.bytes());
    append(out, b.bytes());
    return out;
}

class OutputFolderTest : public testing::Test {
protected:
    OutputFolderTest() : folder_(*OutputFolder::open(make()))
    {
        write("result.txt", "result");
        write("d/a", "A");
        write("d/b", "B");
        write("d/sub/c", "C");
        write("d/empty", "");
        write("secret/file", "outside", temp_.path());
    }

    std::string make()
    {
        test::fs::create_directory(temp_.path("out"));
        return temp_.path("out");
    }
    void write(const std::string& path, const std::string& text) { write(path, text, temp_.path("out")); }
    static void write(const std::string& path, const std::string& text, const std::string& below)
    {
        test::fs::create_directories(test::fs::path(below + '/' + path).parent_path());
        std::ofstream(below + '/' + path) << text;
    }
    std::string out(const std::string& path) const { return temp_.path("out/" + path); }

    std::string fault(const std::string& path) const
    {
        const auto digest = folder_.digest(path);
        return digest ? "" : std::string(digest.error().id);
    }

    test::TempFolder temp_;
    OutputFolder folder_;
};

TEST_F(OutputFolderTest, DigestsAFile)
{
    for (const auto* path : {"/iexec_out/result.txt", "/iexec_out//./result.txt", "/iexec_out/result.txt/"})
        EXPECT_EQ(folder_.digest(path).value_or(Hash256::zero()), crypto::sha256(as_bytes("result"))) << path;
}

/// Only direct children with content count: not sub-folders, not empty files, not links.
TEST_F(OutputFolderTest, DigestsTheDirectFilesOfAFolder)
{
    test::fs::create_symlink("../result.txt", out("d/link"));
    ASSERT_EQ(::mkfifo(out("d/pipe").c_str(), 0600), 0);
    const auto expected = crypto::keccak256(concat(crypto::sha256(as_bytes("A")), crypto::sha256(as_bytes("B"))));
    EXPECT_EQ(folder_.digest("/iexec_out/d").value_or(Hash256::zero()), expected);
    EXPECT_EQ(folder_.digest("/iexec_out").value_or(Hash256::zero()),
              crypto::keccak256(crypto::sha256(as_bytes("result")).bytes()));
}

struct Case {
    const char* name;
    const char* path;
    const char* fault;
};
class OutputPath : public OutputFolderTest, public testing::WithParamInterface<Case> {};

TEST_P(OutputPath, IsRefusedByName)
{
    test::fs::create_symlink("result.txt", out("link"));
    test::fs::create_symlink("/etc", out("etc"));
    test::fs::create_symlink("..", out("up"));
    ASSERT_EQ(::mkfifo(out("pipe").c_str(), 0600), 0);
    test::fs::create_directory(out("nothing"));
    EXPECT_EQ(fault(GetParam().path), GetParam().fault);
}

INSTANTIATE_TEST_SUITE_P(Rules, OutputPath,
                         testing::Values(Case{"good", "/iexec_out/result.txt", ""},
                                         Case{"empty_text", "", "app.output_path"},
                                         Case{"relative", "result.txt", "app.output_path"},
                                         Case{"elsewhere", "/etc/passwd", "app.output_path"},
                                         Case{"same_prefix", "/iexec_output/x", "app.output_path"},
                                         Case{"dot_dot", "/iexec_out/../secret/file", "app.output_path"},
                                         Case{"dot_dot_inside", "/iexec_out/d/../result.txt", "app.output_path"},
                                         Case{"missing", "/iexec_out/none", "app.output_path"},
                                         Case{"symlink", "/iexec_out/link", "app.output_path"},
                                         Case{"symlink_out", "/iexec_out/etc/passwd", "app.output_path"},
                                         Case{"symlink_up", "/iexec_out/up/secret/file", "app.output_path"},
                                         Case{"fifo", "/iexec_out/pipe", "app.output_path"},
                                         Case{"empty_file", "/iexec_out/d/empty", "app.output_empty"},
                                         Case{"empty_folder", "/iexec_out/nothing", "app.output_empty"}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(OutputFolderTest, ListsRegularFilesOnly)
{
    test::fs::create_symlink("/etc/passwd", out("link"));
    ASSERT_EQ(::mkfifo(out("pipe").c_str(), 0600), 0);
    const auto files = folder_.list();
    ASSERT_TRUE(files);
    std::vector<std::string> paths;
    for (const auto& file : *files) paths.push_back(file.path);
    EXPECT_EQ(paths, (std::vector<std::string>{"d/a", "d/b", "d/empty", "d/sub/c", "result.txt"}));
    EXPECT_EQ(files->front().sha256, crypto::sha256(as_bytes("A")));
}

TEST_F(OutputFolderTest, RefusesNamesSizesAndDepthsNoResultHas)
{
    write("d/" + std::string(32, 'n'), "x");
    EXPECT_EQ(folder_.list().error().id, "app.output_name");
    test::fs::remove(out("d/" + std::string(32, 'n')));

    write("big", "x");
    ASSERT_EQ(::truncate(out("big").c_str(), (1L << 30) + 1), 0);
    EXPECT_EQ(folder_.list().error().id, "app.output_size");
    EXPECT_EQ(fault("/iexec_out/big"), "app.output_size");
    EXPECT_EQ(fault("/iexec_out"), "app.output_size");
    test::fs::remove(out("big"));

    std::string deep = "x";
    for (int i = 0; i < 40; ++i) deep += "/x";
    write(deep, "x");
    EXPECT_EQ(folder_.list().error().id, "app.output_files");
}

TEST_F(OutputFolderTest, ReadsComputedJsonButNotThroughALink)
{
    EXPECT_EQ(folder_.read_computed_json(3).error().text, "the app ended with exit 3 and left no usable computed.json");
    test::fs::create_symlink("/etc/passwd", out("computed.json"));
    EXPECT_EQ(folder_.read_computed_json(0).error().id, "app.no_result");
    test::fs::remove(out("computed.json"));
    write("computed.json", "{}");
    EXPECT_EQ(*folder_.read_computed_json(0), "{}");
    ASSERT_EQ(::truncate(out("computed.json").c_str(), 2 << 20), 0);
    EXPECT_EQ(folder_.read_computed_json(0).error().id, "app.no_result");
}

TEST_F(OutputFolderTest, ReplacesEverything)
{
    test::fs::create_symlink(temp_.path("secret"), out("link"));
    ASSERT_TRUE(folder_.replace({{"error.txt", "why"}}));
    EXPECT_EQ(folder_.list()->size(), 1U);
    EXPECT_EQ(test::read_file(out("error.txt")), "why");
    EXPECT_EQ(test::read_file(temp_.path("secret/file")), "outside");
}

TEST_F(OutputFolderTest, OpensFilesWhenTheyAreRead)
{
    const auto source = folder_.read("d/a");
    Bytes content(10);
    EXPECT_EQ(*codec::read_up_to(source, content), 1U);
    EXPECT_FALSE(folder_.read("none")(content));
}

/// Ten thousand names of one file would be ten thousand files to hash.
TEST_F(OutputFolderTest, BoundsWhatItHashes)
{
    write("many/0", "small");
    write("many/1", "");
    test::fs::resize_file(out("many/1"), std::uint64_t{1} << 30);
    EXPECT_EQ(fault("/iexec_out/many"), "app.output_size");
}

/// More than a receipt could list.
TEST_F(OutputFolderTest, BoundsWhatAReceiptMustList)
{
    std::string folder = "deep";
    for (int i = 0; i < 29; ++i) folder += '/' + std::string(31, 'x');
    test::fs::create_directories(out(folder));
    for (int i = 0; i < 3000; ++i) std::ofstream(out(folder + '/' + std::to_string(i))) << i;
    const auto listed = folder_.list();
    EXPECT_EQ(listed ? "" : listed.error().id, "app.output_files");
    test::fs::remove_all(out("deep"));
    EXPECT_TRUE(folder_.list());
}

}  // namespace
}  // namespace iapp::agent
