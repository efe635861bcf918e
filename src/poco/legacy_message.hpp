#pragma once
// Messages the npm clients and the Java services sign without EIP-712. Accepted exactly as they are, for these purposes
// only. No nonce, no expiry, no chain: what they authorise must be safe to repeat.
#include <string>

#include "base/fixed_bytes.hpp"
#include "eth/address.hpp"
#include "poco/ids.hpp"

namespace iapp::poco {

using eth::Address;

// SMS: each is keccak256(K("IEXEC_SMS_DOMAIN") || ...) and signed as an EIP-191 message of 32 bytes. Texts as received, byte
// for byte.

/// Dataset key, signed by the dataset owner.
Hash256 web3_secret_message(const Address& dataset, std::string_view value);
/// A wallet's own secret, signed by that wallet.
Hash256 web2_secret_message(const Address& owner, std::string_view name, std::string_view value);
/// App developer secret, signed by the app owner; its index is always 1.
Hash256 app_secret_message(const Address& app, std::string_view value);
/// Requester secret, signed by the requester.
Hash256 requester_secret_message(const Address& requester, std::string_view key, std::string_view value);
/// Request for an enclave challenge, signed by the pool owner: keccak256(task), worker and challenge being empty.
Hash256 enclave_challenge_message(const TaskId& task);

/// Scheduler login: the hash of what a lenient hex decoder makes of the base64 challenge text; signed without any prefix.
Hash256 login_message(std::string_view challenge);
/// That decoder: every pair of characters (a, b) gives (d(a) * 16 + d(b)) mod 256 with d = -1 for a character that is no
/// digit.
Bytes login_challenge_bytes(std::string_view challenge);

}  // namespace iapp::poco
