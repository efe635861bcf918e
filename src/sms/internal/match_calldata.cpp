#include "sms/internal/match_calldata.hpp"

#include <algorithm>

#include "eth/abi.hpp"
#include "poco/order_hash.hpp"

namespace iapp::sms::internal {
namespace {

/// The dynamic tuple that comes next.
Result<poco::DatasetOrder> read_dataset_order(eth::AbiReader& reader)
{
    TRY(eth::AbiReader in, reader.dynamic_tuple());
    poco::DatasetOrder order;
    TRY(order.dataset, in.address());
    TRY(order.datasetprice, in.uint());
    TRY(order.volume, in.uint());
    TRY(order.tag, in.bytes32<poco::Tag>());
    TRY(order.apprestrict, in.address());
    TRY(order.workerpoolrestrict, in.address());
    TRY(order.requesterrestrict, in.address());
    TRY(order.salt, in.bytes32());
    TRY(const ByteView sign, in.bytes());
    order.sign = to_bytes(sign);
    return order;
}

/// matchOrders(AppOrder, DatasetOrder, WorkerpoolOrder, RequestOrder): four dynamic tuples; the second is read.
Result<poco::DatasetOrder> decode_dataset_order(ByteView arguments)
{
    eth::AbiReader reader(arguments);
    TRY_OK(reader.dynamic_tuple());
    return read_dataset_order(reader);
}

const Hash256& broadcast_topic()
{
    static const Hash256 topic =
        eth::event_topic("BroadcastDatasetOrder((address,uint256,uint256,bytes32,address,address,address,bytes32,bytes))");
    return topic;
}

bool is_match_selector(ByteView at)
{
    static constexpr std::array<std::uint8_t, 4> kMatchOrders{0x15, 0x61, 0x94, 0xd4};
    static constexpr std::array<std::uint8_t, 4> kSponsorMatchOrders{0x2f, 0x39, 0x15, 0x33};
    return std::ranges::equal(at, kMatchOrders) || std::ranges::equal(at, kSponsorMatchOrders);
}

}  // namespace

std::optional<poco::DatasetOrder> find_dataset_order(ByteView input, const Hash256& separator, const Hash256& order_hash)
{
    constexpr std::size_t kSelector = 4;
    for (std::size_t at = 0; at + kSelector <= input.size(); ++at) {
        if (!is_match_selector(input.subspan(at, kSelector))) continue;
        auto order = decode_dataset_order(input.subspan(at + kSelector));
        if (order && poco::order_hash(separator, *order) == order_hash) return *std::move(order);
    }
    return std::nullopt;
}

std::optional<poco::DatasetOrder> find_broadcast_order(std::span<const eth::Log> logs, const eth::Address& hub,
                                                       const Hash256& separator, const Hash256& order_hash)
{
    for (const eth::Log& log : logs) {
        if (log.address != hub || log.topics.size() != 1 || log.topics[0] != broadcast_topic()) continue;
        eth::AbiReader reader(log.data);
        auto order = read_dataset_order(reader);
        if (order && poco::order_hash(separator, *order) == order_hash) return *std::move(order);
    }
    return std::nullopt;
}

}  // namespace iapp::sms::internal
