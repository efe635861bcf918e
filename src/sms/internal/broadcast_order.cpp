#include "sms/internal/broadcast_order.hpp"

#include "poco/match_call.hpp"
#include "poco/order_hash.hpp"

namespace iapp::sms::internal {
namespace {

const Hash256& broadcast_topic()
{
    static const Hash256 topic =
        eth::event_topic("BroadcastDatasetOrder((address,uint256,uint256,bytes32,address,address,address,bytes32,bytes))");
    return topic;
}

}  // namespace

std::optional<poco::DatasetOrder> find_broadcast_order(std::span<const eth::Log> logs, const eth::Address& hub,
                                                       const Hash256& separator, const Hash256& order_hash)
{
    for (const eth::Log& log : logs) {
        if (log.address != hub || log.topics.size() != 1 || log.topics[0] != broadcast_topic()) continue;
        eth::AbiReader reader(log.data);
        auto order = poco::read_dataset_order(reader);
        if (order && poco::order_hash(separator, *order) == order_hash) return *std::move(order);
    }
    return std::nullopt;
}

}  // namespace iapp::sms::internal
