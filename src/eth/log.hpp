#pragma once
// What a block leaves behind: event logs and transaction receipts, as values. Reading them from JSON-RPC is the chain room's
// work.
#include <optional>
#include <vector>

#include "base/fixed_bytes.hpp"
#include "eth/address.hpp"
#include "eth/u256.hpp"

namespace iapp::eth {

struct Log {
    Address address = Address::zero();  ///< the contract that emitted it
    std::vector<Hash256> topics;        ///< at most 4; the first is the event unless it is anonymous
    Bytes data;
    std::uint64_t block_number = 0;
    Hash256 block_hash = Hash256::zero();
    Hash256 transaction_hash = Hash256::zero();
    std::uint64_t index = 0;  ///< position in the block
    bool removed = false;     ///< a reorganisation took it back

    friend bool operator==(const Log&, const Log&) = default;
};

struct Receipt {
    Hash256 transaction_hash = Hash256::zero();
    bool succeeded = false;  ///< status 1
    std::uint64_t block_number = 0;
    Hash256 block_hash = Hash256::zero();
    Address from = Address::zero();
    std::optional<Address> to;
    std::optional<Address> contract_address;  ///< set by a creation
    std::uint64_t gas_used = 0;
    U256 effective_gas_price;  ///< wei
    std::vector<Log> logs;
};

}  // namespace iapp::eth
