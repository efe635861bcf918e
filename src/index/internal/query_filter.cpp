#include "index/internal/query_filter.hpp"

#include <algorithm>
#include <set>

#include "base/result.hpp"

namespace iapp::index {
namespace {

using graphql::Outcome;
using graphql::Value;
using graphql::ValueKind;

constexpr std::size_t kMostNesting = 8;  ///< of filters in filters
constexpr std::size_t kMostLists = 2;    ///< of lists among them: each multiplies the rows to look at

enum class Shape : unsigned char { compare, among, contain, begin, end };

struct Operator {
    std::string_view name;  ///< after the field and "_"; empty for equality
    Shape shape;
    std::string_view sql;  ///< of a comparison
    bool negated = false;
    bool any_case = false;
};

constexpr std::array kOperators{Operator{"", Shape::compare, " = "},
                                Operator{"not", Shape::compare, " <> ", true},
                                Operator{"gt", Shape::compare, " > "},
                                Operator{"gte", Shape::compare, " >= "},
                                Operator{"lt", Shape::compare, " < "},
                                Operator{"lte", Shape::compare, " <= "},
                                Operator{"in", Shape::among, ""},
                                Operator{"not_in", Shape::among, "", true},
                                Operator{"contains", Shape::contain, ""},
                                Operator{"not_contains", Shape::contain, "", true},
                                Operator{"contains_nocase", Shape::contain, "", false, true},
                                Operator{"not_contains_nocase", Shape::contain, "", true, true},
                                Operator{"starts_with", Shape::begin, ""},
                                Operator{"not_starts_with", Shape::begin, "", true},
                                Operator{"starts_with_nocase", Shape::begin, "", false, true},
                                Operator{"not_starts_with_nocase", Shape::begin, "", true, true},
                                Operator{"ends_with", Shape::end, ""},
                                Operator{"not_ends_with", Shape::end, "", true},
                                Operator{"ends_with_nocase", Shape::end, "", false, true},
                                Operator{"not_ends_with_nocase", Shape::end, "", true, true}};

bool orders(FieldKind kind) { return kind != FieldKind::boolean && kind != FieldKind::enumeration; }
bool is_text(FieldKind kind) { return kind == FieldKind::text || kind == FieldKind::one || kind == FieldKind::id; }

bool applies(const Operator& op, FieldKind kind)
{
    if (is_derived(kind)) return kind == FieldKind::list && op.shape == Shape::contain && !op.any_case;
    if (op.shape == Shape::among) return true;
    if (op.shape == Shape::compare) return op.name.empty() || op.negated || orders(kind);
    return is_text(kind);
}

/// Items of a list; a single value is a list of itself.
std::span<const Value> items_of(const Value& value)
{
    return value.kind == ValueKind::list ? std::span<const Value>(value.items) : std::span<const Value>(&value, 1);
}

class Compiler {
public:
    explicit Compiler(const QueryContext& context) : context_(context) {}

    Outcome<Sql> all(const Entity& entity, const std::string& alias, const Value& given)
    {
        const Value* filter = graphql::resolve(given, context_.variables);
        if (filter == nullptr || filter->kind == ValueKind::null) return anything();
        if (filter->kind != ValueKind::object) return graphql::refuse("index.filter", "a filter is an object", given.at);
        if (depth_ == kMostNesting) return graphql::refuse("graphql.depth", "filters are nested too deeply", given.at);
        ++depth_;
        TRY(Sql sql, members(entity, alias, *filter));
        --depth_;
        return sql;
    }

private:
    Outcome<Sql> members(const Entity& entity, const std::string& alias, const Value& filter)
    {
        Sql sql;
        for (const graphql::Member& member : filter.members) {
            const Value* value = graphql::resolve(member.value, context_.variables);
            if (value == nullptr) continue;
            TRY_OK(context_.budget.condition());
            TRY(const Sql condition, one(entity, alias, member, *value));
            sql << (sql.text().empty() ? "" : " AND ") << "(" << condition << ")";
        }
        return sql.text().empty() ? anything() : sql;
    }

    /// No condition is one in the statement, too.
    Outcome<Sql> anything()
    {
        TRY_OK(context_.budget.condition());
        return Sql("1 = 1");
    }

    Outcome<Sql> one(const Entity& entity, const std::string& alias, const graphql::Member& member, const Value& value)
    {
        if (member.name == "and" || member.name == "or") return junction(entity, alias, member.name == "and", value);
        const std::size_t cut = member.name.find('_');
        const std::string_view name = std::string_view(member.name).substr(0, cut);
        const Field* field = entity.find(name);
        if (field != nullptr && cut + 1 == member.name.size() && !is_scalar(field->kind))
            return nested(*field, alias, value);
        const std::string_view suffix = cut == std::string::npos ? "" : std::string_view(member.name).substr(cut + 1);
        const auto op = std::ranges::find(kOperators, suffix, &Operator::name);
        const bool dangling = cut != std::string::npos && suffix.empty();
        if (field == nullptr || dangling || op == kOperators.end() || !applies(*op, field->kind))
            return graphql::refuse("index.filter", std::string(entity.name) + " has no filter '" + member.name + "'",
                                   member.at);
        if (field->kind == FieldKind::list) return contains_all(*field, alias, *op, value);
        return compare(entity, *field, alias, *op, value);
    }

    Outcome<Sql> junction(const Entity& entity, const std::string& alias, bool is_and, const Value& value)
    {
        if (value.kind == ValueKind::null) return Sql("1 = 1");
        Sql sql;
        for (const Value& item : items_of(value)) {
            TRY(const Sql condition, all(entity, alias, item));
            sql << (sql.text().empty() ? "" : is_and ? " AND " : " OR ") << "(" << condition << ")";
        }
        return sql.text().empty() ? Sql(is_and ? "1 = 1" : "1 = 0") : sql;
    }

    /// There is a row on the other side for which the filter holds.
    Outcome<Sql> nested(const Field& field, const std::string& alias, const Value& value)
    {
        const Entity& other = context_.subgraph.get(field.entity);
        const std::string inner = "f" + std::to_string(aliases_++);
        const std::size_t lists = field.kind != FieldKind::one && field.kind != FieldKind::only ? 1 : 0;
        if (lists_ + lists > kMostLists)
            return graphql::refuse("graphql.depth", "filters of lists are nested too deeply", value.at);
        lists_ += lists;
        TRY(const Sql condition, all(other, inner, value));
        lists_ -= lists;
        const Relation relation = relation_of(field, other, inner);
        const std::string owner = alias + "." + (field.kind == FieldKind::one ? column_of(field.name) : quoted("id"));
        Sql sql("EXISTS (SELECT 1 FROM ");
        sql << relation.from << " WHERE " << relation.owner_column << " = " << owner << " AND " << condition << ")";
        return sql;
    }

    /// Every id of `value` is in the list: as many of its values are among them as they are. No condition for each, because
    /// SQLite bounds the depth of an expression.
    Outcome<Sql> contains_all(const Field& field, const std::string& alias, const Operator& op, const Value& value)
    {
        const Entity& other = context_.subgraph.get(field.entity);
        TRY_OK(context_.budget.values(items_of(value).size()));
        std::set<Parameter> ids;
        for (const Value& item : items_of(value)) {
            TRY(Parameter id, parameter(other, *other.find("id"), item));
            ids.insert(std::move(id));
        }
        if (ids.empty()) return Sql(op.negated ? "1 = 0" : "1 = 1");
        Sql sql("(SELECT COUNT(DISTINCT l.\"value\") FROM ");
        sql << quoted(field.link) << " l WHERE l.\"owner\" = " << alias << ".\"id\" AND l.\"value\" IN (";
        for (const Parameter& id : ids) {
            sql << (id == *ids.begin() ? "" : ", ");
            sql.bind(id);
        }
        sql << "))" << (op.negated ? " <> " : " = ");
        sql.bind(static_cast<std::int64_t>(ids.size()));
        return sql;
    }

    Outcome<Sql> compare(const Entity& entity, const Field& field, const std::string& alias, const Operator& op,
                         const Value& value)
    {
        const std::string column = alias + "." + column_of(field.name);
        if (op.shape == Shape::among) return among(entity, field, column, op, value);
        if (value.kind == ValueKind::null) return is_null(column, op, value);
        TRY(Parameter given, parameter(entity, field, value));
        Sql sql;
        if (op.shape == Shape::compare) {
            sql << column << op.sql;
            sql.bind(std::move(given));
            return sql;
        }
        TRY_OK(context_.budget.text_match());
        return matches(column, op, std::get<std::string>(std::move(given)));
    }

    static Outcome<Sql> is_null(const std::string& column, const Operator& op, const Value& value)
    {
        if (op.name.empty()) return Sql(column + " IS NULL");
        if (op.name == "not") return Sql(column + " IS NOT NULL");
        return graphql::refuse("index.value", "null is neither more nor less than anything", value.at);
    }

    Outcome<Sql> among(const Entity& entity, const Field& field, const std::string& column, const Operator& op,
                       const Value& value)
    {
        if (value.kind != ValueKind::list)
            return graphql::refuse("index.value", "'" + std::string(op.name) + "' takes a list", value.at);
        TRY_OK(context_.budget.values(value.items.size()));
        bool with_null = false;
        Sql list;
        for (const Value& given : value.items) {
            const Value* item = graphql::resolve(given, context_.variables);
            if (item == nullptr || item->kind == ValueKind::null) {
                with_null = true;
                continue;
            }
            TRY(Parameter bound, parameter(entity, field, *item));
            list << (list.text().empty() ? "" : ", ");
            list.bind(std::move(bound));
        }
        return membership(column, list, op.negated, with_null);
    }

    static Sql membership(const std::string& column, const Sql& list, bool negated, bool with_null)
    {
        Sql sql;
        if (list.text().empty()) sql << (negated ? "1 = 1" : "1 = 0");
        else sql << column << (negated ? " NOT IN (" : " IN (") << list << ")";
        if (with_null) sql << (negated ? " AND " : " OR ") << column << (negated ? " IS NOT NULL" : " IS NULL");
        return sql;
    }

    /// No LIKE: the two databases differ on case, and the text of a client may hold its wildcards.
    static Sql matches(const std::string& column, const Operator& op, const std::string& text)
    {
        const std::string of = op.any_case ? "lower(" + column + ")" : column;
        Sql sql(op.negated ? "NOT (" : "(");
        const auto bind_text = [&] {
            sql << (op.any_case ? "lower(" : "");
            sql.bind(text) << (op.any_case ? ")" : "");
        };
        if (text.empty()) {
            sql << column << " IS NOT NULL";
        } else if (op.shape == Shape::contain) {
            sql << "replace(" << of << ", ";
            bind_text();
            sql << ", '') <> " << of;
        } else {
            sql << "substr(" << of << ", " << (op.shape == Shape::begin ? "1, " : "length(" + of + ") + 1 - ") << "length(";
            bind_text();
            sql << ")) = ";
            bind_text();
            sql << " AND length(" << of << ") >= length(";
            bind_text();
            sql << ")";
        }
        sql << ")";
        return sql;
    }

    Outcome<Parameter> parameter(const Entity& entity, const Field& field, const Value& given)
    {
        const Value* value = graphql::resolve(given, context_.variables);
        if (value == nullptr) return graphql::refuse("index.value", "a value is missing", given.at);
        return to_parameter(context_.subgraph, entity, field, *value);
    }

    const QueryContext& context_;
    std::size_t depth_ = 0;
    std::size_t lists_ = 0;  ///< filters of lists around this one
    std::size_t aliases_ = 0;
};

}  // namespace

Relation relation_of(const Field& field, const Entity& other, std::string_view alias)
{
    const std::string name(alias);
    const std::string rows = quoted(other.table) + " " + name;
    const std::string link = quoted(field.link);
    switch (field.kind) {
        case FieldKind::one:
            return {rows, name + ".\"id\""};
        case FieldKind::list:
            return {link + " l" + name + " JOIN " + rows + " ON " + name + ".\"id\" = l" + name + ".\"value\"",
                    "l" + name + ".\"owner\""};
        case FieldKind::listed:
            return {link + " l" + name + " JOIN " + rows + " ON " + name + ".\"id\" = l" + name + ".\"owner\"",
                    "l" + name + ".\"value\""};
        case FieldKind::in_block:
            return {"\"transaction\" l" + name + " JOIN " + rows + " ON " + name + ".\"block_number\" = l" + name +
                        ".\"block_number\" AND " + name + "." + link + " = l" + name + ".\"id\"",
                    "l" + name + ".\"id\""};
        default:
            return {rows, name + "." + link};
    }
}

Outcome<Sql> to_condition(const QueryContext& context, const Entity& entity, std::string_view alias, const Value& filter)
{
    return Compiler(context).all(entity, std::string(alias), filter);
}

}  // namespace iapp::index
