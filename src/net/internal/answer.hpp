#pragma once
// Answers the server makes itself, and the head of every answer on the wire. Pure.
#include <optional>
#include <string>

#include "net/http.hpp"
#include "net/internal/exchange.hpp"

namespace iapp::net::internal {

Response refusal(ErrorKind kind, std::string_view reason, std::string detail);

/// The answer to a CORS preflight.
Response preflight_answer();

/// Status line, the response's fields and our framing. No `size` means chunked, or for HTTP/1.0 until the end.
/// Framing fields set by the handler are ignored. Errors: internal "http.header" (a name or value that would break the
/// head).
Result<std::string> encode_head(const Call& call, const Response& response, std::optional<std::uint64_t> size, bool cors);

}  // namespace iapp::net::internal
