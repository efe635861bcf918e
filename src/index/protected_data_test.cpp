// Schemas of protected data as strangers announce them: what of them becomes rows, and that no row stops the index.
#include <gtest/gtest.h>

#include <random>

#include "index/internal/event_handlers.hpp"
#include "support/store_engines.hpp"
#include "support/subgraph_rows.hpp"

namespace iapp::index::internal {
namespace {

using namespace test;

/// No compression makes it small.
std::string random_key(std::size_t size)
{
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::mt19937 random(1);  // NOLINT(bugprone-random-generator-seed): the same key in every run
    std::string out(size, ' ');
    for (char& c : out) c = kLetters[random() % kLetters.size()];
    return out;
}

std::string leaf_under(const std::string& parent, const std::string& key)
{
    return "{\"" + parent + "\":{\"" + key + "\":\"string\",\"b\":\"bool\"}}";
}

TEST(ReadSchema, TakesPathsOf512Bytes)
{
    const std::string parent = random_key(500);
    const auto longest = read_schema(leaf_under(parent, "elevenbytes"));
    ASSERT_EQ(longest.size(), 2U);
    EXPECT_EQ(longest[0].path.size(), 512U);
    EXPECT_EQ(read_schema(leaf_under(parent, "twelve-bytes")), (std::vector<SchemaLeaf>{{parent + ".b", "bool"}}));
    EXPECT_TRUE(read_schema(leaf_under(random_key(513), "a")).empty());
}

TEST(ReadSchema, TakesAThousandLeaves)
{
    std::string many = "{\"first\":{";
    for (int i = 0; i < 999; ++i) many += (i == 0 ? "\"" : ",\"") + std::to_string(i) + R"(":"f64")";
    many += R"(},"last":"bool","more":"bool","other":{"a":"bool"}})";
    const auto leaves = read_schema(many);
    ASSERT_EQ(leaves.size(), 1'000U);
    EXPECT_EQ(leaves.back(), (SchemaLeaf{"last", "bool"}));
}

class AnnouncedSchema : public testing::TestWithParam<Engine> {};

TEST_P(AnnouncedSchema, WithLongPathsIsIndexed)
{
    const std::string location = fresh_location(GetParam());
    if (location.empty()) GTEST_SKIP() << kNoServer;
    auto database = store::Database::open(location, migrations()).value();
    add(database, "INSERT INTO dataset VALUES (?, ?, 'n', '0x', '0x', 1, 0, 0, 1)", address("d1"), kAlice);
    const std::string longest = random_key(512);
    const std::string schema = "{\"" + random_key(3'000) + R"(":"string",")" + longest + R"(":"string"})";
    eth::Log log{};
    log.topics = {poco::topic<poco::DatasetSchema>(), Hash256::from_hex(hash("d1")).value()};
    log.data = Bytes(64, 0);
    log.data[31] = 32;
    log.data[62] = static_cast<std::uint8_t>(schema.size() >> 8U);
    log.data[63] = static_cast<std::uint8_t>(schema.size());
    append(log.data, as_bytes(schema));
    log.data.resize((log.data.size() + 31) / 32 * 32);

    auto transaction = database.begin().value();
    Writer writer(transaction, {2, 0, 0, "0x00"}, 0);
    Ledger ledger;
    const Facts facts;
    const Status applied = apply_dataprotector({writer, ledger, facts}, log);

    ASSERT_TRUE(applied) << applied.error().detail;
    auto rows = transaction.query("SELECT value FROM protected_data_schema").value();
    ASSERT_TRUE(rows.next().value());
    EXPECT_EQ(rows.text(0), longest + ":string");
    EXPECT_FALSE(rows.next().value());
    EXPECT_TRUE(transaction.commit());
}

INSTANTIATE_TEST_SUITE_P(Engines, AnnouncedSchema, kEngines, engine_name);

}  // namespace
}  // namespace iapp::index::internal
