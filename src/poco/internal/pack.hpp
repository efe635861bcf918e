#pragma once
// keccak256 of values laid side by side without padding: how PoCo hashes everything but EIP-712 structs.
#include "base/fixed_bytes.hpp"
#include "crypto/hash.hpp"

namespace iapp::poco::internal {

template <class... Parts>
Hash256 packed_hash(const Parts&... parts)
{
    crypto::Keccak256 hash;
    (hash.update(parts.bytes()), ...);
    return hash.finish();
}

}  // namespace iapp::poco::internal
