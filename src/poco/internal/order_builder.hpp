#pragma once
// Puts an order together from the members a JSON reader finds, whichever reader that is, and says what is wrong with one.
#include <string>

#include "poco/internal/order_members.hpp"

namespace iapp::poco::internal {

/// A member's value as it stood in the document.
struct Field {
    enum class Kind : unsigned char { text, number, other };

    Kind kind;
    std::string_view text;     ///< for Kind::text
    std::uint64_t number = 0;  ///< for Kind::number

    static Field of_text(std::string_view text) { return {Kind::text, text}; }
    static Field of_number(std::uint64_t number) { return {Kind::number, {}, number}; }
    static Field of_other()
    {
        return {Kind::other, {}};
    }  ///< a fraction, a negative number, a boolean, null, an array, an object
};

/// Errors: invalid_input "json.type", "json.text", "order.number", "address.*". `path` names the member; it is only read on
/// failure.
struct MemberPath {
    std::string_view base;
    std::string_view name;
    std::string text() const { return std::string(base) + "." + std::string(name); }
};
Status assign(Address& out, const Field& field, const MemberPath& path, eth::Checksum checksum);
Status assign(U256& out, const Field& field, const MemberPath& path, eth::Checksum);
Status assign(std::string& out, const Field& field, const MemberPath& path, eth::Checksum);
Status assign(Bytes& out, const Field& field, const MemberPath& path);
Status assign_word(std::span<std::uint8_t, 32> out, const Field& field, const MemberPath& path);

template <class Tag>
Status assign(FixedBytes<32, Tag>& out, const Field& field, const MemberPath& path, eth::Checksum)
{
    std::array<std::uint8_t, 32> raw;
    TRY_OK(assign_word(raw, field, path));
    out = FixedBytes<32, Tag>{raw};
    return {};
}

template <class Order>
class OrderBuilder {
public:
    /// An order with a signature may carry any case of address: the signature covers the bytes.
    OrderBuilder(std::string_view path, eth::Checksum checksum) : path_(path), checksum_(checksum) {}

    /// Errors: as assign(), and "json.unknown_member", "json.duplicate_member".
    Status member(std::string_view name, const Field& field)
    {
        const MemberPath path{path_, name};
        if (name == "sign") {
            TRY_OK(mark(kSignBit, path));
            return assign(order_.sign, field, path);
        }
        Status status;
        unsigned bit = 1;
        bool is_found = false;
        for_each_member(order_, [&](std::string_view candidate, auto& value) {
            if (!is_found && candidate == name) {
                is_found = true;
                status = take(value, bit, field, path);
            }
            bit <<= 1U;
        });
        if (is_found) return status;
        return fail(ErrorKind::invalid_input, "json.unknown_member",
                    path.text() + " is not a member of this order; remove it");
    }

    static bool knows(std::string_view name)
    {
        bool known = name == "sign";
        const Order order;
        for_each_member(order, [&](std::string_view candidate, const auto&) { known = known || candidate == name; });
        return known;
    }

    /// Errors: invalid_input "json.missing". `sign` may be absent.
    Result<Order> finish()
    {
        Status status;
        unsigned bit = 0;
        for_each_member(order_, [&](std::string_view name, const auto&) {
            if (status && (seen_ & 1U << bit) == 0)
                status = fail(ErrorKind::invalid_input, "json.missing", MemberPath{path_, name}.text() + " is missing");
            ++bit;
        });
        TRY_OK(status);
        return std::move(order_);
    }

private:
    static constexpr unsigned kSignBit = 1U << 31U;

    template <class Value>
    Status take(Value& out, unsigned bit, const Field& field, const MemberPath& path)
    {
        TRY_OK(mark(bit, path));
        return assign(out, field, path, checksum_);
    }

    Status mark(unsigned bit, const MemberPath& path)
    {
        if ((seen_ & bit) != 0)
            return fail(ErrorKind::invalid_input, "json.duplicate_member", path.text() + " appears twice");
        seen_ |= bit;
        return {};
    }

    Order order_;
    std::string_view path_;
    eth::Checksum checksum_;
    unsigned seen_ = 0;
};

}  // namespace iapp::poco::internal
