#include "crypto/handle.hpp"

#include <openssl/evp.h>

namespace iapp::crypto {

void HandleFree::operator()(evp_cipher_ctx_st* context) const noexcept { EVP_CIPHER_CTX_free(context); }
void HandleFree::operator()(evp_md_ctx_st* context) const noexcept { EVP_MD_CTX_free(context); }
void HandleFree::operator()(evp_pkey_st* key) const noexcept { EVP_PKEY_free(key); }

}  // namespace iapp::crypto
