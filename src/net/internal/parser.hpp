#pragma once
// Incremental HTTP/1.1 message parsers (RFC 9112). Boost.Beast does the grammar; limits and refusals are ours.
// Not a reader: the caller moves bytes from the socket.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/http.hpp"

namespace iapp::net::internal {

struct Head {
    std::string method{};  ///< requests
    std::string target{};  ///< requests
    int status = 0;        ///< responses
    int version = 11;      ///< 10 or 11
    HeaderMap headers{};
};

/// One side's parser. After done(), reset() makes it ready for the next message.
class Parser {
public:
    virtual ~Parser() = default;

    /// Eats bytes and returns how many; eats nothing beyond the head until head_done() was true before the call,
    /// so that the caller can decide on the head first. Decoded body bytes are appended to `body`.
    /// Errors: invalid_input "http.syntax", "http.transfer_encoding"; resource_exhausted "http.head_size".
    virtual Result<std::size_t> put(ByteView bytes, std::string& body) = 0;

    /// The peer closed: completes a body without length. Errors: invalid_input "http.truncated".
    virtual Status put_end() = 0;

    virtual bool head_done() const = 0;
    virtual bool done() const = 0;
    virtual bool keep_alive() const = 0;
    virtual std::optional<std::uint64_t> content_length() const = 0;
    virtual Head& head() = 0;

    /// `bodyless`: the answer to HEAD, whose Content-Length announces nothing.
    virtual void reset(bool bodyless = false) = 0;
};

std::unique_ptr<Parser> make_request_parser(std::size_t max_head_bytes);
std::unique_ptr<Parser> make_response_parser(std::size_t max_head_bytes);

}  // namespace iapp::net::internal
