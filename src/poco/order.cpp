#include <boost/json/monotonic_resource.hpp>

#include "poco/internal/order_members.hpp"
#include "poco/order_json.hpp"

namespace iapp::poco {
namespace {

using internal::for_each_member;
using json::ObjectReader;

constexpr json::Limits kLimits{.max_bytes = std::size_t{1} << 20U, .max_depth = 4};
constexpr std::size_t kScratch = 8192;  ///< an order without long params parses inside this many bytes of stack

Status read_into(const ObjectReader& reader, std::string_view name, Address& out)
{
    TRY(const std::string_view text, reader.text(name));
    const auto address = eth::parse_address(text);
    if (!address)
        return fail(ErrorKind::invalid_input, address.error().reason, reader.path() + "." + std::string(name) + ": " + address.error().detail);
    out = *address;
    return {};
}

Status read_into(const ObjectReader& reader, std::string_view name, U256& out)
{
    TRY(const json::Value* const value, reader.value(name));
    if (value->is_int64() && value->get_int64() >= 0) {
        out = static_cast<std::uint64_t>(value->get_int64());
        return {};
    }
    const auto* text = value->if_string();
    const auto number = text != nullptr ? U256::from_dec({text->data(), text->size()}) : U256::from_dec("");
    if (!number)
        return fail(ErrorKind::invalid_input, "order.number",
                    reader.path() + "." + std::string(name) + " must be an integer, as JSON number or decimal text, got " + json::print(*value));
    out = *number;
    return {};
}

Status read_into(const ObjectReader& reader, std::string_view name, std::string& out)
{
    TRY(const std::string_view text, reader.text(name));
    out = text;
    return {};
}

template <class Tag>
Status read_into(const ObjectReader& reader, std::string_view name, FixedBytes<32, Tag>& out)
{
    TRY(out, reader.id<FixedBytes<32, Tag>>(name));
    return {};
}

template <class Order>
Status refuse_unknown(const ObjectReader& reader)
{
    for (const auto& member : reader.raw()) {
        const std::string_view key(member.key().data(), member.key().size());
        bool known = key == "sign";
        const Order order;
        for_each_member(order, [&](std::string_view name, const auto&) { known = known || name == key; });
        if (!known)
            return fail(ErrorKind::invalid_input, "json.unknown_member",
                        reader.path() + "." + std::string(key) + " is not a member of this order; remove it");
    }
    return {};
}

template <class Order>
Result<Order> read_order(const ObjectReader& reader, Members members)
{
    Order order;
    Status status;
    std::size_t expected = 0;
    for_each_member(order, [&](std::string_view name, auto& value) {
        ++expected;
        if (status) status = read_into(reader, name, value);
    });
    TRY_OK(status);
    if (reader.has("sign")) {
        ++expected;
        TRY(order.sign, reader.bytes_hex("sign"));
    }
    if (members == Members::exact && reader.raw().size() != expected) TRY_OK(refuse_unknown<Order>(reader));
    return order;
}

template <class Order>
Result<Order> parse_order(std::string_view text)
{
    std::array<unsigned char, kScratch> scratch;
    boost::json::monotonic_resource memory(scratch.data(), scratch.size());
    TRY(const json::Value value, json::parse(text, &memory, kLimits));
    TRY(const ObjectReader reader, ObjectReader::of(value));
    return read_order<Order>(reader, Members::exact);
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
    for_each_member(order, [&](std::string_view name, const auto& value) { out.emplace(std::string(name), to_value(value, numbers)); });
    out.emplace("sign", hex0x(order.sign));
    return out;
}

}  // namespace

Result<AppOrder> parse_app_order(std::string_view json) { return parse_order<AppOrder>(json); }
Result<DatasetOrder> parse_dataset_order(std::string_view json) { return parse_order<DatasetOrder>(json); }
Result<WorkerpoolOrder> parse_workerpool_order(std::string_view json) { return parse_order<WorkerpoolOrder>(json); }
Result<RequestOrder> parse_request_order(std::string_view json) { return parse_order<RequestOrder>(json); }

Result<AppOrder> read_app_order(const ObjectReader& reader, Members members) { return read_order<AppOrder>(reader, members); }
Result<DatasetOrder> read_dataset_order(const ObjectReader& reader, Members members) { return read_order<DatasetOrder>(reader, members); }
Result<WorkerpoolOrder> read_workerpool_order(const ObjectReader& reader, Members members)
{
    return read_order<WorkerpoolOrder>(reader, members);
}
Result<RequestOrder> read_request_order(const ObjectReader& reader, Members members) { return read_order<RequestOrder>(reader, members); }

json::Object to_json(const AppOrder& order, Numbers numbers) { return order_to_json(order, numbers); }
json::Object to_json(const DatasetOrder& order, Numbers numbers) { return order_to_json(order, numbers); }
json::Object to_json(const WorkerpoolOrder& order, Numbers numbers) { return order_to_json(order, numbers); }
json::Object to_json(const RequestOrder& order, Numbers numbers) { return order_to_json(order, numbers); }

std::string encode(const AppOrder& order, Numbers numbers) { return json::print(order_to_json(order, numbers)); }
std::string encode(const DatasetOrder& order, Numbers numbers) { return json::print(order_to_json(order, numbers)); }
std::string encode(const WorkerpoolOrder& order, Numbers numbers) { return json::print(order_to_json(order, numbers)); }
std::string encode(const RequestOrder& order, Numbers numbers) { return json::print(order_to_json(order, numbers)); }

}  // namespace iapp::poco
