#include "crypto/aead.hpp"

#include "crypto/internal/openssl.hpp"

namespace iapp::crypto {
namespace {

using internal::Cipher;
using internal::Direction;
using internal::must;

constexpr std::size_t kLengthLimit = std::size_t{1} << 30;  // EVP counts in int

Status check_lengths(ByteView aad, std::size_t in, std::size_t out, std::size_t expected_out)
{
    if (in >= kLengthLimit || aad.size() >= kLengthLimit)
        return fail(ErrorKind::resource_exhausted, "crypto.aead_length", "one AEAD message is below 1 GiB; seal in chunks");
    if (out != expected_out)
        return fail(ErrorKind::invalid_input, "crypto.buffer_size",
                    "the output has " + std::to_string(out) + " bytes, needed are " + std::to_string(expected_out));
    return {};
}

std::unexpected<Error> open_failed()
{
    return internal::refuse(ErrorKind::unauthenticated, "crypto.aead_open",
                            "wrong key, nonce or associated data, or changed bytes");
}

/// Sets the nonce and runs aad and data through the cipher; the tag is the caller's business.
bool run(EVP_CIPHER_CTX* context, AeadNonce nonce, ByteView aad, ByteView in, std::uint8_t* out)
{
    int written = 0;
    return EVP_CipherInit_ex2(context, nullptr, nullptr, nonce.data(), -1, nullptr) == 1 &&
           (aad.empty() || EVP_CipherUpdate(context, nullptr, &written, aad.data(), static_cast<int>(aad.size())) == 1) &&
           (in.empty() || EVP_CipherUpdate(context, out, &written, in.data(), static_cast<int>(in.size())) == 1);
}

Status seal_with(EVP_CIPHER_CTX* context, AeadNonce nonce, ByteView aad, ByteView text, std::span<std::uint8_t> out)
{
    TRY_OK(check_lengths(aad, text.size(), out.size(), text.size() + kAeadTagSize));
    int written = 0;
    std::uint8_t* tag = out.data() + text.size();
    must(run(context, nonce, aad, text, out.data()) && EVP_CipherFinal_ex(context, tag, &written) == 1 &&
             EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kAeadTagSize, tag) == 1,
         "AEAD seal");
    return {};
}

Status open_with(EVP_CIPHER_CTX* context, AeadNonce nonce, ByteView aad, ByteView sealed, std::span<std::uint8_t> out)
{
    if (sealed.size() < kAeadTagSize) return open_failed();
    const ByteView text = sealed.first(sealed.size() - kAeadTagSize);
    TRY_OK(check_lengths(aad, text.size(), out.size(), text.size()));
    std::array<std::uint8_t, kAeadTagSize> tag{};
    std::ranges::copy(sealed.last<kAeadTagSize>(), tag.begin());
    std::uint8_t none[kAeadTagSize];
    int written = 0;
    if (run(context, nonce, aad, text, out.data()) &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kAeadTagSize, tag.data()) == 1 &&
        EVP_CipherFinal_ex(context, none, &written) == 1)
        return {};
    wipe(out);
    return open_failed();
}

}  // namespace

namespace internal {

Result<Bytes> aead_seal(Cipher which, const SecretBytes& key, AeadNonce nonce, ByteView aad, ByteView text)
{
    TRY(const CipherHandle context, cipher_context(which, Direction::encrypt, key));
    Bytes out(text.size() + kAeadTagSize);
    TRY_OK(seal_with(context.get(), nonce, aad, text, out));
    return out;
}

Result<SecretBytes> aead_open(Cipher which, const SecretBytes& key, AeadNonce nonce, ByteView aad, ByteView sealed)
{
    TRY(const CipherHandle context, cipher_context(which, Direction::decrypt, key));
    SecretBytes out(sealed.size() < kAeadTagSize ? 0 : sealed.size() - kAeadTagSize);
    TRY_OK(open_with(context.get(), nonce, aad, sealed, out.writable(SecretAccess{})));
    return out;
}

}  // namespace internal

Result<Bytes> aes_256_gcm_seal(const SecretBytes& key, AeadNonce nonce, ByteView aad, ByteView text)
{
    return internal::aead_seal(Cipher::aes_256_gcm, key, nonce, aad, text);
}

Result<SecretBytes> aes_256_gcm_open(const SecretBytes& key, AeadNonce nonce, ByteView aad, ByteView sealed)
{
    return internal::aead_open(Cipher::aes_256_gcm, key, nonce, aad, sealed);
}

Result<Bytes> chacha20_poly1305_seal(const SecretBytes& key, AeadNonce nonce, ByteView aad, ByteView text)
{
    return internal::aead_seal(Cipher::chacha20_poly1305, key, nonce, aad, text);
}

Result<SecretBytes> chacha20_poly1305_open(const SecretBytes& key, AeadNonce nonce, ByteView aad, ByteView sealed)
{
    return internal::aead_open(Cipher::chacha20_poly1305, key, nonce, aad, sealed);
}

Result<AeadContext> AeadContext::aes_256_gcm(const SecretBytes& key)
{
    TRY(CipherHandle seal, internal::cipher_context(Cipher::aes_256_gcm, Direction::encrypt, key));
    TRY(CipherHandle open, internal::cipher_context(Cipher::aes_256_gcm, Direction::decrypt, key));
    return AeadContext(std::move(seal), std::move(open));
}

Result<AeadContext> AeadContext::chacha20_poly1305(const SecretBytes& key)
{
    TRY(CipherHandle seal, internal::cipher_context(Cipher::chacha20_poly1305, Direction::encrypt, key));
    TRY(CipherHandle open, internal::cipher_context(Cipher::chacha20_poly1305, Direction::decrypt, key));
    return AeadContext(std::move(seal), std::move(open));
}

Status AeadContext::seal(AeadNonce nonce, ByteView aad, ByteView text, std::span<std::uint8_t> out)
{
    return seal_with(seal_.get(), nonce, aad, text, out);
}

Status AeadContext::open(AeadNonce nonce, ByteView aad, ByteView sealed, std::span<std::uint8_t> out)
{
    return open_with(open_.get(), nonce, aad, sealed, out);
}

}  // namespace iapp::crypto
