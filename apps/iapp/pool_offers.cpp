#include "pool_offers.hpp"

#include "crypto/random.hpp"
#include "market_client.hpp"
#include "poco/order_hash.hpp"

namespace iapp::cli {
namespace {

constexpr std::uint64_t kPoolOrderVolume = 1'000'000;
constexpr std::uint64_t kMostCategories = 32;  // a foreign hub's owner may have made any number

std::string free_order(const Session& session, const eth::Address& workerpool, std::uint64_t category)
{
    poco::WorkerpoolOrder order;
    order.workerpool = workerpool;
    order.volume = kPoolOrderVolume;
    order.tag = poco::tdx_tag();
    order.category = category;
    order.salt = crypto::random_fixed<Hash256>();
    poco::sign_order(order, session.hub.separator(), session.wallet());
    return poco::encode(order);
}

/// The book's words, which are those of iExec's.
bool is_full(const Error& refusal)
{
    return refusal.kind == ErrorKind::permission_denied && refusal.detail.contains("maximum of ");
}

}  // namespace

Result<PoolOffers> publish_pool_orders(Session& session, const eth::Address& workerpool)
{
    PoolOffers out;
    TRY(const std::uint64_t count, session.hub.category_count(session.call()));
    for (std::uint64_t category = 0; category < std::min(count, kMostCategories); ++category) {
        net::Query query;
        query.add("workerpool", eth::to_checksum(workerpool));
        query.add("category", std::to_string(category));
        TRY(const auto open, find_workerpool_orders(session, query));
        if (!open.empty()) continue;
        const auto published = publish(session, "workerpoolorders", free_order(session, workerpool, category));
        if (!published && is_full(published.error())) {
            out.refused = published.error();
            return out;
        }
        TRY_OK(published);
        ++out.published;
    }
    return out;
}

}  // namespace iapp::cli
