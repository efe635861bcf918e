#pragma once
// What the release ledger signs and stores: tree heads (EIP-712) and decision leaves (canonical JSON).
// Not the tree: crypto/merkle.hpp has that. Both ends use this page: sms writes, receipts and auditors verify.
#include <vector>

#include "base/clock.hpp"
#include "crypto/hash.hpp"
#include "crypto/secp256k1.hpp"
#include "eth/address.hpp"

namespace iapp::attest {

struct TreeHead {
    std::uint64_t size;
    Hash256 root;
    std::uint64_t timestamp;  ///< Unix seconds
    crypto::Signature65 signature;
};

/// EIP-712 digest of TreeHead(uint64 size,bytes32 root,uint64 timestamp) in {name:"iapp-ledger",version:"1",chainId}.
Hash256 tree_head_digest(std::uint64_t chain_id, std::uint64_t size, const Hash256& root, std::uint64_t timestamp);

/// One decision of the key broker. Its canonical JSON is the leaf of the tree.
struct DecisionLeaf {
    bool released;
    std::string reason;  ///< "released", or the reason id of the refusal
    UnixSeconds time;
    std::uint64_t chain_id;
    eth::Address hub;
    Hash256 deal;
    Hash256 task;
    std::vector<eth::Address> datasets;  ///< whose keys were released, by position
    Hash256 evidence;                    ///< evidence_id(), or zero when the evidence did not parse
    std::string mr_td;                   ///< 96 hex digits, or empty when the evidence did not parse
    eth::Address enclave;
    std::vector<std::string> policies;  ///< ids of the owner policies that were applied
};

Bytes encode_leaf(const DecisionLeaf& leaf);

/// Errors: invalid_input "attest.ledger_leaf".
Result<DecisionLeaf> parse_leaf(ByteView bytes);

/// A leaf, where it is, and the signed head that covers it.
struct Decision {
    Bytes leaf;  ///< exact bytes
    std::uint64_t index;
    TreeHead tree_head;
    std::vector<Hash256> inclusion;
};

}  // namespace iapp::attest
