#pragma once
// What a workerpool's owner hands a worker for one task, as workers of iExec's stack send it on to the secret service and to
// the result proxy. Both it and the request that carries it are signed over the same hash (scheme S, EIP-191).
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "crypto/secp256k1.hpp"
#include "eth/address.hpp"
#include "poco/ids.hpp"

namespace iapp::wire {

/// A member that is absent, null or "" has no value: which of them a service needs is its own check.
struct WorkerpoolAuthorization {
    std::optional<poco::TaskId> task;
    std::optional<poco::DealId> deal;
    std::uint64_t index = 0;
    std::optional<eth::Address> worker;
    std::optional<eth::Address> enclave;  ///< zero: no TEE
    std::optional<crypto::Signature65> signature;

    /// keccak256 of worker, task and enclave, those that are there.
    Hash256 hash() const;
    /// Whether the pool's owner signed it. Never for the zero address.
    bool is_signed_by(const eth::Address& pool_owner) const;

    friend bool operator==(const WorkerpoolAuthorization&, const WorkerpoolAuthorization&) = default;
};

/// Members with other names are ignored, as in the services this comes from.
/// Errors: invalid_input, those of codec/json.hpp and hex.
Result<WorkerpoolAuthorization> parse_workerpool_authorization(std::string_view json);

/// The signer of scheme S: `Authorization: 0x` and 65 bytes, an EIP-191 signature of `message`. Nothing when the header is
/// not that or recovers to nobody.
std::optional<eth::Address> personal_signer(std::optional<std::string_view> authorization, const Hash256& message);

}  // namespace iapp::wire
