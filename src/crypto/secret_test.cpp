#include "crypto/secret.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <concepts>
#include <ostream>
#include <set>

#include "base/fixed_bytes.hpp"
#include "crypto/internal/testing.hpp"
#include "crypto/random.hpp"

namespace iapp::crypto {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value)
{
    out << value;
};
template <class T>
concept RevealsWithoutToken = requires(const T& value)
{
    value.reveal({});
};

static_assert(!std::copyable<SecretBytes> && !std::is_copy_constructible_v<SecretBytes> &&
              !std::is_copy_assignable_v<SecretBytes>);
static_assert(std::is_nothrow_move_constructible_v<SecretBytes> && std::is_nothrow_move_assignable_v<SecretBytes>);
static_assert(!std::equality_comparable<SecretBytes> && !std::three_way_comparable<SecretBytes>);
static_assert(!Printable<SecretBytes> && Printable<int>);
static_assert(!RevealsWithoutToken<SecretBytes>);
static_assert(!std::is_convertible_v<SecretBytes, ByteView> && !std::is_convertible_v<Bytes, SecretBytes>);

TEST(SecretBytes, TakesTheCallersMemory)
{
    Bytes bytes{1, 2, 3};
    const std::uint8_t* memory = bytes.data();
    const SecretBytes secret(std::move(bytes));
    EXPECT_TRUE(bytes.empty());  // NOLINT(bugprone-use-after-move): the promise under test
    EXPECT_EQ(secret.reveal(SecretAccess{}).data(), memory);
    EXPECT_EQ(testing::revealed(secret), "010203");
}

TEST(SecretBytes, IsEmptyAfterAMove)
{
    SecretBytes first = testing::secret("aabb");
    SecretBytes second = std::move(first);
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move)
    SecretBytes third = testing::secret("cc");
    third = std::move(second);
    EXPECT_TRUE(second.empty());  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(testing::revealed(third), "aabb");
}

TEST(SecretBytes, OverwritesItsMemoryBeforeItLetsGo)
{
    SecretBytes secret = testing::secret("aabbccdd");
    const auto memory = secret.writable(SecretAccess{});
    secret.shrink(2);
    EXPECT_EQ(hex(memory), "aabb0000");  // still this object's allocation
    EXPECT_EQ(secret.size(), 2u);
    secret.wipe();
    EXPECT_EQ(hex(memory), "00000000");
    EXPECT_TRUE(secret.empty());
}

TEST(SecretBytes, ShrinkNeverGrows)
{
    SecretBytes secret = testing::secret("aabb");
    secret.shrink(5);
    EXPECT_EQ(secret.size(), 2u);
}

TEST(ConstantTime, ComparesWholeValues)
{
    EXPECT_TRUE(equal_constant_time(as_bytes("same"), as_bytes("same")));
    EXPECT_TRUE(equal_constant_time({}, {}));
    EXPECT_FALSE(equal_constant_time(as_bytes("same"), as_bytes("samE")));
    EXPECT_FALSE(equal_constant_time(as_bytes("same"), as_bytes("sam")));
}

TEST(Random, SmallRequestsDrawAheadAndNeverRepeat)
{
    std::set<Bytes> seen;
    for (int i = 0; i < 1000; ++i)
        for (const std::size_t size : {12U, 32U, 63U, 64U, 65U}) EXPECT_TRUE(seen.insert(random_bytes(size)).second);
}

TEST(Random, AChildOfForkDoesNotGetItsParentsBytes)
{
    (void)random_bytes(8);  // the parent has bytes drawn ahead
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const Bytes theirs = random_bytes(16);
        ::_exit(::write(pipe[1], theirs.data(), theirs.size()) == 16 ? 0 : 1);
    }
    const Bytes ours = random_bytes(16);
    Bytes theirs(16);
    EXPECT_EQ(::read(pipe[0], theirs.data(), theirs.size()), 16);
    ::waitpid(child, nullptr, 0);
    EXPECT_NE(ours, theirs);
    for (const int end : pipe) ::close(end);
}

TEST(Random, GivesTheSizeAskedForAndNeverRepeats)
{
    using Nonce = FixedBytes<16, struct NonceTag>;
    std::set<Nonce> seen;
    for (int i = 0; i < 1000; ++i) seen.insert(random_fixed<Nonce>());
    EXPECT_EQ(seen.size(), 1000u);
    EXPECT_EQ(random_bytes(33).size(), 33u);
    EXPECT_EQ(random_secret(0).size(), 0u);
    EXPECT_NE(testing::revealed(random_secret(32)), testing::revealed(random_secret(32)));
}

}  // namespace
}  // namespace iapp::crypto
