// Typed reads. Each is one eth_call whose calldata poco/calls.hpp writes and whose answer poco/views.hpp reads.
#include "chain/hub.hpp"

#include "chain/internal/exchange.hpp"
#include "poco/calls.hpp"
#include "poco/order_hash.hpp"
#include "poco/views.hpp"

namespace iapp::chain {
namespace {

// The loupe of EIP-2535 is a matter of deployments, not of the protocol.
Bytes facet_address(std::string_view function)
{
    return eth::AbiWriter{}.bytes4(eth::selector(function)).call(eth::selector("facetAddress(bytes4)"));
}

template <class Decode>
auto read(const JsonRpcClient& rpc, const Address& to, Bytes data, Decode decode, const net::CallContext& context,
          const BlockId& at) -> decltype(decode(ByteView{}))
{
    TRY(const Bytes answer, rpc.eth_call({to, std::move(data)}, context, at));
    return decode(answer);
}

/// Several getters of one contract in one batch. No code there answers empty data: not_found.
Result<std::vector<Bytes>> read_all(const JsonRpcClient& rpc, const Address& to, std::vector<Bytes> getters,
                                    const net::CallContext& context, const BlockId& at)
{
    std::vector<ContractCall> calls;
    calls.reserve(getters.size());
    for (Bytes& getter : getters) calls.push_back({to, std::move(getter)});
    TRY(const auto outcomes, rpc.eth_call_many(calls, context, at));
    std::vector<Bytes> answers;
    for (const CallOutcome& outcome : outcomes) {
        TRY(Bytes data, outcome.value());
        if (data.empty())
            return fail(ErrorKind::not_found, "hub.resource",
                        "there is no contract of that kind at " + to.hex() + "; check the address");
        answers.push_back(std::move(data));
    }
    return answers;
}

Result<std::uint64_t> decode_u64(ByteView data)
{
    TRY(const U256 value, poco::decode_uint(data));
    return value.to_u64();
}

}  // namespace

Hub::Hub(const JsonRpcClient& rpc, std::uint64_t chain_id, const Address& hub)
    : rpc_(&rpc), chain_id_(chain_id), hub_(hub), separator_(poco::hub_domain_separator(chain_id, hub))
{
}

Result<poco::Deal> Hub::view_deal(const poco::DealId& id, const net::CallContext& context, const BlockId& at) const
{
    return read(*rpc_, hub_, poco::call::view_deal(id), poco::decode_deal, context, at);
}

Result<poco::Task> Hub::view_task(const poco::TaskId& id, const net::CallContext& context, const BlockId& at) const
{
    return read(*rpc_, hub_, poco::call::view_task(id), poco::decode_task, context, at);
}

Result<poco::Contribution> Hub::view_contribution(const poco::TaskId& id, const Address& worker,
                                                  const net::CallContext& context, const BlockId& at) const
{
    return read(*rpc_, hub_, poco::call::view_contribution(id, worker), poco::decode_contribution, context, at);
}

Result<poco::Account> Hub::view_account(const Address& owner, const net::CallContext& context, const BlockId& at) const
{
    return read(*rpc_, hub_, poco::call::view_account(owner), poco::decode_account, context, at);
}

Result<U256> Hub::view_consumed(const Hash256& order_hash, const net::CallContext& context, const BlockId& at) const
{
    return read(*rpc_, hub_, poco::call::view_consumed(order_hash), poco::decode_uint, context, at);
}

Result<poco::Category> Hub::view_category(std::uint64_t index, const net::CallContext& context) const
{
    return read(*rpc_, hub_, poco::call::view_category(index), poco::decode_category, context, BlockId::latest());
}

Result<std::uint64_t> Hub::category_count(const net::CallContext& context) const
{
    return read(*rpc_, hub_, poco::call::count_category(), decode_u64, context, BlockId::latest());
}

Result<std::uint64_t> Hub::callback_gas(const net::CallContext& context) const
{
    return read(*rpc_, hub_, poco::call::callbackgas(), decode_u64, context, BlockId::latest());
}

Result<Address> Hub::tee_broker(const net::CallContext& context) const
{
    return read(*rpc_, hub_, poco::call::teebroker(), poco::decode_address, context, BlockId::latest());
}

Result<Hash256> Hub::domain_separator(const net::CallContext& context) const
{
    return read(*rpc_, hub_, poco::call::eip712domain_separator(), poco::decode_bytes32, context, BlockId::latest());
}

Result<eth::Eip712Domain> Hub::domain(const net::CallContext& context) const
{
    return read(*rpc_, hub_, poco::call::domain(), poco::decode_domain, context, BlockId::latest());
}

Result<HubContracts> Hub::contracts(const net::CallContext& context) const
{
    const std::lock_guard lock(mutex_);
    if (contracts_) return *contracts_;
    TRY(const auto answers, read_all(*rpc_, hub_,
                                     {poco::call::token(), poco::call::appregistry(), poco::call::datasetregistry(),
                                      poco::call::workerpoolregistry()},
                                     context, BlockId::latest()));
    TRY(const Address token, poco::decode_address(answers[0]));
    TRY(const Address apps, poco::decode_address(answers[1]));
    TRY(const Address datasets, poco::decode_address(answers[2]));
    TRY(const Address workerpools, poco::decode_address(answers[3]));
    contracts_ = HubContracts{token, apps, datasets, workerpools};
    return *contracts_;
}

Result<poco::HubVersion> Hub::version(const net::CallContext& context) const
{
    const std::lock_guard lock(mutex_);
    if (version_) return *version_;
    TRY(const auto answers,
        read_all(*rpc_, hub_, {facet_address("transfer(address,uint256)"), facet_address("deposit(uint256)")}, context,
                 BlockId::latest()));
    TRY(const Address erc20, poco::decode_address(answers[0]));
    TRY(const Address escrow, poco::decode_address(answers[1]));
    version_ = erc20 == escrow ? poco::HubVersion::v6_2 : poco::HubVersion::v6_1;
    return *version_;
}

Result<Address> Hub::owner_of(const Address& resource, const net::CallContext& context, const BlockId& at) const
{
    TRY(const auto answers, read_all(*rpc_, resource, {poco::call::owner()}, context, at));
    return poco::decode_address(answers[0]);
}

Result<bool> Hub::is_registered(const Address& registry, const Address& resource, const net::CallContext& context,
                                const BlockId& at) const
{
    return read(*rpc_, registry, poco::call::is_registered(resource), poco::decode_bool, context, at);
}

Result<poco::AppEntry> Hub::view_app(const Address& app, const net::CallContext& context, const BlockId& at) const
{
    TRY(const auto answers, read_all(*rpc_, app,
                                     {poco::call::owner(), poco::call::app_name(), poco::call::app_type(),
                                      poco::call::app_multiaddr(), poco::call::app_checksum(), poco::call::app_mrenclave()},
                                     context, at));
    poco::AppEntry entry;
    TRY(entry.owner, poco::decode_address(answers[0]));
    TRY(entry.name, poco::decode_string(answers[1]));
    TRY(entry.type, poco::decode_string(answers[2]));
    TRY(entry.multiaddr, poco::decode_bytes(answers[3]));
    TRY(entry.checksum, poco::decode_bytes32(answers[4]));
    TRY(entry.mrenclave, poco::decode_bytes(answers[5]));
    return entry;
}

Result<poco::DatasetEntry> Hub::view_dataset(const Address& dataset, const net::CallContext& context,
                                             const BlockId& at) const
{
    TRY(const auto answers, read_all(*rpc_, dataset,
                                     {poco::call::owner(), poco::call::dataset_name(), poco::call::dataset_multiaddr(),
                                      poco::call::dataset_checksum()},
                                     context, at));
    poco::DatasetEntry entry;
    TRY(entry.owner, poco::decode_address(answers[0]));
    TRY(entry.name, poco::decode_string(answers[1]));
    TRY(entry.multiaddr, poco::decode_bytes(answers[2]));
    TRY(entry.checksum, poco::decode_bytes32(answers[3]));
    return entry;
}

Result<WorkerpoolPolicy> Hub::workerpool_policy(const Address& workerpool, const net::CallContext& context) const
{
    TRY(const auto answers,
        read_all(*rpc_, workerpool, {poco::call::worker_stake_ratio_policy(), poco::call::scheduler_reward_ratio_policy()},
                 context, BlockId::latest()));
    TRY(const std::uint64_t stake, decode_u64(answers[0]));
    TRY(const std::uint64_t reward, decode_u64(answers[1]));
    return WorkerpoolPolicy{stake, reward};
}

Status Hub::assert_compatible(const poco::DatasetOrder& order, const poco::DealId& deal, const net::CallContext& context,
                              const BlockId& at) const
{
    const ContractCall question{hub_, poco::call::assert_dataset_deal_compatibility(order, deal)};
    TRY(const auto outcomes, rpc_->eth_call_many({&question, 1}, context, at));
    if (!outcomes[0].reverted) return {};
    return fail(ErrorKind::precondition_failed, "hub.incompatible", outcomes[0].reason());
}

}  // namespace iapp::chain
