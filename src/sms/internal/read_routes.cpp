// What anybody may read: the ledger, the version, counts of secrets.
#include <charconv>

#include "codec/json.hpp"
#include "sms/internal/routes.hpp"
#include "wire/ledger_api.hpp"

namespace iapp::sms::internal {
namespace {

using net::CallContext;
using net::Request;
using net::Response;

Result<std::uint64_t> number(std::optional<std::string_view> text, std::string_view name)
{
    const std::string_view digits = text.value_or("");
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size() || value > (1ULL << 62U))
        return fail(ErrorKind::invalid_input, "ledger.number", std::string(name) + " is not a number; write decimal digits");
    return value;
}

Result<Response> head(const Parts& parts)
{
    TRY(store::Transaction transaction, parts.release.database.read());
    TRY(const attest::TreeHead newest, parts.release.ledger.head(transaction, parts.release.clock.now_seconds()));
    return net::json_response(200, wire::encode(newest));
}

Result<Response> leaves(const Parts& parts, std::uint64_t from, std::uint64_t count)
{
    TRY(store::Transaction transaction, parts.release.database.read());
    TRY(std::vector<Bytes> found, parts.release.ledger.leaves(transaction, from, std::min(count, wire::kMaxLedgerLeaves)));
    return net::json_response(200, wire::encode(wire::LedgerLeaves{from, std::move(found)}));
}

Result<Response> one_leaf(const Parts& parts, const Request& request)
{
    TRY(const std::uint64_t index, number(request.param("index"), "the leaf's index"));
    TRY(Response page, leaves(parts, index, 1));
    TRY(const wire::LedgerLeaves parsed, wire::parse_ledger_leaves(page.body));
    if (parsed.leaves.empty())
        return fail(ErrorKind::not_found, "ledger.range", "the log is not that long; ask for its head first");
    return page;
}

Result<Response> leaf_page(const Parts& parts, const Request& request)
{
    TRY(const std::uint64_t from, number(request.query.find("from"), "from"));
    TRY(const std::uint64_t count, number(request.query.find("count"), "count"));
    return leaves(parts, from, count);
}

Result<Response> inclusion(const Parts& parts, const Request& request)
{
    TRY(const std::uint64_t leaf, number(request.query.find("leaf"), "leaf"));
    TRY(const std::uint64_t size, number(request.query.find("size"), "size"));
    TRY(store::Transaction transaction, parts.release.database.read());
    TRY(auto proof, parts.release.ledger.inclusion(transaction, leaf, size));
    return net::json_response(200, wire::encode(wire::InclusionProof{leaf, size, std::move(proof)}));
}

Result<Response> consistency(const Parts& parts, const Request& request)
{
    TRY(const std::uint64_t from, number(request.query.find("from"), "from"));
    TRY(const std::uint64_t to, number(request.query.find("to"), "to"));
    TRY(store::Transaction transaction, parts.release.database.read());
    TRY(auto proof, parts.release.ledger.consistency(transaction, from, to));
    return net::json_response(200, wire::encode(wire::ConsistencyProof{from, to, std::move(proof)}));
}

Result<Response> metrics(const Parts& parts)
{
    json::Object kinds;
    TRY(store::Transaction transaction, parts.release.database.read());
    for (std::size_t i = 0; i < kSecretKinds; ++i) {
        const auto kind = static_cast<SecretKind>(i);
        TRY(const std::uint64_t stored, parts.release.secrets.count(transaction, kind));
        kinds[name(kind)] = {{"secretsType", name(kind)},
                             {"initialCount", parts.counters.initial.at(i)},
                             {"storedCount", stored},
                             {"addedSinceStartCount", parts.counters.added.at(i).load()},
                             {"cachedSecretsCount", 0}};
    }
    TRY(const std::uint64_t leaves, parts.release.ledger.size(transaction));
    return net::json_response(200, json::print(json::Object{{"secretsMetrics", std::move(kinds)},
                                                            {"ledger", {{"leaves", leaves}}},
                                                            {"releases", parts.counters.released.load()},
                                                            {"refusals", parts.counters.refused.load()}}));
}

}  // namespace

void add_read_routes(net::HttpServer& server, const Parts& parts)
{
    server.route("GET", "/v1/ledger/head",
                 net::answering([parts](const Request&, const CallContext&) { return head(parts); }));
    server.route("GET", "/v1/ledger/leaf/{index}",
                 net::answering([parts](const Request& r, const CallContext&) { return one_leaf(parts, r); }));
    server.route("GET", "/v1/ledger/leaves",
                 net::answering([parts](const Request& r, const CallContext&) { return leaf_page(parts, r); }));
    server.route("GET", "/v1/ledger/proof",
                 net::answering([parts](const Request& r, const CallContext&) { return inclusion(parts, r); }));
    server.route("GET", "/v1/ledger/consistency",
                 net::answering([parts](const Request& r, const CallContext&) { return consistency(parts, r); }));
    server.route("GET", "/metrics", net::answering([parts](const Request&, const CallContext&) { return metrics(parts); }));
    server.route("GET", "/version", [](const Request&, const CallContext&) { return net::text_response(200, "0.1.0"); });
}

}  // namespace iapp::sms::internal
