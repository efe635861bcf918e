#pragma once
// The requester's `params` text of a request order.
// The Java services' rule is law on this network: one unknown key or a wrong type, and the whole text is the app's
// arguments.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace iapp::poco {

struct RequestParams {
    std::string args;
    std::vector<std::string> input_files;          ///< URLs
    std::map<std::uint32_t, std::string> secrets;  ///< position from 1 -> name of the requester secret
    bool result_encryption = false;
    std::optional<std::string> result_storage_provider;  ///< "ipfs" or "dropbox"
    std::optional<std::string> result_storage_proxy;
    std::optional<std::string> bulk_cid;

    /// Set when the text was not understood and became `args` whole; says which rule it broke. Empty otherwise.
    /// Warn about it: encryption, secrets and bulk are off in such a deal.
    std::string degraded;

    friend bool operator==(const RequestParams&, const RequestParams&) = default;
};

/// Reads params as the network does. Never fails; see `degraded`. Stricter than Java in three corners, which all degrade: a
/// repeated key, text behind the JSON, and a fraction where text is expected.
RequestParams parse_params(std::string_view text);

/// For clients that write params: refuses what parse_params would degrade, and values the services refuse later.
/// Errors: invalid_input "params.degraded", "params.input_file", "params.secret", "params.storage", "params.bulk_cid".
Status check_params(std::string_view text);

/// Compact JSON with the members that are set, in the order the npm client writes them.
std::string encode(const RequestParams& params);

}  // namespace iapp::poco
