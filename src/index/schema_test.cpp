#include "index/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "index/number.hpp"

namespace iapp::index {
namespace {

TEST(Schema, EveryTableSaysWhichBlockMadeItsRows)
{
    auto database = store::Database::open_memory(migrations()).value();
    auto transaction = database.begin().value();
    for (const std::string_view table : growing_tables())
        EXPECT_TRUE(transaction.query("SELECT block_number FROM " + std::string(table))) << table;
}

TEST(Schema, TheNamedColumnsOfAChangingTableAreAll)
{
    auto database = store::Database::open_memory(migrations()).value();
    auto transaction = database.begin().value();
    for (const ChangingTable& changing : changing_tables()) {
        const std::string table(changing.name), columns(changing.columns);
        const std::string into = "INSERT INTO undo_" + table + " SELECT CAST(7 AS BIGINT), ";
        EXPECT_TRUE(transaction.run(into + "t.* FROM " + table + " t")) << table;
        EXPECT_TRUE(transaction.run(into + columns + " FROM " + table)) << table;
        EXPECT_TRUE(transaction.query("SELECT id, block_number, " + columns + " FROM undo_" + table)) << table;
    }
}

TEST(Number, ByteOrderIsNumericOrder)
{
    const std::vector<eth::U256> numbers{eth::U256{0},   eth::U256{1},     eth::U256{255},   eth::U256{256},
                                         eth::U256{257}, eth::U256{65535}, eth::U256{~0ULL}, eth::U256::max()};
    std::vector<Bytes> texts;
    for (const auto& number : numbers) {
        texts.push_back(encode_number(number));
        EXPECT_EQ(decode_number(texts.back()).value(), number);
    }
    EXPECT_TRUE(std::ranges::is_sorted(texts));
    EXPECT_EQ(texts[0], Bytes{0});
    EXPECT_EQ(texts[3], (Bytes{2, 1, 0}));
}

class WrongNumber : public testing::TestWithParam<Bytes> {};

TEST_P(WrongNumber, IsCorrupt) { EXPECT_EQ(decode_number(GetParam()).error().reason, "index.number"); }

INSTANTIATE_TEST_SUITE_P(Number, WrongNumber,
                         testing::Values(Bytes{}, Bytes{1}, Bytes{0, 0}, Bytes{1, 0}, Bytes{2, 1}, Bytes{2, 0, 1},
                                         Bytes(34, 33)));

}  // namespace
}  // namespace iapp::index
