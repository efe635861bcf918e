#include "net/internal/router.hpp"

#include <algorithm>

#include "net/internal/text.hpp"

namespace iapp::net::internal {
namespace {

std::vector<std::string_view> split(std::string_view path)
{
    // A client that joins a base URL ending in '/' sends "//path": one slash is meant.
    while (path.starts_with('/')) path.remove_prefix(1);
    std::vector<std::string_view> out;
    while (true) {
        const std::size_t slash = path.find('/');
        out.push_back(path.substr(0, slash));
        if (slash == path.npos) return out;
        path.remove_prefix(slash + 1);
    }
}

}  // namespace

std::vector<Router::Segment> Router::parse(std::string_view pattern)
{
    std::vector<Segment> out;
    for (const std::string_view part : split(pattern)) {
        if (part.starts_with('{') && part.ends_with("...}"))
            out.push_back({Segment::Kind::rest, std::string(part.substr(1, part.size() - 5))});
        else if (part.starts_with('{') && part.ends_with('}'))
            out.push_back({Segment::Kind::one, std::string(part.substr(1, part.size() - 2))});
        else out.push_back({Segment::Kind::literal, std::string(part)});
    }
    return out;
}

void Router::add(Route route)
{
    auto at = std::ranges::find(patterns_, route.pattern, [](const auto& p) { return std::string_view(p->text); });
    if (at == patterns_.end()) {
        auto fresh = std::make_unique<Pattern>(Pattern{route.pattern, parse(route.pattern), {}});
        const auto place = std::ranges::upper_bound(patterns_, fresh, [](const auto& a, const auto& b) {
            return std::ranges::lexicographical_compare(a->segments, b->segments, {}, &Segment::kind, &Segment::kind);
        });
        at = patterns_.insert(place, std::move(fresh));
    }
    (*at)->routes.push_back(std::move(route));
}

bool Router::matches(std::span<const Segment> pattern, std::span<const std::string_view> path, Params& params)
{
    if (pattern.empty() || path.empty()) return pattern.empty() && path.empty();
    const Segment& segment = pattern.front();
    if (segment.kind == Segment::Kind::literal)
        return segment.text == path.front() && matches(pattern.subspan(1), path.subspan(1), params);
    if (path.front().empty()) return false;

    const std::size_t longest = segment.kind == Segment::Kind::rest ? path.size() : 1;
    for (std::size_t count = longest; count > 0; --count) {
        const std::size_t before = params.size();
        params.emplace_back(segment.text, std::string(path.front().begin(), path[count - 1].end()));
        if (matches(pattern.subspan(1), path.subspan(count), params)) return true;
        params.resize(before);
    }
    return false;
}

Result<Match> Router::choose(const Pattern& pattern, std::string_view method, Params params)
{
    const auto of = [&](std::string_view name) { return std::ranges::find(pattern.routes, name, &Route::method); };
    auto route = of(method);
    if (route == pattern.routes.end() && method == "HEAD") route = of("GET");
    Match match;
    if (route == pattern.routes.end()) {
        for (const Route& other : pattern.routes) match.allow += (match.allow.empty() ? "" : ", ") + other.method;
        if (of("GET") != pattern.routes.end() && of("HEAD") == pattern.routes.end()) match.allow += ", HEAD";
        return match;
    }
    match.route = &*route;
    for (auto& [name, value] : params) {
        TRY(std::string decoded, percent_decode(value));
        TRY_OK(check_utf8(decoded));
        match.params.emplace_back(name, std::move(decoded));
    }
    return match;
}

Result<Match> Router::find(std::string_view method, std::string_view path) const
{
    const std::vector<std::string_view> parts = split(path);
    Match refused;
    for (const auto& pattern : patterns_) {
        Params params;
        if (!matches(pattern->segments, parts, params)) continue;
        TRY(Match match, choose(*pattern, method, std::move(params)));
        if (match.route) return match;
        if (refused.allow.empty()) refused = std::move(match);
    }
    return refused;
}

}  // namespace iapp::net::internal
