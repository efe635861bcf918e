#pragma once
// Apps, datasets and workerpools: entries of ERC-721 registries, at addresses their content decides (CREATE2).
// Also the small foreign contracts around them: RLC token, DataProtector, ERC-734 groups, ERC-1271 wallets.
#include <string>

#include "eth/abi.hpp"
#include "poco/order.hpp"

namespace iapp::poco {

struct AppEntry {
    Address owner = Address::zero();
    std::string name;
    std::string type = "DOCKER";
    Bytes multiaddr;
    Hash256 checksum = Hash256::zero();
    Bytes mrenclave;
};

struct DatasetEntry {
    Address owner = Address::zero();
    std::string name;
    Bytes multiaddr;
    Hash256 checksum = Hash256::zero();
};

struct WorkerpoolEntry {
    Address owner = Address::zero();
    std::string description;
};

/// Where the registry will put (or has put) the entry. `proxy_code_hash` differs between registries: read it from the chain.
Address predict_address(const AppEntry& entry, const Address& registry, const Hash256& proxy_code_hash);
Address predict_address(const DatasetEntry& entry, const Address& registry, const Hash256& proxy_code_hash);
Address predict_address(const WorkerpoolEntry& entry, const Address& registry, const Hash256& proxy_code_hash);

namespace call {

// Registries.
Bytes create_app(const AppEntry& entry);
Bytes predict_app(const AppEntry& entry);
Bytes create_dataset(const DatasetEntry& entry);
Bytes predict_dataset(const DatasetEntry& entry);
Bytes create_workerpool(const WorkerpoolEntry& entry);
Bytes predict_workerpool(const WorkerpoolEntry& entry);
Bytes is_registered(const Address& entry);
Bytes proxy_code_hash();
Bytes registry_initialize(const Address& previous);
Bytes set_base_uri(std::string_view uri);

// ERC-721; the token id of an entry is its address as a number.
Bytes owner_of(const Address& entry);
Bytes transfer_from(const Address& from, const Address& to, const Address& entry);
Bytes safe_transfer_from(const Address& from, const Address& to, const Address& entry);
Bytes token_of_owner_by_index(const Address& owner, std::uint64_t index);

// Entries.
Bytes owner();
Bytes app_name();
Bytes app_type();
Bytes app_multiaddr();
Bytes app_checksum();
Bytes app_mrenclave();
Bytes dataset_name();
Bytes dataset_multiaddr();
Bytes dataset_checksum();
Bytes workerpool_description();
Bytes worker_stake_ratio_policy();
Bytes scheduler_reward_ratio_policy();
Bytes change_policy(std::uint64_t worker_stake_ratio, std::uint64_t scheduler_reward_ratio);

// ERC-20 (RLC, SRLC).
Bytes balance_of(const Address& account);
Bytes transfer(const Address& to, const U256& amount);
Bytes approve(const Address& spender, const U256& amount);
Bytes allowance(const Address& account, const Address& spender);
Bytes approve_and_call(const Address& spender, const U256& amount, ByteView data);

// DataProtector.
Bytes create_dataset_with_schema(const DatasetEntry& entry, std::string_view schema);

// ERC-734 group with purpose 4 (member), and ERC-1271.
Bytes key_has_purpose(const Address& account, std::uint64_t purpose = 4);
Bytes is_valid_signature(const Hash256& hash, ByteView signature);

}  // namespace call
}  // namespace iapp::poco
