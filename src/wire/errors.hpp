#pragma once
// The error body of every API of ours: {"error":{"id","message","fix"[,"leaf"]}}.
// Not the bodies of the npm-compatible routes: those are fixed by the clients and live with their service.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace iapp::wire {

struct ErrorBody {
    std::string id;                     ///< stable reason id, "policy.revoked"
    std::string message;                ///< what was wrong
    std::string fix;                    ///< what the caller can do; may be empty
    std::optional<std::uint64_t> leaf;  ///< ledger leaf that records this refusal
};

std::string encode(const ErrorBody& body);

/// Errors: invalid_input, those of codec/json.hpp.
Result<ErrorBody> parse_error_body(std::string_view json);

/// What a peer may see of an error: reason and detail, and for `internal` and `corrupt` the reason alone.
/// A detail "what was wrong; what to do" fills message and fix.
ErrorBody public_error(const Error& error);

}  // namespace iapp::wire
