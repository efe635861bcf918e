#pragma once
// P-256 keys as OpenSSL objects, for the files of this room that hand them to OpenSSL again.
#include "crypto/p256.hpp"

namespace iapp::crypto::internal {

/// Errors: invalid_input "crypto.p256_point" (not a point of the curve).
Result<KeyHandle> p256_public_handle(const P256PublicKey& key);

}  // namespace iapp::crypto::internal
