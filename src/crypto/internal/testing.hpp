#pragma once
// Short words for this room's tests: bytes from hex, secrets from hex, the reason of a result.
#include "base/hex.hpp"
#include "crypto/secret.hpp"

namespace iapp::crypto::testing {

inline Bytes bytes(std::string_view digits) { return parse_hex(digits).value(); }
inline SecretBytes secret(std::string_view digits) { return SecretBytes(bytes(digits)); }
inline SecretBytes secret_text(std::string_view text) { return SecretBytes(to_bytes(text)); }
inline std::string revealed(const SecretBytes& value) { return hex(value.reveal(SecretAccess{})); }
inline std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

}  // namespace iapp::crypto::testing
