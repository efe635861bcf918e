#pragma once
// Tokens: JWT (RFC 7519) signed HS256 with a key of this server. They do not end; one wallet has one, until the key changes.
#include <filesystem>

#include "base/clock.hpp"
#include "crypto/secret.hpp"
#include "eth/address.hpp"

namespace iapp::resultproxy::internal {

/// Reads the key, or makes it (mode 0600). Errors: unavailable "result_proxy.io"; precondition_failed "result_proxy.mode"
/// (not a plain file of ours, or open to others); corrupt "result_proxy.key".
Result<crypto::SecretBytes> open_token_key(const std::filesystem::path& file);

std::string make_token(const crypto::SecretBytes& key, const eth::Address& wallet, UnixSeconds now);

/// Whether this key signed it. Whose it is, the book says.
bool is_token_of(const crypto::SecretBytes& key, std::string_view token);

}  // namespace iapp::resultproxy::internal
