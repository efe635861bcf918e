// Lists of events whatever their kind: the interfaces of the PoCo subgraph.
#include <gtest/gtest.h>

#include "support/subgraph_rows.hpp"

namespace iapp::index {
namespace {

using namespace test;

class Events : public testing::Test, protected SubgraphRows {
protected:
    Events() : SubgraphRows(":memory:") {}
    std::string ask(std::string_view query) { return SubgraphRows::ask(poco_subgraph(), query); }
};

TEST_F(Events, OfATaskShowWhatEachKindHas)
{
    EXPECT_EQ(ask("{task(id:\"" + hash("f1") +
                  "\"){events{__typename id timestamp task{id} ...on TaskContribute{worker{id} hash} "
                  "...on TaskFinalize{results}}}}"),
              R"({"task":{"events":[{"__typename":"TaskInitialize","id":"6-0","timestamp":"60","task":{"id":")" +
                  hash("f1") + R"("}},{"__typename":"TaskContribute","id":"6-3","timestamp":"60","task":{"id":")" +
                  hash("f1") + R"("},"worker":{"id":")" + kBob +
                  R"("},"hash":"0x0f"},{"__typename":"TaskFinalize","id":"7-0","timestamp":"61","task":{"id":")" +
                  hash("f1") + R"("},"results":"0x52"}]}})");
}

TEST_F(Events, OfManyTasksArePagedForEach)
{
    EXPECT_EQ(ask("{tasks(where:{deal:\"" + hash("c1") + "\"}){events(first:2,orderBy:id,orderDirection:desc){id}}}"),
              R"({"tasks":[{"events":[{"id":"7-0"},{"id":"6-3"}]},{"events":[{"id":"6-4"}]}]})");
}

TEST_F(Events, OfAnAccountShareANameAcrossKinds)
{
    EXPECT_EQ(ask("{account(id:\"" + kBob +
                  "\"){events(where:{timestamp_lt:61}){...Short ...on Lock{value} ...on Reward{value task{index}}}}} "
                  "fragment Short on AccountEvent{__typename account{id}}"),
              R"({"account":{"events":[{"__typename":"Reward","account":{"id":")" + kBob +
                  R"("},"value":"2.5","task":{"index":"0"}},{"__typename":"Lock","account":{"id":")" + kBob +
                  R"("},"value":"0.000000001"}]}})");
    EXPECT_EQ(ask("{account(id:\"" + kBob + "\"){events(where:{timestamp:61}){...on AccurateContribution{score}}}}"),
              R"({"account":{"events":[{"score":"4"}]}})");
}

TEST_F(Events, OfDealsWorkerpoolsAndTransactions)
{
    EXPECT_EQ(ask("{deal(id:\"" + hash("c1") + "\"){events{id ...on DealEvent{deal{id}} ...on OrdersMatched{timestamp}}}}"),
              R"({"deal":{"events":[{"id":"5-0","deal":{"id":")" + hash("c1") + R"("},"timestamp":"50"}]}})");
    EXPECT_EQ(ask("{workerpoolEvents{__typename ...on SchedulerNotice{deal{id}} ...on PolicyUpdate{newWorkerStakeRatio}}}"),
              R"({"workerpoolEvents":[{"__typename":"SchedulerNotice","deal":{"id":")" + hash("c1") + R"("}}]})");
    EXPECT_EQ(
        ask("{transactions{from{id} to{id} gasLimit gasUsed gasPrice value accountEvents{id} taskEvents{id} "
            "workerpoolEvents{id} ressourceTransferEvent{__typename ...on AppTransfer{app{name}}}}}"),
        R"({"transactions":[{"from":{"id":")" + kAlice +
            R"("},"to":null,"gasLimit":"500000","gasUsed":"500000","gasPrice":"7","value":"0","accountEvents":[{"id":"6-1"}],)"
            R"("taskEvents":[{"id":"6-0"}],"workerpoolEvents":[],"ressourceTransferEvent":[]},{"from":{"id":")" +
            kBob +
            R"("},"to":null,"gasLimit":"500000","gasUsed":"500000","gasPrice":"7","value":"0","accountEvents":[{"id":"6-2"}],)"
            R"("taskEvents":[{"id":"6-3"},{"id":"6-4"}],"workerpoolEvents":[],)"
            R"("ressourceTransferEvent":[{"__typename":"AppTransfer","app":{"name":"app"}}]}]})");
    EXPECT_EQ(ask("{account(id:\"" + kAlice + "\"){transactions{id}}}"),
              R"({"account":{"transactions":[{"id":")" + hash("e1") + R"("}]}})");
}

TEST_F(Events, OfEveryKindAreAListAndOneByOne)
{
    EXPECT_EQ(ask("{taskEvents(where:{task_:{index:0}},orderBy:timestamp,orderDirection:desc,first:1){id}}"),
              R"({"taskEvents":[{"id":"7-0"}]})");
    EXPECT_EQ(ask("{taskEvent(id:\"6-3\"){...on TaskContribute{hash}} a:taskEvent(id:\"6-1\"){id}}"),
              R"({"taskEvent":{"hash":"0x0f"},"a":null})");
    EXPECT_EQ(ask("{tasks(where:{events_:{timestamp:61}}){id}}"), R"({"tasks":[{"id":")" + hash("f1") + R"("}]})");
    EXPECT_EQ(ask("{taskFinalizes{...on TaskEvent{id}}}"), R"({"taskFinalizes":[{"id":"7-0"}]})");
}

struct Refusal {
    const char* name;
    std::string_view query;
    std::string_view reason;
};
class EventRefusals : public Events, public testing::WithParamInterface<Refusal> {};

TEST_P(EventRefusals, SayWhatAnEventIsNot)
{
    const std::string answer = ask(GetParam().query);
    EXPECT_NE(answer.find("\"code\":\"" + std::string(GetParam().reason) + "\""), std::string::npos) << answer;
}
INSTANTIATE_TEST_SUITE_P(
    Kinds, EventRefusals,
    testing::Values(Refusal{"field_of_one_kind", "{taskEvents{hash}}", "index.field"},
                    Refusal{"filter_of_one_kind", "{taskEvents(where:{hash:\"0x0f\"}){id}}", "index.filter"},
                    Refusal{"order_of_one_kind", "{taskEvents(orderBy:hash){id}}", "index.argument"},
                    Refusal{"type_of_the_view", "{taskEvents{typeName}}", "index.field"},
                    Refusal{"kind_of_another_interface", "{taskEvents{...on Lock{id}}}", "graphql.fragment"},
                    Refusal{"another_interface", "{taskEvents{...on AccountEvent{id}}}", "graphql.fragment"},
                    Refusal{"many_lists_of_many_tables",
                            "{a:taskEvents{id} b:taskEvents{id} c:taskEvents{id} d:taskEvents{id} e:taskEvents{id} "
                            "f:taskEvents{id} g:taskEvents{id} h:taskEvents{id} i:taskEvents{id} j:taskEvents{id} "
                            "k:taskEvents{id} l:taskEvents{id} m:taskEvents{id}}",
                            "index.limit"},
                    Refusal{"field_of_another_kind", "{taskEvents{...on TaskReveal{hash}}}", "index.field"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace iapp::index
