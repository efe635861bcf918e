#include "poco/tag.hpp"

#include <algorithm>
#include <array>

namespace iapp::poco {
namespace {

struct NamedBit {
    TagBit bit;
    std::string_view name;
};
constexpr NamedBit kNamed[] = {{TagBit::tee, "tee"},
                               {TagBit::scone, "scone"},
                               {TagBit::gramine, "gramine"},
                               {TagBit::tdx, "tdx"},
                               {TagBit::gpu, "gpu"}};

constexpr std::uint8_t kFrameworkMask = 0x0f;

bool has_bit(const Tag& tag, unsigned bit) { return (tag.bytes()[31 - bit / 8] >> (bit % 8) & 1U) != 0; }

template <class Combine>
Tag combine(const Tag& a, const Tag& b, Combine combine_bytes)
{
    std::array<std::uint8_t, 32> out;
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<std::uint8_t>(combine_bytes(a.bytes()[i], b.bytes()[i]));
    return Tag{out};
}

std::string bit_name(unsigned bit)
{
    for (const auto& named : kNamed)
        if (static_cast<unsigned>(named.bit) == bit) return std::string(named.name);
    return "bit " + std::to_string(bit);
}

Result<TagBit> bit_of(std::string_view name)
{
    for (const auto& named : kNamed)
        if (named.name == name) return named.bit;
    return fail(ErrorKind::invalid_input, "tag.name",
                "\"" + std::string(name) + "\" is no tag; known are tee, scone, gramine, tdx, gpu");
}

}  // namespace

Tag make_tag(std::initializer_list<TagBit> bits)
{
    std::array<std::uint8_t, 32> out{};
    for (const TagBit bit : bits) {
        const auto number = static_cast<unsigned>(bit);
        out[31 - number / 8] |= static_cast<std::uint8_t>(1U << (number % 8));
    }
    return Tag{out};
}

bool has(const Tag& tag, TagBit bit) { return has_bit(tag, static_cast<unsigned>(bit)); }

Tag operator|(const Tag& a, const Tag& b)
{
    return combine(a, b, [](unsigned x, unsigned y) { return x | y; });
}

Tag operator&(const Tag& a, const Tag& b)
{
    return combine(a, b, [](unsigned x, unsigned y) { return x & y; });
}

Tag without(const Tag& tag, const Tag& bits)
{
    return combine(tag, bits, [](unsigned x, unsigned y) { return x & ~y; });
}

bool includes(const Tag& tag, const Tag& bits) { return without(bits, tag).is_zero(); }

Tag framework_bits() { return make_tag({TagBit::scone, TagBit::gramine, TagBit::tdx}); }

Tag tdx_tag() { return make_tag({TagBit::tee, TagBit::tdx}); }

Framework framework(const Tag& tag)
{
    switch (tag.bytes()[31] & kFrameworkMask) {
        case 0x3:
            return Framework::scone;
        case 0x5:
            return Framework::gramine;
        case 0x9:
            return Framework::tdx;
        default:
            return Framework::none;
    }
}

std::string_view name(Framework framework)
{
    constexpr std::string_view kNames[] = {"none", "scone", "gramine", "tdx"};
    return kNames[static_cast<std::size_t>(framework)];
}

std::vector<std::string> tag_names(const Tag& tag)
{
    std::vector<std::string> names;
    for (unsigned bit = 0; bit < 256; ++bit)
        if (has_bit(tag, bit)) names.push_back(bit_name(bit));
    return names;
}

Result<Tag> parse_tag(std::string_view text)
{
    if (text.starts_with("0x")) return Tag::from_hex(text);
    Tag tag = Tag::zero();
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        TRY(const TagBit bit, bit_of(text.substr(at, comma - at)));
        tag = tag | make_tag({bit});
        at = comma + 1;
    }
    return tag;
}

}  // namespace iapp::poco
