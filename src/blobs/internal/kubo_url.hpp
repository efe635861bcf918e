#pragma once
// Where the commands of a kubo RPC are, as its npm client reads a URL: /api/v0, unless the URL has a path of its own.
#include <string>

#include "net/url.hpp"

namespace iapp::blobs::internal {

/// Without '/' at its end. A URL that cannot be parsed comes back unchanged: sending to it says what is wrong.
inline std::string kubo_root(const std::string& api_url)
{
    const auto url = net::parse_url(api_url);
    if (!url) return api_url;
    std::string path = url->target == "/" ? "/api/v0" : url->target;
    if (path.ends_with('/')) path.pop_back();
    return url->origin() + path;
}

}  // namespace iapp::blobs::internal
