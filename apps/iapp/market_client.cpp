#include "market_client.hpp"

#include "codec/json.hpp"
#include "eth/eip712.hpp"
#include "poco/order_json.hpp"

namespace iapp::cli {
namespace {

constexpr std::size_t kPageSize = 100;
constexpr std::size_t kMaxPages = 50;

std::string url_of(const Session& session, const std::string& path, net::Query query)
{
    query.add("chainId", std::to_string(session.network.chain_id));
    return session.network.services.market + path + "?" + query.encode();
}

/// Signs the book's challenge: only its text is taken from the answer, the domain and the type are ours.
Result<std::string> authorization(const Session& session)
{
    net::Query query;
    query.add("address", eth::to_checksum(session.me()));
    TRY(const auto body, session.get(url_of(session, "/challenge", std::move(query))));
    TRY(const auto value, json::parse(body));
    TRY(const auto answer, json::ObjectReader::of(value));
    TRY(const auto data, answer.object("data"));
    TRY(const auto message, data.object("message"));
    TRY(const auto challenge, message.text("challenge"));
    const auto separator = eth::domain_separator({"iExec Gateway", "1", session.network.chain_id, {}});
    const auto digest = eth::typed_digest(
        separator, eth::StructHash(eth::type_hash("Challenge(string challenge)")).string(challenge).finish());
    return digest.hex() + "_" + hex0x(session.wallet().sign(digest).bytes()) + "_" + eth::to_checksum(session.me());
}

Result<std::string> write(const Session& session, std::string method, const std::string& kind, std::string body)
{
    TRY(const auto header, authorization(session));
    TRY(auto response, session.send(std::move(method), url_of(session, "/" + kind, {}),
                                    {{"Content-Type", "application/json"}, {"authorization", header}}, std::move(body)));
    if (!response.is_success()) return refusal(response, "the order book");
    return std::move(response.body);
}

template <class Order>
struct OrderReader;
template <>
struct OrderReader<poco::AppOrder> {
    static Result<poco::AppOrder> read(std::string_view text) { return poco::parse_app_order(text); }
};
template <>
struct OrderReader<poco::DatasetOrder> {
    static Result<poco::DatasetOrder> read(std::string_view text) { return poco::parse_dataset_order(text); }
};
template <>
struct OrderReader<poco::WorkerpoolOrder> {
    static Result<poco::WorkerpoolOrder> read(std::string_view text) { return poco::parse_workerpool_order(text); }
};

template <class Order>
Result<Listed<Order>> read_listed(const json::ObjectReader& in)
{
    TRY(const json::Value* order_value, in.value("order"));
    TRY(auto order, OrderReader<Order>::read(json::print(*order_value)));
    TRY(const auto hash, in.id<Hash256>("orderHash"));
    TRY(const auto remaining, in.u64("remaining"));
    TRY(const auto status, in.text("status"));
    return Listed<Order>{std::move(order), hash, remaining, std::string(status)};
}

/// Appends one page; says whether there is another.
template <class Order>
Result<bool> read_page(const std::string& body, std::vector<Listed<Order>>& out)
{
    TRY(const auto value, json::parse(body));
    TRY(const auto page, json::ObjectReader::of(value));
    TRY(const auto orders, page.array("orders"));
    for (std::size_t i = 0; i < orders.size(); ++i) {
        TRY(const auto item, orders.object(i));
        TRY(auto listed, read_listed<Order>(item));
        out.push_back(std::move(listed));
    }
    return page.has("nextPage");
}

template <class Order>
Result<std::vector<Listed<Order>>> find(const Session& session, const std::string& kind, const net::Query& query)
{
    std::vector<Listed<Order>> out;
    for (std::size_t page = 0; page < kMaxPages; ++page) {
        net::Query paged = query;
        paged.add("pageIndex", std::to_string(page));
        paged.add("pageSize", std::to_string(kPageSize));
        TRY(const auto body, session.get(url_of(session, "/" + kind, std::move(paged))));
        TRY(const bool more, read_page(body, out));
        if (!more) break;
    }
    return out;
}

}  // namespace

Result<Hash256> publish(const Session& session, const std::string& kind, const std::string& order_json)
{
    TRY(const auto body, write(session, "POST", kind, "{\"order\":" + order_json + "}"));
    TRY(const auto value, json::parse(body));
    TRY(const auto answer, json::ObjectReader::of(value));
    TRY(const auto published, answer.object("published"));
    return published.id<Hash256>("orderHash");
}

Status unpublish(const Session& session, const std::string& kind, const Hash256& order_hash)
{
    TRY_OK(write(session, "PUT", kind, R"({"target":"unpublish_orderHash","orderHash":")" + order_hash.hex() + "\"}"));
    return {};
}

Result<std::vector<Listed<poco::AppOrder>>> find_app_orders(const Session& session, const net::Query& query)
{
    return find<poco::AppOrder>(session, "apporders", query);
}

Result<std::vector<Listed<poco::DatasetOrder>>> find_dataset_orders(const Session& session, const net::Query& query)
{
    return find<poco::DatasetOrder>(session, "datasetorders", query);
}

Result<std::vector<Listed<poco::WorkerpoolOrder>>> find_workerpool_orders(const Session& session, const net::Query& query)
{
    return find<poco::WorkerpoolOrder>(session, "workerpoolorders", query);
}

Result<Listed<poco::DatasetOrder>> get_dataset_order(const Session& session, const Hash256& hash)
{
    TRY(const auto body, session.get(url_of(session, "/datasetorders/" + hash.hex(), {})));
    TRY(const auto value, json::parse(body));
    TRY(const auto answer, json::ObjectReader::of(value));
    return read_listed<poco::DatasetOrder>(answer);
}

}  // namespace iapp::cli
