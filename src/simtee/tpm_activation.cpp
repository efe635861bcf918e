#include "simtee/tpm_activation.hpp"

#include "crypto/aes_cfb.hpp"
#include "crypto/kdf.hpp"
#include "simtee/tpm_writer.hpp"

namespace iapp::simtee {
namespace {

using crypto::SecretAccess;
using crypto::SecretBytes;

constexpr std::string_view kIdentity{"IDENTITY\0", 9};
constexpr std::size_t kPoint = 2 * (2 + 32);
constexpr std::size_t kIntegrity = 2 + 32;

std::unexpected<Error> refused()
{
    return fail(ErrorKind::unauthenticated, "simtee.credential", "not for this TPM and key");
}

}  // namespace

SimulatedEk SimulatedEk::rsa() { return SimulatedEk(crypto::RsaKey::generate(2048).value()); }

SimulatedEk SimulatedEk::p256() { return SimulatedEk(crypto::P256Key::generate()); }

crypto::PublicKey SimulatedEk::public_key() const
{
    if (const auto* rsa = std::get_if<crypto::RsaKey>(&key_))
        return crypto::PublicKey::from_spki_pem(rsa->public_pem()).value();
    const auto xy = std::get<crypto::P256Key>(key_).public_key().bytes();
    return crypto::PublicKey::from_ec_point(crypto::Curve::p256, xy.first<32>(), xy.last<32>()).value();
}

Bytes SimulatedEk::public_area() const { return encode_tpm_public(ek_fields(), public_key()); }

Result<SecretBytes> SimulatedEk::open_seed(ByteView encrypted) const
{
    if (const auto* rsa = std::get_if<crypto::RsaKey>(&key_))
        return rsa->decrypt_oaep_sha256(as_bytes(kIdentity), encrypted);
    if (encrypted.size() != kPoint) return refused();
    Bytes point = to_bytes(encrypted.subspan(2, 32));
    append(point, encrypted.last(32));
    const auto& mine = std::get<crypto::P256Key>(key_);
    TRY(const SecretBytes shared, mine.agree(crypto::P256PublicKey(ByteView(point).first<64>())));
    Bytes info = to_bytes(kIdentity);
    append(info, ByteView(point).first(32));
    append(info, mine.public_key().bytes().first(32));
    return crypto::one_step_kdf_sha256(shared, info, 32);
}

Result<Bytes> SimulatedEk::activate(ByteView id_object, ByteView encrypted_secret, ByteView ak_name) const
{
    constexpr std::array<std::uint8_t, 16> kZeroIv{};
    if (id_object.size() < kIntegrity + 2) return refused();
    TRY(const SecretBytes seed, open_seed(encrypted_secret));
    TRY(const SecretBytes mac_key, crypto::counter_kdf_sha256(seed, "INTEGRITY", {}, 32));
    Bytes covered = to_bytes(id_object.subspan(kIntegrity));
    append(covered, ak_name);
    if (!std::ranges::equal(crypto::hmac_sha256(mac_key, covered).bytes(), id_object.subspan(2, 32))) return refused();
    TRY(const SecretBytes cipher_key, crypto::counter_kdf_sha256(seed, "STORAGE", ak_name, 16));
    TRY(const SecretBytes clear, crypto::aes_128_cfb_decrypt(cipher_key, kZeroIv, id_object.subspan(kIntegrity)));
    return to_bytes(clear.reveal(SecretAccess{}).subspan(2));
}

}  // namespace iapp::simtee
