// rooms: net
// URLs, query strings and ranges from configuration and from the wire: parsed values are stable when parsed again.
#include <cstdlib>

#include "base/bytes.hpp"
#include "net/http.hpp"
#include "net/url.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text = iapp::as_text({data, size});
    if (const auto url = iapp::net::parse_url(text)) {
        const auto again = iapp::net::parse_url(url->origin() + url->target);
        if (!again || *again != *url) std::abort();
        if (url->target.find_first_of(" \r\n") != std::string::npos || !url->target.starts_with('/')) std::abort();
    }
    if (const auto query = iapp::net::Query::parse(text)) {
        const auto again = iapp::net::Query::parse(query->encode());
        if (!again || again->encode() != query->encode()) std::abort();
    }
    if (const auto ranges = iapp::net::parse_ranges(text, 1000))
        for (const auto& range : *ranges)
            if (range.size == 0 || range.first + range.size > 1000) std::abort();
    return 0;
}
