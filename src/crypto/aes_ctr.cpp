#include "crypto/aes_ctr.hpp"

#include <limits>

#include "crypto/internal/openssl.hpp"

namespace iapp::crypto {

Result<SecretBytes> aes_128_ctr(const SecretBytes& key, std::span<const std::uint8_t, 16> counter, ByteView text)
{
    if (text.size() > std::size_t{std::numeric_limits<int>::max()})
        return fail(ErrorKind::invalid_input, "crypto.buffer_size", "more than 2 GiB in one call");
    TRY(const CipherHandle context,
        internal::cipher_context(internal::Cipher::aes_128_ctr, internal::Direction::encrypt, key, counter.data()));
    SecretBytes out(text.size());
    int written = 0;
    internal::must(EVP_CipherUpdate(context.get(), out.writable(SecretAccess{}).data(), &written, text.data(),
                                    static_cast<int>(text.size())) == 1,
                   "EVP_CipherUpdate");
    return out;
}

}  // namespace iapp::crypto
