#include "wire/internal/toml_reader.hpp"

#include <algorithm>

namespace iapp::wire::internal {

Status TomlReader::only(std::initializer_list<std::string_view> names) const
{
    for (const auto& [name, node] : *table_)
        if (std::ranges::find(names, name.str()) == names.end())
            return fail(ErrorKind::invalid_input, "network.unknown_key",
                        "unknown key " + key(name.str()) + "; remove it or check its spelling");
    return {};
}

Result<const toml::node*> TomlReader::get(std::string_view name) const
{
    if (const toml::node* node = table_->get(name)) return node;
    return fail(ErrorKind::invalid_input, "network.missing", "missing key " + key(name));
}

std::unexpected<Error> TomlReader::wrong_type(std::string_view name, std::string_view wanted) const
{
    return fail(ErrorKind::invalid_input, "network.type", key(name) + " is not " + std::string(wanted));
}

Result<TomlReader> TomlReader::table(std::string_view name) const
{
    TRY(const toml::node* node, get(name));
    if (!node->is_table()) return wrong_type(name, "a table");
    return TomlReader(*node->as_table(), key(name));
}

Result<std::string> TomlReader::text(std::string_view name) const
{
    TRY(const toml::node* node, get(name));
    if (!node->is_string()) return wrong_type(name, "a string");
    return node->as_string()->get();
}

Result<std::uint64_t> TomlReader::number(std::string_view name) const
{
    TRY(const toml::node* node, get(name));
    if (!node->is_integer() || node->as_integer()->get() < 0) return wrong_type(name, "a non-negative integer");
    return static_cast<std::uint64_t>(node->as_integer()->get());
}

Result<bool> TomlReader::boolean(std::string_view name) const
{
    TRY(const toml::node* node, get(name));
    if (!node->is_boolean()) return wrong_type(name, "true or false");
    return node->as_boolean()->get();
}

Result<std::vector<std::string>> TomlReader::texts(std::string_view name) const
{
    TRY(const toml::node* node, get(name));
    if (!node->is_array()) return wrong_type(name, "an array of strings");
    std::vector<std::string> out;
    for (const toml::node& element : *node->as_array()) {
        if (!element.is_string()) return wrong_type(name, "an array of strings");
        out.push_back(element.as_string()->get());
    }
    return out;
}

Result<eth::Address> TomlReader::read_address(std::string_view name, std::string_view digits) const
{
    const auto address = eth::parse_address(digits);
    if (!address) return fail(ErrorKind::invalid_input, "network.address", key(name) + ": " + address.error().detail);
    if (address->is_zero()) return fail(ErrorKind::invalid_input, "network.address", key(name) + " is the zero address");
    return *address;
}

Result<eth::Address> TomlReader::address(std::string_view name) const
{
    TRY(const std::string digits, text(name));
    return read_address(name, digits);
}

Result<std::vector<eth::Address>> TomlReader::addresses(std::string_view name) const
{
    TRY(const auto written, texts(name));
    std::vector<eth::Address> out;
    for (const std::string& digits : written) {
        TRY(const eth::Address address, read_address(name, digits));
        out.push_back(address);
    }
    return out;
}

}  // namespace iapp::wire::internal
