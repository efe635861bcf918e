#include "crypto/secret.hpp"

#include <openssl/crypto.h>

namespace iapp::crypto {

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept
{
    if (this != &other) {
        wipe();
        bytes_.swap(other.bytes_);
    }
    return *this;
}

void SecretBytes::wipe() noexcept
{
    bytes_.resize(bytes_.capacity());  // never reallocates; the unused tail may hold bytes of a longer value
    crypto::wipe(bytes_);
    bytes_.clear();
}

void SecretBytes::shrink(std::size_t size) noexcept
{
    if (size >= bytes_.size()) return;
    crypto::wipe(std::span(bytes_).subspan(size));
    bytes_.resize(size);
}

bool equal_constant_time(ByteView a, ByteView b)
{
    return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

void wipe(std::span<std::uint8_t> memory) noexcept { OPENSSL_cleanse(memory.data(), memory.size()); }

}  // namespace iapp::crypto
