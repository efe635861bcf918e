#include "index/bulk.hpp"

#include "codec/json.hpp"

namespace iapp::index {
namespace {

constexpr std::size_t kMostOrders = 1'000;  ///< the clients put 100 into a slice

/// Numbers of orders are texts of digits here, because they exceed what JSON numbers carry.
Result<eth::U256> digits(const json::ObjectReader& order, std::string_view name)
{
    TRY(const std::string_view text, order.text(name));
    return eth::U256::from_dec(text);
}

Result<SliceOrder> parse_order(const json::Value& value, std::size_t position)
{
    TRY(const auto order, json::ObjectReader::of(value));
    TRY(const auto dataset, order.id<eth::Address>("dataset"));
    TRY(const auto price, digits(order, "datasetprice"));
    TRY(const auto volume, digits(order, "volume"));
    TRY(const auto tag, order.id<poco::Tag>("tag"));
    TRY(const auto app, order.id<eth::Address>("apprestrict"));
    TRY(const auto workerpool, order.id<eth::Address>("workerpoolrestrict"));
    TRY(const auto requester, order.id<eth::Address>("requesterrestrict"));
    TRY(const auto salt, order.id<Hash256>("salt"));
    TRY(auto sign, order.bytes_hex("sign"));
    return SliceOrder{position, dataset, price, volume, tag, app, workerpool, requester, salt, std::move(sign)};
}

}  // namespace

std::optional<std::string> bulk_cid(std::string_view params)
{
    const auto document = json::parse(params);
    if (!document || !document->is_object()) return std::nullopt;
    const auto* const cid = document->get_object().if_contains("bulk_cid");
    if (cid == nullptr || !cid->is_string()) return std::nullopt;
    return std::string(cid->get_string());
}

Result<std::vector<std::string>> parse_bulk_root(std::string_view text)
{
    TRY(const auto document, json::parse(text));
    TRY(const auto list, json::ArrayReader::of(document));
    std::vector<std::string> out;
    for (std::size_t i = 0; i < list.size(); ++i) {
        TRY(const std::string_view cid, list.text(i));
        out.emplace_back(cid);
    }
    return out;
}

Result<std::vector<SliceOrder>> parse_bulk_slice(std::string_view text)
{
    TRY(const auto document, json::parse(text));
    TRY(const auto list, json::ArrayReader::of(document));
    if (list.size() > kMostOrders)
        return fail(ErrorKind::resource_exhausted, "index.bulk_limit",
                    "a slice of " + std::to_string(list.size()) + " orders, allowed are " + std::to_string(kMostOrders));
    std::vector<SliceOrder> out;
    for (std::size_t i = 0; i < list.size(); ++i) {
        TRY(const json::Value* const value, list.value(i));
        if (auto order = parse_order(*value, i)) out.push_back(*std::move(order));
    }
    return out;
}

}  // namespace iapp::index
