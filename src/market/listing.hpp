#pragma once
// An order as the book lists it: the four kinds brought into one shape, with the JSON text that is served for it.
// Pure: parses what a client publishes and judges nothing about signatures or the chain.
#include "eth/address.hpp"
#include "eth/u256.hpp"
#include "market/kind.hpp"
#include "poco/tag.hpp"

namespace iapp::market {

using eth::Address;
using eth::U256;

/// The largest number a client can carry in JSON: 2^53 - 1.
inline constexpr std::uint64_t kMaxNumber = 9'007'199'254'740'991;

struct Listing {
    OrderKind kind = OrderKind::app;
    Hash256 struct_hash = Hash256::zero();  ///< EIP-712 struct hash; the order hash needs the hub's domain as well

    // What is offered or asked for, and for the others whom the order is restricted to (zero: anyone).
    Address app = Address::zero();
    Address dataset = Address::zero();
    Address workerpool = Address::zero();
    Address requester = Address::zero();
    Address beneficiary = Address::zero();  ///< of a request

    std::uint64_t price_nrlc = 0;        ///< of a request: workerpoolmaxprice
    std::uint64_t app_max_nrlc = 0;      ///< of a request
    std::uint64_t dataset_max_nrlc = 0;  ///< of a request
    std::uint64_t volume = 1;
    poco::Tag tag = poco::Tag::zero();
    std::uint64_t category = 0;
    std::uint64_t trust = 0;
    Bytes sign{};

    std::string json{};  ///< compact, numbers as JSON numbers, addresses with their checksum

    /// The contract whose owner must sign; for a request who asks.
    const Address& resource() const;
    bool is_bulk() const { return kind == OrderKind::dataset && price_nrlc == 0 && volume >= kMaxNumber - 1; }
};

/// Reads {"order":{...}}. Numbers may be text; members the order does not have are left out.
/// Errors: invalid_input "market.body".
Result<Listing> parse_publish_body(OrderKind kind, std::string_view body);

/// The free stake the signer needs while `remaining` of the volume is open: what all its matches together would lock.
/// Zero for apps and datasets.
U256 required_stake(const Listing& listing, std::uint64_t remaining);

}  // namespace iapp::market
