#include "wire/ledger_api.hpp"

#include "codec/base64.hpp"
#include "wire/internal/json_pieces.hpp"

namespace iapp::wire {
namespace {

constexpr json::Limits kLimits{.max_bytes = 16U << 20U, .max_depth = 4};

json::Array hash_array(const std::vector<Hash256>& hashes)
{
    json::Array out;
    for (const Hash256& hash : hashes) out.emplace_back(hash.hex());
    return out;
}

Result<std::vector<Hash256>> read_hashes(const json::ObjectReader& in)
{
    TRY(const json::ArrayReader array, in.array("proof"));
    std::vector<Hash256> out;
    for (std::size_t i = 0; i < array.size(); ++i) {
        TRY(const auto hash, array.id<Hash256>(i));
        out.push_back(hash);
    }
    return out;
}

}  // namespace

namespace internal {

json::Object tree_head_object(const attest::TreeHead& head)
{
    return {
        {"size", head.size}, {"root", head.root.hex()}, {"timestamp", head.timestamp}, {"signature", head.signature.hex()}};
}

Result<attest::TreeHead> read_tree_head(const json::ObjectReader& in)
{
    TRY_OK(in.only({"size", "root", "timestamp", "signature"}));
    TRY(const std::uint64_t size, in.u64("size"));
    TRY(const auto root, in.id<Hash256>("root"));
    TRY(const std::uint64_t timestamp, in.u64("timestamp"));
    TRY(const crypto::Signature65 signature, read_signature(in, "signature"));
    return attest::TreeHead{size, root, timestamp, signature};
}

}  // namespace internal

std::string encode(const attest::TreeHead& head) { return json::print(internal::tree_head_object(head)); }

Result<attest::TreeHead> parse_tree_head(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kLimits));
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    return internal::read_tree_head(in);
}

std::string encode(const LedgerLeaves& page)
{
    json::Array leaves;
    for (const Bytes& leaf : page.leaves) leaves.emplace_back(codec::base64(leaf));
    return json::print(json::Object{{"from", page.from}, {"leaves", std::move(leaves)}});
}

Result<LedgerLeaves> parse_ledger_leaves(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kLimits));
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    TRY_OK(in.only({"from", "leaves"}));
    TRY(const std::uint64_t from, in.u64("from"));
    TRY(const json::ArrayReader array, in.array("leaves"));
    LedgerLeaves page{from, {}};
    for (std::size_t i = 0; i < array.size(); ++i) {
        TRY(const std::string_view base64, array.text(i));
        TRY(Bytes leaf, codec::parse_base64(base64));
        page.leaves.push_back(std::move(leaf));
    }
    return page;
}

std::string encode(const InclusionProof& proof)
{
    return json::print(json::Object{{"leaf", proof.leaf}, {"size", proof.size}, {"proof", hash_array(proof.proof)}});
}

Result<InclusionProof> parse_inclusion_proof(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kLimits));
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    TRY_OK(in.only({"leaf", "size", "proof"}));
    TRY(const std::uint64_t leaf, in.u64("leaf"));
    TRY(const std::uint64_t size, in.u64("size"));
    TRY(auto hashes, read_hashes(in));
    return InclusionProof{leaf, size, std::move(hashes)};
}

std::string encode(const ConsistencyProof& proof)
{
    return json::print(json::Object{{"from", proof.from}, {"to", proof.to}, {"proof", hash_array(proof.proof)}});
}

Result<ConsistencyProof> parse_consistency_proof(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kLimits));
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    TRY_OK(in.only({"from", "to", "proof"}));
    TRY(const std::uint64_t from, in.u64("from"));
    TRY(const std::uint64_t to, in.u64("to"));
    TRY(auto hashes, read_hashes(in));
    return ConsistencyProof{from, to, std::move(hashes)};
}

}  // namespace iapp::wire
