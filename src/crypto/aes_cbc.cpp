#include "crypto/aes_cbc.hpp"

#include "crypto/internal/openssl.hpp"

namespace iapp::crypto {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 30;  // EVP counts in int

Status check(const CipherHandle& context, std::size_t out, std::size_t needed)
{
    if (!context) return fail(ErrorKind::precondition_failed, "crypto.finished", "finish() was called; make a new object");
    if (out < needed)
        return fail(ErrorKind::invalid_input, "crypto.buffer_size",
                    "the output has " + std::to_string(out) + " bytes, needed are " + std::to_string(needed));
    return {};
}

Result<std::size_t> update_with(const CipherHandle& context, ByteView in, std::span<std::uint8_t> out)
{
    TRY_OK(check(context, out.size(), in.size() + kAesBlockSize));
    std::size_t total = 0;
    while (!in.empty()) {
        const ByteView piece = in.first(std::min(in.size(), kPiece));
        int written = 0;
        internal::must(
            EVP_CipherUpdate(context.get(), out.data() + total, &written, piece.data(), static_cast<int>(piece.size())) == 1,
            "EVP_CipherUpdate");
        total += static_cast<std::size_t>(written);
        in = in.subspan(piece.size());
    }
    return total;
}

}  // namespace

Result<Aes256CbcEncryptor> Aes256CbcEncryptor::create(const SecretBytes& key, AesIv iv)
{
    using namespace internal;
    TRY(CipherHandle context, cipher_context(Cipher::aes_256_cbc, Direction::encrypt, key, iv.data()));
    return Aes256CbcEncryptor(std::move(context));
}

Result<std::size_t> Aes256CbcEncryptor::update(ByteView in, std::span<std::uint8_t> out)
{
    return update_with(context_, in, out);
}

Result<std::size_t> Aes256CbcEncryptor::finish(std::span<std::uint8_t> out)
{
    TRY_OK(check(context_, out.size(), kAesBlockSize));
    const CipherHandle last = std::move(context_);
    int written = 0;
    internal::must(EVP_CipherFinal_ex(last.get(), out.data(), &written) == 1, "EVP_CipherFinal_ex");
    return static_cast<std::size_t>(written);
}

Result<Aes256CbcDecryptor> Aes256CbcDecryptor::create(const SecretBytes& key, AesIv iv)
{
    using namespace internal;
    TRY(CipherHandle context, cipher_context(Cipher::aes_256_cbc, Direction::decrypt, key, iv.data()));
    return Aes256CbcDecryptor(std::move(context));
}

Result<std::size_t> Aes256CbcDecryptor::update(ByteView in, std::span<std::uint8_t> out)
{
    return update_with(context_, in, out);
}

Result<std::size_t> Aes256CbcDecryptor::finish(std::span<std::uint8_t> out)
{
    TRY_OK(check(context_, out.size(), kAesBlockSize));
    const CipherHandle last = std::move(context_);
    int written = 0;
    if (EVP_CipherFinal_ex(last.get(), out.data(), &written) != 1)
        return internal::refuse(ErrorKind::corrupt, "crypto.aes_cbc_padding",
                                "wrong key, or the ciphertext is cut or damaged");
    return static_cast<std::size_t>(written);
}

}  // namespace iapp::crypto
