#pragma once
// AWS Signature Version 4 in the Authorization header, for requests without a query. Pure.
// Source: AWS General Reference, "Create a signed AWS API request".
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/fixed_bytes.hpp"
#include "crypto/secret.hpp"

namespace iapp::blobs::internal {

struct SigV4Scope {
    std::string access_key;
    const crypto::SecretBytes* secret_key;
    std::string region;
    std::string_view service;
};

struct SigV4Header {
    std::string name;  ///< lower case
    std::string value;
};

/// "20130524T000000Z", for x-amz-date.
std::string sigv4_time(UnixSeconds time);

/// The value of Authorization. `path` is encoded as it is sent; `headers` are all that are signed (host and x-amz-date among
/// them), in any order; `payload` is the SHA-256 of the body.
std::string sigv4_authorization(std::string_view method, std::string_view path, std::vector<SigV4Header> headers,
                                const Hash256& payload, const SigV4Scope& scope, UnixSeconds time);

}  // namespace iapp::blobs::internal
