#pragma once
// Addresses of contracts before they exist: CREATE (sender and nonce) and CREATE2 (EIP-1014).
#include "base/fixed_bytes.hpp"
#include "eth/address.hpp"

namespace iapp::eth {

Address create_address(const Address& sender, std::uint64_t nonce);

Address create2_address(const Address& deployer, const Hash256& salt, const Hash256& init_code_hash);

}  // namespace iapp::eth
