// Queries of the clients, and of whoever else, against a few rows.
#include "index/query.hpp"

#include <gtest/gtest.h>

#include <future>

#include "support/subgraph_rows.hpp"

namespace iapp::index {
namespace {

using namespace test;

class Queries : public testing::Test, protected SubgraphRows {
protected:
    Queries() : SubgraphRows(":memory:") {}
};

// ---- what the clients ask

constexpr std::string_view kListing = R"(query ($start: Int!, $range: Int!, $where: ProtectedData_filter) {
    protectedDatas(where: $where, skip: $start, first: $range, orderBy: creationTimestamp, orderDirection: desc) {
      id name owner { id } schema { id } creationTimestamp multiaddr } })";

TEST_F(Queries, ListProtectedData)
{
    EXPECT_EQ(
        ask(dataprotector_subgraph(), kListing, {{"start", 1}, {"range", 2}}),
        R"({"protectedDatas":[{"id":")" + address("d3") + R"(","name":"Third","owner":{"id":")" + kBob +
            R"("},"schema":[{"id":"age:i128"},{"id":"nested.key:bool"}],"creationTimestamp":"200","multiaddr":"0xa503"},)" +
            R"({"id":")" + address("d2") + R"(","name":"second_100%","owner":{"id":")" + kAlice +
            R"("},"schema":[{"id":"email:string"}],"creationTimestamp":"200","multiaddr":"0xa503"}]})");
}

TEST_F(Queries, ListProtectedDataByEveryFilterOfTheClient)
{
    const json::Value where =
        json::parse(R"({"and":[{"id":")" + address("D1") + R"("},{"owner":")" + kAlice +
                    R"("},{"creationTimestamp_gte":100},{"schema_contains":["email:string","age:f64"]},)"
                    R"({"or":[{"schema_contains":["age:string"]},{"schema_contains":["age:f64"]}]}]})")
            .value();
    const std::string answer = ask(dataprotector_subgraph(), kListing, {{"start", 0}, {"range", 1000}, {"where", where}});
    EXPECT_TRUE(answer.starts_with(R"({"protectedDatas":[{"id":")" + address("d1"))) << answer;
    EXPECT_EQ(answer.find(address("d2")), std::string::npos);
}

TEST_F(Queries, FindDatasetsOfABulkRequest)
{
    EXPECT_EQ(
        ask(poco_subgraph(),
            "query ($where: Deal_filter) { deals(where: $where) { tasks { taskId: id bulkSlice { datasets { id } } } } }",
            {{"where", json::Object{{"requestorder", hash("0C")}}}}),
        R"({"deals":[{"tasks":[{"taskId":")" + hash("f1") + R"(","bulkSlice":{"datasets":[{"id":")" + address("d1") +
            R"("},{"id":")" + address("d2") + R"("}]}},{"taskId":")" + hash("f2") + R"(","bulkSlice":null}]}]})");
}

TEST_F(Queries, ListOwnersOfCollections)
{
    EXPECT_EQ(
        ask(dataprotector_subgraph(), R"(query { accounts( where: { collections_: { id_not: null } }, first: 100 ) { id
                  collections( orderBy: creationTimestamp, orderDirection: desc ) { id creationTimestamp
                    subscriptionParams { price duration }
                    subscriptions(where: { subscriber_: { id: ")" +
                                          kBob + R"(" }, endDate_gte: "6000" }) { subscriber { id } } } } })"),
        R"({"accounts":[{"id":")" + kAlice + R"(","collections":[{"id":"7","creationTimestamp":"100",)" +
            R"("subscriptionParams":{"price":"25","duration":"3600"},"subscriptions":[{"subscriber":{"id":")" + kBob +
            R"("}}]}]},{"id":")" + kBob +
            R"(","collections":[{"id":"10","creationTimestamp":"90","subscriptionParams":null,"subscriptions":[]}]}]})");
}

TEST_F(Queries, ListCollectionsOfAnOwner)
{
    EXPECT_EQ(
        ask(dataprotector_subgraph(), R"(query { collections( where: { owner: ")" + kAlice + R"(", }
                  orderBy: creationTimestamp orderDirection: asc ) { id owner { id } creationTimestamp
                    protectedDatas( orderBy: creationTimestamp orderDirection: desc
                      where: {or: [{ isForSale: true }{ isRentable: true }{ isIncludedInSubscription: true }]} ) {
                        name isForSale isRentable isIncludedInSubscription saleParams { id price }
                        rentalParams { price duration } rentals { renter endDate } } } })"),
        R"({"collections":[{"id":"7","owner":{"id":")" + kAlice + R"("},"creationTimestamp":"100","protectedDatas":[)" +
            R"({"name":"second_100%","isForSale":true,"isRentable":false,"isIncludedInSubscription":false,"saleParams":{"id":")" +
            address("d2") + R"(","price":"0"},"rentalParams":null,"rentals":[]},)" +
            R"({"name":"first","isForSale":false,"isRentable":true,"isIncludedInSubscription":false,"saleParams":null,)" +
            R"("rentalParams":{"price":"5","duration":"60"},"rentals":[{"renter":")" + kBob +
            R"(","endDate":"4000"}]}]}]})");
}

TEST_F(Queries, ListSubscriptionsAndRentals)
{
    EXPECT_EQ(ask(dataprotector_subgraph(),
                  R"(query ($where: CollectionSubscription_filter) { collectionSubscriptions(where: $where) {
                  id collection { id owner { id } subscriptionParams { price duration } } subscriber { id } endDate } })",
                  {{"where", json::Object{{"subscriber", kBob}, {"collection", "7"}, {"endDate_gte", 6000}}}}),
              R"({"collectionSubscriptions":[{"id":"0xab","collection":{"id":"7","owner":{"id":")" + kAlice +
                  R"("},"subscriptionParams":{"price":"25","duration":"3600"}},"subscriber":{"id":")" + kBob +
                  R"("},"endDate":"9000"}]})");
    EXPECT_EQ(ask(dataprotector_subgraph(), R"(query ($where: Rental_filter) { rentals(where: $where) {
                  id renter protectedData { id name } rentalParams { price } } })",
                  {{"where", json::Object{{"renter", kBob}, {"endDate_gte", 4000}}}}),
              R"({"rentals":[{"id":"0xbb","renter":")" + kBob + R"(","protectedData":{"id":")" + address("d1") +
                  R"(","name":"first"},"rentalParams":{"price":"5"}}]})");
    EXPECT_EQ(ask(dataprotector_subgraph(), "query ($where: Rental_filter) { rentals(where: $where) { id } }",
                  {{"where", json::Object{{"endDate_gte", 4001}}}}),
              R"({"rentals":[]})");
}

TEST_F(Queries, ListProtectedDataInCollections)
{
    const auto query = [&](const std::string& filters) {
        return ask(dataprotector_subgraph(),
                   "query ($start: Int! $range: Int!) { protectedDatas( where: { " + filters +
                       " } skip: $start first: $range orderBy: creationTimestamp orderDirection: desc ) { name collection { "
                       "id } } }",
                   {{"start", 0}, {"range", 1000}});
    };
    EXPECT_EQ(
        query(R"(, , , collection_not: "null", , )"),
        R"({"protectedDatas":[{"name":"Third","collection":{"id":"10"}},{"name":"second_100%","collection":{"id":"7"}},)"
        R"({"name":"first","collection":{"id":"7"}}]})");
    EXPECT_EQ(query(R"(, isRentable: true,, , collection: "7",, collection_ : { owner: ")" + kAlice +
                    R"(" }, creationTimestamp_gte: "100",)"),
              R"({"protectedDatas":[{"name":"first","collection":{"id":"7"}}]})");
    EXPECT_EQ(query(R"(collection_not: "null", collection_ : { owner: ")" + address("1") + R"(" })"),
              R"({"protectedDatas":[]})");
}

TEST_F(Queries, ShowPricesAndWhitelists)
{
    constexpr std::string_view kSelection =
        "{ name isRentable collection { subscriptionParams { price duration } } rentalParams { price duration } } }";
    EXPECT_EQ(
        ask(dataprotector_subgraph(), "query { protectedData(id: \"" + address("d1") + "\") " + std::string(kSelection)),
        R"({"protectedData":{"name":"first","isRentable":true,"collection":{"subscriptionParams":{"price":"25",)"
        R"("duration":"3600"}},"rentalParams":{"price":"5","duration":"60"}}})");
    EXPECT_EQ(
        ask(dataprotector_subgraph(), "query { protectedData(id: \"" + address("ff") + "\") " + std::string(kSelection)),
        R"({"protectedData":null})");
    EXPECT_EQ(ask(dataprotector_subgraph(),
                  "query { addOnlyAppWhitelists( where: { owner: \"" + kAlice + "\" } ) { id owner { id } apps { id } } }"),
              R"({"addOnlyAppWhitelists":[{"id":")" + address("e1") + R"(","owner":{"id":")" + kAlice +
                  R"("},"apps":[{"id":")" + address("ab") + R"("},{"id":")" + address("ac") + R"("}]}]})");
}

// ---- the language of filters

struct Filter {
    const char* name;
    std::string where;
    std::string found;  ///< or the reason
};
class Filters : public Queries, public testing::WithParamInterface<Filter> {};

TEST_P(Filters, FindProtectedData) { EXPECT_EQ(data_where(GetParam().where), GetParam().found); }

const auto name_of = [](const auto& test) { return std::string(test.param.name); };

INSTANTIATE_TEST_SUITE_P(
    Compare, Filters,
    testing::Values(Filter{"none", "", "d1 d2 d3 d4"}, Filter{"equal", "name:\"first\"", "d1"},
                    Filter{"case_counts", "name:\"First\"", ""}, Filter{"not", "name_not:\"first\"", "d2 d3 d4"},
                    Filter{"gt", "creationTimestamp_gt:200", "d4"},
                    Filter{"gte", "creationTimestamp_gte:\"200\"", "d2 d3 d4"},
                    Filter{"lt", "creationTimestamp_lt:200", "d1"}, Filter{"lte", "creationTimestamp_lte:200", "d1 d2 d3"},
                    Filter{"in", "creationTimestamp_in:[100,\"300\"]", "d1 d4"}, Filter{"in_nothing", "id_in:[]", ""},
                    Filter{"not_in", "name_not_in:[\"first\",\"Third\"]", "d2 d4"},
                    Filter{"not_in_nothing", "id_not_in:[]", "d1 d2 d3 d4"}, Filter{"boolean", "isRentable:true", "d1"},
                    Filter{"boolean_not", "isRentable_not:true", "d2 d3 d4"},
                    Filter{"beyond_64_bits", "creationTimestamp_lt:\"99999999999999999999\"", "d1 d2 d3 d4"},
                    Filter{"far_below", "creationTimestamp_gt:\"-99999999999999999999\"", "d1 d2 d3 d4"},
                    Filter{"equals_nothing", "creationTimestamp:\"99999999999999999999\"", ""},
                    Filter{"null", "collection:null", "d4"}, Filter{"not_null", "collection_not:null", "d1 d2 d3"},
                    Filter{"in_with_null", "collection_in:[\"10\",null]", "d3 d4"},
                    Filter{"not_in_with_null", "collection_not_in:[\"10\",null]", "d1 d2"},
                    Filter{"null_is_not_another", "collection_not:\"7\"", "d3"},
                    Filter{"id_as_number", "collection:7", "d1 d2"},
                    Filter{"bytes_any_case", "multiaddr:\"0xA503\"", "d1 d2 d3 d4"},
                    Filter{"bytes_without_0x", "multiaddr:\"a503\"", "d1 d2 d3 d4"},
                    Filter{"both_must_hold", "isRentable:true,name:\"Third\"", ""}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Text, Filters,
    testing::Values(
        Filter{"contains", "name_contains:\"ir\"", "d1 d3"}, Filter{"contains_case", "name_contains:\"T\"", "d3"},
        Filter{"no_wildcards", "name_contains:\"_100%\"", "d2"}, Filter{"percent", "name_contains:\"f%t\"", ""},
        Filter{"empty", "name_contains:\"\"", "d1 d2 d3 d4"}, Filter{"not_contains", "name_not_contains:\"ir\"", "d2 d4"},
        Filter{"nocase", "name_contains_nocase:\"T\"", "d1 d3 d4"}, Filter{"starts", "name_starts_with:\"f\"", "d1 d4"},
        Filter{"starts_nocase", "name_starts_with_nocase:\"TH\"", "d3"},
        Filter{"not_starts", "name_not_starts_with:\"f\"", "d2 d3"}, Filter{"ends", "name_ends_with:\"th\"", "d4"},
        Filter{"ends_longer", "name_ends_with:\"a longer text than any\"", ""},
        Filter{"ends_all", "name_ends_with:\"first\"", "d1"}, Filter{"quote", "name_contains:\"' OR 1=1 --\"", ""}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Combine, Filters,
    testing::Values(
        Filter{"and", "and:[{creationTimestamp:200},{collection:\"7\"}]", "d2"},
        Filter{"or", "or:[{name:\"first\"}{name:\"fourth\"}]", "d1 d4"},
        Filter{"or_beside", "or:[{name:\"first\"},{name:\"fourth\"}],isRentable:true", "d1"},
        Filter{"or_in_and", "and:[{or:[{name:\"first\"},{name:\"Third\"}]},{creationTimestamp:200}]", "d3"},
        Filter{"or_of_nothing", "or:[]", ""}, Filter{"and_of_nothing", "and:[]", "d1 d2 d3 d4"},
        Filter{"and_of_everything", "and:[{}]", "d1 d2 d3 d4"}, Filter{"null_junction", "or:null", "d1 d2 d3 d4"},
        Filter{"list_contains", "schema_contains:[\"email:string\"]", "d1 d2"},
        Filter{"list_contains_both", "schema_contains:[\"age:f64\",\"email:string\"]", "d1"},
        Filter{"list_contains_one", "schema_contains:\"age:f64\"", "d1"},
        Filter{"list_contains_none", "schema_contains:[]", "d1 d2 d3 d4"},
        Filter{"list_not_contains", "schema_not_contains:[\"email:string\"]", "d3 d4"},
        Filter{"list_nested", "schema_:{path:\"age\"}", "d1 d3"},
        Filter{"reference_nested", "collection_:{owner:\"0xA11CE00000000000000000000000000000000000\"}", "d1 d2"},
        Filter{"reference_to_something", "collection_:{}", "d1 d2 d3"},
        Filter{"derived_nested", "rentals_:{endDate_gt:3999}", "d1"},
        Filter{"nested_twice", "collection_:{owner_:{id_not:null},subscriptionParams_:{price_gte:25}}", "d1 d2"},
        Filter{"amount", "rentalParams_:{price_lt:\"6\"}", "d1"}, Filter{"amount_not", "rentalParams_:{price_lt:5}", ""}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Refused, Filters,
    testing::Values(
        Filter{"unknown_field", "colour:1", "index.filter"}, Filter{"unknown_operator", "name_like:\"a\"", "index.filter"},
        Filter{"dangling", "name_:{a:1}", "index.filter"}, Filter{"order_of_truth", "isRentable_gt:true", "index.filter"},
        Filter{"text_of_number", "creationTimestamp_contains:\"1\"", "index.filter"},
        Filter{"derived_equal", "rentals:\"0xbb\"", "index.filter"},
        Filter{"list_equal", "schema:[\"a:b\"]", "index.filter"},
        Filter{"change_block", "_change_block:{number_gte:1}", "index.filter"},
        Filter{"text_for_number", "creationTimestamp:\"soon\"", "index.value"},
        Filter{"fraction_for_integer", "creationTimestamp:1.5", "index.value"},
        Filter{"number_for_text", "name:1", "index.value"}, Filter{"text_for_boolean", "isRentable:\"true\"", "index.value"},
        Filter{"object_for_id", "id:{a:1}", "index.value"}, Filter{"not_hex", "multiaddr:\"0xzz\"", "index.value"},
        Filter{"odd_hex", "multiaddr:\"0xa\"", "index.value"}, Filter{"more_than_null", "collection_gt:null", "index.value"},
        Filter{"in_without_list", "id_in:\"0x00\"", "index.value"}, Filter{"and_of_text", "and:[\"a\"]", "index.filter"},
        Filter{"deep", "and:{and:{and:{and:{and:{and:{and:{and:{}}}}}}}}", "graphql.depth"}),
    name_of);

TEST_F(Queries, CompareAmountsExactly)
{
    const auto deals = [&](const std::string& where) { return ids(poco_subgraph(), "deals", "where:{" + where + "}"); };
    EXPECT_EQ(deals("workerpoolPrice:\"1.000000001\""), "c1 c2");
    EXPECT_EQ(deals("workerpoolPrice:1.000000001"), "c1 c2");
    EXPECT_EQ(deals("workerpoolPrice_gt:1"), "c1 c2");
    EXPECT_EQ(deals("workerpoolPrice_gt:\"1000000001e-9\""), "");
    EXPECT_EQ(deals("workerpoolPrice_gte:\"1000000001e-9\""), "c1 c2");
    EXPECT_EQ(deals("workerpoolPrice_gt:-1"), "c1 c2");
    EXPECT_EQ(deals("workerpoolPrice_lt:\"1e90\""), "c1 c2");
    EXPECT_EQ(deals("workerpoolPrice:\"1.0000000001\""), "index.value");
    EXPECT_EQ(deals("workerpoolPrice:\"1e9999\""), "index.value");
    EXPECT_EQ(deals("botSize:7, botSize_in:[\"7\"]"), "");
    EXPECT_EQ(deals("botSize:\"300\""), "c1 c2");
}

TEST_F(Queries, PrintNumbersAsTheGraphDoes)
{
    EXPECT_EQ(ask(poco_subgraph(), "{account(id:\"" + kAlice + "\"){balance frozen score}}"),
              R"({"account":{"balance":"1.5","frozen":"0","score":"3"}})");
    EXPECT_EQ(ask(poco_subgraph(), "{deal(id:\"" + hash("c1") +
                                       "\"){workerpoolPrice workerStake botSize dataset{id} bulk{hash slices{index}}}}"),
              R"({"deal":{"workerpoolPrice":"1.000000001","workerStake":"7","botSize":"300","dataset":null,)"
              R"("bulk":{"hash":"Qm","slices":[{"index":"0"}]}}})");
}

// ---- pages

TEST_F(Queries, AnswerInPages)
{
    const auto page = [&](std::string_view arguments) { return ids(dataprotector_subgraph(), "protectedDatas", arguments); };
    EXPECT_EQ(page("first:2"), "d1 d2");
    EXPECT_EQ(page("first:2,skip:3"), "d4");
    EXPECT_EQ(page("skip:2147483647"), "");
    EXPECT_EQ(page("first:0"), "");
    EXPECT_EQ(page("first:null,skip:null,where:null,orderBy:null,orderDirection:null"), "d1 d2 d3 d4");
    EXPECT_EQ(page("orderDirection:desc"), "d4 d3 d2 d1");
    EXPECT_EQ(page("orderBy:name"), "d3 d1 d4 d2");
    EXPECT_EQ(page("orderBy:creationTimestamp,orderDirection:desc"), "d4 d3 d2 d1");
    EXPECT_EQ(page("orderBy:collection"), "d3 d1 d2 d4");
    EXPECT_EQ(page("orderBy:collection,orderDirection:desc"), "d4 d2 d1 d3");
    EXPECT_EQ(page("orderBy:collection__creationTimestamp"), "d3 d1 d2 d4");
    for (const char* refused :
         {"first:1001", "first:-1", "first:\"1\"", "first:1.0", "skip:2147483648", "orderBy:colour", "orderBy:\"name\"",
          "orderBy:rentals", "orderBy:name__x", "orderBy:schema__id", "orderDirection:down", "limit:1", "id:1"})
        EXPECT_EQ(page(refused), "index.argument") << refused;
}

TEST_F(Queries, PageListsInsideRowsForEachRow)
{
    EXPECT_EQ(ask(poco_subgraph(), "{deals{tasks(first:1){id}}}"),
              R"({"deals":[{"tasks":[{"id":")" + hash("f1") + R"("}]},{"tasks":[{"id":")" + hash("f3") + R"("}]}]})");
    EXPECT_EQ(ask(poco_subgraph(), "{deals{tasks(skip:1){id}}}"),
              R"({"deals":[{"tasks":[{"id":")" + hash("f2") + R"("}]},{"tasks":[]}]})");
    EXPECT_EQ(ask(poco_subgraph(), "{deals(first:1){tasks(skip:1,first:1){id}}}"),
              R"({"deals":[{"tasks":[{"id":")" + hash("f2") + R"("}]}]})");
    EXPECT_EQ(ask(dataprotector_subgraph(),
                  "{collections{id a:protectedDatas(orderBy:creationTimestamp,orderDirection:desc,first:1)"
                  "{name} b:protectedDatas(where:{name:\"first\"}){name}}}"),
              R"({"collections":[{"id":"10","a":[{"name":"Third"}],"b":[]},{"id":"7","a":[{"name":"second_100%"}],)"
              R"("b":[{"name":"first"}]}]})");
}

// ---- the rest of the language

TEST_F(Queries, KnowTheirNamesAndTheHead)
{
    EXPECT_EQ(
        ask(poco_subgraph(), "{__typename _meta{__typename deployment hasIndexingErrors block{number hash timestamp}}}"),
        R"({"__typename":"Query","_meta":{"__typename":"_Meta_","deployment":"poco","hasIndexingErrors":false,)"
        R"("block":{"number":12,"hash":"0x0c","timestamp":1234}}})");
    EXPECT_EQ(ask(poco_subgraph(), "{deals(first:1){type:__typename tasks(first:1){__typename}}}"),
              R"({"deals":[{"type":"Deal","tasks":[{"__typename":"Task"}]}]})");
    EXPECT_EQ(ask(poco_subgraph(), "{deals(block:{number_gte:12},first:1){__typename}}"),
              R"({"deals":[{"__typename":"Deal"}]})");
    EXPECT_EQ(ask(poco_subgraph(), "{deals(block:{number:12},first:0){id} _meta(block:{hash:\"0x0c\"}){block{number}}}"),
              R"({"deals":[],"_meta":{"block":{"number":12}}})");
}

TEST_F(Queries, MergeFragmentsAndAliases)
{
    EXPECT_EQ(ask(poco_subgraph(), R"(query Q($full: Boolean = false) {
                  x: deal(id: ")" + hash("c1") +
                                       R"(") { ...Short ... on Deal { category { name } } params @include(if: $full) }
                  y: deal(id: ")" + hash("c1") +
                                       R"(") @skip(if: true) { id } }
                  fragment Short on Deal { category { id } tag })"),
              R"({"x":{"category":{"id":"0","name":"S"},"tag":"0x03"}})");
}

struct Refusal {
    const char* name;
    std::string query;
    std::string_view reason;
};
class Refusals : public Queries, public testing::WithParamInterface<Refusal> {};

TEST_P(Refusals, AreAnswersWithAPlaceAndAReason)
{
    const GraphqlAnswer answer = post(poco_subgraph(), json::print(json::Object{{"query", GetParam().query}}));
    EXPECT_EQ(answer.status, 400);
    EXPECT_NE(answer.body.find("\"code\":\"" + std::string(GetParam().reason) + "\""), std::string::npos) << answer.body;
    EXPECT_TRUE(json::parse(answer.body));
}

std::string repeat(std::string_view text, int times)
{
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

/// Under aliases a0, a1 and so on.
std::string many(std::string_view text, int times)
{
    std::string out;
    for (int i = 0; i < times; ++i) out += std::to_string(i).insert(0, "a") + ":" + std::string(text) + " ";
    return out;
}

INSTANTIATE_TEST_SUITE_P(Selections, Refusals,
                         testing::Values(Refusal{"unknown_root", "{colours{id}}", "index.field"},
                                         Refusal{"unknown_field", "{deals{colour}}", "index.field"},
                                         Refusal{"no_selection", "{deals}", "index.field"},
                                         Refusal{"no_inner_selection", "{deals{tasks}}", "index.field"},
                                         Refusal{"selection_of_scalar", "{deals{id{x}}}", "index.field"},
                                         Refusal{"argument_of_scalar", "{deals{id(x:1)}}", "index.argument"},
                                         Refusal{"argument_of_reference", "{deals{app(first:1){id}}}", "index.argument"},
                                         Refusal{"one_without_id", "{deal{id}}", "index.argument"},
                                         Refusal{"null_id", "{deal(id:null){id}}", "index.argument"},
                                         Refusal{"introspection", "{__schema{types{name}}}", "index.field"},
                                         Refusal{"meta_without_fields", "{_meta}", "index.field"},
                                         Refusal{"meta_unknown", "{_meta{height}}", "index.field"},
                                         Refusal{"meta_block_unknown", "{_meta{block{parent}}}", "index.field"},
                                         Refusal{"old_block", "{deals(block:{number:11}){id}}", "index.block"},
                                         Refusal{"future_block", "{deals(block:{number_gte:13}){id}}", "index.block"},
                                         Refusal{"other_hash", "{deals(block:{hash:\"0x0d\"}){id}}", "index.block"},
                                         Refusal{"block_is_no_number", "{deals(block:12){id}}", "index.block"},
                                         Refusal{"mutation", "mutation{deals{id}}", "graphql.operation"},
                                         Refusal{"conflict", "{deals{id} deals(first:1){id}}", "graphql.conflict"},
                                         Refusal{"unknown_type", "query($w:Colour_filter){deals(where:$w){id}}",
                                                 "graphql.variable"},
                                         Refusal{"fragment_of_another", "{deals{...on Task{id}}}", "graphql.fragment"}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(
    Bombs, Refusals,
    testing::Values(Refusal{"aliases", "{" + many("deals{id}", 51) + "}", "index.limit"},
                    Refusal{"aliases_inside", "{deals{" + many("tasks{id}", 99) + "}}", "index.limit"},
                    Refusal{"more_aliases", "{" + many("__typename", 2001) + "}", "graphql.selections"},
                    Refusal{"conditions", "{deals(where:{or:[" + repeat("{id:1}", 500) + "]}){id}}", "index.limit"},
                    Refusal{"text", "{deals(where:{or:[" + repeat("{params_contains:\"x\"}", 50) + "]}){id}}",
                            "index.limit"},
                    Refusal{"values", "{deals(where:{id_in:[" + repeat("1 ", 5001) + "]}){id}}", "index.limit"}),
    name_of);

TEST_F(Queries, ThatWouldPrintTheSameRowsForeverAreStopped)
{
    for (int i = 0; i < 200; ++i)
        add(database_, "INSERT INTO task VALUES (?, 'ACTIVE', ?, ?, ?, NULL, NULL, NULL, NULL, 900, NULL, 1000, 60, 6)",
            hash(std::to_string(10'000 + i)), hash("c1"), number(1), kBob);
    const std::string answer = ask(poco_subgraph(), "{deals{tasks{deal{tasks{deal{tasks{deal{tasks{id}}}}}}}}}");
    EXPECT_NE(answer.find("index.limit"), std::string::npos) << answer.substr(0, 200);
}

TEST_F(Queries, ThatWouldPrintALargeValueForeverAreStopped)
{
    add(database_, "UPDATE protected_data SET json_schema=? WHERE id=?", std::string(120'000, 'x'), address("d1"));
    const auto answer_to = [&](int times) {
        const std::string query = "{protectedData(id:\"" + address("d1") + "\"){" + many("jsonSchema", times) + "}}";
        return post(dataprotector_subgraph(), json::print(json::Object{{"query", query}}));
    };
    EXPECT_EQ(answer_to(279).status, 200);
    const GraphqlAnswer refused = answer_to(280);
    EXPECT_EQ(refused.status, 400);
    EXPECT_NE(refused.body.find("index.limit"), std::string::npos);
}

TEST_F(Queries, ThatAreRefusedNeverReadTheDatabase)
{
    std::future<GraphqlAnswer> answer;
    {
        const auto held = database_.read();
        answer = std::async([&] { return post(poco_subgraph(), R"({"query":"{nothing{id}}"})"); });
        EXPECT_EQ(answer.wait_for(std::chrono::seconds(20)), std::future_status::ready);
    }
    EXPECT_EQ(answer.get().status, 400);
}

TEST_F(Queries, ThatAreTooLargeAre413)
{
    const std::string body = R"({"query":"{deals{id}})" + std::string(80U << 10U, ' ') + "\"}";
    EXPECT_EQ(post(poco_subgraph(), body).status, 413);
    EXPECT_EQ(post(poco_subgraph(), "{").status, 400);
    EXPECT_EQ(post(poco_subgraph(), "").status, 400);
}

}  // namespace
}  // namespace iapp::index
