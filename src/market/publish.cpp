#include "market/publish.hpp"

namespace iapp::market {
namespace {

std::unexpected<Error> refuse(std::string_view reason, std::string message)
{
    return fail(ErrorKind::permission_denied, reason, std::move(message));
}

Status check_signer(const Listing& listing, const PublishFacts& facts)
{
    if (facts.known && *facts.known != OrderStatus::dead) return refuse("market.published", "order already published");
    if (!facts.is_registered) return refuse("market.not_deployed", "Resource not deployed");
    if (facts.owner != facts.authenticated)
        return refuse("market.not_signer", "only order signer " + eth::to_checksum(facts.owner) + " can publish an order");
    if (!facts.is_signature_valid) return refuse("market.signature", "invalid sign");
    if (facts.open_orders >= facts.max_open_orders)
        return refuse("market.too_many", "maximum of " + std::to_string(facts.max_open_orders) + " published open " +
                                             std::string(kind_info(listing.kind).name) + " has been reached for wallet " +
                                             eth::to_checksum(facts.owner));
    return {};
}

Status check_stake(const Listing& listing, const PublishFacts& facts, std::uint64_t remaining)
{
    const U256 required = required_stake(listing, remaining);
    if (facts.stake >= required) return {};
    if (listing.kind == OrderKind::workerpool)
        return refuse("market.pool_stake", "workerpool owner's stake is too low to cover required workerpool lock");
    return refuse("market.requester_stake",
                  "requester stake is too low to cover requestorder payment, minimum stake required is " +
                      required.to_dec() + " nRLC");
}

Status check_app(const Listing& request, const PublishFacts& facts)
{
    const std::string app = eth::to_checksum(request.app);
    const bool needs_tee = poco::has(request.tag, poco::TagBit::tee);
    if (!facts.best_app_nrlc)
        return refuse("market.no_app_order",
                      std::string("No ") + (needs_tee ? "tee enabled " : "") + "apporder published for app " + app);
    if (*facts.best_app_nrlc > request.app_max_nrlc)
        return refuse("market.app_price", "appmaxprice for app " + app + " is too low, actual best price is " +
                                              std::to_string(*facts.best_app_nrlc) + " nRLC");
    return {};
}

Status check_dataset(const Listing& request, const PublishFacts& facts)
{
    if (request.dataset.is_zero()) return {};
    const std::string dataset = eth::to_checksum(request.dataset);
    if (!facts.best_dataset_nrlc)
        return refuse("market.no_dataset_order", "No datasetorder published for dataset " + dataset);
    if (*facts.best_dataset_nrlc > request.dataset_max_nrlc)
        return refuse("market.dataset_price", "datasetmaxprice for dataset " + dataset +
                                                  " is too low, actual best price is " +
                                                  std::to_string(*facts.best_dataset_nrlc) + " nRLC");
    return {};
}

}  // namespace

Result<std::uint64_t> decide(const Listing& listing, const PublishFacts& facts)
{
    TRY_OK(check_signer(listing, facts));
    const std::uint64_t remaining = remaining_of(listing, U256{facts.consumed});
    if (remaining == 0) return refuse("market.consumed", "order already consumed");
    TRY_OK(check_stake(listing, facts, remaining));
    if (listing.kind == OrderKind::request) {
        TRY_OK(check_app(listing, facts));
        TRY_OK(check_dataset(listing, facts));
    }
    return remaining;
}

}  // namespace iapp::market
