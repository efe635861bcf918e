#pragma once
// Whole tables as text, so that a test can say: two databases hold the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/hex.hpp"
#include "store/database.hpp"

namespace iapp::support {

inline std::vector<std::string> text_column(store::Transaction& transaction, const std::string& sql)
{
    std::vector<std::string> out;
    auto rows = transaction.query(sql);
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().detail) << ": " << sql;
    while (rows && rows->next().value_or(false)) out.push_back(rows->text(0));
    return out;
}

/// Every row of a SQLite table, its columns in SQL notation, sorted.
inline std::vector<std::string> dump_table(store::Transaction& transaction, std::string name)
{
    std::string bare = name;
    std::erase(bare, '"');
    std::string row;
    for (const std::string& column : text_column(transaction, "SELECT name FROM pragma_table_info('" + bare + "')"))
        row += (row.empty() ? "" : " || ', ' || ") + ("quote(\"" + column + "\")");
    return text_column(transaction, "SELECT " + row + " AS line FROM " + name + " ORDER BY line");
}

struct DumpColumn {
    std::string name;
    std::string type;  ///< of SQLite
};

/// Columns of a table, as SQLite knows them.
inline std::vector<DumpColumn> columns_of(store::Transaction& sqlite, const std::string& name)
{
    std::string bare = name;
    std::erase(bare, '"');
    std::vector<DumpColumn> out;
    auto rows = sqlite.query("SELECT name, type FROM pragma_table_info('" + bare + "')");
    while (rows && rows->next().value_or(false)) out.push_back({rows->text(0), rows->text(1)});
    return out;
}

/// Every row of a table on whichever engine, sorted, its values so that nothing else looks the same.
inline std::vector<std::string> dump_columns(store::Transaction& transaction, const std::string& name,
                                             const std::vector<DumpColumn>& columns)
{
    std::string list;
    for (const DumpColumn& column : columns) list += (list.empty() ? "\"" : ", \"") + column.name + '"';
    auto rows = transaction.query("SELECT " + list + " FROM " + name);
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().detail) << ": " << name;
    std::vector<std::string> out;
    while (rows && rows->next().value_or(false)) {
        std::string line;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const int at = static_cast<int>(i);
            if (rows->is_null(at)) line += "NULL|";
            else if (columns[i].type == "BLOB") line += hex0x(rows->blob(at)) + '|';
            else if (columns[i].type == "TEXT") line += '\'' + rows->text(at) + "'|";
            else line += std::to_string(rows->integer(at)) + '|';
        }
        out.push_back(std::move(line));
    }
    std::ranges::sort(out);
    return out;
}

}  // namespace iapp::support
