#pragma once
// The 64 bytes that bind a quote to one purpose, one challenge, one key and one task.
// Every field is length-prefixed: moving a byte between two fields changes the hash.
#include "attest/evidence.hpp"
#include "eth/address.hpp"

namespace iapp::attest {

inline constexpr std::string_view kPurposeKeyRelease = "key-release";

/// The verifier fills this from values *it* holds: the nonce it issued, the key it is about to seal to.
struct Binding {
    std::string_view purpose = kPurposeKeyRelease;
    std::array<std::uint8_t, 32> nonce;
    std::array<std::uint8_t, 32> hpke_public_key;
    eth::Address enclave;
    std::uint64_t chain_id;
    eth::Address hub;
    Hash256 deal;
    Hash256 task;
};

/// SHA-512("iapp/key-release/1" || u16be-length-prefixed: purpose, nonce, HPKE key, enclave, chain id u64be, hub, deal,
/// task).
ReportData report_data(const Binding& binding);

}  // namespace iapp::attest
