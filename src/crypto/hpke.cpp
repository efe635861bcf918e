#include "crypto/hpke.hpp"

#include <initializer_list>

#include "crypto/internal/hpke_suite.hpp"
#include "crypto/kdf.hpp"

namespace iapp::crypto {
namespace internal {
namespace {

constexpr std::size_t kNonceSize = 12;

Bytes joined(std::initializer_list<ByteView> parts)
{
    std::size_t size = 0;
    for (const ByteView part : parts) size += part.size();
    Bytes out;
    out.reserve(size);
    for (const ByteView part : parts) append(out, part);
    return out;
}

std::array<std::uint8_t, 2> be16(std::size_t value)
{
    return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

/// "KEM" || I2OSP(0x0020, 2): inside DHKEM (s.4.1).
Bytes kem_suite() { return joined({as_bytes("KEM"), be16(0x0020)}); }

/// "HPKE" || kem || kdf || aead: everywhere else (s.5.1).
Bytes hpke_suite(const HpkeAead& aead) { return joined({as_bytes("HPKE"), be16(0x0020), be16(0x0001), be16(aead.id)}); }

/// RFC 9180 s.4, LabeledExtract.
SecretBytes labeled_extract(ByteView suite, ByteView salt, std::string_view label, ByteView input)
{
    const SecretBytes labeled(joined({as_bytes("HPKE-v1"), suite, as_bytes(label), input}));
    return hkdf_sha256_extract(salt, labeled);
}

/// RFC 9180 s.4, LabeledExpand.
Result<SecretBytes> labeled_expand(ByteView suite, const SecretBytes& prk, std::string_view label, ByteView info,
                                   std::size_t length)
{
    return hkdf_sha256_expand(prk, joined({be16(length), as_bytes("HPKE-v1"), suite, as_bytes(label), info}), length);
}

/// RFC 9180 s.4.1, ExtractAndExpand over the Diffie-Hellman value.
Result<SecretBytes> shared_secret(const SecretBytes& dh, ByteView enc, const HpkePublicKey& recipient)
{
    const Bytes suite = kem_suite();
    const SecretBytes prk = labeled_extract(suite, {}, "eae_prk", dh.reveal(SecretAccess{}));
    return labeled_expand(suite, prk, "shared_secret", joined({enc, recipient.bytes()}), 32);
}

struct MessageKey {
    SecretBytes key;
    SecretBytes nonce;

    std::span<const std::uint8_t, kNonceSize> nonce_bytes() const
    {
        return nonce.reveal(SecretAccess{}).first<kNonceSize>();
    }
};

/// RFC 9180 s.5.1, KeySchedule in base mode: no psk, and the first (only) message, so the nonce is base_nonce.
Result<MessageKey> key_schedule(const HpkeAead& aead, const SecretBytes& shared, ByteView info)
{
    constexpr std::uint8_t kModeBase[] = {0x00};
    const Bytes suite = hpke_suite(aead);
    const SecretBytes psk_id_hash = labeled_extract(suite, {}, "psk_id_hash", {});
    const SecretBytes info_hash = labeled_extract(suite, {}, "info_hash", info);
    const Bytes context = joined({kModeBase, psk_id_hash.reveal(SecretAccess{}), info_hash.reveal(SecretAccess{})});
    const SecretBytes secret = labeled_extract(suite, shared.reveal(SecretAccess{}), "secret", {});
    TRY(SecretBytes key, labeled_expand(suite, secret, "key", context, aead.key_size));
    TRY(SecretBytes nonce, labeled_expand(suite, secret, "base_nonce", context, kNonceSize));
    return MessageKey{std::move(key), std::move(nonce)};
}

}  // namespace

Result<HpkeSealed> hpke_seal(const HpkeAead& aead, const X25519Key& ephemeral, const HpkePublicKey& recipient, ByteView info,
                             ByteView aad, ByteView text)
{
    Bytes enc = to_bytes(ephemeral.public_key().bytes());
    TRY(const SecretBytes dh, ephemeral.agree(recipient));
    TRY(const SecretBytes shared, shared_secret(dh, enc, recipient));
    TRY(const MessageKey message, key_schedule(aead, shared, info));
    TRY(Bytes ciphertext, aead_seal(aead.cipher, message.key, message.nonce_bytes(), aad, text));
    return HpkeSealed{std::move(enc), std::move(ciphertext)};
}

Result<SecretBytes> hpke_open(const HpkeAead& aead, const HpkeKeyPair& recipient, ByteView enc, ByteView info, ByteView aad,
                              ByteView ciphertext)
{
    if (enc.size() != HpkePublicKey::kSize)
        return fail(ErrorKind::invalid_input, "crypto.hpke_enc", "enc has 32 bytes, got " + std::to_string(enc.size()));
    TRY(const SecretBytes dh, recipient.agree(HpkePublicKey{enc.first<HpkePublicKey::kSize>()}));
    TRY(const SecretBytes shared, shared_secret(dh, enc, recipient.public_key()));
    TRY(const MessageKey message, key_schedule(aead, shared, info));
    return aead_open(aead.cipher, message.key, message.nonce_bytes(), aad, ciphertext);
}

}  // namespace internal

Result<HpkeSealed> hpke_seal(const HpkePublicKey& recipient, ByteView info, ByteView aad, ByteView text)
{
    return internal::hpke_seal(internal::kHpkeAes256Gcm, X25519Key::generate(), recipient, info, aad, text);
}

Result<SecretBytes> hpke_open(const HpkeKeyPair& recipient, ByteView enc, ByteView info, ByteView aad, ByteView ciphertext)
{
    return internal::hpke_open(internal::kHpkeAes256Gcm, recipient, enc, info, aad, ciphertext);
}

}  // namespace iapp::crypto
