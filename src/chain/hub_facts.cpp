// Gathers what poco::explain() and poco::check_compatibility() decide on. Two requests: what the orders name, then what the
// owners found there decide. The two may see neighbouring blocks unless the caller names one.
#include <functional>

#include "chain/hub.hpp"
#include "chain/internal/exchange.hpp"
#include "poco/calls.hpp"
#include "poco/order_hash.hpp"
#include "poco/views.hpp"

namespace iapp::chain {
namespace {

using internal::Answer;

/// A batch that remembers what each answer is for: `add` a request with the reader of its answer, then `run`.
class Questions {
public:
    using Reader = std::function<Status(const Answer&)>;

    Questions(const JsonRpcClient& rpc, const BlockId& at) : rpc_(rpc), at_(at) {}

    void code(const Address& address, bool& has_code)
    {
        add(internal::code_request(address, at_), [&has_code](const Answer& answer) -> Status {
            TRY(const json::Value value, internal::value_of(answer));
            TRY(const Bytes code, internal::read_bytes(value));
            has_code = !code.empty();
            return {};
        });
    }

    /// A getter; a revert or an empty answer (no such contract) leaves `out` as it is.
    template <class T, class Decode>
    void call(const Address& to, Bytes data, Decode decode, T& out)
    {
        add_call(to, std::move(data), [decode, &out](const CallOutcome& outcome) -> Status {
            if (outcome.reverted || outcome.data.empty()) return {};
            TRY(out, decode(outcome.data));
            return {};
        });
    }

    /// The hub's own judgement of a signature.
    void signature(const Address& hub, const Address& signer, const Hash256& hash, ByteView sign, poco::SignatureFact& out)
    {
        add_call(hub, poco::call::verify_presignature_or_signature(signer, hash, sign),
                 [&out](const CallOutcome& outcome) -> Status {
                     if (outcome.reverted) {
                         out = outcome.reason() == "invalid-signature-format" ? poco::SignatureFact::malformed
                                                                              : poco::SignatureFact::invalid;
                         return {};
                     }
                     TRY(const bool valid, poco::decode_bool(outcome.data));
                     out = valid ? poco::SignatureFact::valid : poco::SignatureFact::invalid;
                     return {};
                 });
    }

    /// ERC-734 membership as the hub asks it: a group that fails to answer says no.
    void membership(const std::pair<Address, Address>& question, std::set<std::pair<Address, Address>>& members)
    {
        add_call(question.first, poco::call::key_has_purpose(question.second),
                 [question, &members](const CallOutcome& outcome) -> Status {
                     if (!outcome.reverted && poco::decode_bool(outcome.data).value_or(false)) members.insert(question);
                     return {};
                 });
    }

    Status run(const net::CallContext& context)
    {
        TRY(const auto answers, internal::Exchange::ask(rpc_, calls_, context));
        for (std::size_t i = 0; i < answers.size(); ++i) TRY_OK(readers_[i](answers[i]));
        calls_.clear();
        readers_.clear();
        return {};
    }

private:
    void add(RpcCall call, Reader reader)
    {
        calls_.push_back(std::move(call));
        readers_.push_back(std::move(reader));
    }

    void add_call(const Address& to, Bytes data, std::function<Status(const CallOutcome&)> reader)
    {
        add(internal::eth_call_request({to, std::move(data)}, at_),
            [reader = std::move(reader)](const Answer& answer) -> Status {
                TRY(const CallOutcome outcome, internal::read_outcome(answer));
                return reader(outcome);
            });
    }

    const JsonRpcClient& rpc_;
    const BlockId& at_;
    std::vector<RpcCall> calls_;
    std::vector<Reader> readers_;
};

Result<std::uint64_t> decode_u64(ByteView data)
{
    TRY(const U256 value, poco::decode_uint(data));
    return value.to_u64();
}

struct Resource {
    Address address;
    Address registry;
    Hash256 order_hash;
    ByteView sign;
    poco::ResourceFacts& facts;
};

void ask_about(Questions& questions, const Address& hub, const Resource& resource)
{
    questions.code(resource.address, resource.facts.has_code);
    questions.call(resource.registry, poco::call::is_registered(resource.address), poco::decode_bool,
                   resource.facts.registered);
    questions.call(resource.address, poco::call::owner(), poco::decode_address, resource.facts.owner);
    questions.call(hub, poco::call::view_consumed(resource.order_hash), poco::decode_uint, resource.facts.consumed);
}

}  // namespace

Result<poco::MatchFacts> Hub::match_facts(const poco::OrderSet& orders, const net::CallContext& context,
                                          std::optional<Address> sponsor, const BlockId& at) const
{
    TRY(const HubContracts registries, contracts(context));
    poco::MatchFacts facts;
    TRY(facts.hub_version, version(context));
    facts.payer = sponsor.value_or(orders.request.requester);
    facts.request_hash = poco::order_hash(separator_, orders.request);

    const Address& pool = orders.workerpool.workerpool;
    std::vector<Resource> resources{
        {orders.app.app, registries.app_registry, poco::order_hash(separator_, orders.app), orders.app.sign, facts.app},
        {pool, registries.workerpool_registry, poco::order_hash(separator_, orders.workerpool), orders.workerpool.sign,
         facts.workerpool}};
    if (orders.has_dataset())
        resources.push_back({orders.dataset.dataset, registries.dataset_registry,
                             poco::order_hash(separator_, orders.dataset), orders.dataset.sign, facts.dataset});

    Questions questions(*rpc_, at);
    poco::Account payer, pool_owner;
    for (const Resource& resource : resources) ask_about(questions, hub_, resource);
    questions.call(hub_, poco::call::count_category(), poco::decode_uint, facts.category_count);
    questions.call(hub_, poco::call::view_consumed(facts.request_hash), poco::decode_uint, facts.request_consumed);
    questions.signature(hub_, orders.request.requester, facts.request_hash, orders.request.sign, facts.request_signature);
    questions.call(hub_, poco::call::view_account(facts.payer), poco::decode_account, payer);
    questions.call(pool, poco::call::worker_stake_ratio_policy(), decode_u64, facts.worker_stake_ratio);
    questions.call(pool, poco::call::scheduler_reward_ratio_policy(), decode_u64, facts.scheduler_reward_ratio);
    for (const auto& question : poco::group_questions(orders)) questions.membership(question, facts.members);
    TRY_OK(questions.run(context));

    for (const Resource& resource : resources)
        if (!resource.facts.owner.is_zero())
            questions.signature(hub_, resource.facts.owner, resource.order_hash, resource.sign, resource.facts.signature);
    questions.call(hub_, poco::call::view_account(facts.workerpool.owner), poco::decode_account, pool_owner);
    TRY_OK(questions.run(context));

    facts.payer_stake = payer.stake;
    facts.pool_owner_stake = pool_owner.stake;
    return facts;
}

Result<poco::CompatibilityFacts> Hub::compatibility_facts(const poco::DatasetOrder& order, const poco::Deal& deal,
                                                          const net::CallContext& context, const BlockId& at) const
{
    poco::CompatibilityFacts facts;
    TRY(facts.hub_version, version(context));
    const Hash256 hash = poco::order_hash(separator_, order);
    const std::pair<Address, Address> restrictions[] = {{order.apprestrict, deal.app.pointer},
                                                        {order.workerpoolrestrict, deal.workerpool.pointer},
                                                        {order.requesterrestrict, deal.requester}};
    Questions questions(*rpc_, at);
    Address owner = Address::zero();
    questions.call(order.dataset, poco::call::owner(), poco::decode_address, owner);
    questions.call(hub_, poco::call::view_consumed(hash), poco::decode_uint, facts.consumed);
    for (const auto& question : restrictions)
        if (!question.first.is_zero() && question.first != question.second) questions.membership(question, facts.members);
    TRY_OK(questions.run(context));
    if (owner.is_zero()) return facts;
    questions.signature(hub_, owner, hash, order.sign, facts.signature);
    TRY_OK(questions.run(context));
    return facts;
}

}  // namespace iapp::chain
