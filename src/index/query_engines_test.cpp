// The same question has the same answer on both engines, whichever shape of statement it becomes.
#include <gtest/gtest.h>

#include "support/store_engines.hpp"
#include "support/subgraph_rows.hpp"

namespace iapp::index {
namespace {

using namespace test;

struct Question {
    const Subgraph& subgraph;
    std::string query;
};

/// Of protected data, one each.
const char* const kConditions[] = {"name:\"first\"",
                                   "name_not:\"first\"",
                                   "name_in:[\"first\",\"Third\"]",
                                   "name_not_in:[\"first\"]",
                                   "collection:null",
                                   "collection_not:null",
                                   "collection_in:[\"7\",null]",
                                   "collection_not_in:[\"7\",null]",
                                   "creationTimestamp_gt:100",
                                   "creationTimestamp_lte:\"99999999999999999999\"",
                                   "isRentable:true",
                                   "isForSale_not:true",
                                   "name_contains:\"ir\"",
                                   "name_contains:\"\"",
                                   "name_not_contains:\"_100%\"",
                                   "name_contains_nocase:\"IR\"",
                                   "name_starts_with:\"f\"",
                                   "name_not_starts_with_nocase:\"F\"",
                                   "name_ends_with:\"h\"",
                                   "name_ends_with:\"longer than every name there is\"",
                                   "name_not_ends_with_nocase:\"TH\"",
                                   "multiaddr:\"0xA503\"",
                                   "and:[]",
                                   "or:[]",
                                   "or:[{name:\"first\"},{and:[{creationTimestamp:200},{isForSale:true}]}]",
                                   "schema_contains:[\"email:string\",\"age:f64\"]",
                                   "schema_not_contains:[\"email:string\"]",
                                   "schema_:{path:\"age\"}",
                                   "collection_:{owner_:{id_not:null},subscriptionParams_:{price_gte:25}}",
                                   "rentals_:{endDate_gt:3999}",
                                   "rentalParams_:{price_lt:6}",
                                   "id_in:[]"};

std::vector<Question> questions()
{
    std::vector<Question> all;
    for (const char* condition : kConditions)
        all.push_back({dataprotector_subgraph(), "{protectedDatas(where:{" + std::string(condition) + "}){id}}"});
    for (const char* order : {"id", "name", "creationTimestamp", "collection", "rentalParams__price", "isForSale"})
        for (const char* direction : {"asc", "desc"})
            all.push_back({dataprotector_subgraph(), "{protectedDatas(orderBy:" + std::string(order) +
                                                         ",orderDirection:" + direction + ",skip:1,first:2){id}}"});
    all.push_back({dataprotector_subgraph(),
                   "{protectedDatas{id isRentable collection{owner{id} subscriptions(where:{endDate_gt:1}){endDate}} "
                   "schema{path type} "
                   "rentals{renter} saleParams{price}}}"});
    all.push_back({dataprotector_subgraph(), "{addOnlyAppWhitelists{apps(first:1,skip:1){id addOnlyAppWhitelists{id}}}}"});
    all.push_back(
        {dataprotector_subgraph(), "{accounts{collections(first:1,orderBy:creationTimestamp){id protectedDatas{name}}}}"});
    all.push_back({poco_subgraph(),
                   "{deals(where:{workerpoolPrice_gt:\"0.5\",botSize:300}){workerpoolPrice trust tasks(first:1){id "
                   "index bulkSlice{index datasets{id}}} bulk{slices{hash}}}}"});
    all.push_back({poco_subgraph(), "{datasets{bulkUsages{task{id}}} accounts{balance score apps{name}}}"});
    all.push_back(
        {poco_subgraph(),
         "{tasks{events{__typename id transaction{id} ...on TaskContribute{hash worker{id}}}} accounts{events("
         "orderBy:timestamp,orderDirection:desc){__typename ...on Reward{value} ...on AccurateContribution{score}}}}"});
    all.push_back({poco_subgraph(),
                   "{transactions{taskEvents{id} accountEvents(first:1){id} ressourceTransferEvent{from{id}}} "
                   "taskEvents(where:{task_:{index:0}},first:2){id} workerpoolEvents{id ...on SchedulerNotice{deal{id}}}}"});
    return all;
}

TEST(Engines, AnswerAlike)
{
    const std::string location = fresh_location(Engine::postgres);
    if (location.empty()) GTEST_SKIP() << kNoServer;
    SubgraphRows sqlite(":memory:"), postgres(location);
    for (const Question& question : questions()) {
        const std::string answer = sqlite.ask(question.subgraph, question.query);
        EXPECT_EQ(answer.find("\"errors\""), std::string::npos) << question.query << answer;
        EXPECT_EQ(postgres.ask(question.subgraph, question.query), answer) << question.query;
    }
}

}  // namespace
}  // namespace iapp::index
