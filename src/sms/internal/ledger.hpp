#pragma once
// The append-only log of decisions: leaves, the subtrees they complete, and a signed head for every size (RFC 6962).
// append() works inside the caller's transaction, so a decision and its leaf are durable together or not at all.
#include "attest/ledger.hpp"
#include "crypto/merkle.hpp"
#include "eth/wallet.hpp"
#include "store/database.hpp"

namespace iapp::sms::internal {

class Ledger {
public:
    Ledger(eth::Wallet signer, std::uint64_t chain_id) : signer_(std::move(signer)), chain_id_(chain_id) {}

    /// Adds one leaf; the answer holds its index, the head that covers it, and the proof.
    Result<attest::Decision> append(store::Transaction& transaction, Bytes leaf, UnixSeconds now) const;

    /// The newest head; before the first leaf, a head of the empty tree signed now.
    Result<attest::TreeHead> head(store::Transaction& transaction, UnixSeconds now) const;
    Result<std::uint64_t> size(store::Transaction& transaction) const;
    /// At most `count` leaves from `from` on.
    Result<std::vector<Bytes>> leaves(store::Transaction& transaction, std::uint64_t from, std::uint64_t count) const;
    /// Errors: not_found "ledger.range".
    Result<crypto::MerkleProof> inclusion(store::Transaction& transaction, std::uint64_t leaf, std::uint64_t size) const;
    Result<crypto::MerkleProof> consistency(store::Transaction& transaction, std::uint64_t from, std::uint64_t to) const;

    /// Rebuilds the tree from the leaves and compares it with every stored subtree and the newest head.
    /// Errors: corrupt "sms.ledger".
    Status verify(store::Transaction& transaction) const;

    const eth::Address& signer() const { return signer_.address(); }
    crypto::Signature65 sign(const Hash256& digest) const { return signer_.sign(digest); }

private:
    attest::TreeHead sign(std::uint64_t size, const Hash256& root, UnixSeconds now) const;
    Result<crypto::MerkleFrontier> frontier(store::Transaction& transaction) const;

    eth::Wallet signer_;
    std::uint64_t chain_id_;
};

}  // namespace iapp::sms::internal
