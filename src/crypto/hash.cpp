#include "crypto/hash.hpp"

#include "crypto/internal/openssl.hpp"

namespace iapp::crypto {
namespace {

using internal::Digest;
using internal::must;

template <class Hash>
Hash hash_once(Digest which, ByteView data)
{
    std::array<std::uint8_t, Hash::kSize> out{};
    must(EVP_Digest(data.data(), data.size(), out.data(), nullptr, internal::digest(which), nullptr) == 1, "EVP_Digest");
    return Hash{out};
}

DigestHandle begin(Digest which)
{
    DigestHandle context{EVP_MD_CTX_new()};
    must(context && EVP_DigestInit_ex2(context.get(), internal::digest(which), nullptr) == 1, "EVP_DigestInit_ex2");
    return context;
}

void feed(const DigestHandle& context, ByteView more)
{
    must(EVP_DigestUpdate(context.get(), more.data(), more.size()) == 1, "EVP_DigestUpdate");
}

template <class Hash>
Hash end(const DigestHandle& context)
{
    std::array<std::uint8_t, Hash::kSize> out{};
    must(EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1, "EVP_DigestFinal_ex");
    must(EVP_DigestInit_ex2(context.get(), nullptr, nullptr) == 1, "EVP_DigestInit_ex2");
    return Hash{out};
}

}  // namespace

Hash256 sha256(ByteView data) { return hash_once<Hash256>(Digest::sha256, data); }
Hash384 sha384(ByteView data) { return hash_once<Hash384>(Digest::sha384, data); }
Hash512 sha512(ByteView data) { return hash_once<Hash512>(Digest::sha512, data); }

Sha256::Sha256() : context_(begin(Digest::sha256)) {}
Sha384::Sha384() : context_(begin(Digest::sha384)) {}
Sha512::Sha512() : context_(begin(Digest::sha512)) {}

Sha256& Sha256::update(ByteView more) { return feed(context_, more), *this; }
Sha384& Sha384::update(ByteView more) { return feed(context_, more), *this; }
Sha512& Sha512::update(ByteView more) { return feed(context_, more), *this; }

Hash256 Sha256::finish() { return end<Hash256>(context_); }
Hash384 Sha384::finish() { return end<Hash384>(context_); }
Hash512 Sha512::finish() { return end<Hash512>(context_); }

}  // namespace iapp::crypto
