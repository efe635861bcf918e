#include "crypto/hash.hpp"

#include <botan/hash.h>
#include <gtest/gtest.h>

#include "crypto/internal/keccak_f.hpp"
#include "crypto/internal/testing.hpp"
#include "crypto/random.hpp"

namespace iapp::crypto {
namespace {

TEST(Sha2, AnswersTheVectorsOfFips180)
{
    EXPECT_EQ(hex(sha256({}).bytes()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex(sha256(as_bytes("abc")).bytes()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(sha384(as_bytes("abc")).bytes()),
              "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
    EXPECT_EQ(hex(sha512(as_bytes("abc")).bytes()),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce"
              "80e2a9ac94fa54ca49f");
}

TEST(Keccak, AnswersEthereumsVectors)
{
    EXPECT_EQ(hex(keccak256({}).bytes()), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    EXPECT_EQ(hex(keccak256(as_bytes("abc")).bytes()), "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    EXPECT_EQ(hex(keccak256(as_bytes("Transfer(address,address,uint256)")).bytes()),
              "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
}

TEST(Keccak, AgreesWithBotanAroundTheBlockSize)
{
    const auto other = Botan::HashFunction::create_or_throw("Keccak-1600(256)");
    const Bytes data = random_bytes(1000);
    for (std::size_t size = 0; size <= data.size(); ++size) {
        other->update(data.data(), size);
        const auto expected = other->final();
        EXPECT_EQ(hex(keccak256(ByteView(data).first(size)).bytes()), hex(ByteView(expected.data(), expected.size())))
            << size;
    }
}

TEST(Keccak, PermutesTheSameOnEveryProcessor)
{
    internal::KeccakState fast{1};
    internal::KeccakState portable{1};
    for (int i = 0; i < 100; ++i) {
        internal::keccak_f(fast);
        internal::keccak_f_portable(portable);
        ASSERT_EQ(fast, portable);
    }
}

/// Feeds the same bytes in pieces of every size, twice with one object.
template <class Incremental>
void expect_pieces_do_not_matter(auto whole)
{
    const Bytes data = random_bytes(700);
    Incremental hash;
    for (std::size_t piece = 1; piece <= 300; ++piece) {
        for (ByteView rest = data; !rest.empty(); rest = rest.subspan(std::min(piece, rest.size())))
            hash.update(rest.first(std::min(piece, rest.size())));
        EXPECT_EQ(hash.finish(), whole(data)) << piece;
    }
}

TEST(IncrementalHash, DoesNotDependOnThePieces)
{
    expect_pieces_do_not_matter<Sha256>(sha256);
    expect_pieces_do_not_matter<Sha384>(sha384);
    expect_pieces_do_not_matter<Sha512>(sha512);
    expect_pieces_do_not_matter<Keccak256>(keccak256);
}

}  // namespace
}  // namespace iapp::crypto
