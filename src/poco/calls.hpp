#pragma once
// Calldata of the contracts the platform talks to. Each function is named after the Solidity function and answers
// selector || arguments; views.hpp decodes the answers, events.hpp the logs.
#include <span>

#include "eth/abi.hpp"
#include "poco/deal.hpp"
#include "poco/order.hpp"
#include "poco/order_hash.hpp"

// The hub (PoCo diamond): orders, deals, tasks, accounts.
namespace iapp::poco::call {

Bytes match_orders(const OrderSet& orders);
Bytes sponsor_match_orders(const OrderSet& orders);
Bytes compute_deal_volume(const OrderSet& orders);
/// `sign` may be empty when the owner sends the transaction itself.
Bytes manage_app_order(const AppOrder& order, Operation operation, ByteView sign = {});
Bytes manage_dataset_order(const DatasetOrder& order, Operation operation, ByteView sign = {});
Bytes manage_workerpool_order(const WorkerpoolOrder& order, Operation operation, ByteView sign = {});
Bytes manage_request_order(const RequestOrder& order, Operation operation, ByteView sign = {});

Bytes verify_signature(const Address& identity, const Hash256& hash, ByteView signature);
Bytes verify_presignature(const Address& identity, const Hash256& hash);
Bytes verify_presignature_or_signature(const Address& identity, const Hash256& hash, ByteView signature);
Bytes assert_dataset_deal_compatibility(const DatasetOrder& order, const DealId& deal);

Bytes initialize(const DealId& deal, std::uint64_t index);
struct Contribute {
    TaskId task;
    Hash256 result_hash;
    Hash256 result_seal;
    Address enclave_challenge;
    Bytes enclave_sign;
    Bytes authorization_sign;
};
Bytes contribute(const Contribute& arguments);
struct ContributeAndFinalize {
    TaskId task;
    Hash256 result_digest;
    Bytes results;           ///< the result link's text
    Bytes results_callback;  ///< empty without a callback
    Address enclave_challenge;
    Bytes enclave_sign;
    Bytes authorization_sign;
};
Bytes contribute_and_finalize(const ContributeAndFinalize& arguments);
Bytes reveal(const TaskId& task, const Hash256& digest);
Bytes finalize(const TaskId& task, ByteView results, ByteView results_callback);
Bytes reopen(const TaskId& task);
Bytes claim(const TaskId& task);
Bytes claim_array(std::span<const TaskId> tasks);
struct DealIndex {
    DealId deal;
    std::uint64_t index;
};
Bytes initialize_array(std::span<const DealIndex> tasks);
Bytes initialize_and_claim_array(std::span<const DealIndex> tasks);

Bytes view_deal(const DealId& deal);
Bytes view_task(const TaskId& task);
Bytes view_contribution(const TaskId& task, const Address& worker);
Bytes view_account(const Address& account);
Bytes view_consumed(const Hash256& order_hash);
Bytes view_presigned(const Hash256& order_hash);
Bytes view_score(const Address& worker);
Bytes view_category(std::uint64_t category);
Bytes view_app(const Address& app);
Bytes view_dataset(const Address& dataset);
Bytes view_workerpool(const Address& workerpool);
Bytes count_category();
Bytes frozen_of(const Address& account);
Bytes result_for(const TaskId& task);
Bytes domain();
Bytes eip712domain_separator();
Bytes callbackgas();
Bytes teebroker();
Bytes appregistry();
Bytes datasetregistry();
Bytes workerpoolregistry();
Bytes token();
Bytes final_deadline_ratio();

Bytes deposit(const U256& amount_nrlc);
Bytes deposit_for(const U256& amount_nrlc, const Address& target);
Bytes withdraw(const U256& amount_nrlc);
Bytes withdraw_to(const U256& amount_nrlc, const Address& target);

// Administration of a hub, for the devnet.
struct Configure {
    Address token;
    std::string name;
    std::string symbol;
    std::uint8_t decimals;
    Address appregistry;
    Address datasetregistry;
    Address workerpoolregistry;
    Address v3_hub;
};
Bytes configure(const Configure& arguments);
Bytes create_category(std::string_view name, std::string_view description, std::chrono::seconds work_time);
Bytes set_callback_gas(const U256& gas);

}  // namespace iapp::poco::call
