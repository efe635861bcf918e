// What a kill or a power loss finds on the disk. The system calls of the store pass through here, so that a child can be
// killed at each of them in turn, and their order seen.
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "crypto/hash.hpp"
#include "support/blobs_world.hpp"

namespace {

thread_local std::vector<std::string>* recorded_steps = nullptr;
thread_local int steps_to_live = 0;  ///< 0: for ever

/// True when this step is the last of this process.
bool take_step(const std::string& what)
{
    if (recorded_steps != nullptr) recorded_steps->push_back(what);
    if (steps_to_live == 0) return false;
    --steps_to_live;
    return steps_to_live == 0;
}

std::string name_of(int descriptor)
{
    std::error_code ignored;
    const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), ignored);
    return path.parent_path().filename() == "tmp" ? "tmp" : path.filename().string();
}

bool is_watched() { return recorded_steps != nullptr || steps_to_live > 0; }

}  // namespace

// Instead of the C library's, for everything in this program.
extern "C" ssize_t write(int descriptor, const void* bytes, std::size_t size)
{
    if (is_watched() && take_step("write " + name_of(descriptor))) {
        ::syscall(SYS_write, descriptor, bytes, size / 2);
        ::raise(SIGKILL);
    }
    return ::syscall(SYS_write, descriptor, bytes, size);
}

extern "C" int fsync(int descriptor)
{
    if (is_watched() && take_step("fsync " + name_of(descriptor))) ::raise(SIGKILL);
    return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

extern "C" int rename(const char* from, const char* to) noexcept
{
    if (is_watched() && take_step("rename")) ::raise(SIGKILL);
    return static_cast<int>(::syscall(SYS_rename, from, to));
}

namespace iapp::blobs {
namespace {

/// Two blocks of one folder, and one of another.
std::array<Bytes, 3> three_blocks()
{
    std::array<Bytes, 3> blocks;
    const auto folder = [](const Bytes& block) { return crypto::sha256(block).bytes()[0]; };
    blocks[0] = pattern(20'000);
    for (std::size_t size = 20'001; blocks[2].empty(); ++size) {
        const Bytes block = pattern(size);
        Bytes& free = folder(block) == folder(blocks[0]) ? blocks[1] : blocks[2];
        if (free.empty() && (&free == &blocks[1] || !blocks[1].empty())) free = block;
    }
    return blocks;
}

Status add_all(const DirectoryStore& store, std::span<const Bytes> blocks)
{
    const auto context = call();
    const auto batch = store.start_batch(context);
    for (const Bytes& block : blocks) TRY_OK(batch->add(crypto::sha256(block), block));
    return batch->commit();
}

std::string folder_of(const Bytes& block) { return hex(crypto::sha256(block).bytes().first<1>()); }

std::vector<std::string> steps_of(const auto& act)
{
    std::vector<std::string> steps;
    recorded_steps = &steps;
    const Status done = act();
    recorded_steps = nullptr;
    EXPECT_TRUE(done);
    return steps;
}

TEST_F(BlobsTest, KillAtAnyStepOfAddLeavesNoWrongBlock)
{
    const auto blocks = three_blocks();
    ASSERT_TRUE(add_all(*store, blocks));  // makes the folders
    for (const fs::path& file : block_files()) fs::remove(file);
    const auto is_killed_at = [&](int step) {
        const pid_t child = ::fork();
        if (child == 0) {
            steps_to_live = step;
            ::_exit(add_all(*store, blocks) ? 0 : 1);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
        return WIFSIGNALED(status);
    };
    int steps = 0;
    while (is_killed_at(steps + 1)) {
        ++steps;
        for (const fs::path& file : block_files()) {
            const auto hash = Hash256::from_hex("0x" + file.filename().string());
            ASSERT_TRUE(hash);
            EXPECT_TRUE(store->get(*hash, call())) << "step " << steps << ": " << file;
            fs::remove(file);
        }
    }
    EXPECT_EQ(steps, 3 + 3 + 3 + 2) << "a write, a sync and a name for each block, a sync for each folder";
    EXPECT_EQ(block_files().size(), 3U);
}

TEST_F(BlobsTest, AddSyncsABlockBeforeItHasItsNameAndTheFolderAfter)
{
    const std::array blocks{pattern(20'000)};
    EXPECT_THAT(steps_of([&] { return add_all(*store, blocks); }),
                testing::ElementsAre("write tmp", "fsync tmp", "fsync blocks", "rename", "fsync " + folder_of(blocks[0])));
}

TEST_F(BlobsTest, AddSyncsTheFolderOfABlockThatIsThere)
{
    const auto blocks = three_blocks();
    ASSERT_TRUE(add_all(*store, blocks));
    EXPECT_THAT(steps_of([&] { return add_all(*store, blocks); }),
                testing::UnorderedElementsAre("fsync " + folder_of(blocks[0]), "fsync " + folder_of(blocks[2])));
}

TEST_F(BlobsTest, OpenSyncsTheFoldersThatAreThere)
{
    const auto open = [&]() -> Status {
        TRY_OK(DirectoryStore::open(directory / "store"));
        return {};
    };
    EXPECT_THAT(steps_of(open), testing::ElementsAre("fsync blocks"));
}

}  // namespace
}  // namespace iapp::blobs
