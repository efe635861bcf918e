#pragma once
// http and https URLs, percent encoding and query strings (RFC 3986).
// Not a general URI library: user names, fragments and other schemes are refused.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace iapp::net {

struct Url {
    std::string scheme;  ///< "http" or "https"
    std::string host;    ///< lower case; an IPv6 address stands without brackets
    std::uint16_t port = 0;
    std::string target;  ///< path and query as sent on the wire; begins with '/'

    bool is_tls() const { return scheme == "https"; }

    /// "http://127.0.0.1:8080": always with the port, so that equal origins compare equal.
    std::string origin() const;

    /// "127.0.0.1:8080", without the scheme's default port, as the Host header wants it.
    std::string authority() const;

    friend bool operator==(const Url&, const Url&) = default;
};

/// Errors: invalid_input "url.syntax", "url.scheme", "url.host", "url.port", "url.user", "url.fragment".
Result<Url> parse_url(std::string_view text);

/// Percent-encodes everything but RFC 3986 unreserved characters: safe as one path segment or query value.
std::string percent_encode(std::string_view raw);

/// Errors: invalid_input "url.escape" (a '%' without two hex digits).
Result<std::string> percent_decode(std::string_view text);

/// Decoded name and value pairs in the order they were sent. A name may repeat.
class Query {
public:
    /// Parses "a=1&b=two%20words"; '+' means a space, as browsers send it. Errors: invalid_input "url.escape".
    static Result<Query> parse(std::string_view text);

    void add(std::string name, std::string value) { pairs_.emplace_back(std::move(name), std::move(value)); }

    /// The first value of `name`.
    std::optional<std::string_view> find(std::string_view name) const;
    std::vector<std::string_view> find_all(std::string_view name) const;

    /// "a=1&b=two%20words", without '?'.
    std::string encode() const;

    auto begin() const { return pairs_.begin(); }
    auto end() const { return pairs_.end(); }
    bool empty() const { return pairs_.empty(); }

private:
    std::vector<std::pair<std::string, std::string>> pairs_;
};

}  // namespace iapp::net
