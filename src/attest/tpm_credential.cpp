#include "attest/tpm_credential.hpp"

#include "attest/internal/big_endian.hpp"
#include "crypto/aes_cfb.hpp"
#include "crypto/kdf.hpp"
#include "crypto/p256.hpp"
#include "crypto/random.hpp"
#include "crypto/rsa.hpp"

namespace iapp::attest {
namespace {

namespace alg = tpm_algorithm;
using crypto::SecretAccess;
using crypto::SecretBytes;

constexpr std::string_view kIdentity{"IDENTITY\0", 9};  // the label with its final zero byte (Part 1, B.10.3 and C.6.1)
constexpr std::size_t kSeedSize = 32;                   // of the name algorithm, SHA-256

/// The seed, and the seed as only the EK can read it.
struct Seed {
    SecretBytes seed;
    Bytes encrypted;
};

Result<Seed> seed_for_rsa(const crypto::PublicKey& ek)
{
    SecretBytes seed = crypto::random_secret(kSeedSize);
    TRY(Bytes encrypted, crypto::rsa_oaep_sha256_encrypt(ek, as_bytes(kIdentity), seed));
    return Seed{std::move(seed), std::move(encrypted)};
}

/// The seed comes out of a key exchange with an ephemeral key, whose point is what is sent.
Result<Seed> seed_for_p256(const crypto::PublicKey& ek)
{
    const ByteView peer = ByteView(ek.spki_der()).last(64);
    const crypto::P256Key ephemeral = crypto::P256Key::generate();
    TRY(const SecretBytes shared, ephemeral.agree(crypto::P256PublicKey(peer.first<64>())));
    const ByteView point = ephemeral.public_key().bytes();
    Bytes info = to_bytes(kIdentity);
    append(info, point.first(32));
    append(info, peer.first(32));
    TRY(SecretBytes seed, crypto::one_step_kdf_sha256(shared, info, kSeedSize));
    Bytes encrypted;
    append_prefixed(encrypted, point.first(32));
    append_prefixed(encrypted, point.last(32));
    return Seed{std::move(seed), std::move(encrypted)};
}

/// TPM2B_DIGEST of the integrity, then the wrapped TPM2B_DIGEST of the secret (Part 1, 24.4 and 24.5).
Result<Bytes> wrap(const SecretBytes& seed, const SecretBytes& secret, ByteView ak_name)
{
    constexpr std::array<std::uint8_t, 16> kZeroIv{};
    TRY(const SecretBytes cipher_key, crypto::counter_kdf_sha256(seed, "STORAGE", ak_name, 16));
    TRY(const SecretBytes mac_key, crypto::counter_kdf_sha256(seed, "INTEGRITY", {}, 32));
    Bytes text;
    append_prefixed(text, secret.reveal(SecretAccess{}));
    const SecretBytes clear(std::move(text));
    TRY(const SecretBytes wrapped, crypto::aes_128_cfb_encrypt(cipher_key, kZeroIv, clear.reveal(SecretAccess{})));
    Bytes covered = to_bytes(wrapped.reveal(SecretAccess{}));  // ciphertext: public
    append(covered, ak_name);
    Bytes out;
    append_prefixed(out, crypto::hmac_sha256(mac_key, covered).bytes());
    append(out, wrapped.reveal(SecretAccess{}));
    return out;
}

bool is_wrapping_key(const TpmPublic& ek)
{
    const bool cipher =
        ek.symmetric.algorithm == alg::kAes && ek.symmetric.key_bits == 128 && ek.symmetric.mode == alg::kCfb;
    return cipher && ek.name_algorithm == HashAlgorithm::sha256 && ek.key.kind() != crypto::KeyKind::ec_p384;
}

}  // namespace

Result<CredentialChallenge> CredentialChallenge::make(const TrustedEk& trusted, const TpmPublic& ak, CheckLog& checks)
{
    TRY_OK(require_ak_attributes(ak, checks));
    const TpmPublic& ek = trusted.ek();
    if (!is_wrapping_key(ek))
        return checks.fail(CheckId::ak_binding, "the endorsement key does not wrap with SHA-256 and AES-128-CFB");
    auto seed = ek.key.kind() == crypto::KeyKind::rsa ? seed_for_rsa(ek.key) : seed_for_p256(ek.key);
    if (!seed) return checks.fail(CheckId::ak_binding, seed.error().detail);
    CredentialChallenge out(ak);
    out.secret_ = crypto::random_secret(kSecretSize);
    out.encrypted_secret_ = std::move(seed->encrypted);
    TRY(out.id_object_, wrap(seed->seed, out.secret_, ak.name()));
    return out;
}

Result<TrustedAk> CredentialChallenge::accept(ByteView answer, CheckLog& checks) &&
{
    const SecretBytes secret = std::move(secret_);
    if (secret.empty() || !crypto::equal_constant_time(secret.reveal(SecretAccess{}), answer))
        return checks.fail(CheckId::ak_binding, "the answer is not the secret, or the challenge was answered before");
    checks.pass(CheckId::ak_binding, "activated");
    return TrustedAk(ak_.key, ak_.name(), TrustedAk::Source::activated);
}

}  // namespace iapp::attest
