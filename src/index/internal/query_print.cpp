#include "index/internal/query_print.hpp"

#include <algorithm>
#include <cstdlib>
#include <ranges>
#include <utility>

namespace iapp::index {
namespace {

class Printer {
public:
    Printer(std::string& out, std::size_t most_bytes) : out_(out), most_bytes_(most_bytes) {}

    Status row(const Level& level, const Table& table, const Row& row)
    {
        TRY_OK(check_room(0));
        out_ += '{';
        const Variant& variant = variant_of(level, row);
        for (const Output& output : variant.outputs) {
            if (&output != &variant.outputs.front()) out_ += ',';
            print_string(out_, output.key);
            out_ += ':';
            TRY_OK(value(level, table, row, variant, output));
        }
        out_ += '}';
        return {};
    }

    template <class Range>
    Status list(const Level& level, const Table& table, const Range& rows)
    {
        out_ += '[';
        bool first = true;
        for (const Row& one : rows) {
            if (!std::exchange(first, false)) out_ += ',';
            TRY_OK(row(level, table, one));
        }
        out_ += ']';
        return {};
    }

private:
    Status check_room(std::size_t more) const
    {
        if (out_.size() + more <= most_bytes_) return {};
        return fail(ErrorKind::resource_exhausted, "index.limit", "this query asks for too many bytes in the answer");
    }

    static const Variant& variant_of(const Level& level, const Row& row)
    {
        if (!level.entity->is_interface()) return level.variants.front();
        const auto found = std::ranges::find(level.variants, *row.at(1), &Variant::type);
        if (found == level.variants.end()) std::abort();  // a view makes a type that its interface does not name
        return *found;
    }

    Status value(const Level& level, const Table& table, const Row& row, const Variant& variant, const Output& output)
    {
        switch (output.what) {
            case Output::What::type_name:
                print_string(out_, variant.type);
                return {};
            case Output::What::cell:
                return cell(*level.cells[output.index], row[output.index]);
            case Output::What::child:
                return child(level.children[output.index], table.children[output.index], row);
        }
        return {};
    }

    Status cell(const Field& field, const std::optional<std::string>& text)
    {
        TRY_OK(check_room(text ? text->size() : 0));
        if (text) print_value(out_, field.kind, *text);
        else out_ += "null";
        return {};
    }

    Status child(const Child& child, const Related& related, const Row& parent)
    {
        const auto& key = key_of(parent, child);
        if (key && child.is_in_parent()) return row(child.level, {}, Row{key});
        const auto found = key ? related.by_key.find(*key) : related.by_key.end();
        const bool none = found == related.by_key.end();
        if (child.field->kind == FieldKind::one || child.field->kind == FieldKind::only) {
            if (!none) return row(child.level, related.table, related.table.rows[found->second.front()]);
            out_ += "null";
            return {};
        }
        const std::span<const std::uint32_t> at = none ? std::span<const std::uint32_t>{} : found->second;
        return list(child.level, related.table,
                    at | std::views::transform([&](std::uint32_t i) -> const Row& { return related.table.rows[i]; }));
    }

    std::string& out_;
    std::size_t most_bytes_;
};

}  // namespace

Status print_root(std::string& out, const Root& root, const Table& table, std::size_t most_bytes)
{
    Printer printer(out, most_bytes);
    if (root.what == Root::What::many) return printer.list(root.level, table, table.rows);
    if (!table.rows.empty()) return printer.row(root.level, table, table.rows.front());
    out += "null";
    return {};
}

}  // namespace iapp::index
