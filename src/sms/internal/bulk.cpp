#include "sms/internal/bulk.hpp"

#include "codec/json.hpp"
#include "poco/order_json.hpp"

namespace iapp::sms::internal {
namespace {

constexpr std::uint64_t kMaxRootBytes = 1U << 20U;
constexpr std::uint64_t kMaxSliceBytes = 256U << 10U;

Result<std::string> slice_cid(std::string_view root, std::uint64_t index)
{
    const auto value = json::parse(root, {.max_bytes = kMaxRootBytes, .max_depth = 2});
    if (!value) return fail(ErrorKind::invalid_input, "bulk.list", "the bulk list is not JSON: " + value.error().detail);
    TRY(const json::ArrayReader slices, json::ArrayReader::of(*value));
    if (index >= slices.size())
        return fail(
            ErrorKind::invalid_input, "bulk.index",
            "the bulk list has " + std::to_string(slices.size()) + " slices, none with index " + std::to_string(index));
    TRY(const std::string_view cid, slices.text(index));
    return std::string(cid);
}

Result<std::vector<poco::DatasetOrder>> parse_slice(std::string_view slice)
{
    const auto value = json::parse(slice, {.max_bytes = kMaxSliceBytes, .max_depth = 3});
    if (!value) return fail(ErrorKind::invalid_input, "bulk.slice", "the slice is not JSON: " + value.error().detail);
    TRY(const json::ArrayReader orders, json::ArrayReader::of(*value));
    if (orders.size() > kMaxSliceOrders)
        return fail(ErrorKind::invalid_input, "bulk.too_many", "the slice has more than 100 orders");
    std::vector<poco::DatasetOrder> out;
    for (std::size_t i = 0; i < orders.size(); ++i) {
        TRY(const json::ObjectReader order_in, orders.object(i));
        TRY(poco::DatasetOrder order, poco::read_dataset_order(order_in, poco::Members::ignore_unknown));
        out.push_back(std::move(order));
    }
    return out;
}

}  // namespace

Result<std::vector<poco::DatasetOrder>> fetch_slice(BlobSource& blobs, std::string_view bulk_cid, std::uint64_t index,
                                                    const net::CallContext& context)
{
    TRY(const std::string root, blobs.fetch_text(bulk_cid, kMaxRootBytes, context));
    TRY(const std::string cid, slice_cid(root, index));
    TRY(const std::string slice, blobs.fetch_text(cid, kMaxSliceBytes, context));
    return parse_slice(slice);
}

}  // namespace iapp::sms::internal
