// Filters, sorting and paging: query strings against a small book, and the message for each bad parameter.
#include "market/filters.hpp"

#include <gtest/gtest.h>

#include "codec/json.hpp"
#include "market/book.hpp"
#include "market/deals.hpp"
#include "support/store_engines.hpp"

namespace iapp::market {
namespace {

Address address(std::uint8_t last)
{
    std::array<std::uint8_t, 20> bytes{};
    bytes[19] = last;
    return Address{bytes};
}
Hash256 hash(std::uint8_t last)
{
    std::array<std::uint8_t, 32> bytes{};
    bytes[31] = last;
    return Hash256{bytes};
}
std::string text(std::uint8_t last) { return address(last).hex(); }

net::Query query(const std::string& text) { return net::Query::parse(text).value(); }

poco::Tag tag_with(std::uint8_t low, std::uint8_t high = 0)
{
    std::array<std::uint8_t, 32> bytes{};
    bytes[31] = low;
    bytes[0] = high;
    return poco::Tag{bytes};
}

/// A book whose orders are known by the last byte of their hash.
class Book {
public:
    explicit Book(const std::string& location = ":memory:")
        : database_(store::Database::open(location, book_migrations()).value())
    {
    }

    void add(std::uint8_t id, const Listing& listing, std::uint64_t published_ms = 0, std::uint8_t signer = 1)
    {
        Listing with_json = listing;
        with_json.json = "{\"n\":" + std::to_string(id) + '}';
        auto transaction = database_.begin().value();
        const UnixMillis now{std::chrono::milliseconds{published_ms}};
        const Held held = find_held(transaction, listing.kind, hash(id), address(signer)).value();
        ASSERT_TRUE(
            put_open(transaction, 421614, {with_json, hash(id), address(signer), listing.volume, now, 1, false}, held));
        ASSERT_TRUE(transaction.commit());
    }

    json::Value page(OrderKind kind, const std::string& text)
    {
        const auto parsed = parse_order_query(kind, query(text));
        EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : parsed.error().detail);
        if (!parsed) return {};
        auto transaction = database_.read().value();
        return json::parse(list_orders(transaction, 421614, kind, *parsed).value()).value();
    }

    /// The ids on the page, in order, as digits.
    std::string ids(OrderKind kind, const std::string& text)
    {
        std::string out;
        const json::Value answer = page(kind, text);
        for (const json::Value& order : answer.at("orders").as_array())
            out += std::to_string(order.at_pointer("/order/n").as_int64());
        return out;
    }

    store::Database database_;
};

Listing dataset_listing(std::uint64_t price = 0)
{
    Listing out{.kind = OrderKind::dataset};
    out.dataset = address(0xd);
    out.price_nrlc = price;
    out.volume = 10;
    return out;
}

// ---- Restrictions, the same rule for each party of each kind

struct Party {
    const char* name;
    OrderKind kind;
    const char* parameter;
    const char* strict;
    Address Listing::*restriction;
};
class Restriction : public testing::TestWithParam<Party> {};

TEST_P(Restriction, AbsentAnyAddressAndStrict)
{
    const Party& party = GetParam();
    Book book;
    Listing listing{.kind = party.kind};
    book.add(1, listing);
    listing.*party.restriction = address(7);
    book.add(2, listing);
    listing.*party.restriction = address(8);
    book.add(3, listing);

    std::string base = party.kind == OrderKind::app ? "app=any" : party.kind == OrderKind::dataset ? "dataset=any" : "x=y";
    const std::string name(party.parameter), strict(party.strict);
    EXPECT_EQ(book.ids(party.kind, base), "1");
    EXPECT_EQ(book.ids(party.kind, base + '&' + strict + "=true"), "1");
    EXPECT_EQ(book.ids(party.kind, base + '&' + name + "=any"), "123");
    EXPECT_EQ(book.ids(party.kind, base + '&' + name + "=any&" + strict + "=true"), "123");
    EXPECT_EQ(book.ids(party.kind, base + '&' + name + '=' + text(7)), "12");
    EXPECT_EQ(book.ids(party.kind, base + '&' + name + '=' + text(7) + '&' + strict + "=false"), "12");
    EXPECT_EQ(book.ids(party.kind, base + '&' + name + '=' + text(7) + '&' + strict + "=true"), "2");
    EXPECT_EQ(book.ids(party.kind, base + '&' + name + '=' + text(0)), "1");
}

INSTANTIATE_TEST_SUITE_P(
    Parties, Restriction,
    testing::Values(
        Party{"app_dataset", OrderKind::app, "dataset", "isDatasetStrict", &Listing::dataset},
        Party{"app_workerpool", OrderKind::app, "workerpool", "isWorkerpoolStrict", &Listing::workerpool},
        Party{"app_requester", OrderKind::app, "requester", "isRequesterStrict", &Listing::requester},
        Party{"dataset_app", OrderKind::dataset, "app", "isAppStrict", &Listing::app},
        Party{"dataset_workerpool", OrderKind::dataset, "workerpool", "isWorkerpoolStrict", &Listing::workerpool},
        Party{"dataset_requester", OrderKind::dataset, "requester", "isRequesterStrict", &Listing::requester},
        Party{"workerpool_app", OrderKind::workerpool, "app", "isAppStrict", &Listing::app},
        Party{"workerpool_dataset", OrderKind::workerpool, "dataset", "isDatasetStrict", &Listing::dataset},
        Party{"workerpool_requester", OrderKind::workerpool, "requester", "isRequesterStrict", &Listing::requester},
        Party{"request_workerpool", OrderKind::request, "workerpool", "isWorkerpoolStrict", &Listing::workerpool}),
    [](const auto& test) { return std::string(test.param.name); });

// ---- Everything else

struct Case {
    const char* name;
    OrderKind kind;
    std::string query;
    std::string_view ids;
};
void fill(Book& book)
{
    Listing dataset = dataset_listing();
    dataset.tag = tag_with(0b1001);
    dataset.volume = kMaxNumber - 1;
    book.add(1, dataset);
    dataset.tag = tag_with(0b0001, 0x80);
    dataset.volume = 10;
    book.add(2, dataset, 0, 2);
    dataset.dataset = address(0xe);
    dataset.tag = tag_with(0);
    dataset.price_nrlc = 5;
    dataset.volume = kMaxNumber;
    book.add(3, dataset);

    Listing pool{.kind = OrderKind::workerpool};
    pool.workerpool = address(0xc);
    pool.category = 1;
    pool.trust = 1;
    book.add(4, pool);
    pool.category = 2;
    pool.trust = 5;
    book.add(5, pool, 0, 2);

    Listing request{.kind = OrderKind::request};
    request.app = address(0xa);
    request.dataset = address(0xd);
    request.requester = address(1);
    request.beneficiary = address(3);
    request.trust = 0;
    book.add(6, request);
    request.trust = 4;
    request.dataset = address(0);
    request.price_nrlc = 9;
    book.add(7, request);
}

class Filter : public testing::TestWithParam<Case> {
protected:
    void SetUp() override { fill(book_); }
    Book book_;
};

TEST_P(Filter, Finds) { EXPECT_EQ(book_.ids(GetParam().kind, GetParam().query), GetParam().ids); }

constexpr auto kData = OrderKind::dataset;
constexpr auto kPool = OrderKind::workerpool;
constexpr auto kAsk = OrderKind::request;
std::vector<Case> cases()
{
    return {
        Case{"any", kData, "dataset=any", "123"},
        Case{"one", kData, "dataset=" + text(0xd), "12"},
        Case{"upper_case", kData, "dataset=0x000000000000000000000000000000000000000D", "12"},
        Case{"owner", kData, "datasetOwner=" + text(2), "2"},
        Case{"owner_and_resource", kData, "dataset=" + text(0xe) + "&datasetOwner=" + text(2), ""},
        Case{"min_tag", kData, "dataset=any&minTag=" + tag_with(0b0001).hex(), "12"},
        Case{"min_tag_both_bits", kData, "dataset=any&minTag=" + tag_with(0b1001).hex(), "1"},
        Case{"min_tag_high_bit", kData, "dataset=any&minTag=" + tag_with(0, 0x80).hex(), "2"},
        Case{"min_tag_zero", kData, "dataset=any&minTag=" + tag_with(0).hex(), "123"},
        Case{"max_tag", kData, "dataset=any&maxTag=" + tag_with(0b1001).hex(), "13"},
        Case{"max_tag_zero", kData, "dataset=any&maxTag=" + tag_with(0).hex(), "3"},
        Case{"max_tag_all", kData, "dataset=any&maxTag=0x" + std::string(64, 'f'), "123"},
        Case{"tags_from_both_sides", kData, "dataset=any&minTag=" + tag_with(1).hex() + "&maxTag=" + tag_with(9).hex(), "1"},
        Case{"min_volume", kData, "dataset=any&minVolume=11", "13"},
        Case{"min_volume_exact", kData, "dataset=any&minVolume=10", "123"},
        Case{"bulk", kData, "dataset=any&bulkOnly=true", "1"},
        Case{"not_only_bulk", kData, "dataset=any&bulkOnly=false", "123"},
        Case{"ignores_unknown", kData, "dataset=any&colour=red", "123"},
        Case{"first_counts", kData, "dataset=any&dataset=" + text(0xe), "123"},
        Case{"pools", kPool, "", "45"},
        Case{"pool", kPool, "workerpool=" + text(0xc), "45"},
        Case{"no_pool", kPool, "workerpool=" + text(1), ""},
        Case{"pool_owner", kPool, "workerpoolOwner=" + text(2), "5"},
        Case{"category", kPool, "category=1", "4"},
        Case{"min_trust", kPool, "minTrust=2", "5"},
        Case{"min_trust_of_one_is_none", kPool, "minTrust=1", "45"},
        Case{"requests_best_payer_first", kAsk, "", "76"},
        Case{"requests_of_app", kAsk, "app=" + text(0xa), "76"},
        Case{"requests_with_dataset", kAsk, "dataset=" + text(0xd), "6"},
        Case{"requests_without_dataset", kAsk, "dataset=" + text(0), "7"},
        Case{"requester", kAsk, "requester=" + text(2), ""},
        Case{"beneficiary", kAsk, "beneficiary=" + text(3), "76"},
        Case{"max_trust", kAsk, "maxTrust=3", "6"},
        Case{"max_trust_zero_has_meaning", kAsk, "maxTrust=0", "6"}};
}
INSTANTIATE_TEST_SUITE_P(Queries, Filter, testing::ValuesIn(cases()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Engines, FindAlike)
{
    const std::string location = test::fresh_location(test::Engine::postgres);
    if (location.empty()) GTEST_SKIP() << test::kNoServer;
    Book sqlite, postgres(location);
    fill(sqlite);
    fill(postgres);
    for (const Case& one : cases()) {
        EXPECT_EQ(postgres.ids(one.kind, one.query), one.ids) << one.query;
        EXPECT_EQ(json::print(postgres.page(one.kind, one.query)), json::print(sqlite.page(one.kind, one.query)));
    }
}

TEST(List, SortsByPriceThenTimeThenHash)
{
    Book book;
    book.add(1, dataset_listing(5), 10);
    book.add(2, dataset_listing(1), 30);
    book.add(4, dataset_listing(1), 20, 2);
    book.add(3, dataset_listing(1), 20, 3);
    EXPECT_EQ(book.ids(OrderKind::dataset, "dataset=any"), "3421");
}

TEST(List, KnowsWhichOrderOfASignerCameLast)
{
    Book book;
    for (const std::uint8_t id : {2, 3, 1}) book.add(id, dataset_listing(), 20);
    auto transaction = book.database_.read().value();
    const auto open = open_of(transaction, OrderKind::dataset, address(1), address(0xd)).value();
    ASSERT_EQ(open.size(), 3U);
    EXPECT_EQ(open[0].hash, hash(1));
    EXPECT_EQ(open[1].hash, hash(3));
    EXPECT_EQ(open[2].hash, hash(2));
}

TEST(List, MarksBulkOrdersAmongDatasetOrdersOnly)
{
    Book book;
    book.add(1, dataset_listing());
    Listing bulk = dataset_listing();
    bulk.volume = kMaxNumber - 1;
    book.add(2, bulk);
    bulk.price_nrlc = 1;
    book.add(3, bulk);
    const auto page = book.page(OrderKind::dataset, "dataset=any");
    EXPECT_FALSE(page.at_pointer("/orders/0/bulk").as_bool());
    EXPECT_TRUE(page.at_pointer("/orders/1/bulk").as_bool());
    EXPECT_FALSE(page.at_pointer("/orders/2/bulk").as_bool());
    EXPECT_EQ(page.at_pointer("/orders/1/order/n").as_int64(), 2);
}

TEST(List, Pages)
{
    Book book;
    for (std::uint8_t i = 1; i <= 20; ++i) book.add(i, dataset_listing(i));
    struct Expectation {
        const char* query;
        std::int64_t first;  ///< 0: an empty page
        std::size_t size;
        std::int64_t next;  ///< 0: absent
    };
    for (const Expectation& expected : {Expectation{"", 1, 20, 20},
                                        {"&pageIndex=1", 0, 0, 0},
                                        {"&pageSize=10", 1, 10, 10},
                                        {"&pageSize=10&pageIndex=1", 11, 10, 20},
                                        {"&pageSize=10&pageIndex=2", 0, 0, 0},
                                        {"&pageSize=15&pageIndex=1", 16, 5, 0},
                                        {"&pageSize=1000", 1, 20, 0},
                                        {"&page=18", 19, 2, 0},
                                        {"&page=18&pageIndex=0", 1, 20, 20},
                                        {"&pageIndex=9007199254740991&pageSize=1000", 0, 0, 0}}) {
        const auto page = book.page(OrderKind::dataset, std::string("dataset=any") + expected.query);
        const auto& orders = page.at("orders").as_array();
        ASSERT_EQ(orders.size(), expected.size) << expected.query;
        EXPECT_EQ(orders.empty() ? 0 : orders[0].at_pointer("/order/n").as_int64(), expected.first) << expected.query;
        EXPECT_EQ(page.at("count").as_int64(), 20) << expected.query;
        EXPECT_EQ(page.as_object().contains("nextPage") ? page.at("nextPage").as_int64() : 0, expected.next)
            << expected.query;
    }
}

// ---- What is refused

struct Refusal {
    const char* name;
    std::string query;
    std::string message;
};
class Refused : public testing::TestWithParam<Refusal> {};

TEST_P(Refused, SaysWhichParameter)
{
    const auto parsed = parse_order_query(OrderKind::dataset, query(GetParam().query));
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().reason, "market.query");
    EXPECT_EQ(parsed.error().detail, GetParam().message);
}
const std::string kMax = std::to_string(kMaxNumber);
INSTANTIATE_TEST_SUITE_P(
    Queries, Refused,
    testing::Values(Refusal{"nothing_named", "app=any", "dataset or datasetOwner is required"},
                    Refusal{"resource", "dataset=0x12", "dataset is neither \"any\" nor a valid ethereum address"},
                    Refusal{"owner_is_never_any", "datasetOwner=any", "datasetOwner is not a valid ethereum address"},
                    Refusal{"restriction", "dataset=any&app=x", "app is neither \"any\" nor a valid ethereum address"},
                    Refusal{"flag", "dataset=any&isAppStrict=yes", "isAppStrict must be true or false"},
                    Refusal{"bulk", "dataset=any&bulkOnly=", "bulkOnly must be true or false"},
                    Refusal{"tag", "dataset=any&minTag=0x09", "minTag must be a bytes32 hexstring"},
                    Refusal{"volume", "dataset=any&minVolume=0", "minVolume must be an integer between 1 and " + kMax},
                    Refusal{"volume_text", "dataset=any&minVolume=1e3",
                            "minVolume must be an integer between 1 and " + kMax},
                    Refusal{"page_index", "dataset=any&pageIndex=-1", "pageIndex must be an integer between 0 and " + kMax},
                    Refusal{"small_page", "dataset=any&pageSize=9", "pageSize must be an integer between 10 and 1000"},
                    Refusal{"large_page", "dataset=any&pageSize=1001", "pageSize must be an integer between 10 and 1000"},
                    Refusal{"legacy_page", "dataset=any&page=x", "page must be an integer between 0 and " + kMax},
                    Refusal{"first_mistake_wins", "dataset=any&app=x&pageSize=9",
                            "app is neither \"any\" nor a valid ethereum address"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Refused, OtherLists)
{
    EXPECT_EQ(parse_order_query(OrderKind::app, query("dataset=any")).error().detail, "app or appOwner is required");
    EXPECT_TRUE(parse_order_query(OrderKind::workerpool, query("")));
    EXPECT_TRUE(parse_order_query(OrderKind::request, query("")));
    EXPECT_EQ(parse_order_query(OrderKind::request, query("maxTrust=x")).error().detail,
              "maxTrust must be an integer between 0 and " + kMax);
    EXPECT_EQ(parse_deal_query(query("requester=any")).error().detail, "requester is not a valid ethereum address");
    EXPECT_EQ(parse_deal_query(query("apporderHash=0x1")).error().detail, "apporderHash must be a bytes32 hexstring");
    EXPECT_EQ(parse_category_query(query("minWorkClockTimeRef=-")).error().detail,
              "minWorkClockTimeRef must be an integer between 0 and " + kMax);
}

TEST(ChainId, IsWantedAndMustBeOurs)
{
    EXPECT_TRUE(check_chain_id(query("chainId=7"), 7));
    EXPECT_EQ(check_chain_id(query(""), 7).error().detail, "chainId is a required field");
    EXPECT_EQ(check_chain_id(query("chainId=07"), 7).error().detail, "chainId 07 is not supported");
}

TEST(Deals, FiltersNameColumnsThatExist)
{
    Book book;
    const std::string all = "category=1&requester=" + text(1) + "&beneficiary=" + text(1) + "&app=" + text(1) +
                            "&dataset=" + text(1) + "&workerpool=" + text(1) + "&appOwner=" + text(1) +
                            "&datasetOwner=" + text(1) + "&workerpoolOwner=" + text(1) + "&apporderHash=" + hash(1).hex() +
                            "&datasetorderHash=" + hash(1).hex() + "&workerpoolorderHash=" + hash(1).hex() +
                            "&requestorderHash=" + hash(1).hex();
    auto transaction = book.database_.read().value();
    const auto page = list_deals(transaction, parse_deal_query(query(all)).value());
    ASSERT_TRUE(page) << page.error().detail;
    EXPECT_EQ(*page, R"({"ok":true,"deals":[],"count":0})");
}

TEST(Indexes, CarryTheListsWithoutSorting)
{
    Book book;
    auto transaction = book.database_.read().value();
    for (const char* condition : {"kind = 1 AND dataset = x'00'", "kind = 0 AND app = x'00'",
                                  "kind = 2 AND workerpool = x'00'", "kind = 1 AND signer = x'00'", "kind = 3"}) {
        auto rows = transaction
                        .query("EXPLAIN QUERY PLAN SELECT head FROM listing WHERE status = 0 AND " + std::string(condition) +
                               " ORDER BY rank, published_at, hash LIMIT 20")
                        .value();
        std::string plan;
        while (rows.next().value()) plan += rows.text(3) + '\n';
        EXPECT_NE(plan.find("USING INDEX open_by_"), std::string::npos) << condition << '\n' << plan;
        EXPECT_EQ(plan.find("B-TREE"), std::string::npos) << condition << '\n' << plan;
    }
}

}  // namespace
}  // namespace iapp::market
