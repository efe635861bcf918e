#pragma once
// What every OpenSSL-backed file of this room shares: fetched algorithms, and the end of a process whose OpenSSL is broken.
#include <openssl/evp.h>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/handle.hpp"
#include "crypto/secret.hpp"

namespace iapp::crypto::internal {

template <auto kFree>
struct FreeWith {
    void operator()(auto* object) const noexcept { kFree(object); }
};
/// An OpenSSL object that lives inside one function: `Owned<BIO, BIO_free_all> bio{BIO_new(...)};`
template <class T, auto kFree>
using Owned = std::unique_ptr<T, FreeWith<kFree>>;
/// Bytes that OpenSSL allocated for us (i2d_*, *_to_UTF8).
inline void free_given(std::uint8_t* bytes) { OPENSSL_free(bytes); }
using Given = Owned<std::uint8_t, free_given>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

/// fail() after a refusal by OpenSSL: also empties this thread's error queue, which TLS code would otherwise read as its
/// own.
std::unexpected<Error> refuse(ErrorKind kind, std::string_view reason, std::string detail,
                              std::source_location where = std::source_location::current());

/// For calls that fail only when memory or the library itself is broken: no caller could go on, so the process ends here.
void must(bool ok, const char* what);

enum class Digest : unsigned char { sha256, sha384, sha512 };
enum class Cipher : unsigned char { aes_128_gcm, aes_256_gcm, chacha20_poly1305, aes_256_cbc, aes_128_ctr, aes_128_cfb };
enum class Direction : int { decrypt = 0, encrypt = 1 };

/// Fetched once: OpenSSL 3 otherwise looks the name up under a lock at each use.
const EVP_MD* digest(Digest which);
const EVP_CIPHER* cipher(Cipher which);

/// A context with the key schedule done. `iv` may be null when each message brings its own. Errors: invalid_input
/// "crypto.key_length".
Result<CipherHandle> cipher_context(Cipher which, Direction direction, const SecretBytes& key,
                                    const std::uint8_t* iv = nullptr);

/// One-shot AEAD under any of the AEAD ciphers; see aead.hpp.
Result<Bytes> aead_seal(Cipher which, const SecretBytes& key, std::span<const std::uint8_t, 12> nonce, ByteView aad,
                        ByteView text);
Result<SecretBytes> aead_open(Cipher which, const SecretBytes& key, std::span<const std::uint8_t, 12> nonce, ByteView aad,
                              ByteView sealed);

}  // namespace iapp::crypto::internal
