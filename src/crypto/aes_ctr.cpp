#include "crypto/aes_ctr.hpp"

#include <limits>

#include "crypto/internal/openssl.hpp"

namespace iapp::crypto {

Result<SecretBytes> aes_128_ctr(const SecretBytes& key, std::span<const std::uint8_t, 16> counter, ByteView text)
{
    if (key.size() != 16)
        return fail(ErrorKind::invalid_input, "crypto.key_length", "AES-128 takes a 16-byte key, got " + std::to_string(key.size()));
    if (text.size() > std::size_t{std::numeric_limits<int>::max()})
        return fail(ErrorKind::invalid_input, "crypto.buffer_size", "more than 2 GiB in one call");
    SecretBytes out(text.size());
    const CipherHandle context(EVP_CIPHER_CTX_new());
    internal::must(context && EVP_EncryptInit_ex(context.get(), EVP_aes_128_ctr(), nullptr, key.reveal(SecretAccess{}).data(), counter.data()) == 1,
                   "EVP_EncryptInit_ex");
    int written = 0;
    internal::must(EVP_EncryptUpdate(context.get(), out.writable(SecretAccess{}).data(), &written, text.data(), static_cast<int>(text.size())) == 1,
                   "EVP_EncryptUpdate");
    return out;
}

}  // namespace iapp::crypto
