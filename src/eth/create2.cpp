#include "eth/create2.hpp"

#include "codec/rlp.hpp"
#include "crypto/hash.hpp"

namespace iapp::eth {

Address create_address(const Address& sender, std::uint64_t nonce)
{
    const Bytes encoded = codec::RlpList{}.bytes(sender.bytes()).uint(nonce).encode();
    return Address{crypto::keccak256(encoded).bytes().last<20>()};
}

Address create2_address(const Address& deployer, const Hash256& salt, const Hash256& init_code_hash)
{
    std::array<std::uint8_t, 85> packed{0xff};
    auto at = std::ranges::copy(deployer.bytes(), packed.begin() + 1).out;
    at = std::ranges::copy(salt.bytes(), at).out;
    std::ranges::copy(init_code_hash.bytes(), at);
    return Address{crypto::keccak256(packed).bytes().last<20>()};
}

}  // namespace iapp::eth
