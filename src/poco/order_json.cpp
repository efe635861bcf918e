#include "poco/order_json.hpp"

#include "poco/internal/order_builder.hpp"

namespace iapp::poco {
namespace {

using internal::Field;
using internal::for_each_member;
using json::ObjectReader;

Field field_of(const json::Value& value)
{
    if (const auto* text = value.if_string()) return Field::of_text({text->data(), text->size()});
    if (value.is_uint64()) return Field::of_number(value.get_uint64());
    if (value.is_int64() && value.get_int64() >= 0) return Field::of_number(static_cast<std::uint64_t>(value.get_int64()));
    return Field::of_other();
}

/// A signature covers the bytes of every address; without one only the checksum finds a mistyped digit.
eth::Checksum checksum_rule(const json::Object& order)
{
    const json::Value* sign = order.if_contains("sign");
    return sign != nullptr && sign->is_string() && sign->get_string().size() > 2 ? eth::Checksum::ignore
                                                                                 : eth::Checksum::enforce;
}

template <class Order>
Result<Order> read_order(const ObjectReader& reader, Members members)
{
    internal::OrderBuilder<Order> builder(reader.path(), checksum_rule(reader.raw()));
    for (const auto& member : reader.raw()) {
        const std::string_view name(member.key().data(), member.key().size());
        if (members == Members::ignore_unknown && !builder.knows(name)) continue;
        TRY_OK(builder.member(name, field_of(member.value())));
    }
    return builder.finish();
}

json::Value to_value(const Address& address, Numbers) { return json::Value(eth::to_checksum(address)); }
json::Value to_value(const std::string& text, Numbers) { return json::Value(text); }
json::Value to_value(const U256& number, Numbers numbers)
{
    if (numbers == Numbers::as_number && number <= U256{kInfiniteVolume}) return json::Value(number.clamp_u64());
    return json::Value(number.to_dec());
}
template <class Tag>
json::Value to_value(const FixedBytes<32, Tag>& bytes, Numbers)
{
    return json::Value(bytes.hex());
}

template <class Order>
json::Object order_to_json(const Order& order, Numbers numbers)
{
    json::Object out;
    for_each_member(
        order, [&](std::string_view name, const auto& value) { out.emplace(std::string(name), to_value(value, numbers)); });
    out.emplace("sign", hex0x(order.sign));
    return out;
}

}  // namespace

Result<AppOrder> read_app_order(const ObjectReader& reader, Members members)
{
    return read_order<AppOrder>(reader, members);
}
Result<DatasetOrder> read_dataset_order(const ObjectReader& reader, Members members)
{
    return read_order<DatasetOrder>(reader, members);
}
Result<WorkerpoolOrder> read_workerpool_order(const ObjectReader& reader, Members members)
{
    return read_order<WorkerpoolOrder>(reader, members);
}
Result<RequestOrder> read_request_order(const ObjectReader& reader, Members members)
{
    return read_order<RequestOrder>(reader, members);
}

json::Object to_json(const AppOrder& order, Numbers numbers) { return order_to_json(order, numbers); }
json::Object to_json(const DatasetOrder& order, Numbers numbers) { return order_to_json(order, numbers); }
json::Object to_json(const WorkerpoolOrder& order, Numbers numbers) { return order_to_json(order, numbers); }
json::Object to_json(const RequestOrder& order, Numbers numbers) { return order_to_json(order, numbers); }

std::string encode(const AppOrder& order, Numbers numbers) { return json::print(order_to_json(order, numbers)); }
std::string encode(const DatasetOrder& order, Numbers numbers) { return json::print(order_to_json(order, numbers)); }
std::string encode(const WorkerpoolOrder& order, Numbers numbers) { return json::print(order_to_json(order, numbers)); }
std::string encode(const RequestOrder& order, Numbers numbers) { return json::print(order_to_json(order, numbers)); }

}  // namespace iapp::poco
