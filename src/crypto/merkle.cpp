#include "crypto/merkle.hpp"

#include <bit>

#include "crypto/hash.hpp"

namespace iapp::crypto {
namespace {

std::unexpected<Error> range_error(const char* what) { return fail(ErrorKind::invalid_input, "crypto.merkle_range", what); }

std::unexpected<Error> inclusion_error(const char* what)
{
    return fail(ErrorKind::unauthenticated, "crypto.merkle_inclusion", what);
}

std::unexpected<Error> consistency_error(const char* what)
{
    return fail(ErrorKind::unauthenticated, "crypto.merkle_consistency", what);
}

/// The hash of `count` leaves from `begin` on, where `begin` is a multiple of the largest power of two in `count` (RFC 6962
/// s.2.1, MTH).
Result<Hash256> range_root(std::uint64_t begin, std::uint64_t count, const MerkleNodeReader& nodes)
{
    const std::uint64_t whole = std::bit_floor(count);
    const auto level = static_cast<unsigned>(std::countr_zero(whole));
    TRY(const Hash256 left, nodes(level, begin >> level));
    if (whole == count) return left;
    TRY(const Hash256 right, range_root(begin + whole, count - whole, nodes));
    return merkle_node_hash(left, right);
}

/// The largest power of two below `count`, for count of at least 2: where RFC 6962 splits a tree.
std::uint64_t split(std::uint64_t count) { return std::bit_floor(count - 1); }

}  // namespace

Hash256 merkle_leaf_hash(ByteView leaf)
{
    constexpr std::uint8_t kLeaf[] = {0x00};
    return Sha256{}.update(kLeaf).update(leaf).finish();
}

Hash256 merkle_node_hash(const Hash256& left, const Hash256& right)
{
    std::array<std::uint8_t, 65> text{0x01};
    std::ranges::copy(left.bytes(), text.begin() + 1);
    std::ranges::copy(right.bytes(), text.begin() + 33);
    return sha256(text);
}

Hash256 merkle_empty_root() { return sha256({}); }

/// RFC 9162 s.2.1.3.2.
Status merkle_verify_inclusion(const Hash256& leaf_hash, std::uint64_t index, std::uint64_t size,
                               std::span<const Hash256> proof, const Hash256& root)
{
    if (index >= size) return inclusion_error("the leaf lies outside the tree");
    std::uint64_t node = index;
    std::uint64_t last = size - 1;
    Hash256 hash = leaf_hash;
    for (const Hash256& sibling : proof) {
        if (last == 0) return inclusion_error("the proof is too long");
        if ((node & 1) != 0 || node == last) {
            hash = merkle_node_hash(sibling, hash);
            while ((node & 1) == 0 && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = merkle_node_hash(hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if (last != 0) return inclusion_error("the proof is too short");
    if (hash != root) return inclusion_error("the proof leads to another root");
    return {};
}

/// RFC 9162 s.2.1.4.2.
Status merkle_verify_consistency(std::uint64_t old_size, std::uint64_t size, const Hash256& old_root, const Hash256& root,
                                 std::span<const Hash256> proof)
{
    if (old_size > size) return consistency_error("the old tree is larger than the new one");
    if (old_size == size || old_size == 0) {
        const Hash256 expected = old_size == 0 ? merkle_empty_root() : root;
        if (!proof.empty()) return consistency_error("the proof is too long");
        if (old_root != expected) return consistency_error("the old root is not the root of that many leaves");
        return {};
    }
    std::uint64_t node = old_size - 1;
    std::uint64_t last = size - 1;
    for (; (node & 1) != 0; node >>= 1) last >>= 1;
    if (node != 0 && proof.empty()) return consistency_error("the proof is too short");
    Hash256 old_hash =
        node == 0 ? old_root : proof.front();  // a complete old tree is a node of the new one and is not repeated
    Hash256 hash = old_hash;
    for (const Hash256& sibling : node == 0 ? proof : proof.subspan(1)) {
        if (last == 0) return consistency_error("the proof is too long");
        if ((node & 1) != 0 || node == last) {
            old_hash = merkle_node_hash(sibling, old_hash);
            hash = merkle_node_hash(sibling, hash);
            while ((node & 1) == 0 && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = merkle_node_hash(hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if (last != 0) return consistency_error("the proof is too short");
    if (old_hash != old_root) return consistency_error("the proof leads to another old root");
    if (hash != root) return consistency_error("the proof leads to another new root");
    return {};
}

Result<Hash256> merkle_root(std::uint64_t size, const MerkleNodeReader& nodes)
{
    if (size == 0) return merkle_empty_root();
    return range_root(0, size, nodes);
}

/// RFC 6962 s.2.1.1, PATH: walks from the root down and notes the sibling of each step, lowest first.
Result<MerkleProof> merkle_inclusion_proof(std::uint64_t index, std::uint64_t size, const MerkleNodeReader& nodes)
{
    if (index >= size) return range_error("the leaf lies outside the tree");
    MerkleProof proof;
    std::uint64_t begin = 0;
    for (std::uint64_t count = size; count > 1;) {
        const std::uint64_t left = split(count);
        const bool go_right = index - begin >= left;
        TRY(const Hash256 sibling,
            go_right ? range_root(begin, left, nodes) : range_root(begin + left, count - left, nodes));
        proof.push_back(sibling);
        if (go_right) begin += left;
        count = go_right ? count - left : left;
    }
    std::ranges::reverse(proof);
    return proof;
}

/// RFC 6962 s.2.1.2, SUBPROOF.
Result<MerkleProof> merkle_consistency_proof(std::uint64_t old_size, std::uint64_t size, const MerkleNodeReader& nodes)
{
    if (old_size > size) return range_error("the old tree is larger than the new one");
    if (old_size == 0 || old_size == size) return MerkleProof{};
    MerkleProof proof;
    std::uint64_t begin = 0;
    std::uint64_t count = size;
    while (old_size - begin != count) {
        const std::uint64_t left = split(count);
        const bool go_right = old_size - begin > left;
        TRY(const Hash256 sibling,
            go_right ? range_root(begin, left, nodes) : range_root(begin + left, count - left, nodes));
        proof.push_back(sibling);
        if (go_right) begin += left;
        count = go_right ? count - left : left;
    }
    if (begin != 0) {  // otherwise this subtree is the old tree itself, whose root the verifier has
        TRY(const Hash256 edge, range_root(begin, count, nodes));
        proof.push_back(edge);
    }
    std::ranges::reverse(proof);
    return proof;
}

Result<MerkleFrontier> MerkleFrontier::restore(std::uint64_t size, std::vector<Hash256> nodes)
{
    const auto expected = static_cast<std::size_t>(std::popcount(size));
    if (nodes.size() != expected)
        return fail(ErrorKind::corrupt, "crypto.merkle_frontier",
                    "a tree of " + std::to_string(size) + " leaves has " + std::to_string(expected) +
                        " right-edge hashes, got " + std::to_string(nodes.size()));
    MerkleFrontier frontier;
    frontier.size_ = size;
    frontier.nodes_ = std::move(nodes);
    return frontier;
}

std::vector<MerkleNode> MerkleFrontier::append(const Hash256& leaf_hash)
{
    std::vector<MerkleNode> completed{{0, size_, leaf_hash}};
    for (unsigned level = 0; ((size_ >> level) & 1) != 0; ++level) {  // a one bit is a subtree waiting for its right brother
        const Hash256 merged = merkle_node_hash(nodes_.back(), completed.back().hash);
        nodes_.pop_back();
        completed.push_back({level + 1, size_ >> (level + 1), merged});
    }
    nodes_.push_back(completed.back().hash);
    ++size_;
    return completed;
}

Hash256 MerkleFrontier::root() const
{
    if (nodes_.empty()) return merkle_empty_root();
    Hash256 hash = nodes_.back();
    for (auto left = nodes_.rbegin() + 1; left != nodes_.rend(); ++left) hash = merkle_node_hash(*left, hash);
    return hash;
}

void MerkleTree::append(const Hash256& leaf_hash)
{
    for (const MerkleNode& node : frontier_.append(leaf_hash)) {
        if (levels_.size() <= node.level) levels_.emplace_back();
        levels_[node.level].push_back(node.hash);
    }
}

MerkleNodeReader MerkleTree::reader() const
{
    return [this](unsigned level, std::uint64_t index) -> Result<Hash256> {
        return levels_[level][index];  // check() ran: every subtree of the first size() leaves is there
    };
}

Status MerkleTree::check(std::uint64_t size_asked) const
{
    if (size_asked <= size()) return {};
    return range_error("the tree has fewer leaves");
}

Result<Hash256> MerkleTree::root_at(std::uint64_t size_then) const
{
    TRY_OK(check(size_then));
    return merkle_root(size_then, reader());
}

Result<MerkleProof> MerkleTree::inclusion_proof(std::uint64_t index, std::uint64_t size_then) const
{
    TRY_OK(check(size_then));
    return merkle_inclusion_proof(index, size_then, reader());
}

Result<MerkleProof> MerkleTree::consistency_proof(std::uint64_t old_size, std::uint64_t size_then) const
{
    TRY_OK(check(size_then));
    return merkle_consistency_proof(old_size, size_then, reader());
}

}  // namespace iapp::crypto
