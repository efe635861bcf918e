#pragma once
// EIP-1559 transactions (type 2): build, hash, sign, and read back. Access lists are not used and refused on reading.
#include <optional>

#include "base/fixed_bytes.hpp"
#include "eth/address.hpp"
#include "eth/u256.hpp"
#include "eth/wallet.hpp"

namespace iapp::eth {

struct Transaction {
    std::uint64_t chain_id = 0;
    std::uint64_t nonce = 0;
    U256 max_priority_fee_per_gas;  ///< wei
    U256 max_fee_per_gas;           ///< wei
    std::uint64_t gas_limit = 0;
    std::optional<Address> to;  ///< absent: creates a contract
    U256 value;                 ///< wei
    Bytes data;

    friend bool operator==(const Transaction&, const Transaction&) = default;
};

struct SignedTransaction {
    Bytes raw;     ///< what eth_sendRawTransaction takes
    Hash256 hash;  ///< what the node must answer
    Address from;
};

Hash256 signing_hash(const Transaction& transaction);

SignedTransaction sign(const Transaction& transaction, const Wallet& wallet);

struct ParsedTransaction {
    Transaction transaction;
    Hash256 hash;
    Address from;
};

/// Reads a raw signed type 2 transaction and recovers its sender.
/// Errors: invalid_input "transaction.type", "transaction.format", those of parse_rlp; unauthenticated "signature.recover".
Result<ParsedTransaction> parse_transaction(ByteView raw);

}  // namespace iapp::eth
