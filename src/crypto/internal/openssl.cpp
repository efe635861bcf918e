#include "crypto/internal/openssl.hpp"

#include <openssl/err.h>

#include <array>
#include <cstdlib>

#include "base/log.hpp"

namespace iapp::crypto::internal {

std::unexpected<Error> refuse(ErrorKind kind, std::string_view reason, std::string detail, std::source_location where)
{
    ERR_clear_error();
    return fail(kind, reason, std::move(detail), where);
}

void must(bool ok, const char* what)
{
    if (ok) return;
    log::error("crypto library failed", {{"call", what}});
    std::abort();
}

const EVP_MD* digest(Digest which)
{
    static const auto fetch = [](const char* name) {
        const EVP_MD* md = EVP_MD_fetch(nullptr, name, nullptr);
        must(md != nullptr, name);
        return md;
    };
    static const std::array table{fetch("SHA256"), fetch("SHA384"), fetch("SHA512")};
    return table[static_cast<std::size_t>(which)];
}

const EVP_CIPHER* cipher(Cipher which)
{
    static const auto fetch = [](const char* name) {
        const EVP_CIPHER* found = EVP_CIPHER_fetch(nullptr, name, nullptr);
        must(found != nullptr, name);
        return found;
    };
    static const std::array table{fetch("AES-128-GCM"), fetch("AES-256-GCM"), fetch("ChaCha20-Poly1305"),
                                  fetch("AES-256-CBC"), fetch("AES-128-CTR"), fetch("AES-128-CFB")};
    return table[static_cast<std::size_t>(which)];
}

Result<CipherHandle> cipher_context(Cipher which, Direction direction, const SecretBytes& key, const std::uint8_t* iv)
{
    const EVP_CIPHER* algorithm = cipher(which);
    const auto wanted = static_cast<std::size_t>(EVP_CIPHER_get_key_length(algorithm));
    if (key.size() != wanted)
        return fail(ErrorKind::invalid_input, "crypto.key_length",
                    "the key has " + std::to_string(key.size()) + " bytes; this cipher takes " + std::to_string(wanted));
    CipherHandle context{EVP_CIPHER_CTX_new()};
    must(context && EVP_CipherInit_ex2(context.get(), algorithm, key.reveal(SecretAccess{}).data(), iv,
                                       static_cast<int>(direction), nullptr) == 1,
         "EVP_CipherInit_ex2");
    return context;
}

}  // namespace iapp::crypto::internal
