// The tables of fields against the tables of the database: every column is there, every list is found through an index.
#include "index/internal/query_schema.hpp"

#include <gtest/gtest.h>

#include "codec/json.hpp"
#include "index/internal/query_load.hpp"
#include "index/query.hpp"
#include "index/schema.hpp"

namespace iapp::index {
namespace {

class Schemas : public testing::TestWithParam<const Subgraph*> {
protected:
    Schemas() : database_(store::Database::open_memory(migrations()).value()) {}

    /// SQLite's words for how it would run the statement.
    std::string explain(const std::string& sql, const std::vector<store::Value>& values)
    {
        auto transaction = database_.read();
        auto rows = transaction->query_values("EXPLAIN QUERY PLAN " + sql, values);
        EXPECT_TRUE(rows) << sql << ": " << rows.error().detail;
        std::string out;
        while (rows && rows->next().value()) out += rows->text(3) + "; ";
        return out;
    }

    store::Database database_;
};

std::string everything(const Entity& entity)
{
    std::string out;
    for (const Field& field : entity.fields) out += std::string(field.name) + (is_scalar(field.kind) ? " " : "{id} ");
    return out;
}

TEST_P(Schemas, NameColumnsThatAreThere)
{
    for (const Entity& entity : GetParam()->entities) {
        const std::string query = "{" + std::string(entity.plural) + "{" + everything(entity) + "}}";
        const auto answer = answer_graphql(database_, *GetParam(), {}, json::print(json::Object{{"query", query}}));
        ASSERT_TRUE(answer) << query << ": " << answer.error().detail;
        EXPECT_EQ(answer->body, R"({"data":{")" + std::string(entity.plural) + R"(":[]}})");
        EXPECT_EQ(entity.fields.front().kind, FieldKind::id);
    }
}

TEST_P(Schemas, FindEveryListThroughAnIndex)
{
    for (const Entity& entity : GetParam()->entities) {
        for (const Field& field : entity.fields) {
            if (is_scalar(field.kind)) continue;
            const Entity& other = GetParam()->get(field.entity);
            const Relation relation = relation_of(field, other, "t");
            const std::string sql = "SELECT t.\"id\" FROM " + relation.from + " WHERE " + relation.owner_column + " = ?";
            const std::string plan = explain(sql, {store::Value("0x00")});
            EXPECT_EQ(plan.find("SCAN"), std::string::npos) << entity.name << "." << field.name << ": " << plan;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Both, Schemas, testing::Values(&poco_subgraph(), &dataprotector_subgraph()),
                         [](const auto& test) { return std::string(test.param->name); });

/// The statement of the first root of a query, explained.
class Plans : public Schemas {
protected:
    std::string explain_query(const Subgraph& subgraph, std::string_view query)
    {
        const auto document = graphql::parse(query);
        Budget budget;
        const graphql::Variables none;
        const auto roots = plan({subgraph, none, budget}, {}, *document, document->operations.front());
        EXPECT_TRUE(roots) << roots.error().message;
        const Sql sql = root_statement(roots->front());
        return explain(sql.text(), sql.values());
    }
};

TEST_F(Plans, OfAPageWalkAnIndex)
{
    const std::string newest =
        explain_query(dataprotector_subgraph(), "{protectedDatas(orderBy:creationTimestamp,orderDirection:desc){id}}");
    EXPECT_NE(newest.find("protected_data_newest"), std::string::npos) << newest;
    EXPECT_EQ(newest.find("TEMP B-TREE"), std::string::npos) << newest;
    const std::string with_schema =
        explain_query(dataprotector_subgraph(), R"({protectedDatas(orderBy:creationTimestamp,orderDirection:desc,
        where:{and:[{schema_contains:["a:b"]},{or:[{schema_contains:["c:d"]},{schema_contains:["c:e"]}]}]}){id}})");
    EXPECT_NE(with_schema.find("protected_data_newest"), std::string::npos) << with_schema;
    EXPECT_EQ(with_schema.find("SCAN l"), std::string::npos) << with_schema;
}

TEST_F(Plans, OfAnInterfaceWalkTheIndexesOfItsEvents)
{
    for (const char* list : {"accountEvents", "taskEvents", "workerpoolEvents", "dealEvents", "ressourceTransferEvents"}) {
        const std::string plan = explain_query(poco_subgraph(), "{" + std::string(list) + "(first:1){id}}");
        EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
        EXPECT_EQ(plan.find("CO-ROUTINE"), std::string::npos) << plan;
    }
}

TEST_F(Plans, OfAFilterSearchAnIndex)
{
    const std::string by_owner =
        explain_query(dataprotector_subgraph(), R"({protectedDatas(where:{and:[{owner:"0x00"}]}){id}})");
    EXPECT_NE(by_owner.find("INDEX protected_data_owner (owner=?)"), std::string::npos) << by_owner;
    const std::string by_order = explain_query(poco_subgraph(), R"({deals(where:{requestorder:"0x00"}){id}})");
    EXPECT_NE(by_order.find("INDEX deal_requestorder (requestorder=?)"), std::string::npos) << by_order;
    const std::string by_id = explain_query(poco_subgraph(), R"({deal(id:"0x00"){id}})");
    EXPECT_NE(by_id.find("(id=?)"), std::string::npos) << by_id;
}

}  // namespace
}  // namespace iapp::index
