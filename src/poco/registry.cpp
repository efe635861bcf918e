#include "poco/registry.hpp"

#include "crypto/hash.hpp"
#include "eth/create2.hpp"

namespace iapp::poco {
namespace {

using eth::AbiWriter;

template <eth::FixedText kSignature>
Bytes encode_call(const AbiWriter& arguments = {})
{
    return arguments.call(eth::selector<kSignature>());
}

AbiWriter content(const AppEntry& entry)
{
    AbiWriter out;
    out.string(entry.name).string(entry.type).bytes(entry.multiaddr).bytes32(entry.checksum).bytes(entry.mrenclave);
    return out;
}
AbiWriter content(const DatasetEntry& entry)
{
    AbiWriter out;
    out.string(entry.name).bytes(entry.multiaddr).bytes32(entry.checksum);
    return out;
}

/// salt = keccak256(calldata of the entry's initialize || owner)
Address predict(Bytes init_calldata, const Address& owner, const Address& registry, const Hash256& proxy_code_hash)
{
    append(init_calldata, owner.bytes());
    return eth::create2_address(registry, crypto::keccak256(init_calldata), proxy_code_hash);
}

/// The token id of an entry is its address as a number, which is how an address looks in ABI anyway.
AbiWriter entry_id(const Address& entry) { return AbiWriter{}.address(entry); }

}  // namespace

Address predict_address(const AppEntry& entry, const Address& registry, const Hash256& proxy_code_hash)
{
    return predict(encode_call<"initialize(string,string,bytes,bytes32,bytes)">(content(entry)), entry.owner, registry,
                   proxy_code_hash);
}
Address predict_address(const DatasetEntry& entry, const Address& registry, const Hash256& proxy_code_hash)
{
    return predict(encode_call<"initialize(string,bytes,bytes32)">(content(entry)), entry.owner, registry, proxy_code_hash);
}
Address predict_address(const WorkerpoolEntry& entry, const Address& registry, const Hash256& proxy_code_hash)
{
    return predict(encode_call<"initialize(string)">(AbiWriter{}.string(entry.description)), entry.owner, registry,
                   proxy_code_hash);
}

namespace call {
namespace {

AbiWriter arguments_of(const AppEntry& entry)
{
    AbiWriter out;
    out.address(entry.owner)
        .string(entry.name)
        .string(entry.type)
        .bytes(entry.multiaddr)
        .bytes32(entry.checksum)
        .bytes(entry.mrenclave);
    return out;
}
AbiWriter arguments_of(const DatasetEntry& entry)
{
    AbiWriter out;
    out.address(entry.owner).string(entry.name).bytes(entry.multiaddr).bytes32(entry.checksum);
    return out;
}
AbiWriter arguments_of(const WorkerpoolEntry& entry) { return AbiWriter{}.address(entry.owner).string(entry.description); }

}  // namespace

Bytes create_app(const AppEntry& entry)
{
    return encode_call<"createApp(address,string,string,bytes,bytes32,bytes)">(arguments_of(entry));
}
Bytes predict_app(const AppEntry& entry)
{
    return encode_call<"predictApp(address,string,string,bytes,bytes32,bytes)">(arguments_of(entry));
}
Bytes create_dataset(const DatasetEntry& entry)
{
    return encode_call<"createDataset(address,string,bytes,bytes32)">(arguments_of(entry));
}
Bytes predict_dataset(const DatasetEntry& entry)
{
    return encode_call<"predictDataset(address,string,bytes,bytes32)">(arguments_of(entry));
}
Bytes create_workerpool(const WorkerpoolEntry& entry)
{
    return encode_call<"createWorkerpool(address,string)">(arguments_of(entry));
}
Bytes predict_workerpool(const WorkerpoolEntry& entry)
{
    return encode_call<"predictWorkerpool(address,string)">(arguments_of(entry));
}
Bytes is_registered(const Address& entry) { return encode_call<"isRegistered(address)">(AbiWriter{}.address(entry)); }
Bytes proxy_code_hash() { return encode_call<"proxyCodeHash()">(); }
Bytes registry_initialize(const Address& previous)
{
    return encode_call<"initialize(address)">(AbiWriter{}.address(previous));
}
Bytes set_base_uri(std::string_view uri) { return encode_call<"setBaseURI(string)">(AbiWriter{}.string(uri)); }

Bytes owner_of(const Address& entry) { return encode_call<"ownerOf(uint256)">(entry_id(entry)); }
Bytes transfer_from(const Address& from, const Address& to, const Address& entry)
{
    return encode_call<"transferFrom(address,address,uint256)">(AbiWriter{}.address(from).address(to).address(entry));
}
Bytes safe_transfer_from(const Address& from, const Address& to, const Address& entry)
{
    return encode_call<"safeTransferFrom(address,address,uint256)">(AbiWriter{}.address(from).address(to).address(entry));
}
Bytes token_of_owner_by_index(const Address& owner, std::uint64_t index)
{
    return encode_call<"tokenOfOwnerByIndex(address,uint256)">(AbiWriter{}.address(owner).uint(index));
}

Bytes owner() { return encode_call<"owner()">(); }
Bytes app_name() { return encode_call<"m_appName()">(); }
Bytes app_type() { return encode_call<"m_appType()">(); }
Bytes app_multiaddr() { return encode_call<"m_appMultiaddr()">(); }
Bytes app_checksum() { return encode_call<"m_appChecksum()">(); }
Bytes app_mrenclave() { return encode_call<"m_appMREnclave()">(); }
Bytes dataset_name() { return encode_call<"m_datasetName()">(); }
Bytes dataset_multiaddr() { return encode_call<"m_datasetMultiaddr()">(); }
Bytes dataset_checksum() { return encode_call<"m_datasetChecksum()">(); }
Bytes workerpool_description() { return encode_call<"m_workerpoolDescription()">(); }
Bytes worker_stake_ratio_policy() { return encode_call<"m_workerStakeRatioPolicy()">(); }
Bytes scheduler_reward_ratio_policy() { return encode_call<"m_schedulerRewardRatioPolicy()">(); }
Bytes change_policy(std::uint64_t worker_stake_ratio, std::uint64_t scheduler_reward_ratio)
{
    return encode_call<"changePolicy(uint256,uint256)">(AbiWriter{}.uint(worker_stake_ratio).uint(scheduler_reward_ratio));
}

Bytes balance_of(const Address& account) { return encode_call<"balanceOf(address)">(AbiWriter{}.address(account)); }
Bytes transfer(const Address& to, const U256& amount)
{
    return encode_call<"transfer(address,uint256)">(AbiWriter{}.address(to).uint(amount));
}
Bytes approve(const Address& spender, const U256& amount)
{
    return encode_call<"approve(address,uint256)">(AbiWriter{}.address(spender).uint(amount));
}
Bytes allowance(const Address& account, const Address& spender)
{
    return encode_call<"allowance(address,address)">(AbiWriter{}.address(account).address(spender));
}
Bytes approve_and_call(const Address& spender, const U256& amount, ByteView data)
{
    return encode_call<"approveAndCall(address,uint256,bytes)">(AbiWriter{}.address(spender).uint(amount).bytes(data));
}

Bytes create_dataset_with_schema(const DatasetEntry& entry, std::string_view schema)
{
    AbiWriter arguments;
    arguments.address(entry.owner).string(entry.name).string(schema).bytes(entry.multiaddr).bytes32(entry.checksum);
    return encode_call<"createDatasetWithSchema(address,string,string,bytes,bytes32)">(arguments);
}

Bytes key_has_purpose(const Address& account, std::uint64_t purpose)
{
    return encode_call<"keyHasPurpose(bytes32,uint256)">(AbiWriter{}.address(account).uint(purpose));
}
Bytes is_valid_signature(const Hash256& hash, ByteView signature)
{
    return encode_call<"isValidSignature(bytes32,bytes)">(AbiWriter{}.bytes32(hash).bytes(signature));
}

}  // namespace call
}  // namespace iapp::poco
