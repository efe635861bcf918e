#include <array>

#include "codec/cbor.hpp"
#include "codec/internal/cbor_head.hpp"
#include "codec/utf8.hpp"

namespace iapp::cbor {
namespace {

std::unexpected<Error> bad(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::invalid_input, reason, std::move(detail));
}

std::unexpected<Error> truncated() { return bad("cbor.truncated", "the bytes end inside an item"); }

struct Head {
    Major major;
    std::uint64_t argument;
};

/// One pass over the bytes. Memory is taken only for what the bytes really hold: a count alone reserves nothing.
class Reader {
public:
    Reader(ByteView in, std::size_t max_depth) : in_(in), depth_(max_depth) {}

    Result<Value> item();
    std::size_t left() const { return in_.size(); }

private:
    Result<Head> head();
    Result<std::uint64_t> argument(std::size_t size);
    Result<ByteView> take(std::uint64_t size);
    Result<std::string> text(std::uint64_t size);
    Result<Value> container(const Head& head);
    Result<Value> array(std::uint64_t count);
    Result<Value> map(std::uint64_t count);
    Result<Key> key();

    ByteView in_;
    std::size_t depth_;  ///< how many more containers may open
};

Result<ByteView> Reader::take(std::uint64_t size)
{
    if (size > in_.size()) return truncated();
    const ByteView out = in_.first(size);
    in_ = in_.subspan(size);
    return out;
}

/// The `size` big-endian bytes behind a first byte.
Result<std::uint64_t> Reader::argument(std::size_t size)
{
    TRY(const ByteView bytes, take(size));
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes) value = value << 8U | byte;
    const std::uint64_t least = size == 1 ? 24 : std::uint64_t{1} << (size * 4);  // half of them cannot hold it
    if (value < least) return bad("cbor.not_shortest", "a number is written with more bytes than it needs");
    return value;
}

Result<Head> Reader::head()
{
    TRY(const ByteView first, take(1));
    const auto major = static_cast<Major>(first[0] >> 5U);
    const std::uint8_t info = first[0] & 0x1fU;
    if (major == Major::simple && info > kNull && info < 31) {
        if (info >= 25 && info <= 27) return bad("cbor.float", "floating point numbers are not accepted");
        return bad("cbor.simple", "the only simple values are false, true and null");
    }
    if (info < 24) return Head{major, info};
    if (info == 31) return bad("cbor.indefinite", "lengths are definite, and a break ends nothing");
    if (info > 27) return bad("cbor.reserved", "the first byte of an item is reserved");
    TRY(const std::uint64_t value, argument(std::size_t{1} << (info - 24U)));
    return Head{major, value};
}

Result<std::string> Reader::text(std::uint64_t size)
{
    TRY(const ByteView bytes, take(size));
    if (!codec::is_utf8(as_text(bytes))) return bad("cbor.utf8", "a text is not UTF-8");
    return to_text(bytes);
}

Result<Key> Reader::key()
{
    TRY(const Head head, this->head());
    if (head.major == Major::text) return text(head.argument);
    const bool negative = head.major == Major::negative_integer;
    if (head.major != Major::unsigned_integer && !negative) return bad("cbor.key", "a map key is an integer or text");
    const auto number = (negative ? Value::negative(head.argument) : Value::unsigned_integer(head.argument)).if_i64();
    if (!number) return bad("cbor.key", "a map key does not fit 64 bits with sign");
    return *number;
}

Result<Value> Reader::array(std::uint64_t count)
{
    if (count > in_.size()) return truncated();
    Array out;
    for (std::uint64_t i = 0; i < count; ++i) {
        TRY(Value element, item());
        out.push_back(std::move(element));
    }
    return Value(std::move(out));
}

Result<Value> Reader::map(std::uint64_t count)
{
    if (count > in_.size() / 2) return truncated();
    Map out;
    for (std::uint64_t i = 0; i < count; ++i) {
        TRY(Key next, key());
        if (!out.empty()) {
            const auto step = order(out.members().back().key, next);
            if (step == 0) return bad("cbor.duplicate_key", "a map has one key twice");
            if (step > 0) return bad("cbor.key_order", "the keys of a map are not in bytewise order");
        }
        TRY(Value value, item());
        out.set(std::move(next), std::move(value));
    }
    return Value(std::move(out));
}

Result<Value> Reader::container(const Head& head)
{
    if (depth_ == 0) return bad("cbor.depth", "nested too deep");
    --depth_;
    auto out = [&]() -> Result<Value> {
        if (head.major == Major::array) return array(head.argument);
        if (head.major == Major::map) return map(head.argument);
        TRY(Value content, item());
        return Value::tagged(head.argument, std::move(content));
    }();
    ++depth_;
    return out;
}

Result<Value> simple(std::uint64_t value)
{
    if (value < kFalse) return bad("cbor.simple", "the only simple values are false, true and null");
    return value == kNull ? Value() : Value(value == kTrue);
}

Result<Value> Reader::item()
{
    TRY(const Head head, this->head());
    switch (head.major) {
        case Major::unsigned_integer:
            return Value::unsigned_integer(head.argument);
        case Major::negative_integer:
            return Value::negative(head.argument);
        case Major::bytes: {
            TRY(const ByteView bytes, take(head.argument));
            return Value(to_bytes(bytes));
        }
        case Major::text: {
            TRY(std::string out, text(head.argument));
            return Value(std::move(out));
        }
        case Major::simple:
            return simple(head.argument);
        case Major::array:
        case Major::map:
        case Major::tag:
            break;
    }
    return container(head);
}

}  // namespace

Result<Value> parse(ByteView bytes, const Limits& limits)
{
    if (bytes.size() > limits.max_bytes)
        return bad("cbor.size", "longer than " + std::to_string(limits.max_bytes) + " bytes");
    Reader reader(bytes, limits.max_depth);
    TRY(Value value, reader.item());
    if (reader.left() != 0) return bad("cbor.trailing_bytes", std::to_string(reader.left()) + " bytes behind the item");
    return value;
}

}  // namespace iapp::cbor
