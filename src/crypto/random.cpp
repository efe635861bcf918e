#include "crypto/random.hpp"

#include <openssl/rand.h>

#include "crypto/internal/openssl.hpp"

namespace iapp::crypto {

void random_fill(std::span<std::uint8_t> out)
{
    internal::must(RAND_bytes_ex(nullptr, out.data(), out.size(), 256) == 1, "RAND_bytes_ex");
}

Bytes random_bytes(std::size_t size)
{
    Bytes out(size);
    random_fill(out);
    return out;
}

SecretBytes random_secret(std::size_t size)
{
    SecretBytes out(size);
    const auto bytes = out.writable(SecretAccess{});
    internal::must(RAND_priv_bytes_ex(nullptr, bytes.data(), bytes.size(), 256) == 1, "RAND_priv_bytes_ex");
    return out;
}

}  // namespace iapp::crypto
