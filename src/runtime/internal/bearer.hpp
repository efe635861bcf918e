#pragma once
// The anonymous token dance of public registries: a 401 names a token service, the token opens one repository
// (distribution "Token Authentication Specification"; challenge syntax RFC 9110 section 11.6.1).
#include <string>

#include "base/result.hpp"

namespace iapp::runtime {

struct BearerChallenge {
    std::string realm;    ///< URL of the token service
    std::string service;  ///< "" when absent
    std::string scope;    ///< "" when absent
};

/// Parses one `WWW-Authenticate: Bearer realm="...",...` value. Errors: invalid_input "image.challenge".
Result<BearerChallenge> parse_bearer_challenge(std::string_view header);

/// The GET that answers the challenge. The realm must be https, or http to loopback. Errors: invalid_input
/// "image.challenge".
Result<std::string> token_url(const BearerChallenge& challenge);

/// The token in the service's JSON answer. Errors: invalid_input "image.challenge".
Result<std::string> parse_token(std::string_view json);

/// Is this the name or address of this machine itself?
bool is_loopback(std::string_view host);

}  // namespace iapp::runtime
