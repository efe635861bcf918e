#include <array>
#include <optional>

#include "codec/utf8.hpp"
#include "eth/abi.hpp"

namespace iapp::eth {
namespace {

enum class Shows : unsigned char { name, text, selector };

/// Errors we know, by their one argument. The first is Solidity's require(); the others are the hub's.
struct KnownError {
    std::string_view signature;
    Shows shows;

    std::string_view name() const { return signature.substr(0, signature.find('(')); }
};
constexpr std::array kKnownErrors{
    KnownError{"Error(string)", Shows::text},
    KnownError{"IncompatibleDatasetOrder(string)", Shows::text},
    KnownError{"UnsupportedOperation(bytes4)", Shows::selector},
    KnownError{"OperationFailed()", Shows::name},
    KnownError{"CallerIsNotTheRequester()", Shows::name},
    KnownError{"FunctionNotFound(bytes4)", Shows::selector},
};

std::string_view panic_meaning(std::uint64_t code)
{
    switch (code) {  // Solidity documentation, "Panic via assert and Error via require"
        case 0x01:
            return "assertion failed";
        case 0x11:
            return "arithmetic overflow";
        case 0x12:
            return "division by zero";
        case 0x21:
            return "value outside an enum";
        case 0x32:
            return "array index out of bounds";
        case 0x41:
            return "out of memory";
        default:
            return "see the Solidity documentation";
    }
}

/// What an error says of itself; nothing when its argument is not what its signature promises.
std::optional<std::string> argument_of(const KnownError& error, ByteView arguments)
{
    AbiReader in(arguments);
    if (error.shows == Shows::name) return "";
    if (error.shows == Shows::text) {
        const auto text = in.string();
        return text && codec::is_utf8(*text) ? std::optional(std::string(*text)) : std::nullopt;
    }
    const auto word = in.bytes32();
    return word ? std::optional(hex0x(word->bytes().first<Selector::kSize>())) : std::nullopt;
}

std::optional<std::string> known_error(const Selector& id, ByteView arguments)
{
    for (const KnownError& error : kKnownErrors) {
        if (id != selector(error.signature)) continue;
        auto argument = argument_of(error, arguments);
        if (!argument || &error == &kKnownErrors.front()) return argument;
        return std::string(error.name()) + (argument->empty() ? "" : ": ") + *argument;
    }
    return std::nullopt;
}

}  // namespace

std::string revert_reason(ByteView data)
{
    if (data.size() < Selector::kSize) return data.empty() ? "" : hex0x(data);
    const Selector id{data.first<4>()};
    const ByteView arguments = data.subspan(Selector::kSize);
    if (auto known = known_error(id, arguments)) return *std::move(known);
    if (id == selector("Panic(uint256)"))
        if (const auto code = AbiReader(arguments).uint64())
            return "panic " + U256{*code}.to_hex() + " (" + std::string(panic_meaning(*code)) + ")";
    return hex0x(data);
}

}  // namespace iapp::eth
