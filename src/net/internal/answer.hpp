#pragma once
// Answers the server makes itself, and the head of every answer on the wire. Pure.
#include <optional>
#include <string>

#include "net/http.hpp"
#include "net/internal/exchange.hpp"
#include "net/server.hpp"

namespace iapp::net::internal {

/// What the server refuses itself, in the words of its owner, with the status of the error.
Response refusal(const ServerOptions& options, const Error& error);

/// More bytes would have to be kept than all connections together may. "net.busy"
Error out_of_room();

/// The answer to a CORS preflight.
Response preflight_answer(const ServerOptions& options, const Request& request);

/// Status line, the response's fields and our framing. No `size` means chunked, or for HTTP/1.0 until the end.
/// Framing fields set by the handler are ignored. `room`: what it is written into, for its capacity.
/// Errors: internal "http.header" (a name or value that would break the head).
Result<std::string> encode_head(const Call& call, const Response& response, std::optional<std::uint64_t> size,
                                const ServerOptions& options, std::string room = {});

}  // namespace iapp::net::internal
