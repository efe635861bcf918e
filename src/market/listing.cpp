#include "market/listing.hpp"

#include "poco/order_hash.hpp"
#include "poco/order_json.hpp"
#include "poco/stake.hpp"

namespace iapp::market {
namespace {

constexpr json::Limits kLimits{.max_bytes = std::size_t{1} << 20U, .max_depth = 8};

std::unexpected<Error> malformed(std::string why) { return fail(ErrorKind::invalid_input, "market.body", std::move(why)); }

/// Moves a number into the range every client can carry.
class Numbers {
public:
    Numbers& take(std::string_view name, const U256& value, std::uint64_t& out, std::uint64_t least = 0)
    {
        if (status_ && (value < U256{least} || value > U256{kMaxNumber}))
            status_ = malformed("order." + std::string(name) + " must be between " + std::to_string(least) + " and " +
                                std::to_string(kMaxNumber));
        out = value.clamp_u64();
        return *this;
    }
    const Status& status() const { return status_; }

private:
    Status status_;
};

Status fill(const poco::AppOrder& order, Listing& out)
{
    out.app = order.app;
    out.dataset = order.datasetrestrict;
    out.workerpool = order.workerpoolrestrict;
    out.requester = order.requesterrestrict;
    return Numbers{}.take("appprice", order.appprice, out.price_nrlc).status();
}

Status fill(const poco::DatasetOrder& order, Listing& out)
{
    out.app = order.apprestrict;
    out.dataset = order.dataset;
    out.workerpool = order.workerpoolrestrict;
    out.requester = order.requesterrestrict;
    return Numbers{}.take("datasetprice", order.datasetprice, out.price_nrlc).status();
}

Status fill(const poco::WorkerpoolOrder& order, Listing& out)
{
    out.app = order.apprestrict;
    out.dataset = order.datasetrestrict;
    out.workerpool = order.workerpool;
    out.requester = order.requesterrestrict;
    return Numbers{}
        .take("workerpoolprice", order.workerpoolprice, out.price_nrlc)
        .take("category", order.category, out.category)
        .take("trust", order.trust, out.trust)
        .status();
}

Status fill(const poco::RequestOrder& order, Listing& out)
{
    out.app = order.app;
    out.dataset = order.dataset;
    out.workerpool = order.workerpool;
    out.requester = order.requester;
    out.beneficiary = order.beneficiary;
    return Numbers{}
        .take("appmaxprice", order.appmaxprice, out.app_max_nrlc)
        .take("datasetmaxprice", order.datasetmaxprice, out.dataset_max_nrlc)
        .take("workerpoolmaxprice", order.workerpoolmaxprice, out.price_nrlc)
        .take("category", order.category, out.category)
        .take("trust", order.trust, out.trust)
        .status();
}

template <class Order>
Result<Listing> make_listing(OrderKind kind, Result<Order> order)
{
    if (!order) return malformed(std::move(order).error().detail);
    Listing out{.kind = kind};
    TRY_OK(fill(*order, out));
    TRY_OK(Numbers{}.take("volume", order->volume, out.volume, 1).status());
    out.struct_hash = poco::struct_hash(*order);
    out.tag = order->tag;
    out.json = poco::encode(*order, poco::Numbers::as_number);
    out.sign = std::move(order->sign);
    return out;
}

Result<Listing> read_listing(OrderKind kind, const json::ObjectReader& order)
{
    constexpr auto kLenient = poco::Members::ignore_unknown;
    switch (kind) {
        case OrderKind::app:
            return make_listing(kind, poco::read_app_order(order, kLenient));
        case OrderKind::dataset:
            return make_listing(kind, poco::read_dataset_order(order, kLenient));
        case OrderKind::workerpool:
            return make_listing(kind, poco::read_workerpool_order(order, kLenient));
        case OrderKind::request:
            return make_listing(kind, poco::read_request_order(order, kLenient));
    }
    return malformed("this is not a kind of order");
}

Result<json::ObjectReader> find_order(const json::Value& body)
{
    TRY(const auto reader, json::ObjectReader::of(body));
    TRY(auto order, reader.object("order"));
    TRY_OK(order.text("sign"));
    return order;
}

/// Cannot overflow: prices and volumes of a listing are below 2^53.
U256 value_of(const Result<U256>& amount) { return amount.value_or(U256::max()); }

}  // namespace

const Address& Listing::resource() const
{
    switch (kind) {
        case OrderKind::app:
            return app;
        case OrderKind::dataset:
            return dataset;
        case OrderKind::workerpool:
            return workerpool;
        case OrderKind::request:
            break;
    }
    return requester;
}

Result<Listing> parse_publish_body(OrderKind kind, std::string_view body)
{
    const auto value = json::parse(body, kLimits);
    if (!value) return malformed(value.error().detail);
    const auto order = find_order(*value);
    if (!order) return malformed(order.error().detail);
    return read_listing(kind, *order);
}

U256 required_stake(const Listing& listing, std::uint64_t remaining)
{
    switch (listing.kind) {
        case OrderKind::app:
        case OrderKind::dataset:
            break;
        case OrderKind::workerpool:
            return value_of(poco::pool_lock(listing.price_nrlc, remaining));
        case OrderKind::request:
            return value_of(
                poco::payer_lock({listing.app_max_nrlc, listing.dataset_max_nrlc, listing.price_nrlc}, remaining));
    }
    return {};
}

}  // namespace iapp::market
