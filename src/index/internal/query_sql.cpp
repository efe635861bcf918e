#include "index/internal/query_sql.hpp"

namespace iapp::index {

Sql& Sql::operator<<(const Sql& more)
{
    text_ += more.text_;
    parameters_.insert(parameters_.end(), more.parameters_.begin(), more.parameters_.end());
    return *this;
}

Sql& Sql::bind(Parameter value)
{
    text_ += '?';
    parameters_.push_back(std::move(value));
    return *this;
}

std::vector<store::Value> Sql::values() const
{
    std::vector<store::Value> values;
    values.reserve(parameters_.size());
    for (const Parameter& parameter : parameters_)
        values.push_back(std::visit([](const auto& value) { return store::Value(value); }, parameter));
    return values;
}

}  // namespace iapp::index
