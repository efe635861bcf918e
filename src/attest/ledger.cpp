#include "attest/ledger.hpp"

#include "attest/internal/json_text.hpp"
#include "attest/json_forms.hpp"
#include "codec/base64.hpp"
#include "eth/eip712.hpp"

namespace iapp::attest {
namespace {

constexpr std::uint64_t kMaxInteger = (1ULL << 53U) - 1;
constexpr std::uint64_t kMaxTime = 253'402'300'799;  ///< the last second of year 9999
constexpr json::Limits kLeafLimits{.max_bytes = 64 * 1024, .max_depth = 4};
constexpr std::size_t kMaxProof = 64;

std::int64_t seconds(UnixSeconds time) { return time.time_since_epoch().count(); }

json::Value leaf_json(const DecisionLeaf& leaf)
{
    json::Array datasets;
    for (const eth::Address& dataset : leaf.datasets) datasets.emplace_back(dataset.hex());
    json::Array policies;
    for (const std::string& policy : leaf.policies) policies.emplace_back(policy);
    return json::Object{{"chain", leaf.chain_id},
                        {"datasets", std::move(datasets)},
                        {"deal", leaf.deal.hex()},
                        {"enclave", leaf.enclave.hex()},
                        {"evidence", leaf.evidence.hex()},
                        {"hub", leaf.hub.hex()},
                        {"kind", leaf.released ? "release" : "refusal"},
                        {"mrtd", leaf.mr_td},
                        {"policies", std::move(policies)},
                        {"reason", leaf.reason},
                        {"task", leaf.task.hex()},
                        {"time", seconds(leaf.time)}};
}

Result<std::vector<eth::Address>> read_addresses(const json::ArrayReader& array)
{
    std::vector<eth::Address> out;
    for (std::size_t i = 0; i < array.size(); ++i) {
        TRY(const eth::Address address, array.id<eth::Address>(i));
        out.push_back(address);
    }
    return out;
}

Result<std::vector<std::string>> read_texts(const json::ArrayReader& array)
{
    std::vector<std::string> out;
    for (std::size_t i = 0; i < array.size(); ++i) {
        TRY(const std::string_view text, array.text(i));
        out.emplace_back(text);
    }
    return out;
}

Result<DecisionLeaf> read_leaf(const json::ObjectReader& in)
{
    TRY_OK(in.only(
        {"chain", "datasets", "deal", "enclave", "evidence", "hub", "kind", "mrtd", "policies", "reason", "task", "time"}));
    TRY(const std::string_view kind, in.text("kind"));
    TRY(const std::string_view reason, in.text("reason"));
    TRY(const std::uint64_t time, in.u64("time", kMaxTime));
    TRY(const std::uint64_t chain_id, in.u64("chain", kMaxInteger));
    TRY(const auto hub, in.id<eth::Address>("hub"));
    TRY(const auto deal, in.id<Hash256>("deal"));
    TRY(const auto task, in.id<Hash256>("task"));
    TRY(const json::ArrayReader datasets_in, in.array("datasets"));
    TRY(std::vector<eth::Address> datasets, read_addresses(datasets_in));
    TRY(const auto evidence, in.id<Hash256>("evidence"));
    TRY(const std::string_view mr_td, in.text("mrtd"));
    TRY(const auto enclave, in.id<eth::Address>("enclave"));
    TRY(const json::ArrayReader policies_in, in.array("policies"));
    TRY(std::vector<std::string> policies, read_texts(policies_in));
    return DecisionLeaf{.released = kind == "release",
                        .reason = std::string(reason),
                        .time = UnixSeconds(std::chrono::seconds(time)),
                        .chain_id = chain_id,
                        .hub = hub,
                        .deal = deal,
                        .task = task,
                        .datasets = std::move(datasets),
                        .evidence = evidence,
                        .mr_td = std::string(mr_td),
                        .enclave = enclave,
                        .policies = std::move(policies)};
}

Result<DecisionLeaf> read_leaf(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kLeafLimits));
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    return read_leaf(in);
}

}  // namespace

Hash256 tree_head_digest(std::uint64_t chain_id, std::uint64_t size, const Hash256& root, std::uint64_t timestamp)
{
    static const Hash256 type = eth::type_hash("TreeHead(uint64 size,bytes32 root,uint64 timestamp)");
    const Hash256 domain = eth::domain_separator(
        {.name = "iapp-ledger", .version = "1", .chain_id = chain_id, .verifying_contract = std::nullopt});
    return eth::typed_digest(domain, eth::StructHash(type).uint(size).bytes32(root).uint(timestamp).finish());
}

Bytes encode_leaf(const DecisionLeaf& leaf) { return to_bytes(json::print(leaf_json(leaf))); }

Result<DecisionLeaf> parse_leaf(ByteView bytes)
{
    auto leaf = read_leaf(as_text(bytes));
    if (!leaf) return fail(ErrorKind::invalid_input, "attest.ledger_leaf", explain(leaf.error()));
    if (encode_leaf(*leaf) != to_bytes(bytes))
        return fail(ErrorKind::invalid_input, "attest.ledger_leaf", "the leaf is not canonical JSON");
    return leaf;
}

json::Value to_json(const TreeHead& head)
{
    return json::Object{
        {"root", head.root.hex()}, {"signature", head.signature.hex()}, {"size", head.size}, {"timestamp", head.timestamp}};
}

Result<TreeHead> tree_head_from_json(const json::Value& value)
{
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    TRY_OK(in.only({"root", "signature", "size", "timestamp"}));
    TRY(const std::uint64_t size, in.u64("size", kMaxInteger));
    TRY(const auto root, in.id<Hash256>("root"));
    TRY(const std::uint64_t timestamp, in.u64("timestamp", kMaxTime));
    TRY(const auto signature, in.id<crypto::Signature65>("signature"));
    return TreeHead{size, root, timestamp, signature};
}

json::Value to_json(const Decision& decision)
{
    json::Array inclusion;
    for (const Hash256& node : decision.inclusion) inclusion.emplace_back(node.hex());
    return json::Object{{"inclusion", std::move(inclusion)},
                        {"index", decision.index},
                        {"leaf", codec::base64(decision.leaf)},
                        {"treeHead", to_json(decision.tree_head)}};
}

Result<Decision> decision_from_json(const json::Value& value)
{
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    TRY_OK(in.only({"inclusion", "index", "leaf", "treeHead"}));
    TRY(Bytes leaf, in.bytes_base64("leaf"));
    TRY(const std::uint64_t index, in.u64("index", kMaxInteger));
    TRY(const json::Value* head_value, in.value("treeHead"));
    TRY(const TreeHead head, tree_head_from_json(*head_value));
    TRY(const json::ArrayReader array, in.array("inclusion"));
    if (array.size() > kMaxProof)
        return fail(ErrorKind::invalid_input, "json.range", array.path() + ": more than 64 hashes");
    std::vector<Hash256> inclusion;
    for (std::size_t i = 0; i < array.size(); ++i) {
        TRY(const Hash256 node, array.id<Hash256>(i));
        inclusion.push_back(node);
    }
    return Decision{std::move(leaf), index, head, std::move(inclusion)};
}

}  // namespace iapp::attest
