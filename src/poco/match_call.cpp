#include "poco/match_call.hpp"

#include <algorithm>

#include "poco/internal/order_abi.hpp"
#include "poco/order_hash.hpp"

namespace iapp::poco {
namespace {

using internal::read_order;

constexpr int kMostCandidates = 256;  ///< a transaction may repeat the selector at every byte

bool is_match_selector(ByteView at)
{
    static constexpr std::array<std::uint8_t, 4> kMatchOrders{0x15, 0x61, 0x94, 0xd4};
    static constexpr std::array<std::uint8_t, 4> kSponsorMatchOrders{0x2f, 0x39, 0x15, 0x33};
    return std::ranges::equal(at, kMatchOrders) || std::ranges::equal(at, kSponsorMatchOrders);
}

/// What `read` makes of the arguments of the first call it accepts.
template <class Read>
auto first_accepted(ByteView input, Read read) -> decltype(read(input))
{
    constexpr std::size_t kSelector = 4;
    int candidates = 0;
    for (std::size_t at = 0; at + kSelector <= input.size() && candidates < kMostCandidates; ++at) {
        if (!is_match_selector(input.subspan(at, kSelector))) continue;
        ++candidates;
        if (auto found = read(input.subspan(at + kSelector))) return found;
    }
    return std::nullopt;
}

template <class Order>
bool has_hash(const Order& order, const Hash256& separator, const Hash256& hash)
{
    return order_hash(separator, order) == hash;
}

Result<OrderSet> read_orders(ByteView arguments)
{
    eth::AbiReader in(arguments);
    OrderSet out;
    TRY(out.app, read_order<AppOrder>(in));
    TRY(out.dataset, read_order<DatasetOrder>(in));
    TRY(out.workerpool, read_order<WorkerpoolOrder>(in));
    TRY(out.request, read_order<RequestOrder>(in));
    return out;
}

bool is_match(const OrderSet& orders, const Hash256& separator, const OrdersMatched& match)
{
    const bool same_dataset =
        orders.has_dataset() ? has_hash(orders.dataset, separator, match.dataset_hash) : match.dataset_hash.is_zero();
    return same_dataset && has_hash(orders.app, separator, match.app_hash) &&
           has_hash(orders.workerpool, separator, match.workerpool_hash) &&
           has_hash(orders.request, separator, match.request_hash);
}

}  // namespace

Result<DatasetOrder> read_dataset_order(eth::AbiReader& in) { return read_order<DatasetOrder>(in); }

std::optional<OrderSet> find_match_call(ByteView input, const Hash256& separator, const OrdersMatched& match)
{
    return first_accepted(input, [&](ByteView arguments) -> std::optional<OrderSet> {
        auto orders = read_orders(arguments);
        if (!orders || !is_match(*orders, separator, match)) return std::nullopt;
        return *std::move(orders);
    });
}

std::optional<DatasetOrder> find_matched_dataset_order(ByteView input, const Hash256& separator, const Hash256& order_hash)
{
    return first_accepted(input, [&](ByteView arguments) -> std::optional<DatasetOrder> {
        eth::AbiReader in(arguments);
        if (!in.dynamic_tuple()) return std::nullopt;  // the app order
        auto order = read_dataset_order(in);
        if (!order || !has_hash(*order, separator, order_hash)) return std::nullopt;
        return *std::move(order);
    });
}

}  // namespace iapp::poco
