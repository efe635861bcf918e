#pragma once
// The ledger read API: what auditors and receipts ask the secret service for. Both ends share these.
// GET /v1/ledger/head, /v1/ledger/leaf/{n}, /v1/ledger/leaves?from=&count=, /v1/ledger/proof?leaf=&size=,
// /v1/ledger/consistency?from=&to=. Verification is crypto/merkle.hpp's.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "attest/ledger.hpp"
#include "base/bytes.hpp"
#include "base/fixed_bytes.hpp"

namespace iapp::wire {

inline constexpr std::uint64_t kMaxLedgerLeaves = 1000;  ///< in one answer

/// {"size","root","timestamp","signature"}
std::string encode(const attest::TreeHead& head);
Result<attest::TreeHead> parse_tree_head(std::string_view json);

/// Leaves `from` and following, exact bytes: {"from","leaves":["base64",...]}. One leaf is a page of one.
struct LedgerLeaves {
    std::uint64_t from;
    std::vector<Bytes> leaves;
};
std::string encode(const LedgerLeaves& page);
Result<LedgerLeaves> parse_ledger_leaves(std::string_view json);

/// Leaf `leaf` is in the tree of `size` leaves: {"leaf","size","proof":["0x..",...]}
struct InclusionProof {
    std::uint64_t leaf;
    std::uint64_t size;
    std::vector<Hash256> proof;
};
std::string encode(const InclusionProof& proof);
Result<InclusionProof> parse_inclusion_proof(std::string_view json);

/// The tree of `from` leaves is a prefix of the tree of `to` leaves: {"from","to","proof":["0x..",...]}
struct ConsistencyProof {
    std::uint64_t from;
    std::uint64_t to;
    std::vector<Hash256> proof;
};
std::string encode(const ConsistencyProof& proof);
Result<ConsistencyProof> parse_consistency_proof(std::string_view json);

}  // namespace iapp::wire
