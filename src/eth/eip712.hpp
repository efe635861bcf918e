#pragma once
// EIP-712 typed structured data: domain separator, struct hashes and the digest that is signed.
// Type strings are written out by the caller; nothing here interprets them.
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>

#include "base/fixed_bytes.hpp"
#include "eth/address.hpp"
#include "eth/u256.hpp"

namespace iapp::eth {

/// The domain of a protocol. `verifying_contract` absent means that the type has no such member.
struct Eip712Domain {
    std::string name;
    std::string version;
    U256 chain_id;
    std::optional<Address> verifying_contract;
};

/// Compute once and keep: hashing with a kept separator is what makes signing as fast as the curve allows.
Hash256 domain_separator(const Eip712Domain& domain);

/// Keccak-256 of an encodeType text: "Mail(address to,string contents)".
Hash256 type_hash(std::string_view encoded_type);

/// keccak256(0x19 0x01 || separator || struct hash)
Hash256 typed_digest(const Hash256& separator, const Hash256& struct_hash);

/// Hashes one struct: the type hash, then each member in the order of the type. No allocation; at most kMaxMembers members.
class StructHash {
public:
    static constexpr std::size_t kMaxMembers = 31;

    explicit StructHash(const Hash256& type) { word(type.bytes()); }

    StructHash& uint(const U256& value) { return word(value.be()); }
    StructHash& boolean(bool value) { return uint(value ? 1U : 0U); }
    StructHash& address(const Address& value)
    {
        std::array<std::uint8_t, 32> padded{};
        copy_bytes(value.bytes(), std::span(padded).last<20>());
        return word(padded);
    }
    template <class Tag>
    StructHash& bytes32(const FixedBytes<32, Tag>& value)
    {
        return word(value.bytes());
    }
    StructHash& string(std::string_view value) { return bytes(as_bytes(value)); }
    StructHash& bytes(ByteView value);  ///< hashed
    StructHash& nested(const Hash256& struct_hash) { return word(struct_hash.bytes()); }

    Hash256 finish() const;

private:
    StructHash& word(std::span<const std::uint8_t, 32> value)
    {
        if (used_ == words_.size())
            std::abort();  // a type with more than kMaxMembers: wrong in the source, not in the input
        std::memcpy(words_.data() + used_, value.data(), value.size());
        used_ += value.size();
        return *this;
    }

    std::array<std::uint8_t, 32 * (kMaxMembers + 1)> words_;
    std::size_t used_ = 0;
};

}  // namespace iapp::eth
