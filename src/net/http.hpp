#pragma once
// HTTP messages as values, the same for server and client (RFC 9110).
// Not the wire: framing, chunks and sockets stay inside server.cpp and client.cpp.
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/url.hpp"

namespace iapp::net {

struct Header {
    std::string name;
    std::string value;
};

/// Header fields in the order they were set. Names compare without case.
class HeaderMap {
public:
    HeaderMap() = default;
    HeaderMap(std::initializer_list<Header> headers) : headers_(headers) {}

    /// Replaces every field of that name.
    void set(std::string_view name, std::string_view value);
    void add(std::string_view name, std::string_view value);
    void erase(std::string_view name);

    /// The first value of `name`.
    std::optional<std::string_view> find(std::string_view name) const;
    bool has(std::string_view name) const { return find(name).has_value(); }

    auto begin() const { return headers_.begin(); }
    auto end() const { return headers_.end(); }
    std::size_t size() const { return headers_.size(); }
    void clear() { headers_.clear(); }

private:
    std::vector<Header> headers_;
};

/// Where bytes come from. `read` returns 0 only at the end.
class BodyReader {
public:
    virtual ~BodyReader() = default;
    virtual Result<std::size_t> read(std::span<std::uint8_t> out) = 0;
};

/// Where bytes go. An error means the other side is gone or too slow: stop.
class BodyWriter {
public:
    virtual ~BodyWriter() = default;
    virtual Status write(ByteView bytes) = 0;
};

using BodySink = std::function<Status(ByteView)>;
using BodySource = std::function<Status(BodyWriter&)>;

/// A reader over bytes that outlive it.
class MemoryReader final : public BodyReader {
public:
    explicit MemoryReader(ByteView bytes) : rest_(bytes) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override;

private:
    ByteView rest_;
};

struct Request {
    std::string method = "GET";
    std::string target;  ///< to send: an absolute URL; received: path and query as they were on the wire
    HeaderMap headers{};
    std::string body{};

    /// To send: when set, the body is read from here (chunked) instead of from `body`; it must outlive the call.
    /// Received: set for routes with `stream_request`; read it inside the handler only.
    BodyReader* body_reader = nullptr;

    // Filled in by the server.
    std::string path{};                                              ///< before '?', still percent-encoded
    Query query{};                                                   ///< decoded
    std::vector<std::pair<std::string_view, std::string>> params{};  ///< decoded values of the pattern's {names}
    std::string peer{};                                              ///< "127.0.0.1:54321"

    /// The value of {name} in the route's pattern; empty for a name the pattern does not have.
    std::string_view param(std::string_view name) const;
};

struct Response {
    int status = 200;
    HeaderMap headers{};
    std::string body{};

    /// When set, the server sends what this writes instead of `body`. It runs after the handler, on the same thread.
    BodySource stream{};
    std::optional<std::uint64_t> stream_size{};  ///< Content-Length of `stream`; without it the body goes out in chunks

    bool is_success() const { return status >= 200 && status < 300; }
};

Response empty_response(int status);
Response text_response(int status, std::string text);
Response json_response(int status, std::string json);  ///< Content-Type: application/json, exactly

/// {"error":{"id","message","fix"}} with the status of the error's kind.
/// A detail "what was wrong; what to do" fills message and fix. Of an internal error only the id leaves the process.
Response error_response(const Error& error);

/// Sends `size` bytes of `file` from `offset` in constant memory.
Response file_response(std::filesystem::path file, std::uint64_t offset, std::uint64_t size);

/// "OK", "Not Found", ...; empty for codes without a registered phrase.
std::string_view reason_phrase(int status);

struct ByteRange {
    std::uint64_t first;
    std::uint64_t size;

    friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// The ranges of RFC 9110 section 14 against a body of `size` bytes, in the order asked, without those outside it.
/// Empty means: send the whole body (no header, another unit, a syntax error, or ranges that are more than 16 or together
/// larger than the body, which a server may ignore).
/// Errors: invalid_input "http.range" when every range lies outside the body; answer 416.
Result<std::vector<ByteRange>> parse_ranges(std::optional<std::string_view> header, std::uint64_t size);

}  // namespace iapp::net
