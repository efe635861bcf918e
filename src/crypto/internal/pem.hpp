#pragma once
// PEM armour (RFC 7468), the strict form: one label, base64 lines, white space between blocks, nothing else.
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/handle.hpp"
#include "crypto/secret.hpp"

namespace iapp::crypto::internal {

/// Every block of the text, decoded. All carry `label` ("CERTIFICATE"). Errors: invalid_input "crypto.pem".
Result<std::vector<Bytes>> decode_pem(std::string_view text, std::string_view label);

/// Exactly one block. Errors: invalid_input "crypto.pem".
Result<Bytes> decode_pem_block(std::string_view text, std::string_view label);

/// 64-column lines, each with its newline.
std::string encode_pem(ByteView der, std::string_view label);

/// PKCS#8 private key text that OpenSSL writes and reads; never asks a terminal for a password.
SecretBytes private_key_pem(evp_pkey_st* key);
KeyHandle read_private_key_pem(const SecretBytes& pem);

}  // namespace iapp::crypto::internal
