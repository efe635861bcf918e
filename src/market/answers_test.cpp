// Every refusal the npm clients can get from the book, as tables: status and exact body; and the words of a good answer
// that those clients read.
#include "support/market_fixture.hpp"

namespace iapp::market {
namespace {

using eth::Address;
using support::Answer;
using support::MarketFixture;

constexpr std::string_view kNobody = "0x0000000000000000000000000000000000000001";

class MarketAnswers : public MarketFixture {
protected:
    void expect_refusal(const Answer& answer, int status, std::string_view message)
    {
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(json::print(answer.body), json::print(json::Object{{"ok", false}, {"error", message}}));
    }
    Answer post(const std::string& path, const std::string& body, const eth::Wallet& wallet)
    {
        return send("POST", path + "?chainId=421614", body, authorize(wallet));
    }
    net::Response plain(const std::string& method, const std::string& target, net::HeaderMap headers = {},
                        std::string body = {})
    {
        const net::Request request{
            .method = method, .target = origin_ + target, .headers = std::move(headers), .body = std::move(body)};
        return http_.send(request, call()).value();
    }
};

// ---- reads -----------------------------------------------------------------------------------------------------

TEST_F(MarketAnswers, OfReadsThatAreWrong)
{
    struct Row {
        std::string target;
        int status;
        std::string message;
    };
    const std::string hash = "0x" + std::string(64, 'a');
    const auto on_chain = [](const std::string& path, const std::string& query = {}) {
        return path + "?chainId=421614" + (query.empty() ? "" : "&" + query);
    };
    const std::string number = " must be an integer between ", largest = " and 9007199254740991";
    std::vector<Row> rows{
        {on_chain("/challenge"), 400, "address is a required field"},
        {on_chain("/challenge", "address=me.eth"), 400, "address is not a valid ethereum address"},
        {on_chain("/apporders"), 400, "app or appOwner is required"},
        {on_chain("/datasetorders"), 400, "dataset or datasetOwner is required"},
        {on_chain("/apporders", "app=x"), 400, "app is neither \"any\" nor a valid ethereum address"},
        {on_chain("/apporders", "appOwner=any"), 400, "appOwner is not a valid ethereum address"},
        {on_chain("/apporders", "app=any&dataset=x"), 400, "dataset is neither \"any\" nor a valid ethereum address"},
        {on_chain("/apporders", "app=any&workerpool=x"), 400, "workerpool is neither \"any\" nor a valid ethereum address"},
        {on_chain("/apporders", "app=any&requester=x"), 400, "requester is neither \"any\" nor a valid ethereum address"},
        {on_chain("/apporders", "app=any&isDatasetStrict=x"), 400, "isDatasetStrict must be true or false"},
        {on_chain("/apporders", "app=any&minTag=0x09"), 400, "minTag must be a bytes32 hexstring"},
        {on_chain("/apporders", "app=any&maxTag=tee"), 400, "maxTag must be a bytes32 hexstring"},
        {on_chain("/apporders", "app=any&minVolume=0"), 400, "minVolume" + number + "1" + largest},
        {on_chain("/apporders", "app=any&pageSize=9"), 400, "pageSize" + number + "10 and 1000"},
        {on_chain("/apporders", "app=any&pageSize=1001"), 400, "pageSize" + number + "10 and 1000"},
        {on_chain("/apporders", "app=any&pageIndex=-1"), 400, "pageIndex" + number + "0" + largest},
        {on_chain("/apporders", "app=any&page=x"), 400, "page" + number + "0" + largest},
        {on_chain("/datasetorders", "dataset=any&bulkOnly=x"), 400, "bulkOnly must be true or false"},
        {on_chain("/datasetorders", "datasetOwner=any"), 400, "datasetOwner is not a valid ethereum address"},
        {on_chain("/workerpoolorders", "workerpoolOwner=any"), 400, "workerpoolOwner is not a valid ethereum address"},
        {on_chain("/workerpoolorders", "category=x"), 400, "category" + number + "0" + largest},
        {on_chain("/workerpoolorders", "minTrust=x"), 400, "minTrust" + number + "0" + largest},
        {on_chain("/requestorders", "beneficiary=x"), 400, "beneficiary is neither \"any\" nor a valid ethereum address"},
        {on_chain("/requestorders", "maxTrust=-1"), 400, "maxTrust" + number + "0" + largest},
        {on_chain("/deals", "requester=any"), 400, "requester is not a valid ethereum address"},
        {on_chain("/deals", "requestorderHash=0x1"), 400, "requestorderHash must be a bytes32 hexstring"},
        {on_chain("/deals", "pageSize=1"), 400, "pageSize" + number + "10 and 1000"},
        {on_chain("/deals/0x12"), 400, "dealid must be a bytes32 hexstring"},
        {on_chain("/deals/" + hash), 404, "deal not found"},
        {on_chain("/categories", "minWorkClockTimeRef=x"), 400, "minWorkClockTimeRef" + number + "0" + largest},
        {on_chain("/categories/one"), 400, "catid" + number + "0" + largest},
        {on_chain("/categories/99"), 404, "category not found"},
        {on_chain("/ohlc"), 400, "category is a required field"},
        {on_chain("/ohlc", "category=x"), 400, "category" + number + "0" + largest},
        {on_chain("/nothing"), 404, "no such path on this service"},
        {on_chain("/apporders/%ff"), 400, "the decoded text is not UTF-8"},
    };
    for (const std::string kind : {"apporder", "datasetorder", "workerpoolorder", "requestorder"}) {
        rows.push_back({on_chain("/" + kind + "s/" + hash), 404, kind + " not found"});
        rows.push_back({on_chain("/" + kind + "s/..%2f..%2fetc"), 400, "orderHash must be a bytes32 hexstring"});
    }
    for (const std::string& path :
         std::vector<std::string>{"/challenge", "/apporders", "/apporders/" + hash, "/datasetorders", "/workerpoolorders",
                                  "/requestorders", "/deals", "/deals/" + hash, "/categories", "/ohlc", "/metrics"}) {
        rows.push_back({path, 400, "chainId is a required field"});
        rows.push_back({path + "?chainId=", 400, "chainId is a required field"});
        rows.push_back({path + "?chainId=5", 400, "chainId 5 is not supported"});
        rows.push_back({path + "?chainId=%22", 400, "chainId \" is not supported"});
    }
    for (const Row& row : rows) {
        SCOPED_TRACE(row.target);
        expect_refusal(send("GET", row.target), row.status, row.message);
    }
    expect_refusal(send("DELETE", on_chain("/apporders")), 405, "this path answers GET, POST, PUT, HEAD");
}

// ---- bodies ----------------------------------------------------------------------------------------------------

TEST_F(MarketAnswers, OfBodiesThatAreWrong)
{
    const std::string deep = "{\"order\":" + std::string(40, '[') + std::string(40, ']') + '}';
    for (const std::string path : {"/apporders", "/datasetorders", "/workerpoolorders", "/requestorders"})
        for (const std::string& body :
             {std::string("{"), std::string("[]"), std::string("{}"), std::string("\xff"), std::string(R"({"order":{}})"),
              std::string(R"({"order":1})"), deep, std::string(R"({"order":{"sign":"0x"},"order":{"sign":"0x"}})")}) {
            SCOPED_TRACE(path + ' ' + body);
            const Answer answer = post(path, body, owner_);
            EXPECT_EQ(answer.status, 400);
            EXPECT_FALSE(answer.body.at("ok").as_bool());
            EXPECT_NE(answer.error(), "");
        }
    const std::string large(1'048'577, ' ');
    expect_refusal(post("/apporders", large, owner_), 413, "the body is larger than 1048576 bytes; send less");

    const auto put = [&](const std::string& body) { return unpublish("/apporders", body, owner_); };
    const std::string targets =
        "target must be one of the following values: unpublish_orderHash, unpublish_last, unpublish_all";
    expect_refusal(put(R"({"target":"everything"})"), 400, targets);
    for (const char* body : {"{", "{}", R"({"orderHash":"0x1"})", R"({"target":"unpublish_last"})",
                             R"({"target":"unpublish_all","app":"x"})", R"({"target":"unpublish_all","dataset":"0x1"})"}) {
        SCOPED_TRACE(body);
        EXPECT_EQ(put(body).status, 400);
    }
}

// ---- publishing ------------------------------------------------------------------------------------------------

TEST_F(MarketAnswers, OfOrdersThatCannotBePublished)
{
    fund(requester_, 100);
    fund(provider_, 0);
    const Address app = make_app(owner_), dataset = make_dataset(owner_), pool = make_pool(provider_);
    const std::string owner = eth::to_checksum(owner_.address()), app_text = eth::to_checksum(app),
                      dataset_text = eth::to_checksum(dataset);
    const auto refused = [&](const Answer& answer, std::string_view message) { expect_refusal(answer, 403, message); };

    refused(send("POST", "/apporders?chainId=421614", "{}"), "invalid authorization");
    refused(publish("/apporders", app_order(stranger_.address(), owner_), owner_), "Resource not deployed");
    refused(publish("/datasetorders", dataset_order(app, owner_), owner_), "Resource not deployed");
    refused(publish("/workerpoolorders", pool_order(dataset, provider_), provider_), "Resource not deployed");
    const std::string not_signer = "only order signer " + owner + " can publish an order";
    refused(publish("/apporders", app_order(app, stranger_), stranger_), not_signer);
    refused(publish("/datasetorders", dataset_order(dataset, stranger_), stranger_), not_signer);
    refused(publish("/requestorders", request_order(app, requester_), stranger_),
            "only order signer " + eth::to_checksum(requester_.address()) + " can publish an order");
    refused(publish("/apporders", app_order(app, stranger_), owner_), "invalid sign");

    const auto closed = dataset_order(dataset, owner_);
    transact(owner_, made().hub, poco::call::manage_dataset_order(closed, poco::Operation::close));
    refused(publish("/datasetorders", closed, owner_), "order already consumed");
    refused(publish("/workerpoolorders", pool_order(pool, provider_, 10), provider_),
            "workerpool owner's stake is too low to cover required workerpool lock");
    refused(publish("/requestorders", request_order(app, requester_, 101), requester_),
            "requester stake is too low to cover requestorder payment, minimum stake required is 101 nRLC");

    const auto request = [&](std::uint64_t app_max, const Address& of, std::uint64_t dataset_max) {
        auto order = request_order(app, requester_);
        order.appmaxprice = app_max;
        order.dataset = of;
        order.datasetmaxprice = dataset_max;
        poco::sign_order(order, separator(), requester_);
        return order;
    };
    const Address none = Address::zero();
    refused(publish("/requestorders", request(0, none, 0), requester_),
            "No tee enabled apporder published for app " + app_text);
    auto plain_request = request(0, none, 0);
    plain_request.tag = poco::Tag::zero();
    poco::sign_order(plain_request, separator(), requester_);
    refused(publish("/requestorders", plain_request, requester_), "No apporder published for app " + app_text);

    const auto offer = app_order(app, owner_, 7);
    ASSERT_EQ(publish("/apporders", offer, owner_).status, 200);
    refused(publish("/apporders", offer, owner_), "order already published");
    refused(publish("/requestorders", request(6, none, 0), requester_),
            "appmaxprice for app " + app_text + " is too low, actual best price is 7 nRLC");
    refused(publish("/requestorders", request(7, dataset, 0), requester_),
            "No datasetorder published for dataset " + dataset_text);
    ASSERT_EQ(publish("/datasetorders", dataset_order(dataset, owner_, 3), owner_).status, 200);
    refused(publish("/requestorders", request(7, dataset, 2), requester_),
            "datasetmaxprice for dataset " + dataset_text + " is too low, actual best price is 3 nRLC");
    EXPECT_EQ(publish("/requestorders", request(7, dataset, 3), requester_).status, 200);
}

TEST_F(MarketAnswers, OfOrdersThatCannotBeUnpublished)
{
    const Address app = make_app(owner_);
    const auto order = app_order(app, owner_);
    ASSERT_EQ(publish("/apporders", order, owner_).status, 200);
    const std::string hash = hash_of(order).hex();
    const auto refused = [&](const Answer& answer, std::string_view message) { expect_refusal(answer, 403, message); };
    refused(send("PUT", "/apporders?chainId=421614", "{}"), "invalid authorization");
    refused(unpublish("/apporders", R"({"orderHash":")" + hash + "\"}", stranger_),
            "only order signer " + eth::to_checksum(owner_.address()) + " can unpublish an order");
    struct Kind {
        std::string name, field;
    };
    for (const auto& [name, field] : {Kind{"apporder", "app"}, Kind{"datasetorder", "dataset"},
                                      Kind{"workerpoolorder", "workerpool"}, Kind{"requestorder", "requester"}}) {
        const std::string unknown = "0x" + std::string(64, '1');
        refused(unpublish("/" + name + "s", R"({"orderHash":")" + unknown + "\"}", owner_),
                name + " with orderHash " + unknown + " is not published");
        for (const std::string target : {"unpublish_last", "unpublish_all"})
            refused(
                unpublish("/" + name + "s",
                          R"({"target":")" + target + R"(",")" + field + R"(":")" + std::string(kNobody) + "\"}", owner_),
                "no open " + name + " published by signer " + eth::to_checksum(owner_.address()) + " for " + field + " " +
                    std::string(kNobody));
    }
}

// ---- spellings -------------------------------------------------------------------------------------------------

std::string upper(std::string_view hex)
{
    std::string out(hex);
    for (std::size_t i = 2; i < out.size(); ++i)
        if (out[i] >= 'a' && out[i] <= 'f') out[i] = static_cast<char>(out[i] - 32);
    return out;
}

std::string replaced(std::string text, std::string_view from, std::string_view to)
{
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from << " is not in " << text;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST_F(MarketAnswers, TakeEveryCaseOfHexAndSpeakInOne)
{
    const Address app = make_app(owner_);
    const auto order = app_order(app, owner_);
    const std::string checksummed = eth::to_checksum(app), hash = hash_of(order).hex(), owner = owner_.address().hex();
    for (const std::string& address : {app.hex(), upper(app.hex()), checksummed}) {
        std::string body = replaced("{\"order\":" + poco::encode(order) + '}', checksummed, address);
        body = replaced(std::move(body), order.salt.hex(), upper(order.salt.hex()));
        const std::string proof = replaced(authorize(owner_), eth::to_checksum(owner_.address()), upper(owner));
        const Answer published = send("POST", "/apporders?chainId=421614", body, proof);
        ASSERT_EQ(published.status, 200) << address << ' ' << published.error();
        EXPECT_EQ(published.body.at_pointer("/published/orderHash").as_string(), hash);
        EXPECT_EQ(published.body.at_pointer("/published/signer").as_string(), eth::to_checksum(owner_.address()));
        EXPECT_EQ(published.body.at_pointer("/published/order/app").as_string(), checksummed);
        EXPECT_EQ(published.body.at_pointer("/published/order/salt").as_string(), order.salt.hex());

        EXPECT_EQ(get("/apporders/" + upper(hash)).body.at("orderHash").as_string(), hash);
        const std::string query = "app=" + address + "&appOwner=" + upper(owner) + "&minTag=" + upper(order.tag.hex());
        EXPECT_EQ(get("/apporders", query).body.at("count").as_int64(), 1);
        const Answer gone = unpublish("/apporders", R"({"orderHash":")" + upper(hash) + "\"}", owner_);
        EXPECT_EQ(json::print(gone.body), R"({"ok":true,"unpublished":[")" + hash + "\"]}");
    }
}

// ---- pages -----------------------------------------------------------------------------------------------------

TEST_F(MarketAnswers, SayWhetherAnotherPageFollows)
{
    const Address app = make_app(owner_);
    for (std::uint64_t price = 0; price < 20; ++price)
        ASSERT_EQ(publish("/apporders", app_order(app, owner_, price), owner_).status, 200);
    struct Row {
        std::string query;
        std::size_t orders;
        std::int64_t first;  ///< price
        std::string next;
    };
    for (const Row& row :
         {Row{"", 20, 0, "20"}, Row{"&pageSize=10", 10, 0, "10"}, Row{"&pageSize=10&pageIndex=1", 10, 10, "20"},
          Row{"&pageSize=10&pageIndex=2", 0, 0, ""}, Row{"&pageSize=30", 20, 0, ""}, Row{"&page=15", 5, 15, ""},
          Row{"&page=15&pageSize=10", 10, 0, "10"}, Row{"&page=15&pageIndex=0", 20, 0, "20"},
          Row{"&pageIndex=9007199254740991", 0, 0, ""}}) {
        SCOPED_TRACE(row.query);
        const Answer answer = get("/apporders", "app=" + app.hex() + row.query);
        ASSERT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body.at("count").as_int64(), 20);
        EXPECT_EQ(answer.body.at("orders").as_array().size(), row.orders);
        if (row.orders > 0) {
            EXPECT_EQ(answer.body.at_pointer("/orders/0/order/appprice").as_int64(), row.first);
        }
        const auto* next = answer.body.as_object().if_contains("nextPage");
        EXPECT_EQ(next ? json::print(*next) : "", row.next);
    }
}

// ---- numbers ---------------------------------------------------------------------------------------------------

TEST_F(MarketAnswers, KeepTheLargestNumberWhole)
{
    const Address dataset = make_dataset(owner_);
    const auto order = dataset_order(dataset, owner_, 0, 9'007'199'254'740'991);
    ASSERT_EQ(publish("/datasetorders", order, owner_).status, 200);
    for (const std::string& target : {"/datasetorders/" + hash_of(order).hex() + "?chainId=421614",
                                      std::string("/datasetorders?chainId=421614&dataset=any")}) {
        const std::string text = plain("GET", target).body;
        EXPECT_NE(text.find("\"volume\":9007199254740991,"), std::string::npos) << text;
        EXPECT_NE(text.find("\"remaining\":9007199254740991,"), std::string::npos) << text;
    }
}

// ---- who asks --------------------------------------------------------------------------------------------------

TEST_F(MarketAnswers, EndWhenOneAddressAsksTooOften)
{
    close();
    open(Options{.requests_per_minute = 3, .is_behind_proxy = true});
    const auto ask = [&](std::string_view from, const std::string& target) {
        return plain("GET", target, {{"X-Real-IP", std::string(from)}});
    };
    EXPECT_EQ(ask("203.0.113.1", "/version").status, 200);
    EXPECT_EQ(ask("203.0.113.1", "/categories?chainId=421614").status, 200);
    EXPECT_EQ(ask("203.0.113.1", "/categories?chainId=1").status, 400);
    const net::Response refused = ask("203.0.113.1", "/version");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.body, R"({"ok":false,"error":"Rate limit exceeded"})");
    EXPECT_EQ(refused.headers.find("Retry-After"), "60");
    EXPECT_EQ(ask("203.0.113.2", "/version").status, 200);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(ask("127.0.0.1", "/version").status, 200);
    clock_.ahead += std::chrono::minutes(1);
    EXPECT_EQ(ask("203.0.113.1", "/version").status, 200);
}

TEST_F(MarketAnswers, NameThePageThatAsks)
{
    const net::HeaderMap page{{"Origin", "https://app.example"}, {"Access-Control-Request-Headers", "authorization"}};
    for (const auto& [method, target, status] :
         {std::tuple{"GET", "/version", 200}, std::tuple{"GET", "/apporders?chainId=421614", 400},
          std::tuple{"POST", "/apporders?chainId=421614", 403}, std::tuple{"GET", "/nothing", 404},
          std::tuple{"OPTIONS", "/apporders?chainId=421614", 204}}) {
        const net::Response answer = plain(method, target, page);
        EXPECT_EQ(answer.status, status) << target;
        EXPECT_EQ(answer.headers.find("Access-Control-Allow-Origin"), "https://app.example") << target;
        EXPECT_EQ(answer.headers.find("Vary"), "Origin") << target;
    }
}

}  // namespace
}  // namespace iapp::market
