#include "net/http.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>

#include "base/error_kind.hpp"
#include "base/log.hpp"
#include "net/internal/text.hpp"

namespace iapp::net {
namespace {

using internal::equal_without_case;
using internal::json_string;

struct Phrase {
    int status;
    std::string_view text;
};
constexpr std::array kPhrases{
    Phrase{100, "Continue"},
    Phrase{200, "OK"},
    Phrase{201, "Created"},
    Phrase{202, "Accepted"},
    Phrase{204, "No Content"},
    Phrase{206, "Partial Content"},
    Phrase{301, "Moved Permanently"},
    Phrase{302, "Found"},
    Phrase{304, "Not Modified"},
    Phrase{307, "Temporary Redirect"},
    Phrase{400, "Bad Request"},
    Phrase{401, "Unauthorized"},
    Phrase{403, "Forbidden"},
    Phrase{404, "Not Found"},
    Phrase{405, "Method Not Allowed"},
    Phrase{406, "Not Acceptable"},
    Phrase{408, "Request Timeout"},
    Phrase{409, "Conflict"},
    Phrase{411, "Length Required"},
    Phrase{412, "Precondition Failed"},
    Phrase{413, "Content Too Large"},
    Phrase{415, "Unsupported Media Type"},
    Phrase{416, "Range Not Satisfiable"},
    Phrase{417, "Expectation Failed"},
    Phrase{422, "Unprocessable Content"},
    Phrase{429, "Too Many Requests"},
    Phrase{431, "Request Header Fields Too Large"},
    Phrase{499, "Client Closed Request"},
    Phrase{500, "Internal Server Error"},
    Phrase{501, "Not Implemented"},
    Phrase{502, "Bad Gateway"},
    Phrase{503, "Service Unavailable"},
    Phrase{504, "Gateway Timeout"},
    Phrase{505, "HTTP Version Not Supported"},
};

struct Explained {
    std::string_view message;
    std::string_view fix;
};

/// "what was wrong; what to do" in two. Without the second half the kind says what a caller can do.
Explained explain(const Error& error)
{
    if (error.kind == ErrorKind::internal)
        return {"the service failed on this request",
                "try again later; the operator finds the cause in the log by the request id"};
    const std::string_view detail = error.detail.empty() ? error.reason : std::string_view(error.detail);
    if (const std::size_t at = detail.find("; "); at != detail.npos) return {detail.substr(0, at), detail.substr(at + 2)};
    return {detail, info(error.kind).retryable ? "try again later" : "correct the request before sending it again"};
}

std::optional<std::uint64_t> parse_number(std::string_view digits)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

std::string_view trim_blanks(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// One range; size 0 when it lies outside. No value: a syntax error.
std::optional<ByteRange> parse_range(std::string_view spec, std::uint64_t size)
{
    const std::size_t dash = spec.find('-');
    if (dash == spec.npos) return std::nullopt;
    const auto first = parse_number(spec.substr(0, dash));
    const auto last = parse_number(spec.substr(dash + 1));
    if (dash == 0) {  // "-500": the last 500 bytes
        if (!last) return std::nullopt;
        const std::uint64_t count = std::min(*last, size);
        return ByteRange{size - count, count};
    }
    const bool open_ended = dash + 1 == spec.size();
    if (!first || (!last && !open_ended) || (last && *last < *first)) return std::nullopt;
    if (*first >= size) return ByteRange{size, 0};
    const std::uint64_t end = open_ended ? size - 1 : std::min(*last, size - 1);
    return ByteRange{*first, end - *first + 1};
}

Status copy_file_range(const std::filesystem::path& file, std::uint64_t offset, std::uint64_t size, BodyWriter& out)
{
    std::ifstream in(file, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(offset));
    std::vector<char> buffer(std::min<std::uint64_t>(size, 64 * 1024));
    while (size > 0) {
        const std::size_t want = std::min<std::uint64_t>(size, buffer.size());
        if (!in.read(buffer.data(), static_cast<std::streamsize>(want)))
            return fail(ErrorKind::internal, "http.file", "a file that is being sent became unreadable or shorter");
        TRY_OK(out.write(as_bytes(std::string_view(buffer.data(), want))));
        size -= want;
    }
    return {};
}

std::unexpected<Error> outside(std::uint64_t size)
{
    return fail(ErrorKind::invalid_input, "http.range",
                "the range lies outside the " + std::to_string(size) + " bytes; ask for a part of them");
}

}  // namespace

void HeaderMap::set(std::string_view name, std::string_view value)
{
    erase(name);
    add(name, value);
}

void HeaderMap::add(std::string_view name, std::string_view value)
{
    headers_.push_back({std::string(name), std::string(value)});
}

void HeaderMap::erase(std::string_view name)
{
    std::erase_if(headers_, [&](const Header& header) { return equal_without_case(header.name, name); });
}

std::optional<std::string_view> HeaderMap::find(std::string_view name) const
{
    for (const Header& header : headers_)
        if (equal_without_case(header.name, name)) return header.value;
    return std::nullopt;
}

Result<std::size_t> MemoryReader::read(std::span<std::uint8_t> out)
{
    const std::size_t count = std::min(out.size(), rest_.size());
    std::ranges::copy(rest_.first(count), out.begin());
    rest_ = rest_.subspan(count);
    return count;
}

std::string_view Request::param(std::string_view name) const
{
    for (const auto& [key, value] : params)
        if (key == name) return value;
    return {};
}

Response empty_response(int status)
{
    Response response;
    response.status = status;
    return response;
}

Response text_response(int status, std::string text)
{
    Response response = empty_response(status);
    response.headers.set("Content-Type", "text/plain; charset=utf-8");
    response.body = std::move(text);
    return response;
}

Response json_response(int status, std::string json)
{
    Response response = empty_response(status);
    response.headers.set("Content-Type", "application/json");
    response.body = std::move(json);
    return response;
}

Response error_response(const Error& error)
{
    if (error.kind == ErrorKind::internal)
        log::error("request failed", {{"reason", error.reason}, {"detail", error.detail}, {"line", error.where.line()}});
    const Explained text = explain(error);
    return json_response(info(error.kind).http_status, R"({"error":{"id":)" + json_string(error.reason) + R"(,"message":)" +
                                                           json_string(text.message) + R"(,"fix":)" + json_string(text.fix) +
                                                           "}}");
}

Response file_response(std::filesystem::path file, std::uint64_t offset, std::uint64_t size)
{
    Response response;
    response.stream_size = size;
    response.stream = [file = std::move(file), offset, size](BodyWriter& out) {
        return copy_file_range(file, offset, size, out);
    };
    return response;
}

std::string_view reason_phrase(int status)
{
    const auto at = std::ranges::find(kPhrases, status, &Phrase::status);
    return at == kPhrases.end() ? std::string_view{} : at->text;
}

Result<std::vector<ByteRange>> parse_ranges(std::optional<std::string_view> header, std::uint64_t size)
{
    constexpr std::string_view kUnit = "bytes=";
    constexpr std::size_t kMaxRanges = 16;
    if (!header || !internal::equal_without_case(header->substr(0, kUnit.size()), kUnit)) return std::vector<ByteRange>{};
    std::vector<ByteRange> inside;
    std::uint64_t total = 0;
    std::string_view specs = header->substr(kUnit.size());
    for (std::size_t count = 1; true; ++count) {
        const std::size_t comma = std::min(specs.find(','), specs.size());
        const auto range = parse_range(trim_blanks(specs.substr(0, comma)), size);
        if (!range || count > kMaxRanges || range->size > size - total) return std::vector<ByteRange>{};
        if (range->size > 0) inside.push_back(*range);
        total += range->size;
        if (comma == specs.size()) break;
        specs.remove_prefix(comma + 1);
    }
    if (inside.empty()) return outside(size);
    return inside;
}

}  // namespace iapp::net
