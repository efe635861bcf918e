#include "index/internal/writer.hpp"

#include "index/schema.hpp"

namespace iapp::index::internal {
namespace {

std::string concat(std::initializer_list<std::string_view> parts)
{
    std::string out;
    for (const std::string_view part : parts) out += part;
    return out;
}

std::string parameters(std::size_t count)
{
    std::string out = "?";
    for (std::size_t i = 1; i < count; ++i) out += ", ?";
    return out;
}

/// A row goes back to what it was before the first of the bad blocks.
Status restore(store::Transaction& transaction, const ChangingTable& table, std::uint64_t first_bad)
{
    const std::string name(table.name), undo = "undo_" + name;
    TRY_OK(transaction.run(concat({"DELETE FROM ", name, " WHERE block_number >= ?"}), first_bad));
    TRY_OK(transaction.run(concat({"DELETE FROM ", name, " WHERE id IN (SELECT id FROM ", undo, " WHERE undo_block >= ?)"}),
                           first_bad));
    TRY_OK(transaction.run(concat({"INSERT INTO ", name, " (", table.columns, ") SELECT ", table.columns, " FROM ", undo,
                                   " u WHERE block_number < ? AND undo_block = (SELECT min(v.undo_block) FROM ", undo,
                                   " v WHERE v.id = u.id AND v.undo_block >= ?)"}),
                           first_bad, first_bad));
    TRY_OK(transaction.run(concat({"DELETE FROM ", undo, " WHERE undo_block >= ?"}), first_bad));
    return {};
}

}  // namespace

Result<bool> Writer::has(std::string_view table, std::string_view id)
{
    TRY(auto row, query(concat({"SELECT 1 FROM ", table, " WHERE id = ?"}), id));
    return row.next();
}

Status Writer::keep_where(std::string_view table, std::string_view which, const store::Value& value)
{
    if (!can_be_taken_back()) return {};
    const std::string sql = concat({"INSERT INTO undo_", table, " SELECT CAST(? AS BIGINT), t.* FROM ", table, " t WHERE ",
                                    which, " AND t.block_number < ? ON CONFLICT DO NOTHING"});
    const store::Value values[] = {place_.block, value, place_.block};
    TRY_OK(transaction_->run_values(sql, values));
    return {};
}

Status Writer::add_event(std::string_view table, std::string_view columns, std::span<const store::Value> values)
{
    const std::string sql = concat({"INSERT INTO ", table, " (id, \"transaction\", timestamp, block_number", columns,
                                    ") VALUES (", parameters(values.size()), ")"});
    TRY_OK(transaction_->run_values(sql, values));
    return {};
}

Status take_back(store::Transaction& transaction, std::uint64_t first_bad)
{
    for (const std::string_view table : growing_tables())
        TRY_OK(transaction.run(concat({"DELETE FROM ", table, " WHERE block_number >= ?"}), first_bad));
    for (const ChangingTable& table : changing_tables()) TRY_OK(restore(transaction, table, first_bad));
    return {};
}

Status forget_versions(store::Transaction& transaction, std::uint64_t settled)
{
    for (const ChangingTable& table : changing_tables())
        TRY_OK(transaction.run(concat({"DELETE FROM undo_", table.name, " WHERE undo_block <= ?"}), settled));
    return {};
}

}  // namespace iapp::index::internal
