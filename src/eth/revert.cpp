#include "codec/utf8.hpp"
#include "eth/abi.hpp"

namespace iapp::eth {
namespace {

/// Errors whose only argument is a text; the first is Solidity's require().
constexpr std::string_view kTextErrors[] = {"Error(string)", "IncompatibleDatasetOrder(string)"};

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

}  // namespace

std::string revert_reason(ByteView data)
{
    if (data.size() < Selector::kSize) return data.empty() ? "" : hex0x(data);
    const Selector id{data.first<4>()};
    const ByteView arguments = data.subspan(Selector::kSize);
    for (const std::string_view signature : kTextErrors) {
        if (id != selector(signature)) continue;
        const auto text = AbiReader(arguments).string();
        if (!text || !codec::is_utf8(*text)) break;
        const std::string prefix =
            signature == kTextErrors[0] ? "" : std::string(signature.substr(0, signature.find('('))) + ": ";
        return prefix + std::string(*text);
    }
    if (id == selector("Panic(uint256)"))
        if (const auto code = AbiReader(arguments).uint64())
            return "panic " + U256{*code}.to_hex() + " (" + std::string(panic_meaning(*code)) + ")";
    return hex0x(data);
}

}  // namespace iapp::eth
