#pragma once
// Pull parser of multipart bodies (RFC 2046 5.1, RFC 7578) in constant memory. Parts with an empty file name are parts.
// Not a form decoder: it gives heads and bytes, in order, once.
#include <optional>
#include <string>

#include "base/result.hpp"
#include "net/http.hpp"

namespace iapp::blobs::internal {

struct Part {
    std::string name;
    std::string file_name;
    std::string content_type;
};

/// The boundary of "multipart/form-data; boundary=...". Errors: invalid_input "multipart.type", "multipart.boundary".
Result<std::string> parse_boundary(std::string_view content_type);

class MultipartReader final : public net::BodyReader {
public:
    /// `body` outlives this.
    MultipartReader(net::BodyReader& body, std::string_view boundary);

    /// Skips what is left of the current part. No value after the last one; then `body` is read to its end.
    /// Errors: those of `body`; invalid_input "multipart.head" (malformed or over 8 KiB), "multipart.truncated",
    ///         "multipart.delimiter".
    Result<std::optional<Part>> next();

    /// Bytes of the current part; 0 at its end. Errors: as next().
    Result<std::size_t> read(std::span<std::uint8_t> out) override;

private:
    Result<bool> refill();
    Status skip_to_delimiter();
    Result<bool> take_delimiter_end();
    Result<std::string> take_line(std::size_t& head_bytes);
    Status drain();

    net::BodyReader& body_;
    std::string delimiter_;        ///< CR LF "--" boundary
    std::string buffer_ = "\r\n";  ///< so that the first delimiter, at the very start, looks like the others
    std::size_t begin_ = 0;
    enum class State { before_first, in_part, at_delimiter, done } state_ = State::before_first;
};

}  // namespace iapp::blobs::internal
