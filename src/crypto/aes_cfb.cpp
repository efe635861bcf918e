#include "crypto/aes_cfb.hpp"

#include <limits>

#include "crypto/internal/openssl.hpp"

namespace iapp::crypto {
namespace {

Result<SecretBytes> run(internal::Direction direction, const SecretBytes& key, std::span<const std::uint8_t, 16> iv,
                        ByteView in)
{
    if (in.size() > std::size_t{std::numeric_limits<int>::max()})
        return fail(ErrorKind::invalid_input, "crypto.buffer_size", "more than 2 GiB in one call");
    TRY(const CipherHandle context, internal::cipher_context(internal::Cipher::aes_128_cfb, direction, key, iv.data()));
    SecretBytes out(in.size());
    int written = 0;
    internal::must(EVP_CipherUpdate(context.get(), out.writable(SecretAccess{}).data(), &written, in.data(),
                                    static_cast<int>(in.size())) == 1,
                   "EVP_CipherUpdate");
    return out;
}

}  // namespace

Result<SecretBytes> aes_128_cfb_encrypt(const SecretBytes& key, std::span<const std::uint8_t, 16> iv, ByteView text)
{
    return run(internal::Direction::encrypt, key, iv, text);
}

Result<SecretBytes> aes_128_cfb_decrypt(const SecretBytes& key, std::span<const std::uint8_t, 16> iv, ByteView sealed)
{
    return run(internal::Direction::decrypt, key, iv, sealed);
}

}  // namespace iapp::crypto
