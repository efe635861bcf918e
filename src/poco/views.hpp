#pragma once
// Decoders of what contract calls answer. Input is the raw return data of eth_call.
// Errors of all: corrupt "abi.*" (the node or the contract answered something else), corrupt "view.status" (unknown enum
// value).
#include "eth/eip712.hpp"
#include "poco/deal.hpp"
#include "poco/registry.hpp"

namespace iapp::poco {

Result<Deal> decode_deal(ByteView data);
Result<Task> decode_task(ByteView data);
Result<Contribution> decode_contribution(ByteView data);
Result<Account> decode_account(ByteView data);
Result<Category> decode_category(ByteView data);
/// domain(); all that hashing orders of this hub needs.
Result<eth::Eip712Domain> decode_domain(ByteView data);

// viewApp, viewDataset, viewWorkerpool: a whole entry in one call. They revert for an address without such a contract.
Result<AppEntry> decode_app(ByteView data);
Result<DatasetEntry> decode_dataset(ByteView data);
struct WorkerpoolView {
    WorkerpoolEntry entry;
    U256 worker_stake_ratio;
    U256 scheduler_reward_ratio;
};
Result<WorkerpoolView> decode_workerpool(ByteView data);

// Getters of one value.
Result<U256> decode_uint(ByteView data);
Result<bool> decode_bool(ByteView data);
Result<Address> decode_address(ByteView data);
Result<Hash256> decode_bytes32(ByteView data);
Result<Bytes> decode_bytes(ByteView data);
Result<std::string> decode_string(ByteView data);

// The reverse, for tests and for nodes made of values.
Bytes encode_deal(const Deal& deal);
Bytes encode_task(const Task& task);

}  // namespace iapp::poco
