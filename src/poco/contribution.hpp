#pragma once
// Hashes that worker, enclave and scheduler sign. All packed: an address is 20 bytes, everything else 32.
// Each is signed as an EIP-191 message of 32 bytes (eth::Wallet::sign_personal).
#include "base/fixed_bytes.hpp"
#include "eth/address.hpp"
#include "poco/ids.hpp"

namespace iapp::poco {

using eth::Address;

/// keccak256(task || digest)
Hash256 result_hash(const TaskId& task, const Hash256& digest);
/// keccak256(worker || task || digest)
Hash256 result_seal(const Address& worker, const TaskId& task, const Hash256& digest);
/// What the pool owner signs: keccak256(worker || task || enclave challenge). A zero challenge means no TEE.
Hash256 authorization_hash(const Address& worker, const TaskId& task, const Address& enclave_challenge);
/// What the enclave key signs: keccak256(result hash || result seal).
Hash256 enclave_message(const Hash256& result_hash, const Hash256& result_seal);
Hash256 enclave_message(const Address& worker, const TaskId& task, const Hash256& digest);
/// What the enclave key signs towards the worker's local API: keccak256(task || worker).
Hash256 worker_api_message(const TaskId& task, const Address& worker);

}  // namespace iapp::poco
