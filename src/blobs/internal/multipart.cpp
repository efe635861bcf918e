#include "blobs/internal/multipart.hpp"

#include <algorithm>

namespace iapp::blobs::internal {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kMaxHeadBytes = 8 * 1024;

std::unexpected<Error> refuse(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::invalid_input, reason, std::move(detail));
}

std::string lower(std::string_view text)
{
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

std::string_view trim(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Takes one `token` or "quoted string" (with \-escapes) off the front.
std::string take_value(std::string_view& in)
{
    std::string out;
    if (!in.starts_with('"')) {
        out = trim(in.substr(0, in.find(';')));
        in.remove_prefix(std::min(in.size(), in.find(';')));
        return out;
    }
    std::size_t at = 1;
    for (; at < in.size() && in[at] != '"'; ++at) {
        if (in[at] == '\\' && at + 1 < in.size()) ++at;
        out += in[at];
    }
    in.remove_prefix(std::min(in.size(), at + 1));
    return out;
}

/// The parameter `name` of "value; a=b; name=\"c\"".
std::optional<std::string> find_parameter(std::string_view field, std::string_view name)
{
    field.remove_prefix(std::min(field.size(), field.find(';')));
    while (field.starts_with(';')) {
        field.remove_prefix(1);
        const std::size_t equals = field.find('=');
        if (equals == field.npos) return std::nullopt;
        const std::string key = lower(trim(field.substr(0, equals)));
        field = field.substr(equals + 1);
        std::string value = take_value(field);
        if (key == name) return value;
        field.remove_prefix(std::min(field.size(), field.find(';')));
    }
    return std::nullopt;
}

void take_field(Part& part, std::string_view line)
{
    const std::size_t colon = line.find(':');
    const std::string name = lower(line.substr(0, colon));
    const std::string_view value = trim(line.substr(colon + 1));
    if (name == "content-type") part.content_type = value;
    if (name != "content-disposition") return;
    part.name = find_parameter(value, "name").value_or("");
    part.file_name = find_parameter(value, "filename").value_or("");
}

}  // namespace

Result<std::string> parse_boundary(std::string_view content_type)
{
    if (!lower(content_type).starts_with("multipart/form-data"))
        return refuse("multipart.type", "the body must be multipart/form-data");
    const auto boundary = find_parameter(content_type, "boundary");
    constexpr std::size_t kMax = 70;  // RFC 2046 5.1.1
    const auto is_bad = [](char c) { return c < ' ' || c == 0x7f; };
    if (!boundary || boundary->empty() || boundary->size() > kMax || std::ranges::any_of(*boundary, is_bad))
        return refuse("multipart.boundary", "Content-Type must name a boundary of 1 to 70 characters");
    return *boundary;
}

MultipartReader::MultipartReader(net::BodyReader& body, std::string_view boundary)
    : body_(body), delimiter_("\r\n--" + std::string(boundary))
{
}

/// False at the end of the body.
Result<bool> MultipartReader::refill()
{
    buffer_.erase(0, begin_);
    begin_ = 0;
    const std::size_t before = buffer_.size();
    buffer_.resize(before + kReadBytes);
    const auto count = body_.read({reinterpret_cast<std::uint8_t*>(buffer_.data()) + before, kReadBytes});
    buffer_.resize(before + count.value_or(0));
    if (!count) return std::unexpected(count.error());
    return *count > 0;
}

Result<std::size_t> MultipartReader::read(std::span<std::uint8_t> out)
{
    while (state_ == State::in_part) {
        const std::string_view rest = std::string_view(buffer_).substr(begin_);
        const std::size_t at = rest.find(delimiter_);
        // Without a delimiter in sight, its beginning may still stand at the end of what is here.
        const std::size_t safe = at != rest.npos ? at : rest.size() - std::min(rest.size(), delimiter_.size() - 1);
        const std::size_t count = std::min(safe, out.size());
        if (count > 0 || out.empty()) {
            std::ranges::copy(as_bytes(rest.substr(0, count)), out.begin());
            begin_ += count;
            return count;
        }
        if (at == 0) {
            begin_ += delimiter_.size();
            state_ = State::at_delimiter;
            break;
        }
        TRY(const bool has_more, refill());
        if (!has_more) return refuse("multipart.truncated", "the body ends inside a part");
    }
    return std::size_t{0};
}

Status MultipartReader::skip_to_delimiter()
{
    if (state_ == State::before_first) state_ = State::in_part;  // the preamble is skipped like a part
    Bytes ignored(kReadBytes);
    while (state_ == State::in_part) {
        TRY(const std::size_t count, read(ignored));
        if (count == 0) break;
    }
    return {};
}

/// Behind a delimiter: "--" ends the message (false), optional blanks and CR LF begin a part (true).
Result<bool> MultipartReader::take_delimiter_end()
{
    std::size_t head_bytes = 0;
    while (buffer_.size() - begin_ < 2) {
        TRY(const bool has_more, refill());
        if (!has_more) return refuse("multipart.truncated", "the body ends at a delimiter");
    }
    if (std::string_view(buffer_).substr(begin_).starts_with("--")) return false;
    TRY(const std::string padding, take_line(head_bytes));
    if (!trim(padding).empty()) return refuse("multipart.delimiter", "a delimiter line holds more than the boundary");
    return true;
}

Result<std::string> MultipartReader::take_line(std::size_t& head_bytes)
{
    while (true) {
        const std::size_t end = buffer_.find("\r\n", begin_);
        const std::size_t size = (end == buffer_.npos ? buffer_.size() : end) - begin_;
        if (head_bytes + size > kMaxHeadBytes) return refuse("multipart.head", "the head of a part is larger than 8 KiB");
        if (end != buffer_.npos) {
            std::string line = buffer_.substr(begin_, size);
            begin_ = end + 2;
            head_bytes += size + 2;
            return line;
        }
        TRY(const bool has_more, refill());
        if (!has_more) return refuse("multipart.truncated", "the body ends inside the head of a part");
    }
}

/// The epilogue means nothing, but the connection is only in step when it was read.
Status MultipartReader::drain()
{
    state_ = State::done;
    while (true) {
        begin_ = buffer_.size();
        TRY(const bool has_more, refill());
        if (!has_more) return {};
    }
}

Result<std::optional<Part>> MultipartReader::next()
{
    if (state_ == State::done) return std::optional<Part>();
    TRY_OK(skip_to_delimiter());
    TRY(const bool has_part, take_delimiter_end());
    if (!has_part) {
        TRY_OK(drain());
        return std::optional<Part>();
    }
    Part part;
    std::size_t head_bytes = 0;
    while (true) {
        TRY(const std::string line, take_line(head_bytes));
        if (line.empty()) break;
        if (!line.contains(':')) return refuse("multipart.head", "a line in the head of a part is no field");
        take_field(part, line);
    }
    state_ = State::in_part;
    return std::optional(std::move(part));
}

}  // namespace iapp::blobs::internal
