#include "options.hpp"

#include <charconv>

namespace iapp::cli {

Result<std::uint64_t> number_option(const Arguments& arguments, std::string_view name, std::uint64_t otherwise)
{
    const auto text = arguments.find(name);
    if (!text) return otherwise;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error == std::errc{} && end == text->data() + text->size()) return value;
    return fail(ErrorKind::invalid_input, "cli.number",
                std::string(name) + " must be a whole number below 2^64, not \"" + *text + "\"");
}

std::unexpected<Error> bad_id(std::string_view name, const std::string& text)
{
    return fail(ErrorKind::invalid_input, "cli.id",
                std::string(name) + " must be 0x and 64 hex digits, not \"" + text + "\"");
}

}  // namespace iapp::cli
