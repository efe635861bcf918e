#include "index/internal/query_load.hpp"

#include <algorithm>
#include <bit>
#include <unordered_set>

namespace iapp::index {
namespace {

constexpr std::size_t kIdsPerStatement = 1024;  ///< SQLite binds at most 32,766 values, PostgreSQL 65,535

/// `t."id" AS c0, t."name" AS c1`
std::string select_list(const Level& level)
{
    std::string out;
    for (std::size_t i = 0; i < level.cells.size(); ++i)
        out += (i == 0 ? "t." : ", t.") + column_of(level.cells[i]->name) + " AS c" + std::to_string(i);
    return out;
}

/// As many marks as the next power of two, so that few different statements are made. The last id fills the rest.
void bind_ids(Sql& sql, std::span<const std::string> ids)
{
    const std::size_t marks = std::bit_ceil(ids.size());
    for (std::size_t i = 0; i < marks; ++i) {
        if (i > 0) sql << ", ";
        sql.bind(ids[std::min(i, ids.size() - 1)]);
    }
}

Sql reference_statement(const Child& child, std::span<const std::string> ids)
{
    Sql sql("SELECT ");
    sql << "t.\"id\", " << select_list(child.level) << " FROM " << quoted(child.level.entity->table)
        << " t WHERE t.\"id\" IN (";
    bind_ids(sql, ids);
    sql << ")";
    return sql;
}

/// One owner: the database can stop after the page.
Sql list_statement(const Child& child, const std::string& id)
{
    const Relation relation = relation_of(*child.field, *child.level.entity, "t");
    Sql sql("SELECT ");
    sql << relation.owner_column << ", " << select_list(child.level) << " FROM " << relation.from << " WHERE "
        << relation.owner_column << " = ";
    sql.bind(id) << " AND (" << child.page.where << ") ORDER BY " << child.page.order << " LIMIT ";
    sql.bind(child.page.first) << " OFFSET ";
    sql.bind(child.page.skip);
    return sql;
}

/// Many owners: the rows of each are counted.
Sql lists_statement(const Child& child, std::span<const std::string> ids)
{
    const Relation relation = relation_of(*child.field, *child.level.entity, "t");
    Sql sql("SELECT w.* FROM (SELECT ");
    sql << relation.owner_column << " AS owner_id, " << select_list(child.level) << ", ROW_NUMBER() OVER (PARTITION BY "
        << relation.owner_column << " ORDER BY " << child.page.order << ") AS place FROM " << relation.from << " WHERE "
        << relation.owner_column << " IN (";
    bind_ids(sql, ids);
    sql << ") AND (" << child.page.where << ")) w WHERE w.place > ";
    sql.bind(child.page.skip) << " AND w.place <= ";
    sql.bind(child.page.skip + child.page.first) << " ORDER BY w.owner_id, w.place";
    return sql;
}

Sql child_statement(const Child& child, std::span<const std::string> ids)
{
    if (child.field->kind == FieldKind::one) return reference_statement(child, ids);
    return ids.size() == 1 ? list_statement(child, ids.front()) : lists_statement(child, ids);
}

std::vector<std::string> distinct_keys(const Table& parents, const Child& child)
{
    std::unordered_set<std::string> seen;
    std::vector<std::string> keys;
    for (const Row& row : parents.rows)
        if (const auto& key = key_of(row, child); key && seen.insert(*key).second) keys.push_back(*key);
    return keys;
}

class Loader {
public:
    Loader(store::Transaction& transaction, Budget& budget) : transaction_(transaction), budget_(budget) {}

    Result<Table> root(const Root& root)
    {
        const Sql sql = root_statement(root);
        const auto values = sql.values();
        TRY(store::Rows rows, transaction_.query_values(sql.text(), values));
        Table table;
        while (true) {
            TRY(const bool any, rows.next());
            if (!any) break;
            TRY(table.rows.emplace_back(), read(root.level, rows, 0));
        }
        TRY_OK(children(root.level, table));
        return table;
    }

private:
    Status children(const Level& level, Table& table)
    {
        for (const Child& child : level.children) {
            TRY(table.children.emplace_back(), related(table, child));
        }
        return {};
    }

    Result<Related> related(const Table& parents, const Child& child)
    {
        Related related;
        if (child.is_in_parent()) return related;
        const std::vector<std::string> keys = distinct_keys(parents, child);
        for (std::size_t at = 0; at < keys.size(); at += kIdsPerStatement) {
            const auto some = std::span(keys).subspan(at, std::min(kIdsPerStatement, keys.size() - at));
            TRY_OK(add(related, child, some));
        }
        TRY_OK(children(child.level, related.table));
        return related;
    }

    /// The first column of the statement is the key, the cells follow.
    Status add(Related& related, const Child& child, std::span<const std::string> ids)
    {
        const Sql sql = child_statement(child, ids);
        const auto values = sql.values();
        TRY(store::Rows rows, transaction_.query_values(sql.text(), values));
        while (true) {
            TRY(const bool any, rows.next());
            if (!any) return {};
            related.by_key[rows.text(0)].push_back(static_cast<std::uint32_t>(related.table.rows.size()));
            TRY(related.table.rows.emplace_back(), read(child.level, rows, 1));
        }
    }

    Result<Row> read(const Level& level, const store::Rows& rows, int first_column)
    {
        constexpr std::size_t kRowBytes = 100;
        Row row(level.cells.size());
        std::size_t bytes = kRowBytes + row.size() * sizeof(Row::value_type);
        for (std::size_t i = 0; i < row.size(); ++i) {
            const int column = first_column + static_cast<int>(i);
            if (rows.is_null(column)) continue;
            TRY(row[i], from_column(level.cells[i]->kind, rows, column));
            bytes += row[i]->size();
        }
        if (const auto allowed = budget_.memory(bytes); !allowed)
            return fail(ErrorKind::resource_exhausted, "index.limit", allowed.error().message);
        return row;
    }

    store::Transaction& transaction_;
    Budget& budget_;
};

}  // namespace

const std::optional<std::string>& key_of(const Row& row, const Child& child) { return row[child.cell]; }

Sql root_statement(const Root& root)
{
    Sql sql("SELECT ");
    sql << select_list(root.level) << " FROM " << quoted(root.level.entity->table) << " t WHERE " << root.page.where
        << " ORDER BY " << root.page.order << " LIMIT ";
    sql.bind(root.page.first) << " OFFSET ";
    sql.bind(root.page.skip);
    return sql;
}

Result<Table> load(store::Transaction& transaction, Budget& budget, const Root& root)
{
    return Loader(transaction, budget).root(root);
}

}  // namespace iapp::index
