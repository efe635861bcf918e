#include "eth/eip712.hpp"

#include "crypto/hash.hpp"

namespace iapp::eth {

Hash256 type_hash(std::string_view encoded_type) { return crypto::keccak256(as_bytes(encoded_type)); }

Hash256 domain_separator(const Eip712Domain& domain)
{
    const std::string_view type = domain.verifying_contract
                                      ? "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                                      : "EIP712Domain(string name,string version,uint256 chainId)";
    StructHash hash(type_hash(type));
    hash.string(domain.name).string(domain.version).uint(domain.chain_id);
    if (domain.verifying_contract) hash.address(*domain.verifying_contract);
    return hash.finish();
}

Hash256 typed_digest(const Hash256& separator, const Hash256& struct_hash)
{
    std::array<std::uint8_t, 66> message{0x19, 0x01};
    copy_bytes(separator.bytes(), std::span(message).subspan(2));
    copy_bytes(struct_hash.bytes(), std::span(message).subspan(34));
    return crypto::keccak256(message);
}

StructHash& StructHash::bytes(ByteView value) { return word(crypto::keccak256(value).bytes()); }

Hash256 StructHash::finish() const { return crypto::keccak256(ByteView(words_).first(used_)); }

}  // namespace iapp::eth
