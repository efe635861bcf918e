#include "net/url.hpp"

#include <algorithm>
#include <boost/url.hpp>
#include <charconv>

namespace iapp::net {
namespace {

constexpr std::uint16_t default_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string lower(std::string_view text)
{
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

std::string bracketed(const std::string& host) { return host.find(':') == std::string::npos ? host : "[" + host + "]"; }

Result<std::uint16_t> parse_port(std::string_view digits, std::string_view scheme)
{
    if (digits.empty()) return default_port(scheme);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size() || port == 0)
        return fail(ErrorKind::invalid_input, "url.port", "the port must be a number from 1 to 65535");
    return port;
}

Result<std::string> decode(std::string_view text, bool plus_is_space)
{
    if (text.find_first_of("%+") == text.npos) return std::string(text);
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return fail(ErrorKind::invalid_input, "url.escape", "'%' must be followed by two hex digits");
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

}  // namespace

std::string Url::origin() const { return scheme + "://" + bracketed(host) + ":" + std::to_string(port); }

std::string Url::authority() const
{
    const std::string name = bracketed(host);
    return port == default_port(scheme) ? name : name + ":" + std::to_string(port);
}

Result<Url> parse_url(std::string_view text)
{
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed)
        return fail(ErrorKind::invalid_input, "url.syntax", "not an absolute URL; write it like http://host:port/path");
    const boost::urls::url_view& view = *parsed;
    // Boost.URL 1.81 lets a path follow an IPv6 authority without its '/' ("http://[::1]:80x").
    if (!view.encoded_path().empty() && !view.encoded_path().starts_with('/'))
        return fail(ErrorKind::invalid_input, "url.syntax", "the path must begin with '/'");

    Url url;
    url.scheme = lower(view.scheme());
    if (url.scheme != "http" && url.scheme != "https")
        return fail(ErrorKind::invalid_input, "url.scheme", "the URL must begin with http:// or https://");
    if (view.has_userinfo())
        return fail(ErrorKind::invalid_input, "url.user", "a URL with a user name is refused; send credentials in a header");
    if (view.has_fragment()) return fail(ErrorKind::invalid_input, "url.fragment", "remove '#' and what follows it");

    url.host = lower(view.host_address());
    const bool is_address = view.host_type() == boost::urls::host_type::ipv6;
    const bool is_plain =
        std::ranges::all_of(url.host, [&](char c) { return is_unreserved(c) || (is_address && c == ':'); });
    if (url.host.empty() || !is_plain || view.host_type() == boost::urls::host_type::ipvfuture)
        return fail(ErrorKind::invalid_input, "url.host", "the URL must name a host by plain letters or by its address");
    TRY(url.port, parse_port(view.port(), url.scheme));

    url.target = view.encoded_path().empty() ? "/" : std::string(view.encoded_path());
    if (view.has_query()) url.target += "?" + std::string(view.encoded_query());
    return url;
}

std::string percent_encode(std::string_view raw)
{
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(raw.size());
    for (const char c : raw) {
        if (is_unreserved(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return out;
}

Result<std::string> percent_decode(std::string_view text) { return decode(text, false); }

Result<Query> Query::parse(std::string_view text)
{
    Query query;
    query.pairs_.reserve(static_cast<std::size_t>(std::ranges::count(text, '&')) + 1);
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        TRY(std::string name, decode(pair.substr(0, equals), true));
        TRY(std::string value, decode(equals == pair.npos ? "" : pair.substr(equals + 1), true));
        query.add(std::move(name), std::move(value));
    }
    return query;
}

std::optional<std::string_view> Query::find(std::string_view name) const
{
    const auto at = std::ranges::find(pairs_, name, [](const auto& pair) { return std::string_view(pair.first); });
    if (at == pairs_.end()) return std::nullopt;
    return at->second;
}

std::vector<std::string_view> Query::find_all(std::string_view name) const
{
    std::vector<std::string_view> out;
    for (const auto& [key, value] : pairs_)
        if (key == name) out.push_back(value);
    return out;
}

std::string Query::encode() const
{
    std::string out;
    for (const auto& [name, value] : pairs_) {
        if (!out.empty()) out += '&';
        out += percent_encode(name) + "=" + percent_encode(value);
    }
    return out;
}

}  // namespace iapp::net
