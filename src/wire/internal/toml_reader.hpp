#pragma once
// Typed access to one TOML table; errors name the key ("services.sms"). Strict: keys nobody asked for are errors.
// Only for the network document; services read their own configuration in apps.
#define TOML_HEADER_ONLY 0
#include <toml++/toml.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "eth/address.hpp"

namespace iapp::wire::internal {

class TomlReader {
public:
    TomlReader(const toml::table& table, std::string path) : table_(&table), path_(std::move(path)) {}

    Status only(std::initializer_list<std::string_view> names) const;
    bool has(std::string_view name) const { return table_->contains(name); }

    Result<TomlReader> table(std::string_view name) const;
    Result<std::string> text(std::string_view name) const;
    Result<std::uint64_t> number(std::string_view name) const;
    Result<bool> boolean(std::string_view name) const;
    Result<std::vector<std::string>> texts(std::string_view name) const;
    Result<eth::Address> address(std::string_view name) const;
    Result<std::vector<eth::Address>> addresses(std::string_view name) const;

    std::string key(std::string_view name) const
    {
        return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
    }

private:
    Result<const toml::node*> get(std::string_view name) const;
    Result<eth::Address> read_address(std::string_view name, std::string_view digits) const;
    std::unexpected<Error> wrong_type(std::string_view name, std::string_view wanted) const;

    const toml::table* table_;
    std::string path_;
};

}  // namespace iapp::wire::internal
