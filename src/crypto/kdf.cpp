#include "crypto/kdf.hpp"

#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>

#include <bit>

#include "crypto/internal/openssl.hpp"

namespace iapp::crypto {
namespace {

using internal::must;

constexpr std::size_t kHashSize = 32;
constexpr std::size_t kMostOutput = 255 * kHashSize;  // the limit of HKDF; the other functions need no more
constexpr std::uint64_t kScryptMemory = std::uint64_t{1} << 30;
constexpr std::uint64_t kScryptWork = std::uint64_t{4} << 30;
constexpr std::uint32_t kMostIterations = 50'000'000;

void hmac_into(ByteView key, ByteView text, std::span<std::uint8_t, kHashSize> out)
{
    unsigned size = kHashSize;
    const void* key_bytes =
        key.empty() ? "" : static_cast<const void*>(key.data());  // a null key would mean "the key of last time"
    must(HMAC(internal::digest(internal::Digest::sha256), key_bytes, static_cast<int>(key.size()), text.data(), text.size(),
              out.data(), &size) != nullptr,
         "HMAC");
}

SecretBytes hmac_secret(ByteView key, ByteView text)
{
    SecretBytes out(kHashSize);
    hmac_into(key, text, out.writable(SecretAccess{}).first<kHashSize>());
    return out;
}

Status check_length(std::size_t length)
{
    if (length >= 1 && length <= kMostOutput) return {};
    return fail(ErrorKind::invalid_input, "crypto.kdf_length",
                "a derived key has 1 to 8160 bytes, asked for " + std::to_string(length));
}

Status check_cost(ScryptCost cost)
{
    if (cost.n < 2 || !std::has_single_bit(cost.n) || cost.r == 0 || cost.p == 0)
        return fail(ErrorKind::invalid_input, "crypto.scrypt_cost", "n is a power of two above 1; r and p are at least 1");
    // Divide instead of multiplying: the numbers are foreign.
    const std::uint64_t blocks = kScryptMemory / 128 / cost.r;
    if (cost.n > blocks || cost.p > kScryptWork / 128 / cost.r / cost.n)
        return fail(ErrorKind::resource_exhausted, "crypto.scrypt_limit",
                    "this cost needs more than 1 GiB of memory or 4 GiB of work; write the file again with a lower cost");
    return {};
}

const char* password_text(ByteView password)
{
    return password.empty() ? "" : reinterpret_cast<const char*>(password.data());
}

using internal::Owned;

// OpenSSL takes parameters through pointers to non-const and does not write to the ones it reads.
OSSL_PARAM text_parameter(const char* name, const char* value)
{
    return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(value), 0);
}

OSSL_PARAM octets_parameter(const char* name, ByteView value)
{
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(value.data()), value.size());
}

SecretBytes derive(const char* function, std::span<const OSSL_PARAM> parameters, std::size_t length)
{
    const Owned<EVP_KDF, EVP_KDF_free> kdf{EVP_KDF_fetch(nullptr, function, nullptr)};
    const Owned<EVP_KDF_CTX, EVP_KDF_CTX_free> context{EVP_KDF_CTX_new(kdf.get())};
    SecretBytes out(length);
    must(context && EVP_KDF_derive(context.get(), out.writable(SecretAccess{}).data(), length, parameters.data()) == 1,
         function);
    return out;
}

}  // namespace

Hash256 hmac_sha256(const SecretBytes& key, ByteView text)
{
    std::array<std::uint8_t, kHashSize> out{};
    hmac_into(key.reveal(SecretAccess{}), text, out);
    return Hash256{out};
}

SecretBytes hkdf_sha256_extract(ByteView salt, const SecretBytes& input)
{
    return hmac_secret(salt, input.reveal(SecretAccess{}));  // HMAC pads an empty key with zeros: the RFC's default salt
}

Result<SecretBytes> hkdf_sha256_expand(const SecretBytes& prk, ByteView info, std::size_t length)
{
    TRY_OK(check_length(length));
    SecretBytes out(length);
    const auto bytes = out.writable(SecretAccess{});
    SecretBytes previous;
    for (std::size_t done = 0, counter = 1; done < length; ++counter) {
        Bytes text;
        text.reserve(kHashSize + info.size() + 1);
        append(text, previous.reveal(SecretAccess{}));
        append(text, info);
        text.push_back(static_cast<std::uint8_t>(counter));
        const SecretBytes input(std::move(text));
        previous = hmac_secret(prk.reveal(SecretAccess{}), input.reveal(SecretAccess{}));
        const ByteView block = previous.reveal(SecretAccess{}).first(std::min(kHashSize, length - done));
        std::ranges::copy(block, bytes.subspan(done).begin());
        done += block.size();
    }
    return out;
}

Result<SecretBytes> hkdf_sha256(const SecretBytes& input, ByteView salt, ByteView info, std::size_t length)
{
    return hkdf_sha256_expand(hkdf_sha256_extract(salt, input), info, length);
}

Result<SecretBytes> counter_kdf_sha256(const SecretBytes& key, std::string_view label, ByteView context, std::size_t length)
{
    TRY_OK(check_length(length));
    std::array<OSSL_PARAM, 7> parameters{
        text_parameter(OSSL_KDF_PARAM_MAC, "HMAC"),
        text_parameter(OSSL_KDF_PARAM_DIGEST, "SHA256"),
        text_parameter(OSSL_KDF_PARAM_MODE, "counter"),
        octets_parameter(OSSL_KDF_PARAM_KEY, key.reveal(SecretAccess{})),
        octets_parameter(OSSL_KDF_PARAM_SALT, as_bytes(label)),
        octets_parameter(OSSL_KDF_PARAM_INFO, context),
        OSSL_PARAM_construct_end(),
    };
    return derive("KBKDF", parameters, length);
}

Result<SecretBytes> one_step_kdf_sha256(const SecretBytes& shared, ByteView info, std::size_t length)
{
    TRY_OK(check_length(length));
    std::array<OSSL_PARAM, 4> parameters{
        text_parameter(OSSL_KDF_PARAM_DIGEST, "SHA256"),
        octets_parameter(OSSL_KDF_PARAM_KEY, shared.reveal(SecretAccess{})),
        octets_parameter(OSSL_KDF_PARAM_INFO, info),
        OSSL_PARAM_construct_end(),
    };
    return derive("SSKDF", parameters, length);
}

Result<SecretBytes> scrypt(const SecretBytes& password, ByteView salt, ScryptCost cost, std::size_t length)
{
    TRY_OK(check_length(length));
    TRY_OK(check_cost(cost));
    const ByteView secret = password.reveal(SecretAccess{});
    SecretBytes out(length);
    constexpr std::uint64_t kRoomForBlocks = 64 << 20;  // OpenSSL counts p * 128 * r and scratch as well
    if (EVP_PBE_scrypt(password_text(secret), secret.size(), salt.data(), salt.size(), cost.n, cost.r, cost.p,
                       kScryptMemory + kRoomForBlocks, out.writable(SecretAccess{}).data(), length) != 1)
        return internal::refuse(ErrorKind::resource_exhausted, "crypto.scrypt_limit", "not enough memory for this cost");
    return out;
}

Result<SecretBytes> pbkdf2_sha256(const SecretBytes& password, ByteView salt, std::uint32_t iterations, std::size_t length)
{
    TRY_OK(check_length(length));
    if (iterations == 0) return fail(ErrorKind::invalid_input, "crypto.pbkdf2_cost", "PBKDF2 needs at least one iteration");
    if (iterations > kMostIterations)
        return fail(ErrorKind::resource_exhausted, "crypto.pbkdf2_limit", "more than 50 million iterations");
    const ByteView secret = password.reveal(SecretAccess{});
    SecretBytes out(length);
    must(
        PKCS5_PBKDF2_HMAC(password_text(secret), static_cast<int>(secret.size()), salt.data(), static_cast<int>(salt.size()),
                          static_cast<int>(iterations), internal::digest(internal::Digest::sha256), static_cast<int>(length),
                          out.writable(SecretAccess{}).data()) == 1,
        "PKCS5_PBKDF2_HMAC");
    return out;
}

}  // namespace iapp::crypto
