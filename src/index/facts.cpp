#include "index/facts.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "chain/blocks.hpp"
#include "poco/calls.hpp"
#include "poco/events.hpp"

namespace iapp::index {
namespace {

constexpr std::uint64_t kStateKept = 64;  ///< blocks behind the head whose state every node still has

/// What a window of logs asks for.
struct Questions {
    std::set<DealId> deals;
    std::set<TaskId> tasks;
    std::set<ContributionKey> contributions;
    std::set<Address> apps, datasets, workerpools;
    std::map<std::uint64_t, Hash256> blocks;  ///< without a time yet
    std::map<Hash256, Hash256> transactions;  ///< and the block each is in
    std::set<Hash256> matching;               ///< transactions whose calldata may hold orders
};

Status note_hub_event(Questions& questions, const eth::Log& log)
{
    using namespace poco;
    if (is<OrdersMatched>(log)) {
        TRY(const auto event, OrdersMatched::decode(log));
        questions.deals.insert(event.deal);
        questions.matching.insert(log.transaction_hash);
    } else if (is<TaskInitialize>(log) || is<TaskFinalize>(log)) {
        questions.tasks.insert(TaskId{log.topics[1].array()});
    } else if (is<TaskContribute>(log)) {
        TRY(const auto event, TaskContribute::decode(log));
        questions.contributions.emplace(event.task, event.worker);
    }
    return {};
}

Status note_entry(std::set<Address>& entries, const eth::Log& log)
{
    if (!poco::is<poco::EntryTransfer>(log)) return {};
    TRY(const auto event, poco::EntryTransfer::decode(log));
    if (event.from.is_zero()) entries.insert(event.entry);
    return {};
}

Status note(Questions& questions, const Facts& facts, const wire::NetworkContracts& contracts, const eth::Log& log)
{
    if (!facts.times.contains(log.block_number)) questions.blocks.emplace(log.block_number, log.block_hash);
    questions.transactions.emplace(log.transaction_hash, log.block_hash);
    if (log.address == contracts.hub) return note_hub_event(questions, log);
    if (log.address == contracts.app_registry) return note_entry(questions.apps, log);
    if (log.address == contracts.dataset_registry) return note_entry(questions.datasets, log);
    if (log.address == contracts.workerpool_registry) return note_entry(questions.workerpools, log);
    return {};
}

std::unexpected<Error> unknown(std::string_view what, const std::string& id)
{
    return fail(ErrorKind::unavailable, "index.facts", "the node does not know " + std::string(what) + " " + id);
}

/// A number too large for its member: a fact of the chain, and no reason to stop.
bool is_beyond_use(const Error& error) { return error.reason == "abi.range" || error.reason == "view.status"; }

/// Asks one kind of question: calls, decodes, keeps what exists.
class Asker {
public:
    Asker(const chain::Hub& hub, const net::CallContext& context, chain::BlockId at)
        : hub_(hub), context_(context), at_(std::move(at))
    {
    }

    template <class Key, class Value>
    Status ask(const std::set<Key>& keys, auto call, auto decode, auto exists, std::string_view what,
               std::map<Key, Value>& out) const
    {
        std::vector<chain::ContractCall> calls;
        calls.reserve(keys.size());
        for (const Key& key : keys) calls.push_back({hub_.address(), call(key)});
        if (calls.empty()) return {};
        TRY(const auto outcomes, hub_.rpc().eth_call_many(calls, context_, at_));
        auto outcome = outcomes.begin();
        for (const Key& key : keys) {
            if (outcome->reverted) return unknown(what, name(key));
            auto value = decode((outcome++)->data);
            if (!value && is_beyond_use(value.error())) {
                log::warning("left out of the index", {{"what", what}, {"id", name(key)}});
                continue;
            }
            if (!value) return std::unexpected(value.error());
            if (!exists(*value)) return unknown(what, name(key));
            out.emplace(key, *std::move(value));
        }
        return {};
    }

private:
    static std::string name(const auto& id) { return id.hex(); }
    static std::string name(const ContributionKey& key) { return key.first.hex() + " of " + key.second.hex(); }

    const chain::Hub& hub_;
    const net::CallContext& context_;
    chain::BlockId at_;
};

Status ask_hub(const Asker& asker, const Questions& questions, Facts& facts)
{
    const auto always = [](const auto&) { return true; };
    const auto does_exist = [](const auto& value) { return value.exists(); };
    TRY_OK(asker.ask(questions.deals, poco::call::view_deal, poco::decode_deal, does_exist, "deal", facts.deals));
    TRY_OK(asker.ask(questions.tasks, poco::call::view_task, poco::decode_task, does_exist, "task", facts.tasks));
    TRY_OK(asker.ask(
        questions.contributions,
        [](const ContributionKey& key) { return poco::call::view_contribution(key.first, key.second); },
        poco::decode_contribution, [](const auto& value) { return value.status != poco::ContributionStatus::unset; },
        "contribution", facts.contributions));
    TRY_OK(asker.ask(questions.apps, poco::call::view_app, poco::decode_app, always, "app", facts.apps));
    TRY_OK(asker.ask(questions.datasets, poco::call::view_dataset, poco::decode_dataset, always, "dataset", facts.datasets));
    return asker.ask(
        questions.workerpools, poco::call::view_workerpool,
        [](ByteView data) -> Result<poco::WorkerpoolEntry> {
            TRY(auto view, poco::decode_workerpool(data));
            return std::move(view.entry);
        },
        always, "workerpool", facts.workerpools);
}

Status ask_times(const chain::JsonRpcClient& rpc, const Questions& questions, const net::CallContext& context, Facts& facts)
{
    std::vector<std::uint64_t> numbers;
    numbers.reserve(questions.blocks.size());
    for (const auto& [number, hash] : questions.blocks) numbers.push_back(number);
    if (numbers.empty()) return {};
    TRY(const auto blocks, chain::read_blocks(rpc, numbers, context));
    for (const chain::Block& block : blocks) {
        const auto asked = questions.blocks.find(block.number);
        if (asked == questions.blocks.end() || asked->second != block.hash)
            return unknown("block", std::to_string(block.number));
        facts.times.emplace(block.number, block.timestamp);
    }
    return {};
}

/// What is not read again is not kept: calldata may be large.
Status ask_transactions(const chain::JsonRpcClient& rpc, const Questions& questions, const net::CallContext& context,
                        Facts& facts)
{
    std::vector<chain::TransactionRef> refs;
    refs.reserve(questions.transactions.size());
    for (const auto& [hash, block] : questions.transactions) refs.push_back({hash, block});
    for (std::size_t at = 0; at < refs.size(); at += chain::kMostTransactions) {
        const auto some = std::span(refs).subspan(at, std::min(chain::kMostTransactions, refs.size() - at));
        TRY(auto transactions, chain::read_transactions(rpc, some, context));
        for (chain::Transaction& transaction : transactions) {
            if (!questions.matching.contains(transaction.hash)) transaction.input = {};
            facts.transactions.emplace(transaction.hash, std::move(transaction));
        }
    }
    return {};
}

/// Near the head the state of the window's end is asked for by hash, so that no other fork can answer. Farther back nodes
/// have forgotten that state, and no fork reaches it.
chain::BlockId state_for(const chain::LogWindow& window)
{
    return window.last.number + kStateKept > window.head ? chain::BlockId::hash(window.last.hash) : chain::BlockId::latest();
}

}  // namespace

Result<Facts> gather_facts(const chain::Hub& hub, const wire::NetworkContracts& contracts, const chain::LogWindow& window,
                           const net::CallContext& context)
{
    Facts facts{.separator = hub.separator(), .times = window.times};
    Questions questions;
    for (const eth::Log& log : window.logs) TRY_OK(note(questions, facts, contracts, log));
    TRY_OK(ask_times(hub.rpc(), questions, context, facts));
    TRY_OK(ask_transactions(hub.rpc(), questions, context, facts));
    TRY_OK(ask_hub(Asker(hub, context, state_for(window)), questions, facts));
    return facts;
}

}  // namespace iapp::index
