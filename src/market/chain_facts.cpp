#include "market/chain_facts.hpp"

#include "market/internal/outcome.hpp"
#include "poco/calls.hpp"
#include "poco/views.hpp"

namespace iapp::market {
namespace {

using internal::decode_or;

bool is_request(const FactsQuestion& question) { return question.listing->kind == OrderKind::request; }

Address registry_of(const wire::NetworkContracts& contracts, OrderKind kind)
{
    switch (kind) {
        case OrderKind::app:
            return contracts.app_registry;
        case OrderKind::dataset:
            return contracts.dataset_registry;
        case OrderKind::workerpool:
            return contracts.workerpool_registry;
        case OrderKind::request:
            break;
    }
    return Address::zero();
}

/// Calls, and answers, of one question.
std::size_t count_calls(const FactsQuestion& question)
{
    return 1U + (is_request(question) ? 0U : 2U) + (question.is_signature_valid ? 0U : 1U);
}

/// As many as count_calls() says.
void add_calls(const chain::Hub& hub, const wire::NetworkContracts& contracts, const FactsQuestion& question,
               std::vector<chain::ContractCall>& calls)
{
    const Listing& listing = *question.listing;
    calls.push_back({hub.address(), poco::call::view_account(question.authenticated)});
    if (!is_request(question)) {
        calls.push_back({registry_of(contracts, listing.kind), poco::call::is_registered(listing.resource())});
        calls.push_back({listing.resource(), poco::call::owner()});
    }
    if (!question.is_signature_valid)
        calls.push_back({hub.address(),
                         poco::call::verify_presignature_or_signature(question.authenticated, question.hash, listing.sign)});
}

Result<PublishFacts> read(const FactsQuestion& question, std::span<const chain::CallOutcome> answers)
{
    PublishFacts facts;
    facts.authenticated = question.authenticated;
    facts.is_signature_valid = question.is_signature_valid;
    TRY(const Bytes account_data, answers[0].value());
    TRY(const poco::Account account, poco::decode_account(account_data));
    facts.stake = account.stake;
    const bool of_requester = is_request(question);
    facts.is_registered = of_requester || decode_or(answers[1], poco::decode_bool, false);
    facts.owner = of_requester ? question.listing->requester : decode_or(answers[2], poco::decode_address, Address::zero());
    if (!facts.is_signature_valid) facts.is_signature_valid = decode_or(answers.back(), poco::decode_bool, false);
    return facts;
}

}  // namespace

Result<ChainFacts> read_chain_facts(const chain::Hub& hub, const wire::NetworkContracts& contracts,
                                    std::span<const FactsQuestion> questions, const Hash256& block,
                                    internal::CallMemory& memory, const net::CallContext& context)
{
    std::vector<chain::ContractCall> calls;
    for (const FactsQuestion& question : questions) add_calls(hub, contracts, question, calls);
    TRY(const auto told, memory.ask(hub.rpc(), calls, block, context));
    std::span<const chain::CallOutcome> rest(told.outcomes);
    ChainFacts out{{}, {told.head.number, told.head.hash}};
    out.facts.reserve(questions.size());
    for (const FactsQuestion& question : questions) {
        const std::size_t count = count_calls(question);
        out.facts.push_back(read(question, rest.first(count)));
        rest = rest.subspan(count);
    }
    return out;
}

}  // namespace iapp::market
