// Entries on disk: whole or absent, whatever ends the writer, and never older.
#include "endorse/internal/shelf.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <fstream>
#include <thread>

#include "support/endorse_world.hpp"

namespace iapp::endorse {
namespace {

using namespace std::chrono_literals;
using test::detail;
using test::made;
using test::reason;

/// Endorsements nobody verified: the shelf does not ask.
AmdIssuerEntry entry(std::size_t size = 100, std::uint8_t fill = 0)
{
    return {{SnpProduct::genoa, VekKind::vlek}, "chain", Bytes(size, fill)};
}

Facts facts(std::uint8_t number) { return {UnixSeconds{0s}, UnixSeconds{1s}, {{"crl", Bytes{number}}}}; }

const Key kKey = AmdIssuerKey{SnpProduct::genoa, VekKind::vlek};

class ShelfTest : public testing::Test {
protected:
    std::filesystem::path file() const { return folder.path() / (text(kKey) + ".json"); }
    void write(std::string_view content) const { std::ofstream(file(), std::ios::binary) << content; }

    std::string content() const
    {
        std::ifstream in(file(), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    test::ScratchFolder folder;
    Shelf shelf{folder.path()};
};

TEST_F(ShelfTest, GivesBackWhatItTook)
{
    EXPECT_EQ(made(shelf.load(kKey)).has_value(), false);
    EXPECT_EQ(made(shelf.all()).size(), 0U);
    ASSERT_TRUE(shelf.save(entry(), facts(7)));
    const auto stored = made(shelf.load(kKey));
    ASSERT_TRUE(stored);
    EXPECT_EQ(std::get<AmdIssuerEntry>(stored->entry).crl, Bytes(100, 0));
    EXPECT_EQ(stored->floors, facts(7).numbers);
    EXPECT_EQ(made(shelf.all()).size(), 1U);
    EXPECT_EQ(made(Shelf(folder.path() / "absent").all()).size(), 0U);
}

TEST_F(ShelfTest, RefusesToGoBack)
{
    ASSERT_TRUE(shelf.save(entry(), facts(7)));
    EXPECT_EQ(reason(shelf.save(entry(), facts(6))), "endorse.rollback");
    EXPECT_EQ(reason(shelf.save(entry(), {UnixSeconds{0s}, UnixSeconds{1s}, {}})), "endorse.rollback");
    EXPECT_EQ(reason(shelf.save(entry(), facts(7))), "");
    EXPECT_EQ(reason(shelf.save(entry(), {UnixSeconds{0s}, UnixSeconds{1s}, {{"crl", Bytes{1, 0}}}})), "");
    EXPECT_EQ(reason(Shelf(folder.path()).save(entry(), facts(255))), "endorse.rollback");  // as another process would
}

TEST_F(ShelfTest, NamesADamagedFileAndDoesNotReplaceIt)
{
    ASSERT_TRUE(shelf.save(entry(), facts(7)));
    const std::string good = content();
    std::string other_key = good;
    other_key.replace(other_key.find("Genoa"), 5, "Milan");
    for (const std::string& bad : {std::string(), good.substr(0, good.size() / 2), good + "x", other_key, std::string("{}"),
                                   std::string(9U << 20U, ' ')}) {
        write(bad);
        EXPECT_EQ(reason(shelf.load(kKey)), "endorse.store");
        EXPECT_EQ(reason(shelf.save(entry(), facts(8))), "endorse.store");
        EXPECT_EQ(reason(shelf.all()), "endorse.store");
    }
    write(good);
    EXPECT_EQ(reason(shelf.load(kKey)), "");
}

TEST_F(ShelfTest, NamesADirectoryItCannotUse)
{
    write("a file where a folder should be");
    const Shelf inside(file() / "cache");
    EXPECT_EQ(reason(inside.save(entry(), facts(1))), "endorse.store");
    EXPECT_EQ(reason(inside.load(kKey)), "endorse.store");
    EXPECT_EQ(reason(inside.all()), "endorse.store");
}

/// Saves one after the other until it is killed; sizes and bytes differ, so a mixture of two would show.
[[noreturn]] void save_forever(const std::filesystem::path& directory)
{
    const Shelf shelf(directory);
    for (std::uint8_t round = 1;; ++round)
        if (!shelf.save(entry(1000 + 500U * round, round), {UnixSeconds{0s}, UnixSeconds{1s}, {}})) ::_exit(1);
}

TEST_F(ShelfTest, AKilledWriterLeavesTheOldOrTheNew)
{
    ASSERT_TRUE(shelf.save(entry(1500, 1), {UnixSeconds{0s}, UnixSeconds{1s}, {}}));
    for (int round = 0; round < 15; ++round) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) save_forever(folder.path());
        std::this_thread::sleep_for(std::chrono::microseconds(500 + 1900 * round));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status));
        const auto stored = shelf.load(kKey);
        ASSERT_TRUE(stored) << detail(stored);
        ASSERT_TRUE(*stored);
        const Bytes& crl = std::get<AmdIssuerEntry>((*stored)->entry).crl;
        EXPECT_EQ(crl, Bytes(1000 + 500U * crl.front(), crl.front()));
    }
    EXPECT_TRUE(shelf.save(entry(), {UnixSeconds{0s}, UnixSeconds{1s}, {}}));  // what the dead left does not disturb
}

TEST_F(ShelfTest, TwoProcessesNeverTakeEachOthersNumbersBack)
{
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    const auto climb = [&](std::uint8_t fill) {
        const Shelf mine(folder.path());
        for (std::uint8_t n = 1; n < 60; ++n) {
            const auto saved = mine.save(entry(100, fill), facts(n));
            if (!saved && saved.error().reason != "endorse.rollback") return false;
        }
        return true;
    };
    if (child == 0) ::_exit(climb(1) ? 0 : 1);
    EXPECT_TRUE(climb(2));
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(made(shelf.load(kKey))->floors, facts(59).numbers);
}

}  // namespace
}  // namespace iapp::endorse
