#include "index/internal/query_value.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "codec/json.hpp"
#include "index/number.hpp"

namespace iapp::index {
namespace {

using graphql::Outcome;
using graphql::Value;
using graphql::ValueKind;

constexpr int kRlcDecimals = 9;
constexpr int kMostDigits = 1000;  ///< of a number a client writes; more means nothing

std::string lower(std::string_view text)
{
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

bool is_digits(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// "-12.5e3" as sign, digits and the power of ten of the last digit.
struct Decimal {
    bool negative = false;
    std::string digits;
    int exponent = 0;
};

std::optional<Decimal> parse_decimal(std::string_view text)
{
    Decimal read;
    if (text.starts_with('-')) read.negative = true, text.remove_prefix(1);
    const std::size_t e = text.find_first_of("eE");
    if (e != text.npos) {
        std::string_view power = text.substr(e + 1);
        if (power.starts_with('+')) power.remove_prefix(1);
        const auto [end, error] = std::from_chars(power.data(), power.data() + power.size(), read.exponent);
        if (error != std::errc{} || end != power.data() + power.size()) return {};
        if (read.exponent < -kMostDigits || read.exponent > kMostDigits) return {};
        text = text.substr(0, e);
    }
    const std::size_t dot = text.find('.');
    const std::string_view fraction = dot == text.npos ? std::string_view{} : text.substr(dot + 1);
    if (dot != text.npos && fraction.empty()) return {};
    read.digits = std::string(text.substr(0, dot)) + std::string(fraction);
    read.exponent -= static_cast<int>(fraction.size());
    if (!is_digits(read.digits) || read.digits.size() > kMostDigits) return {};
    return read;
}

/// Digits of the whole number that `decimal` times ten to the power of `decimals` is; nothing when it is none.
std::optional<std::string> whole(Decimal decimal, int decimals)
{
    if (decimal.digits.find_first_not_of('0') == std::string::npos) return "0";
    int exponent = decimal.exponent + decimals;
    for (; exponent < 0; ++exponent) {
        if (!decimal.digits.ends_with('0')) return {};
        decimal.digits.pop_back();
    }
    decimal.digits.append(static_cast<std::size_t>(exponent), '0');
    decimal.digits.erase(0, decimal.digits.find_first_not_of('0'));
    return decimal.digits;
}

std::unexpected<graphql::Problem> wrong(const Field& field, std::string_view expected, const Value& value)
{
    return graphql::refuse("index.value", "a value for '" + std::string(field.name) + "' is " + std::string(expected),
                           value.at);
}

std::optional<std::string> whole_of(const Value& value, int decimals, bool& negative)
{
    if (value.kind != ValueKind::integer && value.kind != ValueKind::floating && value.kind != ValueKind::string) return {};
    const auto decimal = parse_decimal(value.text);
    if (!decimal) return {};
    negative = decimal->negative;
    return whole(*decimal, decimals);
}

Outcome<Parameter> to_integer(const Field& field, const Value& value)
{
    bool negative = false;
    const auto digits = whole_of(value, 0, negative);
    if (!digits) return wrong(field, "a whole number", value);
    std::int64_t number = 0;
    const std::string text = (negative ? "-" : "") + *digits;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    using Limits = std::numeric_limits<std::int64_t>;
    if (error != std::errc{}) number = negative ? Limits::min() : Limits::max();
    return number;
}

/// Below all, or above all, encodings.
Outcome<Parameter> to_number(const Field& field, const Value& value, int decimals)
{
    bool negative = false;
    const auto digits = whole_of(value, decimals, negative);
    if (!digits) return wrong(field, decimals == 0 ? "a whole number" : "a number with at most 9 decimals", value);
    if (negative && *digits != "0") return Bytes{};
    const auto number = eth::U256::from_dec(*digits);
    return number ? encode_number(*number) : Bytes{0xff};
}

Outcome<Parameter> to_id(const Entity& entity, const Field& field, const Value& value)
{
    if (value.kind != ValueKind::string && value.kind != ValueKind::integer) return wrong(field, "an id", value);
    return entity.hex_id ? lower(value.text) : value.text;
}

Outcome<Parameter> to_bytes(const Field& field, const Value& value)
{
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    std::string text = lower(value.text);
    const std::string_view digits = std::string_view(text).substr(text.starts_with("0x") ? 2 : 0);
    if (value.kind != ValueKind::string || digits.size() % 2 != 0 || !std::ranges::all_of(digits, is_hex))
        return wrong(field, "0x and an even number of hex digits", value);
    return "0x" + std::string(digits);
}

}  // namespace

Outcome<Parameter> to_parameter(const Subgraph& subgraph, const Entity& entity, const Field& field, const Value& value)
{
    // PostgreSQL cannot compare with it, and no row holds it.
    if (value.text.find('\0') != std::string::npos) return wrong(field, "a text without NUL", value);
    switch (field.kind) {
        case FieldKind::id:
            return to_id(entity, field, value);
        case FieldKind::one:
            return to_id(subgraph.get(field.entity), field, value);
        case FieldKind::text:
            if (value.kind != ValueKind::string) return wrong(field, "a string", value);
            return value.text;
        case FieldKind::bytes:
            return to_bytes(field, value);
        case FieldKind::enumeration:
            if (value.kind != ValueKind::string && value.kind != ValueKind::enumeration)
                return wrong(field, "a name", value);
            return value.text;
        case FieldKind::boolean:
            if (value.kind != ValueKind::boolean) return wrong(field, "true or false", value);
            return std::int64_t{value.text == "true"};
        case FieldKind::small:
        case FieldKind::integer:
            return to_integer(field, value);
        case FieldKind::number:
            return to_number(field, value, 0);
        case FieldKind::rlc:
            return to_number(field, value, kRlcDecimals);
        default:
            return wrong(field, "not to be compared", value);
    }
}

namespace {

/// "12.5" of 12500000000.
std::string decimal_text(std::string digits)
{
    if (digits.size() <= kRlcDecimals) digits.insert(0, kRlcDecimals + 1 - digits.size(), '0');
    digits.insert(digits.size() - kRlcDecimals, 1, '.');
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.ends_with('.')) digits.pop_back();
    return digits;
}

}  // namespace

Result<std::string> from_column(FieldKind kind, const store::Rows& rows, int column)
{
    switch (kind) {
        case FieldKind::boolean:
            return std::string(rows.integer(column) != 0 ? "true" : "false");
        case FieldKind::small:
        case FieldKind::integer:
            return std::to_string(rows.integer(column));
        case FieldKind::number:
        case FieldKind::rlc: {
            TRY(const eth::U256 number, decode_number(rows.blob(column)));
            return kind == FieldKind::rlc ? decimal_text(number.to_dec()) : number.to_dec();
        }
        default:
            return rows.text(column);
    }
}

void print_string(std::string& out, std::string_view text) { out += json::print(json::Value(text)); }

void print_value(std::string& out, FieldKind kind, std::string_view text)
{
    if (kind == FieldKind::boolean || kind == FieldKind::small) out += text;
    else print_string(out, text);
}

}  // namespace iapp::index
