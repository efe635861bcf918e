#include "crypto/merkle.hpp"

#include <gtest/gtest.h>

#include "crypto/internal/testing.hpp"

namespace iapp::crypto {
namespace {

using testing::bytes;
using testing::reason;

/// Leaves and roots that the Certificate Transparency implementations share.
constexpr const char* kLeaves[] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
constexpr const char* kRoots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

MerkleTree known_tree()
{
    MerkleTree tree;
    for (const char* leaf : kLeaves) tree.append(merkle_leaf_hash(bytes(leaf)));
    return tree;
}

Hash256 leaf(std::uint64_t i) { return merkle_leaf_hash(as_bytes("leaf " + std::to_string(i))); }

MerkleTree tree_of(std::uint64_t size)
{
    MerkleTree tree;
    for (std::uint64_t i = 0; i < size; ++i) tree.append(leaf(i));
    return tree;
}

std::vector<std::string> hexes(const MerkleProof& proof)
{
    std::vector<std::string> out;
    out.reserve(proof.size());
    for (const Hash256& hash : proof) out.push_back(hex(hash.bytes()));
    return out;
}

TEST(Merkle, KnowsThePublishedRoots)
{
    const MerkleTree tree = known_tree();
    MerkleFrontier frontier;
    for (std::uint64_t size = 0; size <= 8; ++size) {
        EXPECT_EQ(hex(tree.root_at(size)->bytes()), kRoots[size]);
        EXPECT_EQ(hex(frontier.root().bytes()), kRoots[size]);
        if (size < 8) frontier.append(merkle_leaf_hash(bytes(kLeaves[size])));
    }
}

TEST(Merkle, MakesThePublishedProofs)
{
    using Hexes = std::vector<std::string>;
    const MerkleTree tree = known_tree();
    EXPECT_EQ(hexes(tree.inclusion_proof(5, 8).value()),
              (Hexes{"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                     "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                     "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
    EXPECT_EQ(hexes(tree.consistency_proof(6, 8).value()),
              (Hexes{"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                     "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                     "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
}

constexpr std::uint64_t kMost = 40;

TEST(Merkle, EveryInclusionProofVerifiesForItsLeafOnly)
{
    const MerkleTree tree = tree_of(kMost);
    for (std::uint64_t size = 1; size <= kMost; ++size) {
        const Hash256 root = tree.root_at(size).value();
        for (std::uint64_t index = 0; index < size; ++index) {
            const MerkleProof proof = tree.inclusion_proof(index, size).value();
            EXPECT_TRUE(merkle_verify_inclusion(leaf(index), index, size, proof, root)) << index << " of " << size;
            for (std::uint64_t other = 0; other < size; ++other)
                EXPECT_EQ(merkle_verify_inclusion(leaf(index), other, size, proof, root).has_value(), other == index);
        }
    }
}

TEST(Merkle, EveryConsistencyProofVerifiesForItsSizesOnly)
{
    const MerkleTree tree = tree_of(kMost);
    const auto root = [&](std::uint64_t size) { return tree.root_at(size).value(); };
    for (std::uint64_t size = 0; size <= kMost; ++size) {
        for (std::uint64_t old = 0; old <= size; ++old) {
            const MerkleProof proof = tree.consistency_proof(old, size).value();
            EXPECT_TRUE(merkle_verify_consistency(old, size, root(old), root(size), proof)) << old << " in " << size;
            if (old == 0) continue;
            const Hash256 other = leaf(1000);
            EXPECT_FALSE(merkle_verify_consistency(old, size, other, root(size), proof)) << old << " in " << size;
            EXPECT_FALSE(merkle_verify_consistency(old, size, root(old), other, proof)) << old << " in " << size;
        }
    }
}

/// Each hash of a proof counts: changing, dropping or adding one breaks it.
template <class Verify>
void expect_brittle(const MerkleProof& proof, Verify verify, std::string_view expected)
{
    ASSERT_TRUE(verify(proof));
    for (std::size_t i = 0; i < proof.size(); ++i) {
        MerkleProof bent = proof;
        bent[i] = leaf(1000);
        EXPECT_EQ(reason(verify(bent)), expected) << i;
        MerkleProof cut = proof;
        cut.erase(cut.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_EQ(reason(verify(cut)), expected) << i;
    }
    MerkleProof longer = proof;
    longer.push_back(leaf(1000));
    EXPECT_EQ(reason(verify(longer)), expected);
}

TEST(Merkle, ProofsAreBrittle)
{
    const MerkleTree tree = tree_of(23);
    const Hash256 root = tree.root();
    for (std::uint64_t index = 0; index < 23; ++index)
        expect_brittle(
            tree.inclusion_proof(index, 23).value(),
            [&](const MerkleProof& proof) { return merkle_verify_inclusion(leaf(index), index, 23, proof, root); },
            "crypto.merkle_inclusion");
    for (std::uint64_t old = 0; old <= 23; ++old)
        expect_brittle(
            tree.consistency_proof(old, 23).value(),
            [&](const MerkleProof& proof) {
                return merkle_verify_consistency(old, 23, tree.root_at(old).value(), root, proof);
            },
            "crypto.merkle_consistency");
}

TEST(Merkle, VerifiersRefuseRanges)
{
    const MerkleTree tree = tree_of(4);
    const Hash256 root = tree.root();
    EXPECT_EQ(reason(merkle_verify_inclusion(leaf(0), 4, 4, {}, root)), "crypto.merkle_inclusion");
    EXPECT_EQ(reason(merkle_verify_inclusion(leaf(0), 0, 0, {}, merkle_empty_root())), "crypto.merkle_inclusion");
    EXPECT_EQ(reason(merkle_verify_consistency(5, 4, root, root, {})), "crypto.merkle_consistency");
    EXPECT_EQ(reason(merkle_verify_consistency(4, 4, root, leaf(0), {})), "crypto.merkle_consistency");
    EXPECT_EQ(reason(merkle_verify_consistency(0, 4, root, root, {})), "crypto.merkle_consistency");
}

TEST(Merkle, ProversRefuseRanges)
{
    const MerkleTree tree = tree_of(4);
    EXPECT_EQ(reason(tree.inclusion_proof(4, 4)), "crypto.merkle_range");
    EXPECT_EQ(reason(tree.inclusion_proof(0, 5)), "crypto.merkle_range");
    EXPECT_EQ(reason(tree.inclusion_proof(4, 5)), "crypto.merkle_range");  // its path is there, the leaf is not
    EXPECT_EQ(reason(tree.consistency_proof(3, 2)), "crypto.merkle_range");
    EXPECT_EQ(reason(tree.consistency_proof(3, 5)), "crypto.merkle_range");
    EXPECT_EQ(reason(tree.root_at(5)), "crypto.merkle_range");
}

/// A leaf cannot be passed off as an inner node or the other way round.
TEST(Merkle, SeparatesLeavesFromNodes)
{
    Bytes pair;
    append(pair, leaf(0).bytes());
    append(pair, leaf(1).bytes());
    EXPECT_NE(merkle_leaf_hash(pair), merkle_node_hash(leaf(0), leaf(1)));
}

TEST(MerkleFrontier, ContinuesAfterARestart)
{
    MerkleFrontier frontier;
    for (std::uint64_t i = 0; i < 100; ++i) {
        frontier = MerkleFrontier::restore(frontier.size(), frontier.nodes()).value();
        frontier.append(leaf(i));
    }
    EXPECT_EQ(frontier.root(), tree_of(100).root());
    EXPECT_EQ(reason(MerkleFrontier::restore(3, {leaf(0)})), "crypto.merkle_frontier");
    EXPECT_EQ(reason(MerkleFrontier::restore(0, {leaf(0)})), "crypto.merkle_frontier");
}

TEST(MerkleFrontier, NamesTheSubtreesItCompletes)
{
    MerkleFrontier frontier;
    for (std::uint64_t i = 0; i < 7; ++i) frontier.append(leaf(i));
    const std::vector<MerkleNode> completed = frontier.append(leaf(7));
    ASSERT_EQ(completed.size(), 4u);
    for (unsigned level = 0; level < 4; ++level) {
        EXPECT_EQ(completed[level].level, level);
        EXPECT_EQ(completed[level].index, 7u >> level);
    }
    EXPECT_EQ(completed.back().hash, frontier.root());
}

}  // namespace
}  // namespace iapp::crypto
