#pragma once
// The one source of randomness: OpenSSL's CSPRNG, seeded by the kernel.
// A process without entropy must not go on: these functions abort instead of returning weak bytes.
#include <array>

#include "base/bytes.hpp"
#include "crypto/secret.hpp"

namespace iapp::crypto {

/// Fills `out` with bytes that may become public (nonces, ids, salts).
void random_fill(std::span<std::uint8_t> out);

Bytes random_bytes(std::size_t size);

/// `size` bytes from the private generator: keys and anything else that stays secret.
SecretBytes random_secret(std::size_t size);

/// A random value of a FixedBytes type: `random_fixed<Nonce>()`.
template <class Id>
Id random_fixed()
{
    std::array<std::uint8_t, Id::kSize> raw;
    random_fill(raw);
    return Id{raw};
}

}  // namespace iapp::crypto
