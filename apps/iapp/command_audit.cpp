// iapp audit: reads the whole key-release ledger, proves it is the one that is signed and that it still begins with what was
// seen before.
#include "commands.hpp"
#include "crypto/merkle.hpp"
#include "eth/signature.hpp"
#include "options.hpp"
#include "paths.hpp"
#include "wire/ledger_api.hpp"

namespace iapp::cli {
namespace {

struct Seen {
    attest::TreeHead head;
    std::vector<Bytes> leaves;
};

std::filesystem::path memory_file(const eth::Address& ledger_signer)
{
    return state_home() / "ledger" / (ledger_signer.hex() + ".json");
}

Result<attest::TreeHead> fetch_head(const Session& session, const eth::Address& ledger_signer)
{
    TRY(const auto body, session.get(session.network.services.sms + "/v1/ledger/head"));
    TRY(const auto head, wire::parse_tree_head(body));
    const auto digest = attest::tree_head_digest(session.network.chain_id, head.size, head.root, head.timestamp);
    TRY(const auto signer, eth::recover_address(digest, head.signature));
    if (signer == ledger_signer) return head;
    return fail(ErrorKind::permission_denied, "audit.signer",
                "the tree head is signed by " + eth::to_checksum(signer) + ", not by the ledger's key");
}

Result<std::vector<Bytes>> fetch_leaves(const Session& session, std::uint64_t size)
{
    std::vector<Bytes> leaves;
    while (leaves.size() < size) {
        const std::string range = "?from=" + std::to_string(leaves.size()) + "&count=" +
                                  std::to_string(std::min<std::uint64_t>(size - leaves.size(), wire::kMaxLedgerLeaves));
        TRY(const auto body, session.get(session.network.services.sms + "/v1/ledger/leaves" + range));
        TRY(auto page, wire::parse_ledger_leaves(body));
        if (page.from != leaves.size() || page.leaves.empty())
            return fail(ErrorKind::corrupt, "audit.leaves", "the ledger holds back leaf " + std::to_string(leaves.size()));
        for (Bytes& leaf : page.leaves) leaves.push_back(std::move(leaf));
    }
    leaves.resize(size);
    return leaves;
}

/// Root of the first `size` leaves.
Hash256 root_of(const std::vector<Bytes>& leaves, std::uint64_t size)
{
    crypto::MerkleFrontier frontier;
    for (std::uint64_t i = 0; i < size; ++i) frontier.append(crypto::merkle_leaf_hash(leaves[i]));
    return frontier.root();
}

Status check_against_memory(const std::filesystem::path& file, const Seen& seen)
{
    const auto text = read_file(file.string());
    if (!text) return {};  // the first audit from this machine
    TRY(const auto before, wire::parse_tree_head(*text));
    if (before.size <= seen.head.size && root_of(seen.leaves, before.size) == before.root) return {};
    return fail(ErrorKind::permission_denied, "audit.rewritten",
                "the ledger no longer begins with the " + std::to_string(before.size) + " leaves this machine saw on " +
                    iso8601(UnixSeconds{std::chrono::seconds(before.timestamp)}) + "; its operator rewrote history");
}

Result<Seen> audit(const Session& session, const eth::Address& ledger_signer)
{
    TRY(const auto head, fetch_head(session, ledger_signer));
    TRY(auto leaves, fetch_leaves(session, head.size));
    if (root_of(leaves, head.size) != head.root)
        return fail(ErrorKind::permission_denied, "audit.root", "the leaves do not hash to the signed root");
    return Seen{head, std::move(leaves)};
}

std::string line_of(std::uint64_t index, const attest::DecisionLeaf& leaf)
{
    std::string line = std::to_string(index) + "  " + iso8601(leaf.time) + "  " + leaf.reason + "  task " + leaf.task.hex();
    for (const auto& dataset : leaf.datasets) line += "  data " + eth::to_checksum(dataset);
    return line + "\n";
}

boost::json::object json_of(std::uint64_t index, const attest::DecisionLeaf& leaf)
{
    boost::json::array datasets;
    for (const auto& dataset : leaf.datasets) datasets.push_back(boost::json::string(eth::to_checksum(dataset)));
    return {{"leaf", index},
            {"released", leaf.released},
            {"reason", leaf.reason},
            {"time", iso8601(leaf.time)},
            {"task", leaf.task.hex()},
            {"deal", leaf.deal.hex()},
            {"datasets", std::move(datasets)},
            {"enclave", eth::to_checksum(leaf.enclave)}};
}

Result<Answer> describe(const Seen& seen, const Arguments& arguments)
{
    TRY(const std::uint64_t from, number_option(arguments, "--from", 0));
    const auto task = arguments.find("--task");
    if (task) TRY_OK(id_option<Hash256>(arguments, "--task"));
    Answer answer;
    boost::json::array decisions;
    for (std::uint64_t i = from; i < seen.leaves.size(); ++i) {
        TRY(const auto leaf, attest::parse_leaf(seen.leaves[i]));
        if (task && leaf.task.hex() != *task) continue;
        answer.text += line_of(i, leaf);
        decisions.push_back(json_of(i, leaf));
    }
    answer.text += "ledger of " + std::to_string(seen.head.size) + " decisions, root " + seen.head.root.hex() +
                   ": signed, complete, and only grown\n";
    answer.document["size"] = seen.head.size;
    answer.document["root"] = seen.head.root.hex();
    answer.document["decisions"] = std::move(decisions);
    return answer;
}

}  // namespace

Result<Answer> run_audit(const Arguments& arguments, Context& context)
{
    TRY(auto session, Session::open(context));
    TRY(const auto trust, wire::get_trust(session->network));
    TRY(const auto seen, audit(*session, trust.ledger_signer));
    const auto memory = memory_file(trust.ledger_signer);
    TRY_OK(check_against_memory(memory, seen));
    std::filesystem::create_directories(memory.parent_path());
    TRY_OK(write_file(memory.string(), wire::encode(seen.head)));
    return describe(seen, arguments);
}

}  // namespace iapp::cli
