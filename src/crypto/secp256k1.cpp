#include "crypto/secp256k1.hpp"

#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <cstring>

#include "crypto/internal/openssl.hpp"
#include "crypto/random.hpp"

namespace iapp::crypto {
namespace {

using internal::must;

/// Shared by all threads: after the blinding it is only read.
const secp256k1_context* context()
{
    static const secp256k1_context* made = [] {
        secp256k1_context* fresh = secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
        const SecretBytes seed = random_secret(32);
        must(fresh && secp256k1_context_randomize(fresh, seed.reveal(SecretAccess{}).data()) == 1,
             "secp256k1_context_randomize");
        return fresh;
    }();
    return made;
}

Secp256k1PublicKey encode(const secp256k1_pubkey& point)
{
    std::array<std::uint8_t, 65> raw{};
    std::size_t size = raw.size();
    must(secp256k1_ec_pubkey_serialize(context(), raw.data(), &size, &point, SECP256K1_EC_UNCOMPRESSED) == 1,
         "secp256k1_ec_pubkey_serialize");
    return Secp256k1PublicKey{std::span(raw).last<64>()};
}

/// Half the order of the group, rounded down: the largest s there may be (EIP-2).
constexpr std::array<std::uint8_t, 32> kHalfOrder{0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                  0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4,
                                                  0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0};

bool is_zero(std::span<const std::uint8_t, 32> scalar)
{
    constexpr std::array<std::uint8_t, 32> kZero{};
    return std::memcmp(scalar.data(), kZero.data(), kZero.size()) == 0;
}

Result<secp256k1_ecdsa_recoverable_signature> parse(const Signature65& signature)
{
    const auto raw = signature.bytes();
    const int v = raw[64];
    if (v != 27 && v != 28)
        return fail(ErrorKind::invalid_input, "crypto.signature_v", "v is 27 or 28, got " + std::to_string(v));
    secp256k1_ecdsa_recoverable_signature parsed;
    if (is_zero(raw.first<32>()) || is_zero(raw.subspan<32, 32>()) ||
        secp256k1_ecdsa_recoverable_signature_parse_compact(context(), &parsed, raw.data(), v - 27) != 1)
        return fail(ErrorKind::invalid_input, "crypto.signature_range", "r and s lie between 1 and the group order - 1");
    if (std::memcmp(raw.data() + 32, kHalfOrder.data(), kHalfOrder.size()) > 0)
        return fail(ErrorKind::invalid_input, "crypto.signature_high_s",
                    "s is in the upper half; send the signature with the lower s");
    return parsed;
}

}  // namespace

Secp256k1Key Secp256k1Key::generate()
{
    for (;;)  // a random scalar is out of range once in 2^127 draws
        if (auto key = from_secret(random_secret(32))) return *std::move(key);
}

Result<Secp256k1Key> Secp256k1Key::from_secret(SecretBytes scalar)
{
    if (scalar.size() != 32)
        return fail(ErrorKind::invalid_input, "crypto.key_length",
                    "a secp256k1 key has 32 bytes, got " + std::to_string(scalar.size()));
    secp256k1_pubkey point;
    if (secp256k1_ec_pubkey_create(context(), &point, scalar.reveal(SecretAccess{}).data()) != 1)
        return fail(ErrorKind::invalid_input, "crypto.secp256k1_key", "the key is zero or not below the group order");
    return Secp256k1Key(std::move(scalar), encode(point));
}

Signature65 Secp256k1Key::sign_recoverable(const Hash256& digest) const
{
    secp256k1_ecdsa_recoverable_signature signature;
    must(secp256k1_ecdsa_sign_recoverable(context(), &signature, digest.bytes().data(),
                                          scalar_.reveal(SecretAccess{}).data(), nullptr, nullptr) == 1,
         "secp256k1_ecdsa_sign_recoverable");
    std::array<std::uint8_t, 65> raw{};
    int recovery_id = 0;
    secp256k1_ecdsa_recoverable_signature_serialize_compact(context(), raw.data(), &recovery_id, &signature);
    must(recovery_id == 0 || recovery_id == 1, "recovery id");  // 2 and 3 need r above the order: nobody finds one
    raw[64] = static_cast<std::uint8_t>(27 + recovery_id);
    return Signature65{raw};
}

Result<Secp256k1PublicKey> recover(const Hash256& digest, const Signature65& signature)
{
    TRY(const secp256k1_ecdsa_recoverable_signature parsed, parse(signature));
    secp256k1_pubkey point;
    if (secp256k1_ecdsa_recover(context(), &point, &parsed, digest.bytes().data()) != 1)
        return fail(ErrorKind::unauthenticated, "crypto.recover", "no public key could have made this signature");
    return encode(point);
}

Result<Secp256k1PublicKey> parse_secp256k1_public_key(ByteView key)
{
    Bytes tagged = to_bytes(key);
    if (tagged.size() == 64) tagged.insert(tagged.begin(), 0x04);
    const bool known_form = (tagged.size() == 33) || (tagged.size() == 65 && tagged[0] == 0x04);
    secp256k1_pubkey point;
    if (!known_form || secp256k1_ec_pubkey_parse(context(), &point, tagged.data(), tagged.size()) != 1)
        return fail(ErrorKind::invalid_input, "crypto.secp256k1_point", "not a point of secp256k1 in 33, 64 or 65 bytes");
    return encode(point);
}

}  // namespace iapp::crypto
