// rooms: market
// What anyone may send to the order book: bodies, query strings, a proxy's words about who asks. Refused with a message, or
// read into bounded values.
#include <cstdlib>

#include "market/filters.hpp"
#include "market/listing.hpp"
#include "market/rate_limit.hpp"
#include "market/unpublish.hpp"

namespace {

using namespace iapp;

void check(bool ok)
{
    if (!ok) std::abort();
}

/// Every condition binds as many values as it has marks.
void check_query(const Result<market::ListQuery>& query)
{
    if (!query) return check(query.error().reason == "market.query" && !query.error().detail.empty());
    check(static_cast<std::size_t>(std::ranges::count(query->where, '?')) == query->values.size());
    check(query->page.limit >= 10 && query->page.limit <= 1000);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto query = net::Query::parse(text);
    for (const market::KindInfo& kind : market::kKinds) {
        if (const auto listing = market::parse_publish_body(kind.kind, text)) {
            check(listing->volume >= 1 && listing->volume <= market::kMaxNumber &&
                  listing->price_nrlc <= market::kMaxNumber);
            const auto again = market::parse_publish_body(kind.kind, "{\"order\":" + listing->json + '}');
            check(again && again->struct_hash == listing->struct_hash && again->json == listing->json);
        }
        (void)market::parse_unpublish_body(kind.kind, text);
        if (query) check_query(market::parse_order_query(kind.kind, *query));
    }
    if (query) {
        check_query(market::parse_deal_query(*query));
        check_query(market::parse_category_query(*query));
    }
    net::Request request;
    request.headers.set("X-Forwarded-For", text);
    check(market::counted_address(request, true).size() < 64);
    return 0;
}
