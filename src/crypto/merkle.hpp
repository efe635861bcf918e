#pragma once
// Append-only Merkle trees over SHA-256: hashing, inclusion and consistency proofs (RFC 6962 s.2.1, RFC 9162 s.2.1).
// Not a log: who stores nodes and who signs heads is the caller's business.
#include <cstdint>
#include <functional>
#include <vector>

#include "base/bytes.hpp"
#include "base/fixed_bytes.hpp"
#include "base/result.hpp"

namespace iapp::crypto {

using MerkleProof = std::vector<Hash256>;

/// SHA-256(0x00 || leaf).
Hash256 merkle_leaf_hash(ByteView leaf);

/// SHA-256(0x01 || left || right).
Hash256 merkle_node_hash(const Hash256& left, const Hash256& right);

/// The root of no leaves: SHA-256 of nothing.
Hash256 merkle_empty_root();

/// Proves that `leaf_hash` is leaf `index` of the tree of `size` leaves with this root.
/// Errors: unauthenticated "crypto.merkle_inclusion" (index out of range, proof too short or long, other root).
Status merkle_verify_inclusion(const Hash256& leaf_hash, std::uint64_t index, std::uint64_t size,
                               std::span<const Hash256> proof, const Hash256& root);

/// Proves that the tree of `old_size` leaves is a prefix of the tree of `size` leaves. An empty old tree is a prefix of any
/// tree. Errors: unauthenticated "crypto.merkle_consistency".
Status merkle_verify_consistency(std::uint64_t old_size, std::uint64_t size, const Hash256& old_root, const Hash256& root,
                                 std::span<const Hash256> proof);

/// A complete subtree: `level` 0 is a leaf hash, `index` counts subtrees of that level from the left.
/// It covers leaves [index << level, (index + 1) << level) and never changes once it exists.
struct MerkleNode {
    unsigned level;
    std::uint64_t index;
    Hash256 hash;
};

/// Reads a complete subtree that the caller stored.
using MerkleNodeReader = std::function<Result<Hash256>(unsigned level, std::uint64_t index)>;

/// Root and proofs of the first `size` leaves in O(log^2 n) reads; the caller knows that the log has that many. Errors:
/// those of the reader; invalid_input "crypto.merkle_range" (index not below size, or old_size above size).
Result<Hash256> merkle_root(std::uint64_t size, const MerkleNodeReader& nodes);
Result<MerkleProof> merkle_inclusion_proof(std::uint64_t index, std::uint64_t size, const MerkleNodeReader& nodes);
Result<MerkleProof> merkle_consistency_proof(std::uint64_t old_size, std::uint64_t size, const MerkleNodeReader& nodes);

/// The right edge: one hash for each complete subtree of a tree of size() leaves, largest first. Enough to append and to
/// name the root.
class MerkleFrontier {
public:
    MerkleFrontier() = default;

    /// Takes back what nodes() gave. Errors: corrupt "crypto.merkle_frontier" (as many hashes as `size` has one bits).
    static Result<MerkleFrontier> restore(std::uint64_t size, std::vector<Hash256> nodes);

    /// Adds one leaf in O(log n) and returns the subtrees this completed, from the leaf up, for a store that makes proofs.
    std::vector<MerkleNode> append(const Hash256& leaf_hash);

    std::uint64_t size() const { return size_; }
    const std::vector<Hash256>& nodes() const { return nodes_; }
    Hash256 root() const;

private:
    std::uint64_t size_ = 0;
    std::vector<Hash256> nodes_;
};

/// A whole tree in memory, for small logs, auditors and tests.
class MerkleTree {
public:
    void append(const Hash256& leaf_hash);

    std::uint64_t size() const { return frontier_.size(); }
    Hash256 root() const { return frontier_.root(); }

    /// Of the tree as it was at `size_then` leaves. Errors: invalid_input "crypto.merkle_range" (size_then above size(), or
    /// as the free functions).
    Result<Hash256> root_at(std::uint64_t size_then) const;
    Result<MerkleProof> inclusion_proof(std::uint64_t index, std::uint64_t size_then) const;
    Result<MerkleProof> consistency_proof(std::uint64_t old_size, std::uint64_t size_then) const;

private:
    Status check(std::uint64_t size_asked) const;
    MerkleNodeReader reader() const;

    MerkleFrontier frontier_;
    std::vector<std::vector<Hash256>> levels_;
};

}  // namespace iapp::crypto
