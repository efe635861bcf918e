#pragma once
// Reads what the user typed as values, and says which option was wrong.
#include "command.hpp"

namespace iapp::cli {

/// A whole number. Errors: invalid_input "cli.number".
Result<std::uint64_t> number_option(const Arguments& arguments, std::string_view name, std::uint64_t otherwise);

std::unexpected<Error> bad_id(std::string_view name, const std::string& text);

/// A deal, task or order id. Errors: invalid_input "cli.id".
template <class Id>
Result<Id> id_option(const Arguments& arguments, std::string_view name)
{
    const std::string text = arguments.get(name);
    if (auto id = Id::from_hex(text)) return *std::move(id);
    return bad_id(name, text);
}

}  // namespace iapp::cli
