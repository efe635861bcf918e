#include <algorithm>
#include <vector>

#include "codec/json.hpp"
#include "codec/utf8.hpp"

namespace iapp::json {
namespace {

constexpr std::int64_t kLargest = 9'007'199'254'740'991;  // 2^53 - 1: exact in every reader (RFC 7493 section 2.2)

/// UTF-16 order differs from byte order in one place: supplementary characters (lead byte f0-f4) are surrogates there and
/// sort before U+E000 to U+FFFF (lead bytes ee and ef).
int rank(char c)
{
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte >= 0xf0) return 0xee + (byte - 0xf0);
    return byte >= 0xee ? byte + 0x10 : byte;
}

bool utf16_less(std::string_view a, std::string_view b)
{
    return std::ranges::lexicographical_compare(a, b, {}, rank, rank);
}

Status append_text(std::string& out, std::string_view text)
{
    if (!codec::is_utf8(text)) return fail(ErrorKind::invalid_input, "json.utf8", "a text in the document is not UTF-8");
    constexpr std::string_view kNamed = "\b\t\n\f\r\"\\";
    constexpr std::string_view kNames = "btnfr\"\\";
    out += '"';
    for (const char c : text) {
        if (const std::size_t at = kNamed.find(c); at != std::string_view::npos) (out += '\\') += kNames[at];
        else if (static_cast<std::uint8_t>(c) < 0x20) (out += "\\u00") += hex(Bytes{static_cast<std::uint8_t>(c)});
        else out += c;
    }
    out += '"';
    return {};
}

Status append_number(std::string& out, const Value& value)
{
    const bool fits = value.is_int64() ? value.get_int64() >= -kLargest && value.get_int64() <= kLargest
                                       : value.is_uint64() && value.get_uint64() <= static_cast<std::uint64_t>(kLargest);
    if (!fits)
        return fail(ErrorKind::invalid_input, "json.number",
                    "a canonical document holds integers up to 2^53 - 1 only; write " + print(value) + " as text");
    out += value.is_int64() ? std::to_string(value.get_int64()) : std::to_string(value.get_uint64());
    return {};
}

Status append_value(std::string& out, const Value& value);

Status append_array(std::string& out, const Array& array)
{
    out += '[';
    for (std::size_t i = 0; i < array.size(); ++i) {
        if (i > 0) out += ',';
        TRY_OK(append_value(out, array[i]));
    }
    out += ']';
    return {};
}

Status append_object(std::string& out, const Object& object)
{
    std::vector<std::pair<std::string_view, const Value*>> members;
    for (const auto& member : object)
        members.emplace_back(std::string_view(member.key().data(), member.key().size()), &member.value());
    std::ranges::sort(members, utf16_less, [](const auto& member) { return member.first; });
    out += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (i > 0) out += ',';
        TRY_OK(append_text(out, members[i].first));
        out += ':';
        TRY_OK(append_value(out, *members[i].second));
    }
    out += '}';
    return {};
}

Status append_value(std::string& out, const Value& value)
{
    if (const Object* object = value.if_object()) return append_object(out, *object);
    if (const Array* array = value.if_array()) return append_array(out, *array);
    if (const auto* text = value.if_string()) return append_text(out, {text->data(), text->size()});
    if (value.is_number()) return append_number(out, value);
    out += value.is_null() ? "null" : value.get_bool() ? "true" : "false";
    return {};
}

}  // namespace

Result<std::string> canonical(const Value& value)
{
    std::string out;
    TRY_OK(append_value(out, value));
    return out;
}

}  // namespace iapp::json
