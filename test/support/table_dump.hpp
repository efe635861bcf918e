#pragma once
// Whole tables as text, so that a test can say: two databases hold the same.
#include <gtest/gtest.h>

#include <string>
#include <vector>

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

}  // namespace iapp::support
