#include "runtime/internal/bearer.hpp"

#include <algorithm>
#include <boost/json/value.hpp>

#include "codec/json.hpp"
#include "net/url.hpp"

namespace iapp::runtime {
namespace {

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "image.challenge", std::move(detail));
}

bool is_token_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

void skip(std::string_view& text, std::string_view any_of)
{
    text.remove_prefix(std::min(text.find_first_not_of(any_of), text.size()));
}

/// Takes `name="value"` off the front. Escapes have no use in these values and are refused.
Result<std::pair<std::string, std::string>> take_parameter(std::string_view& text)
{
    const auto name_end = std::ranges::find_if_not(text, is_token_char) - text.begin();
    const std::string name(text.substr(0, static_cast<std::size_t>(name_end)));
    text.remove_prefix(name.size());
    if (name.empty() || !text.starts_with("=\"")) return bad("the registry's challenge is not name=\"value\"");
    text.remove_prefix(2);
    const auto quote = text.find('"');
    const std::string value(text.substr(0, quote));
    if (quote == std::string_view::npos || value.find('\\') != std::string::npos)
        return bad("the registry's challenge has no closing quote");
    text.remove_prefix(quote + 1);
    return std::pair{name, value};
}

}  // namespace

Result<BearerChallenge> parse_bearer_challenge(std::string_view header)
{
    constexpr std::string_view kScheme = "bearer ";
    if (header.size() > 4096 || header.size() < kScheme.size() ||
        !std::ranges::equal(header.substr(0, kScheme.size()), kScheme, {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }))
        return bad("the registry asks for something other than a bearer token");
    header.remove_prefix(kScheme.size());
    BearerChallenge out;
    for (skip(header, " "); !header.empty(); skip(header, ", ")) {
        TRY(auto parameter, take_parameter(header));
        if (parameter.first == "realm") out.realm = std::move(parameter.second);
        else if (parameter.first == "service") out.service = std::move(parameter.second);
        else if (parameter.first == "scope") out.scope = std::move(parameter.second);
    }
    if (out.realm.empty()) return bad("the registry's challenge names no token service");
    return out;
}

bool is_loopback(std::string_view host)
{
    const bool v4 = host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
    return v4 || host == "localhost" || host == "::1" || host == "[::1]";
}

Result<std::string> token_url(const BearerChallenge& challenge)
{
    const auto url = net::parse_url(challenge.realm);
    if (!url || (!url->is_tls() && !is_loopback(url->host))) return bad("the registry's token service is not an https URL");
    net::Query query;
    if (!challenge.service.empty()) query.add("service", challenge.service);
    if (!challenge.scope.empty()) query.add("scope", challenge.scope);
    const char joint = challenge.realm.find('?') == std::string::npos ? '?' : '&';
    return query.empty() ? challenge.realm : challenge.realm + joint + query.encode();
}

Result<std::string> parse_token(std::string_view text)
{
    TRY(const json::Value document, json::parse(text, {.max_bytes = 1 << 16}));
    TRY(const auto reader, json::ObjectReader::of(document));
    TRY(const auto token, reader.find_text("token"));
    TRY(const auto access, reader.find_text("access_token"));
    const auto chosen = token.value_or(access.value_or(""));
    if (chosen.empty() || std::ranges::any_of(chosen, [](char c) { return c <= ' ' || c > '~'; }))
        return bad("the registry's token service gave no usable token");
    return std::string(chosen);
}

}  // namespace iapp::runtime
