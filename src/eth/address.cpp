#include "eth/address.hpp"

#include <cctype>

#include "crypto/hash.hpp"

namespace iapp::eth {

std::string to_checksum(const Address& address)
{
    std::string text = address.hex();
    const Hash256 hash = crypto::keccak256(as_bytes(std::string_view(text).substr(2)));
    for (std::size_t i = 0; i < 40; ++i) {
        const unsigned nibble = hash.bytes()[i / 2] >> (i % 2 == 0 ? 4U : 0U) & 0xfU;
        if (nibble >= 8) text[i + 2] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[i + 2])));
    }
    return text;
}

Result<Address> parse_address(std::string_view text, Checksum checksum)
{
    const auto address = Address::from_hex(text);
    if (!address)
        return fail(ErrorKind::invalid_input, "address.format",
                    "an address is 0x and 40 hexadecimal digits, got \"" + std::string(text.substr(0, 80)) + "\"");
    if (checksum == Checksum::ignore) return *address;
    const auto has = [&](int (*kind)(int)) {
        return std::ranges::any_of(text.substr(2), [&](char c) { return kind(static_cast<unsigned char>(c)) != 0; });
    };
    if (has(std::islower) && has(std::isupper) && to_checksum(*address) != text)
        return fail(ErrorKind::invalid_input, "address.checksum",
                    "the mixed case of " + std::string(text) +
                        " is not its checksum: a digit is mistyped, or write it in lower case");
    return *address;
}

Address address_of_public_key(std::span<const std::uint8_t, 64> public_key)
{
    return Address{crypto::keccak256(public_key).bytes().last<20>()};
}

}  // namespace iapp::eth
