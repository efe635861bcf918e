// The orders of a match. The hub keeps their hashes and prices; the rest is in the calldata of whoever matched them.
#include "index/internal/event_handlers.hpp"
#include "poco/match_call.hpp"

namespace iapp::index::internal {
namespace {

std::optional<std::string> unless_zero(const Address& address)
{
    if (address.is_zero()) return std::nullopt;
    return address.hex();
}

/// What a match's calldata showed of one order; nothing where a contract made the order on chain.
template <class Order>
class Shown {
public:
    Shown(const poco::OrderSet* orders, Order poco::OrderSet::*which) : order_(orders ? &(orders->*which) : nullptr) {}

    template <class Tag, std::size_t N>
    std::optional<std::string> hex(FixedBytes<N, Tag> Order::*member) const
    {
        return order_ ? std::optional((order_->*member).hex()) : std::nullopt;
    }
    std::optional<std::string> reference(Address Order::*member) const
    {
        return order_ ? unless_zero(order_->*member) : std::nullopt;
    }
    std::optional<Bytes> number(eth::U256 Order::*member) const
    {
        return order_ ? std::optional(encode_number(order_->*member)) : std::nullopt;
    }
    std::optional<std::string> decimal(eth::U256 Order::*member) const
    {
        return order_ ? std::optional((order_->*member).to_dec()) : std::nullopt;
    }
    std::optional<std::string> text(std::string Order::*member) const
    {
        return order_ ? std::optional(codec::storable_text(order_->*member)) : std::nullopt;
    }
    /// Nothing for an order that was signed on chain, too.
    std::optional<std::string> sign() const
    {
        return order_ && !order_->sign.empty() ? std::optional(hex0x(order_->sign)) : std::nullopt;
    }

private:
    const Order* order_;
};

Status add_app_order(Writer& writer, const poco::OrdersMatched& event, const poco::Deal& deal, const poco::OrderSet* orders)
{
    using poco::AppOrder;
    const Shown<AppOrder> order(orders, &poco::OrderSet::app);
    TRY_OK(writer.run(
        "INSERT INTO app_order (id, app, appprice, volume, tag, datasetrestrict, workerpoolrestrict, "
        "requesterrestrict, salt, sign, block_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO "
        "NOTHING",
        event.app_hash.hex(), deal.app.pointer.hex(), encode_number(deal.app.price), order.number(&AppOrder::volume),
        order.hex(&AppOrder::tag), order.hex(&AppOrder::datasetrestrict), order.hex(&AppOrder::workerpoolrestrict),
        order.hex(&AppOrder::requesterrestrict), order.hex(&AppOrder::salt), order.sign(), writer.place().block));
    return {};
}

Status add_dataset_order(Writer& writer, const poco::OrdersMatched& event, const poco::Deal& deal,
                         const poco::OrderSet* orders)
{
    using poco::DatasetOrder;
    const Shown<DatasetOrder> order(orders, &poco::OrderSet::dataset);
    TRY_OK(
        writer.run("INSERT INTO dataset_order (id, dataset, datasetprice, volume, tag, apprestrict, workerpoolrestrict, "
                   "requesterrestrict, salt, sign, block_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO "
                   "NOTHING",
                   event.dataset_hash.hex(), deal.dataset.pointer.hex(), encode_number(deal.dataset.price),
                   order.number(&DatasetOrder::volume), order.hex(&DatasetOrder::tag), order.hex(&DatasetOrder::apprestrict),
                   order.hex(&DatasetOrder::workerpoolrestrict), order.hex(&DatasetOrder::requesterrestrict),
                   order.hex(&DatasetOrder::salt), order.sign(), writer.place().block));
    return {};
}

Status add_workerpool_order(Writer& writer, const poco::OrdersMatched& event, const poco::Deal& deal,
                            const poco::OrderSet* orders)
{
    using poco::WorkerpoolOrder;
    const Shown<WorkerpoolOrder> order(orders, &poco::OrderSet::workerpool);
    TRY_OK(writer.run(
        "INSERT INTO workerpool_order (id, workerpool, workerpoolprice, volume, tag, category, trust, "
        "apprestrict, datasetrestrict, requesterrestrict, salt, sign, block_number) VALUES (?, ?, ?, ?, ?, ?, "
        "?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        event.workerpool_hash.hex(), deal.workerpool.pointer.hex(), encode_number(deal.workerpool.price),
        order.number(&WorkerpoolOrder::volume), order.hex(&WorkerpoolOrder::tag), order.decimal(&WorkerpoolOrder::category),
        order.number(&WorkerpoolOrder::trust), order.hex(&WorkerpoolOrder::apprestrict),
        order.hex(&WorkerpoolOrder::datasetrestrict), order.hex(&WorkerpoolOrder::requesterrestrict),
        order.hex(&WorkerpoolOrder::salt), order.sign(), writer.place().block));
    return {};
}

Status add_request_order(Writer& writer, const poco::OrdersMatched& event, const poco::Deal& deal,
                         const poco::OrderSet* orders)
{
    using poco::RequestOrder;
    const Shown<RequestOrder> order(orders, &poco::OrderSet::request);
    TRY_OK(
        writer.run("INSERT INTO request_order (id, requester, app, appmaxprice, dataset, datasetmaxprice, workerpool, "
                   "workerpoolmaxprice, volume, tag, category, trust, beneficiary, callback, params, salt, sign, "
                   "block_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                   event.request_hash.hex(), deal.requester.hex(), order.reference(&RequestOrder::app),
                   order.number(&RequestOrder::appmaxprice), order.reference(&RequestOrder::dataset),
                   order.number(&RequestOrder::datasetmaxprice), order.reference(&RequestOrder::workerpool),
                   order.number(&RequestOrder::workerpoolmaxprice), order.number(&RequestOrder::volume),
                   order.hex(&RequestOrder::tag), order.decimal(&RequestOrder::category), order.number(&RequestOrder::trust),
                   order.hex(&RequestOrder::beneficiary), order.hex(&RequestOrder::callback),
                   order.text(&RequestOrder::params), order.hex(&RequestOrder::salt), order.sign(), writer.place().block));
    return {};
}

}  // namespace

Status add_orders(const Scene& scene, const poco::OrdersMatched& event, const poco::Deal& deal, const Hash256& transaction)
{
    const auto found = poco::find_match_call(scene.facts.transactions.at(transaction).input, scene.facts.separator, event);
    const poco::OrderSet* const orders = found ? &*found : nullptr;
    TRY_OK(add_app_order(scene.writer, event, deal, orders));
    if (deal.has_dataset()) TRY_OK(add_dataset_order(scene.writer, event, deal, orders));
    TRY_OK(add_workerpool_order(scene.writer, event, deal, orders));
    return add_request_order(scene.writer, event, deal, orders);
}

}  // namespace iapp::index::internal
