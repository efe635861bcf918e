#pragma once
// Account and contract addresses. Compared as bytes, read in any case, written with the EIP-55 checksum.
#include <span>

#include "base/fixed_bytes.hpp"

namespace iapp::eth {

using Address = FixedBytes<20, struct AddressTag>;

/// Mixed-case form of EIP-55.
std::string to_checksum(const Address& address);

/// Whether mixed case must be the address's checksum. Ignore it only where a signature covers the bytes anyway.
enum class Checksum : unsigned char { enforce, ignore };

/// "0x" and 40 digits. All lower or all upper case is taken as it is; mixed case must carry the right checksum.
/// Errors: invalid_input "address.format", "address.checksum".
Result<Address> parse_address(std::string_view text, Checksum checksum = Checksum::enforce);

/// Last 20 bytes of the Keccak-256 of the 64-byte public key (x || y).
Address address_of_public_key(std::span<const std::uint8_t, 64> public_key);

}  // namespace iapp::eth
