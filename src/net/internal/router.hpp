#pragma once
// Which handler answers a method and a path. Pure.
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "net/server.hpp"

namespace iapp::net::internal {

struct Route {
    std::string method;
    std::string pattern;
    std::variant<Handler, LateHandler> handler;
    RouteOptions options;
};

using Params = std::vector<std::pair<std::string_view, std::string>>;

struct Match {
    const Route* route = nullptr;
    Params params{};
    std::string allow{};  ///< methods of the path when the path exists and the method does not: answer 405
};

class Router {
public:
    void add(Route route);

    /// No route and no `allow` means 404. Errors: invalid_input "url.escape", "url.utf8" in a parameter.
    Result<Match> find(std::string_view method, std::string_view path) const;

private:
    struct Segment {
        enum class Kind { literal, one, rest } kind;
        std::string text;
    };
    struct Pattern {
        std::string text;
        std::vector<Segment> segments;
        std::vector<Route> routes;  ///< one per method
    };
    static std::vector<Segment> parse(std::string_view pattern);
    static bool matches(std::span<const Segment> pattern, std::span<const std::string_view> path, Params& params);
    static Result<Match> choose(const Pattern& pattern, std::string_view method, Params params);

    std::vector<std::unique_ptr<Pattern>> patterns_;  ///< more literal patterns first
};

}  // namespace iapp::net::internal
