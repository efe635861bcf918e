#pragma once
// Selections as levels: which columns of which entity, and what hangs on each row. One statement a level, whatever the
// number of rows. Not the statements (query_load.hpp).
#include "index/internal/query_filter.hpp"
#include "index/query.hpp"

namespace iapp::index {

/// Which rows of a list, in which order. The statement calls the rows `t`.
struct Page {
    Sql where{"1 = 1"};
    std::string order;  ///< of ORDER BY; ends with the id, so that pages do not overlap
    std::int64_t first = 100;
    std::int64_t skip = 0;
};

struct Child;

struct Output {
    enum class What : unsigned char { type_name, cell, child };
    std::string key;
    What what;
    std::size_t index;
};

/// What is printed of a row of one type.
struct Variant {
    std::string_view type;
    std::vector<Output> outputs;  ///< in the order of the answer
};

/// What is asked about the rows of one entity.
struct Level {
    const Entity* entity;
    std::vector<const Field*> cells;  ///< columns to read; the id comes first, behind it the type of an interface's row
    std::vector<Child> children;
    std::vector<Variant> variants;  ///< one; of an interface, one for each of its types
};

/// A list or a reference of each row.
struct Child {
    const Field* field;
    std::vector<const graphql::Field*> asked;  ///< in the document
    std::size_t cell = 0;                      ///< of a reference: where its id is
    Page page;
    Level level;

    /// The id is all that is asked, and the row is known to be there.
    bool is_in_parent() const;
};

/// One field of the query.
struct Root {
    enum class What : unsigned char { type_name, meta, one, many };
    std::string key;
    What what;
    Level level;
    Page page;
    std::string meta;  ///< JSON
};

/// Reasons: index.field, index.argument, index.block, those of to_condition() and of collect_fields().
graphql::Outcome<std::vector<Root>> plan(const QueryContext& context, const IndexedHead& head,
                                         const graphql::Document& document, const graphql::Operation& operation);

/// Where, order and limits of a list's arguments.
/// Reasons: index.argument, and those of to_condition().
graphql::Outcome<Page> plan_page(const QueryContext& context, const Entity& entity, const graphql::Field& field);

/// `_meta`, printed. Reasons: index.field, index.argument.
graphql::Outcome<std::string> plan_meta(const QueryContext& context, const IndexedHead& head,
                                        const graphql::Document& document, const graphql::CollectedField& field);

/// Refuses an argument `block` that names another state than the indexed one. Reasons: index.block.
graphql::Outcome<void> check_block(const QueryContext& context, const IndexedHead& head, const graphql::Field& field);

/// Refuses arguments outside `names`. Reasons: index.argument.
graphql::Outcome<void> only_arguments(const graphql::Field& field, std::initializer_list<std::string_view> names);

/// The argument's value; nullptr when it is absent, null, or a variable without a value.
const graphql::Value* find_argument(const QueryContext& context, const graphql::Field& field, std::string_view name);

}  // namespace iapp::index
