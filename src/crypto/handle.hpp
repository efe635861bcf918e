#pragma once
// Owning handles for the OpenSSL objects behind the classes of this room.
// Not an OpenSSL header: it only names the structs, so that no other room sees <openssl/...>.
#include <memory>

struct evp_cipher_ctx_st;
struct evp_md_ctx_st;
struct evp_pkey_st;

namespace iapp::crypto {

struct HandleFree {
    void operator()(evp_cipher_ctx_st* context) const noexcept;
    void operator()(evp_md_ctx_st* context) const noexcept;
    void operator()(evp_pkey_st* key) const noexcept;
};

using CipherHandle = std::unique_ptr<evp_cipher_ctx_st, HandleFree>;
using DigestHandle = std::unique_ptr<evp_md_ctx_st, HandleFree>;
using KeyHandle = std::unique_ptr<evp_pkey_st, HandleFree>;

}  // namespace iapp::crypto
