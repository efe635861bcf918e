#include "poco/calls.hpp"

#include "poco/internal/order_abi.hpp"

namespace iapp::poco::call {
namespace {

using eth::AbiWriter;
using internal::order_tuple;
using internal::tuple_type;

Bytes call(std::string_view signature, const AbiWriter& arguments) { return arguments.call(eth::selector(signature)); }

template <eth::FixedText kSignature>
Bytes call(const AbiWriter& arguments = {})
{
    return arguments.call(eth::selector<kSignature>());
}

/// The three functions that take all four orders.
Bytes call_with_orders(const std::string& function, const OrderSet& orders)
{
    static const std::string types = "(" + tuple_type<AppOrder>() + "," + tuple_type<DatasetOrder>() + "," +
                                     tuple_type<WorkerpoolOrder>() + "," + tuple_type<RequestOrder>() + ")";
    AbiWriter arguments;
    arguments.tuple(order_tuple(orders.app)).tuple(order_tuple(orders.dataset));
    arguments.tuple(order_tuple(orders.workerpool)).tuple(order_tuple(orders.request));
    return call(function + types, arguments);
}

/// manageXOrder((order, uint8 operation, bytes sign))
template <class Order>
Bytes manage(const std::string& function, const Order& order, Operation operation, ByteView sign)
{
    AbiWriter members;
    members.tuple(order_tuple(order)).uint(static_cast<std::uint64_t>(operation)).bytes(sign);
    return call(function + "((" + tuple_type<Order>() + ",uint8,bytes))", AbiWriter{}.tuple(members));
}

template <class Items, class Write>
std::vector<AbiWriter> each(const Items& items, Write write)
{
    std::vector<AbiWriter> out;
    for (const auto& item : items) write(out.emplace_back(), item);
    return out;
}

template <eth::FixedText kSignature>
Bytes call_with_tasks(std::span<const DealIndex> tasks)
{
    const auto deals = each(tasks, [](AbiWriter& out, const DealIndex& task) { out.bytes32(task.deal); });
    const auto indexes = each(tasks, [](AbiWriter& out, const DealIndex& task) { out.uint(task.index); });
    return call<kSignature>(AbiWriter{}.array(deals).array(indexes));
}

}  // namespace

Bytes match_orders(const OrderSet& orders) { return call_with_orders("matchOrders", orders); }
Bytes sponsor_match_orders(const OrderSet& orders) { return call_with_orders("sponsorMatchOrders", orders); }
Bytes compute_deal_volume(const OrderSet& orders) { return call_with_orders("computeDealVolume", orders); }

Bytes manage_app_order(const AppOrder& order, Operation operation, ByteView sign)
{
    return manage("manageAppOrder", order, operation, sign);
}
Bytes manage_dataset_order(const DatasetOrder& order, Operation operation, ByteView sign)
{
    return manage("manageDatasetOrder", order, operation, sign);
}
Bytes manage_workerpool_order(const WorkerpoolOrder& order, Operation operation, ByteView sign)
{
    return manage("manageWorkerpoolOrder", order, operation, sign);
}
Bytes manage_request_order(const RequestOrder& order, Operation operation, ByteView sign)
{
    return manage("manageRequestOrder", order, operation, sign);
}

Bytes verify_signature(const Address& identity, const Hash256& hash, ByteView signature)
{
    return call<"verifySignature(address,bytes32,bytes)">(AbiWriter{}.address(identity).bytes32(hash).bytes(signature));
}
Bytes verify_presignature(const Address& identity, const Hash256& hash)
{
    return call<"verifyPresignature(address,bytes32)">(AbiWriter{}.address(identity).bytes32(hash));
}
Bytes verify_presignature_or_signature(const Address& identity, const Hash256& hash, ByteView signature)
{
    return call<"verifyPresignatureOrSignature(address,bytes32,bytes)">(
        AbiWriter{}.address(identity).bytes32(hash).bytes(signature));
}
Bytes assert_dataset_deal_compatibility(const DatasetOrder& order, const DealId& deal)
{
    return call("assertDatasetDealCompatibility(" + tuple_type<DatasetOrder>() + ",bytes32)",
                AbiWriter{}.tuple(order_tuple(order)).bytes32(deal));
}

Bytes initialize(const DealId& deal, std::uint64_t index)
{
    return call<"initialize(bytes32,uint256)">(AbiWriter{}.bytes32(deal).uint(index));
}

Bytes contribute(const Contribute& a)
{
    return call<"contribute(bytes32,bytes32,bytes32,address,bytes,bytes)">(AbiWriter{}
                                                                               .bytes32(a.task)
                                                                               .bytes32(a.result_hash)
                                                                               .bytes32(a.result_seal)
                                                                               .address(a.enclave_challenge)
                                                                               .bytes(a.enclave_sign)
                                                                               .bytes(a.authorization_sign));
}

Bytes contribute_and_finalize(const ContributeAndFinalize& a)
{
    return call<"contributeAndFinalize(bytes32,bytes32,bytes,bytes,address,bytes,bytes)">(AbiWriter{}
                                                                                              .bytes32(a.task)
                                                                                              .bytes32(a.result_digest)
                                                                                              .bytes(a.results)
                                                                                              .bytes(a.results_callback)
                                                                                              .address(a.enclave_challenge)
                                                                                              .bytes(a.enclave_sign)
                                                                                              .bytes(a.authorization_sign));
}

Bytes reveal(const TaskId& task, const Hash256& digest)
{
    return call<"reveal(bytes32,bytes32)">(AbiWriter{}.bytes32(task).bytes32(digest));
}
Bytes finalize(const TaskId& task, ByteView results, ByteView results_callback)
{
    return call<"finalize(bytes32,bytes,bytes)">(AbiWriter{}.bytes32(task).bytes(results).bytes(results_callback));
}
Bytes reopen(const TaskId& task) { return call<"reopen(bytes32)">(AbiWriter{}.bytes32(task)); }
Bytes claim(const TaskId& task) { return call<"claim(bytes32)">(AbiWriter{}.bytes32(task)); }
Bytes claim_array(std::span<const TaskId> tasks)
{
    return call<"claimArray(bytes32[])">(
        AbiWriter{}.array(each(tasks, [](AbiWriter& out, const TaskId& task) { out.bytes32(task); })));
}
Bytes initialize_array(std::span<const DealIndex> tasks)
{
    return call_with_tasks<"initializeArray(bytes32[],uint256[])">(tasks);
}
Bytes initialize_and_claim_array(std::span<const DealIndex> tasks)
{
    return call_with_tasks<"initializeAndClaimArray(bytes32[],uint256[])">(tasks);
}

Bytes view_deal(const DealId& deal) { return call<"viewDeal(bytes32)">(AbiWriter{}.bytes32(deal)); }
Bytes view_task(const TaskId& task) { return call<"viewTask(bytes32)">(AbiWriter{}.bytes32(task)); }
Bytes view_contribution(const TaskId& task, const Address& worker)
{
    return call<"viewContribution(bytes32,address)">(AbiWriter{}.bytes32(task).address(worker));
}
Bytes view_account(const Address& account) { return call<"viewAccount(address)">(AbiWriter{}.address(account)); }
Bytes view_consumed(const Hash256& order_hash) { return call<"viewConsumed(bytes32)">(AbiWriter{}.bytes32(order_hash)); }
Bytes view_presigned(const Hash256& order_hash) { return call<"viewPresigned(bytes32)">(AbiWriter{}.bytes32(order_hash)); }
Bytes view_score(const Address& worker) { return call<"viewScore(address)">(AbiWriter{}.address(worker)); }
Bytes view_category(std::uint64_t category) { return call<"viewCategory(uint256)">(AbiWriter{}.uint(category)); }
Bytes view_app(const Address& app) { return call<"viewApp(address)">(AbiWriter{}.address(app)); }
Bytes view_dataset(const Address& dataset) { return call<"viewDataset(address)">(AbiWriter{}.address(dataset)); }
Bytes view_workerpool(const Address& workerpool) { return call<"viewWorkerpool(address)">(AbiWriter{}.address(workerpool)); }
Bytes count_category() { return call<"countCategory()">(); }
Bytes frozen_of(const Address& account) { return call<"frozenOf(address)">(AbiWriter{}.address(account)); }
Bytes result_for(const TaskId& task) { return call<"resultFor(bytes32)">(AbiWriter{}.bytes32(task)); }
Bytes domain() { return call<"domain()">(); }
Bytes eip712domain_separator() { return call<"eip712domain_separator()">(); }
Bytes callbackgas() { return call<"callbackgas()">(); }
Bytes teebroker() { return call<"teebroker()">(); }
Bytes appregistry() { return call<"appregistry()">(); }
Bytes datasetregistry() { return call<"datasetregistry()">(); }
Bytes workerpoolregistry() { return call<"workerpoolregistry()">(); }
Bytes token() { return call<"token()">(); }
Bytes final_deadline_ratio() { return call<"final_deadline_ratio()">(); }

Bytes deposit(const U256& amount_nrlc) { return call<"deposit(uint256)">(AbiWriter{}.uint(amount_nrlc)); }
Bytes deposit_for(const U256& amount_nrlc, const Address& target)
{
    return call<"depositFor(uint256,address)">(AbiWriter{}.uint(amount_nrlc).address(target));
}
Bytes withdraw(const U256& amount_nrlc) { return call<"withdraw(uint256)">(AbiWriter{}.uint(amount_nrlc)); }
Bytes withdraw_to(const U256& amount_nrlc, const Address& target)
{
    return call<"withdrawTo(uint256,address)">(AbiWriter{}.uint(amount_nrlc).address(target));
}

Bytes configure(const Configure& a)
{
    return call<"configure(address,string,string,uint8,address,address,address,address)">(AbiWriter{}
                                                                                              .address(a.token)
                                                                                              .string(a.name)
                                                                                              .string(a.symbol)
                                                                                              .uint(a.decimals)
                                                                                              .address(a.appregistry)
                                                                                              .address(a.datasetregistry)
                                                                                              .address(a.workerpoolregistry)
                                                                                              .address(a.v3_hub));
}
Bytes create_category(std::string_view name, std::string_view description, std::chrono::seconds work_time)
{
    const auto seconds = static_cast<std::uint64_t>(work_time.count());
    return call<"createCategory(string,string,uint256)">(AbiWriter{}.string(name).string(description).uint(seconds));
}
Bytes set_callback_gas(const U256& gas) { return call<"setCallbackGas(uint256)">(AbiWriter{}.uint(gas)); }

}  // namespace iapp::poco::call
