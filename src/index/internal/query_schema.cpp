#include "index/internal/query_schema.hpp"

#include <algorithm>
#include <cstdlib>

namespace iapp::index {

const Field* Entity::find(std::string_view field) const
{
    const auto found = std::ranges::find(fields, field, &Field::name);
    return found == fields.end() ? nullptr : &*found;
}

const Entity* Subgraph::find(std::string_view entity) const
{
    const auto found = std::ranges::find(entities, entity, &Entity::name);
    return found == entities.end() ? nullptr : &*found;
}

const Entity& Subgraph::get(std::string_view entity) const
{
    const Entity* found = find(entity);
    if (found == nullptr) std::abort();  // a table names an entity that is not there: every test of the tables ends here
    return *found;
}

std::vector<std::string_view> Subgraph::interfaces_of(const Entity& entity) const
{
    std::vector<std::string_view> out;
    for (const Entity& other : entities)
        if (std::ranges::find(other.types, entity.name) != other.types.end()) out.push_back(other.name);
    return out;
}

std::string quoted(std::string_view name) { return '"' + std::string(name) + '"'; }

std::string column_of(std::string_view field)
{
    std::string column;
    for (const char c : field) {
        const bool upper = c >= 'A' && c <= 'Z';
        if (upper) column += '_';
        column += upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return quoted(column);
}

}  // namespace iapp::index
