#include "sms/internal/ledger.hpp"

#include <algorithm>
#include <bit>

namespace iapp::sms::internal {
namespace {

std::unexpected<Error> corrupt(std::string detail) { return fail(ErrorKind::corrupt, "sms.ledger", std::move(detail)); }

Result<Hash256> read_node(store::Transaction& transaction, unsigned level, std::uint64_t position)
{
    TRY(store::Rows rows,
        transaction.query("SELECT hash FROM ledger_nodes WHERE level = ? AND position = ?", level, position));
    TRY(const bool found, rows.next());
    if (!found) return corrupt("subtree " + std::to_string(level) + "/" + std::to_string(position) + " is missing");
    return rows.id<Hash256>(0);
}

crypto::MerkleNodeReader reader(store::Transaction& transaction)
{
    return [&transaction](unsigned level, std::uint64_t position) { return read_node(transaction, level, position); };
}

Status write_nodes(store::Transaction& transaction, const std::vector<crypto::MerkleNode>& nodes)
{
    for (const crypto::MerkleNode& node : nodes)
        TRY_OK(transaction.run("INSERT INTO ledger_nodes (level, position, hash) VALUES (?,?,?)", node.level, node.index,
                               node.hash));
    return {};
}

Status write_head(store::Transaction& transaction, const attest::TreeHead& head)
{
    TRY_OK(transaction.run("INSERT INTO ledger_heads (size, root, timestamp, signature) VALUES (?,?,?,?)", head.size,
                           head.root, head.timestamp, head.signature));
    return {};
}

Result<std::optional<attest::TreeHead>> find_head(store::Transaction& transaction)
{
    TRY(store::Rows rows,
        transaction.query("SELECT size, root, timestamp, signature FROM ledger_heads ORDER BY size DESC LIMIT 1"));
    TRY(const bool found, rows.next());
    if (!found) return std::optional<attest::TreeHead>{};
    TRY(const auto root, rows.id<Hash256>(1));
    TRY(const auto signature, rows.id<crypto::Signature65>(3));
    return std::optional(attest::TreeHead{static_cast<std::uint64_t>(rows.integer(0)), root,
                                          static_cast<std::uint64_t>(rows.integer(2)), signature});
}

std::unexpected<Error> out_of_range()
{
    return fail(ErrorKind::not_found, "ledger.range", "the log is not that long; ask for its head first");
}

}  // namespace

attest::TreeHead Ledger::sign(std::uint64_t size, const Hash256& root, UnixSeconds now) const
{
    const auto timestamp = static_cast<std::uint64_t>(now.time_since_epoch().count());
    return {size, root, timestamp, signer_.sign(attest::tree_head_digest(chain_id_, size, root, timestamp))};
}

Result<std::uint64_t> Ledger::size(store::Transaction& transaction) const
{
    TRY(const auto head, find_head(transaction));
    return head ? head->size : 0;
}

/// The right edge of the tree: one stored subtree per set bit of its size, largest first.
Result<crypto::MerkleFrontier> Ledger::frontier(store::Transaction& transaction) const
{
    TRY(const std::uint64_t leaves, size(transaction));
    std::vector<Hash256> nodes;
    for (unsigned level = static_cast<unsigned>(std::bit_width(leaves)); level-- > 0;) {
        if ((leaves >> level & 1U) == 0) continue;
        TRY(const Hash256 hash, read_node(transaction, level, (leaves >> level) - 1));
        nodes.push_back(hash);
    }
    return crypto::MerkleFrontier::restore(leaves, std::move(nodes));
}

Result<attest::Decision> Ledger::append(store::Transaction& transaction, Bytes leaf, UnixSeconds now) const
{
    TRY(crypto::MerkleFrontier edge, frontier(transaction));
    const std::uint64_t index = edge.size();
    TRY_OK(write_nodes(transaction, edge.append(crypto::merkle_leaf_hash(leaf))));
    TRY_OK(transaction.run("INSERT INTO ledger_leaves (position, leaf) VALUES (?,?)", index, leaf));
    const attest::TreeHead head = sign(edge.size(), edge.root(), now);
    TRY_OK(write_head(transaction, head));
    TRY(crypto::MerkleProof proof, inclusion(transaction, index, head.size));
    return attest::Decision{std::move(leaf), index, head, std::move(proof)};
}

Result<attest::TreeHead> Ledger::head(store::Transaction& transaction, UnixSeconds now) const
{
    TRY(const auto newest, find_head(transaction));
    return newest ? *newest : sign(0, crypto::merkle_empty_root(), now);
}

Result<std::vector<Bytes>> Ledger::leaves(store::Transaction& transaction, std::uint64_t from, std::uint64_t count) const
{
    TRY(store::Rows rows,
        transaction.query("SELECT leaf FROM ledger_leaves WHERE position >= ? ORDER BY position LIMIT ?", from, count));
    std::vector<Bytes> out;
    while (true) {
        TRY(const bool more, rows.next());
        if (!more) return out;
        out.push_back(rows.blob(0));
    }
}

Result<crypto::MerkleProof> Ledger::inclusion(store::Transaction& transaction, std::uint64_t leaf,
                                              std::uint64_t tree_size) const
{
    TRY(const std::uint64_t stored, size(transaction));
    if (tree_size > stored || leaf >= tree_size) return out_of_range();
    return crypto::merkle_inclusion_proof(leaf, tree_size, reader(transaction));
}

Result<crypto::MerkleProof> Ledger::consistency(store::Transaction& transaction, std::uint64_t from, std::uint64_t to) const
{
    TRY(const std::uint64_t stored, size(transaction));
    if (to > stored || from > to) return out_of_range();
    return crypto::merkle_consistency_proof(from, to, reader(transaction));
}

Status Ledger::verify(store::Transaction& transaction) const
{
    TRY(const auto newest, find_head(transaction));
    crypto::MerkleFrontier edge;
    TRY(store::Rows rows, transaction.query("SELECT position, leaf FROM ledger_leaves ORDER BY position"));
    while (true) {
        TRY(const bool more, rows.next());
        if (!more) break;
        if (static_cast<std::uint64_t>(rows.integer(0)) != edge.size()) return corrupt("a leaf is missing");
        for (const crypto::MerkleNode& node : edge.append(crypto::merkle_leaf_hash(rows.blob(1)))) {
            TRY(const Hash256 stored, read_node(transaction, node.level, node.index));
            if (stored != node.hash) return corrupt("a stored subtree does not match its leaves");
        }
    }
    if (edge.size() != (newest ? newest->size : 0)) return corrupt("leaves and newest head differ in number");
    if (!newest) return {};
    if (edge.root() != newest->root) return corrupt("the newest head names another root");
    const Hash256 digest = attest::tree_head_digest(chain_id_, newest->size, newest->root, newest->timestamp);
    if (!eth::verify(digest, newest->signature.bytes(), signer_.address()))
        return corrupt("the newest head is not signed by our key");
    return {};
}

}  // namespace iapp::sms::internal
