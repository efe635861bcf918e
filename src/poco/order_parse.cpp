// Orders straight from JSON text, without a tree in between: verifying an order costs little more than recovering its
// signer.
#include <boost/json/basic_parser_impl.hpp>

#include "poco/internal/order_builder.hpp"

namespace iapp::poco {
namespace internal {
namespace {

std::string shown(const Field& field)
{
    if (field.kind == Field::Kind::text) return "\"" + std::string(field.text.substr(0, 80)) + "\"";
    return field.kind == Field::Kind::number ? std::to_string(field.number) : "another kind of value";
}

Status wrong_type(const MemberPath& path, std::string_view expected, const Field& field)
{
    return fail(ErrorKind::invalid_input, "json.type",
                path.text() + " must be " + std::string(expected) + ", got " + shown(field));
}

}  // namespace

Status assign(Address& out, const Field& field, const MemberPath& path, eth::Checksum checksum)
{
    if (field.kind != Field::Kind::text) return wrong_type(path, "an address", field);
    const auto address = eth::parse_address(field.text, checksum);
    if (!address) return fail(ErrorKind::invalid_input, address.error().reason, path.text() + ": " + address.error().detail);
    out = *address;
    return {};
}

Status assign(U256& out, const Field& field, const MemberPath& path, eth::Checksum)
{
    if (field.kind == Field::Kind::number) {
        out = field.number;
        return {};
    }
    const auto number = U256::from_dec(field.kind == Field::Kind::text ? field.text : std::string_view{});
    if (!number)
        return fail(ErrorKind::invalid_input, "order.number",
                    path.text() + " must be an integer, as JSON number or decimal text, got " + shown(field));
    out = *number;
    return {};
}

Status assign(std::string& out, const Field& field, const MemberPath& path, eth::Checksum)
{
    if (field.kind != Field::Kind::text) return wrong_type(path, "text", field);
    out = field.text;
    return {};
}

Status assign(Bytes& out, const Field& field, const MemberPath& path)
{
    if (field.kind != Field::Kind::text) return wrong_type(path, "0x and hexadecimal bytes", field);
    auto bytes = parse_hex0x(field.text);
    if (!bytes) return fail(ErrorKind::invalid_input, "json.text", path.text() + ": " + bytes.error().detail);
    out = *std::move(bytes);
    return {};
}

Status assign_word(std::span<std::uint8_t, 32> out, const Field& field, const MemberPath& path)
{
    if (field.kind != Field::Kind::text) return wrong_type(path, "0x and 64 hexadecimal digits", field);
    if (auto read = parse_hex0x_into(field.text, out); !read)
        return fail(ErrorKind::invalid_input, "json.text", path.text() + ": " + read.error().detail);
    return {};
}

}  // namespace internal

namespace {

namespace bj = boost::json;
using internal::Field;

constexpr std::size_t kMaxBytes = std::size_t{1} << 20U;
constexpr std::size_t kMaxDepth = 8;

/// Receives the parser's events: hands the members of the outermost object to the builder, ignores what lies deeper.
template <class Order>
struct Handler {
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = max_object_size;
    static constexpr std::size_t max_key_size = max_object_size;
    static constexpr std::size_t max_string_size = max_object_size;

    explicit Handler(eth::Checksum checksum) : builder("$", checksum) {}

    bool value(const Field& field, bj::error_code& ec)
    {
        if (depth != 1 || !is_object) return true;
        status = builder.member(key, field);
        if (!status) ec = bj::error::exception;
        return status.has_value();
    }
    bool open(bool object, bj::error_code& ec)
    {
        if (depth == 0) is_object = object;
        const bool go_on = depth != 1 || value(Field::of_other(), ec);
        ++depth;
        return go_on;
    }
    bool close() { return --depth, true; }

    /// The whole text: most arrive in one piece, those with escapes in several.
    std::string_view whole(bj::string_view last)
    {
        if (parts.empty()) return {last.data(), last.size()};
        parts.append(last.data(), last.size());
        return parts;
    }

    bool on_document_begin(bj::error_code&) { return true; }
    bool on_document_end(bj::error_code&) { return true; }
    bool on_object_begin(bj::error_code& ec) { return open(true, ec); }
    bool on_object_end(std::size_t, bj::error_code&) { return close(); }
    bool on_array_begin(bj::error_code& ec) { return open(false, ec); }
    bool on_array_end(std::size_t, bj::error_code&) { return close(); }
    bool on_key_part(bj::string_view s, std::size_t, bj::error_code&) { return parts.append(s.data(), s.size()), true; }
    bool on_key(bj::string_view s, std::size_t, bj::error_code&)
    {
        key = whole(s);
        parts.clear();
        return true;
    }
    bool on_string_part(bj::string_view s, std::size_t, bj::error_code&) { return parts.append(s.data(), s.size()), true; }
    bool on_string(bj::string_view s, std::size_t, bj::error_code& ec)
    {
        const bool go_on = value(Field::of_text(whole(s)), ec);
        parts.clear();
        return go_on;
    }
    bool on_number_part(bj::string_view, bj::error_code&) { return true; }
    bool on_int64(std::int64_t v, bj::string_view, bj::error_code& ec)
    {
        return value(v < 0 ? Field::of_other() : Field::of_number(static_cast<std::uint64_t>(v)), ec);
    }
    bool on_uint64(std::uint64_t v, bj::string_view, bj::error_code& ec) { return value(Field::of_number(v), ec); }
    bool on_double(double, bj::string_view, bj::error_code& ec) { return value(Field::of_other(), ec); }
    bool on_bool(bool, bj::error_code& ec) { return value(Field::of_other(), ec); }
    bool on_null(bj::error_code& ec) { return value(Field::of_other(), ec); }
    bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
    bool on_comment(bj::string_view, bj::error_code&) { return true; }

    internal::OrderBuilder<Order> builder;
    Status status;
    std::string key;
    std::string parts;
    std::size_t depth = 0;
    bool is_object = false;
};

template <class Order>
Result<Order> parse_with(std::string_view text, eth::Checksum checksum)
{
    if (text.size() > kMaxBytes)
        return fail(ErrorKind::invalid_input, "json.size",
                    "an order is shorter than " + std::to_string(kMaxBytes) + " bytes");
    bj::parse_options options;
    options.max_depth = kMaxDepth;
    bj::basic_parser<Handler<Order>> parser(options, checksum);
    bj::error_code ec;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
    Handler<Order>& handler = parser.handler();
    TRY_OK(std::move(handler.status));
    if (!ec && used < text.size()) ec = bj::error::extra_data;
    if (ec == bj::error::too_deep) return fail(ErrorKind::invalid_input, "json.depth", "an order has no nested members");
    if (ec) return fail(ErrorKind::invalid_input, "json.syntax", "not valid JSON: " + ec.message());
    if (!handler.is_object) return fail(ErrorKind::invalid_input, "json.type", "$ must be an object");
    return handler.builder.finish();
}

/// A mistyped address in a signed order breaks its signature; in an unsigned one only the checksum can tell.
template <class Order>
Result<Order> parse_order(std::string_view text)
{
    auto order = parse_with<Order>(text, eth::Checksum::ignore);
    if (!order || !order->sign.empty()) return order;
    return parse_with<Order>(text, eth::Checksum::enforce);
}

}  // namespace

Result<AppOrder> parse_app_order(std::string_view json) { return parse_order<AppOrder>(json); }
Result<DatasetOrder> parse_dataset_order(std::string_view json) { return parse_order<DatasetOrder>(json); }
Result<WorkerpoolOrder> parse_workerpool_order(std::string_view json) { return parse_order<WorkerpoolOrder>(json); }
Result<RequestOrder> parse_request_order(std::string_view json) { return parse_order<RequestOrder>(json); }

}  // namespace iapp::poco
