#pragma once
// One SQL statement in the making: text with `?`, and the values for them. Values are bound, never written into the text.
#include <string>
#include <variant>
#include <vector>

#include "store/database.hpp"

namespace iapp::index {

using Parameter = std::variant<std::int64_t, std::string, Bytes>;

class Sql {
public:
    Sql() = default;
    explicit Sql(std::string_view text) : text_(text) {}

    Sql& operator<<(std::string_view text)
    {
        text_ += text;
        return *this;
    }
    Sql& operator<<(const Sql& more);

    /// Writes a `?` that stands for `value`.
    Sql& bind(Parameter value);

    const std::string& text() const { return text_; }

    /// What stands for the marks; valid while this lives and does not change.
    std::vector<store::Value> values() const;

private:
    std::string text_;
    std::vector<Parameter> parameters_;
};

}  // namespace iapp::index
