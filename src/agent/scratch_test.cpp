#include "agent/internal/scratch.hpp"

#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/statfs.h>

#include "support/oci_builder.hpp"

namespace iapp::agent {
namespace {

bool is_memory(const std::string& path)
{
    struct statfs info = {};
    return ::statfs(path.c_str(), &info) == 0 && info.f_type == TMPFS_MAGIC;
}

class ScratchTest : public testing::Test {
protected:
    void SetUp() override
    {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    }
    test::TempFolder folder_;
};

TEST_F(ScratchTest, IsMemoryAndLeavesNothing)
{
    std::string root;
    {
        const auto scratch = Scratch::create(folder_.path());
        ASSERT_TRUE(scratch) << scratch.error().detail;
        root = scratch->root();
        EXPECT_TRUE(root.starts_with(folder_.path()));
        for (const auto& path : {scratch->root(), scratch->input(), scratch->output(), scratch->rootfs()})
            EXPECT_TRUE(is_memory(path)) << path;
        std::ofstream(scratch->input() + "/secret") << "data";
    }
    EXPECT_FALSE(test::fs::exists(root));
    EXPECT_TRUE(test::fs::is_empty(folder_.path()));
}

TEST_F(ScratchTest, BoundsTheOutputFolder)
{
    const auto scratch =
        Scratch::create(folder_.path(), {.work_bytes = 8 << 20, .output_bytes = 1 << 20, .output_files = 20});
    ASSERT_TRUE(scratch);
    std::ofstream file(scratch->output() + "/big");
    file << std::string(2 << 20, 'x') << std::flush;
    EXPECT_FALSE(file);
    int made = 0;
    while (made < 100 && std::ofstream(scratch->output() + "/" + std::to_string(made))) ++made;
    EXPECT_LT(made, 20);
}

TEST_F(ScratchTest, AvoidsFoldersNoContainerCouldReach)
{
    test::fs::create_directories(folder_.path("private/work"));
    test::fs::permissions(folder_.path("private"), test::fs::perms(0700));
    const auto scratch = Scratch::create(folder_.path("private/work"));
    ASSERT_TRUE(scratch);
    EXPECT_TRUE(scratch->root().starts_with("/run/iapp/")) << scratch->root();
}

TEST_F(ScratchTest, RemovesEmptyFoldersOfDeadAgentsOnly)
{
    test::fs::create_directory(folder_.path("task-999999-1"));
    test::fs::create_directory(folder_.path("task-1-1"));  // another start time than process 1 has
    test::fs::create_directories(folder_.path("task-999998-1/full"));
    test::fs::create_directory(folder_.path("unrelated"));
    ASSERT_TRUE(Scratch::create(folder_.path()));
    EXPECT_FALSE(test::fs::exists(folder_.path("task-999999-1")) || test::fs::exists(folder_.path("task-1-1")));
    EXPECT_TRUE(test::fs::exists(folder_.path("task-999998-1/full")) && test::fs::exists(folder_.path("unrelated")));
}

}  // namespace
}  // namespace iapp::agent
