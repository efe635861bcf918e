#pragma once
// What the subgraphs look like from outside, as data, and in which column each field lives. Not SQL.
// Column of a field: its name in snake_case. Tables and columns are described in schema.hpp.
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace iapp::index {

enum class FieldKind : unsigned char {
    id,
    text,
    bytes,        ///< lower hex with 0x in a TEXT column
    enumeration,  ///< of a closed set; compared as text
    boolean,
    small,    ///< Int in an INTEGER column: a JSON number
    integer,  ///< BigInt in an INTEGER column: a JSON string
    number,   ///< BigInt as encode_number() writes it
    rlc,      ///< BigDecimal in RLC; the column holds nRLC as encode_number() writes it
    one,      ///< reference: the column holds an id of `entity`
    many,     ///< rows of `entity` whose column `link` holds this id
    only,     ///< the same, at most one
    list,     ///< rows of `entity` that table `link` lists: owner is this id, value the other's
    listed,   ///< rows of `entity` whose list in table `link` has this id: value is this id, owner the other's
    in_block  ///< rows of `entity` whose column `link` holds this id and whose block is this row's: found by the block
};

struct Field {
    std::string_view name;
    FieldKind kind;
    bool required = true;          ///< of a reference: the row it names exists too
    std::string_view entity = {};  ///< of a reference or a list
    std::string_view link = {};
};

struct Entity {
    std::string_view name;
    std::string_view table;
    std::string_view singular;
    std::string_view plural;
    bool hex_id;  ///< ids are lower hex, so a client's may come in any case
    std::span<const Field> fields;
    /// Of an interface: the entities that have it. Its table is a view of theirs with their columns and `type_name`.
    std::span<const std::string_view> types = {};

    const Field* find(std::string_view field) const;
    bool is_interface() const { return !types.empty(); }
};

struct Subgraph {
    std::string_view name;
    std::span<const Entity> entities;

    const Entity* find(std::string_view entity) const;
    const Entity& get(std::string_view entity) const;  ///< one that the tables name
    std::vector<std::string_view> interfaces_of(const Entity& entity) const;
};

/// No column of its own: seen from the other side.
constexpr bool is_derived(FieldKind kind)
{
    return kind == FieldKind::many || kind == FieldKind::only || kind == FieldKind::list || kind == FieldKind::listed ||
           kind == FieldKind::in_block;
}
constexpr bool is_scalar(FieldKind kind) { return kind < FieldKind::one; }

/// "creationTimestamp": "creation_timestamp", with the quotes, so that no name is a keyword.
std::string column_of(std::string_view field);
std::string quoted(std::string_view name);

// Makers for the tables.
namespace field {
constexpr Field id() { return {"id", FieldKind::id}; }
constexpr Field text(std::string_view name) { return {name, FieldKind::text}; }
constexpr Field bytes(std::string_view name) { return {name, FieldKind::bytes}; }
constexpr Field enumeration(std::string_view name) { return {name, FieldKind::enumeration}; }
constexpr Field boolean(std::string_view name) { return {name, FieldKind::boolean}; }
constexpr Field small(std::string_view name) { return {name, FieldKind::small}; }
constexpr Field integer(std::string_view name) { return {name, FieldKind::integer}; }
constexpr Field number(std::string_view name) { return {name, FieldKind::number}; }
constexpr Field rlc(std::string_view name) { return {name, FieldKind::rlc}; }
constexpr Field one(std::string_view name, std::string_view entity) { return {name, FieldKind::one, true, entity}; }
constexpr Field many(std::string_view name, std::string_view entity, std::string_view link)
{
    return {name, FieldKind::many, true, entity, link};
}
constexpr Field only(std::string_view name, std::string_view entity, std::string_view link)
{
    return {name, FieldKind::only, false, entity, link};
}
constexpr Field list(std::string_view name, std::string_view entity, std::string_view link)
{
    return {name, FieldKind::list, true, entity, link};
}
constexpr Field listed(std::string_view name, std::string_view entity, std::string_view link)
{
    return {name, FieldKind::listed, true, entity, link};
}
constexpr Field in_block(std::string_view name, std::string_view entity, std::string_view link)
{
    return {name, FieldKind::in_block, true, entity, link};
}
/// The column may be NULL, or name a row that is not there.
constexpr Field maybe(Field field)
{
    field.required = false;
    return field;
}
}  // namespace field

}  // namespace iapp::index
