#include "eth/signature.hpp"

#include "crypto/hash.hpp"

namespace iapp::eth {
namespace {

constexpr std::string_view kPersonalPrefix =
    "\x19"
    "Ethereum Signed Message:\n";
constexpr std::uint8_t kFirstV = 27;

// Half the order of secp256k1, rounded down (EIP-2).
constexpr std::array<std::uint8_t, 32> kHalfOrder{0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                  0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4,
                                                  0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0};

/// EIP-2098: the parity of v is the top bit of s.
std::array<std::uint8_t, 65> expand_compact(ByteView compact)
{
    std::array<std::uint8_t, 65> out;
    copy_bytes(compact, out);
    out[64] = static_cast<std::uint8_t>(kFirstV + (out[32] >> 7U));
    out[32] &= 0x7fU;
    return out;
}

}  // namespace

Result<Signature65> parse_signature(ByteView bytes)
{
    std::array<std::uint8_t, 65> raw;
    if (bytes.size() == 64) raw = expand_compact(bytes);
    else if (bytes.size() == 65) copy_bytes(bytes, raw);
    else
        return fail(ErrorKind::invalid_input, "signature.length",
                    "a signature has 65 bytes (or 64 in compact form), got " + std::to_string(bytes.size()));
    if (raw[64] != kFirstV && raw[64] != kFirstV + 1)
        return fail(ErrorKind::invalid_input, "signature.v", "v must be 27 or 28, got " + std::to_string(raw[64]));
    if (std::ranges::lexicographical_compare(kHalfOrder, std::span(raw).subspan<32, 32>()))
        return fail(ErrorKind::invalid_input, "signature.high_s", "s is in the upper half of the group order (EIP-2)");
    return Signature65{raw};
}

Result<Signature65> parse_signature_hex(std::string_view text)
{
    TRY(const Bytes bytes, parse_hex0x(text));
    return parse_signature(bytes);
}

Hash256 personal_digest(const Hash256& hash) { return personal_digest(as_text(hash.bytes())); }

Hash256 personal_digest(std::string_view text)
{
    return crypto::Keccak256{}
        .update(as_bytes(kPersonalPrefix))
        .update(as_bytes(std::to_string(text.size())))
        .update(as_bytes(text))
        .finish();
}

Result<Address> recover_address(const Hash256& digest, const Signature65& signature)
{
    const auto key = crypto::recover(digest, signature);
    if (!key)
        return fail(ErrorKind::unauthenticated, "signature.recover", "no key made this signature: " + key.error().detail);
    return address_of_public_key(key->bytes());
}

bool verify(const Hash256& digest, ByteView signature, const Address& signer)
{
    if (signer.is_zero()) return false;  // the hub itself accepts garbage for the zero address; we do not
    const auto parsed = parse_signature(signature);
    if (!parsed) return false;
    const auto recovered = recover_address(digest, *parsed);
    return recovered && *recovered == signer;
}

}  // namespace iapp::eth
