// iapp grant, iapp revoke: dataset orders. A grant is an order on the book plus the limits the secret service enforces;
// a revocation closes the order on chain and stops releases for deals that were matched before.
#include "commands.hpp"
#include "crypto/random.hpp"
#include "market_client.hpp"
#include "options.hpp"
#include "poco/calls.hpp"
#include "poco/order_hash.hpp"
#include "sms_client.hpp"
#include "wallet_store.hpp"

namespace iapp::cli {
namespace {

constexpr auto kDay = std::chrono::hours(24);

Result<eth::Address> address_option(const Arguments& arguments, std::string_view name)
{
    const std::string text = arguments.get(name);
    if (text.empty() || text == "any") return eth::Address::zero();
    return address_of(text);
}

/// "2026-12-24T00:00:00Z", or a span from now: "90s", "15m", "6h", "30d".
Result<std::uint64_t> parse_until(const std::string& text, UnixSeconds now)
{
    if (text.empty()) return wire::kUnlimited;
    if (const auto time = parse_iso8601(text)) return static_cast<std::uint64_t>(time->time_since_epoch().count());
    const auto amount = eth::U256::from_dec(std::string_view(text).substr(0, text.size() - 1));
    const std::size_t unit = std::string_view("smhd").find(text.back());
    if (!amount || unit == std::string_view::npos || *amount > eth::U256(1'000'000))
        return fail(ErrorKind::invalid_input, "grant.until",
                    "--until is a time (2026-12-24T00:00:00Z) or a span (90s, 15m, 6h, 30d)");
    constexpr std::array<std::uint64_t, 4> kSeconds{1, 60, 3600, 24 * 3600};
    return static_cast<std::uint64_t>(now.time_since_epoch().count()) + amount->clamp_u64() * kSeconds[unit];
}

Result<poco::DatasetOrder> order_from(const Arguments& arguments)
{
    poco::DatasetOrder order;
    TRY(order.dataset, address_of(arguments.get("DATASET")));
    TRY(order.apprestrict, address_of(arguments.get("--app")));
    TRY(order.requesterrestrict, address_option(arguments, "--user"));
    TRY(order.workerpoolrestrict, address_option(arguments, "--workerpool"));
    TRY(const auto price, number_option(arguments, "--price", 0));
    TRY(const auto uses, number_option(arguments, "--uses", 1));
    const bool bulk = arguments.has("--bulk");
    if (bulk && price != 0)
        return fail(ErrorKind::invalid_input, "grant.bulk_price", "a grant for bulk runs is free: leave --price out");
    order.datasetprice = price;
    order.volume = bulk ? poco::kInfiniteVolume : uses;
    order.tag = poco::tdx_tag();
    order.salt = crypto::random_fixed<Hash256>();
    return order;
}

Status check_owner(Session& session, const eth::Address& dataset)
{
    TRY(const auto owner, session.hub.owner_of(dataset, session.call()));
    if (owner == session.me()) return {};
    return fail(ErrorKind::unauthenticated, "grant.owner", "the dataset belongs to " + eth::to_checksum(owner));
}

net::Query restriction_filter(const poco::DatasetOrder& order)
{
    net::Query query;
    query.add("dataset", eth::to_checksum(order.dataset));
    query.add("app", order.apprestrict.is_zero() ? "any" : eth::to_checksum(order.apprestrict));
    query.add("requester", order.requesterrestrict.is_zero() ? "any" : eth::to_checksum(order.requesterrestrict));
    query.add("workerpool", "any");
    return query;
}

Status close_on_chain(Session& session, const poco::DatasetOrder& order, const Hash256& hash)
{
    TRY(const auto consumed, session.hub.view_consumed(hash, session.call()));
    if (consumed >= order.volume) return {};
    TRY_OK(session.sender().send(
        {session.network.contracts.hub, poco::call::manage_dataset_order(order, poco::Operation::close)},
        session.call(std::chrono::minutes(2))));
    return {};
}

/// The key service first: it stops releases within this request; the chain stops further matches. iExec's own key service
/// knows no revocation: there, deals that are matched go on.
Status revoke_one(Session& session, const Listed<poco::DatasetOrder>& grant, UnixSeconds now, Phases& phases)
{
    if (session.network.trust) {
        phases.start("stop releases of " + grant.hash.hex().substr(0, 10));
        TRY_OK(send_revocation(
            session, {grant.hash, grant.order.dataset, static_cast<std::uint64_t>(now.time_since_epoch().count())}));
    }
    phases.start("close on chain " + grant.hash.hex().substr(0, 10));
    return close_on_chain(session, grant.order, grant.hash);
}

Result<std::vector<Listed<poco::DatasetOrder>>> grants_to_revoke(const Session& session, const Arguments& arguments)
{
    if (arguments.has("--order")) {
        TRY(const auto hash, id_option<Hash256>(arguments, "--order"));
        TRY(auto grant, get_dataset_order(session, hash));
        return std::vector{std::move(grant)};
    }
    if (!arguments.has("DATASET"))
        return fail(ErrorKind::invalid_input, "revoke.which", "neither a dataset nor --order was named");
    poco::DatasetOrder filter;
    TRY(filter.dataset, address_of(arguments.get("DATASET")));
    TRY(filter.apprestrict, address_option(arguments, "--app"));
    TRY(filter.requesterrestrict, address_option(arguments, "--user"));
    return find_dataset_orders(session, restriction_filter(filter));
}

}  // namespace

Result<Answer> run_grant(const Arguments& arguments, Context& context)
{
    TRY(auto order, order_from(arguments));
    TRY(const auto until, parse_until(arguments.get("--until"), context.clock.now_seconds()));
    TRY(const auto max_releases, number_option(arguments, "--max-releases", wire::kUnlimited));
    TRY(auto session, Session::open_signed(context));
    TRY_OK(check_owner(*session, order.dataset));
    const Hash256 hash = poco::sign_order(order, session->hub.separator(), session->wallet());

    // Limits before the offer: nobody can match the order while it is still unlimited.
    if (until != wire::kUnlimited || max_releases != wire::kUnlimited) {
        TRY_OK(wire::get_trust(session->network));  // iExec's own key service keeps no limits
        context.phases.start("set limits");
        const auto now = static_cast<std::uint64_t>(context.clock.now_seconds().time_since_epoch().count());
        TRY_OK(send_grant_policy(*session, {hash, order.dataset, until, max_releases, now}));
    }
    context.phases.start("publish the order");
    TRY_OK(publish(*session, "datasetorders", poco::encode(order)));
    context.phases.finish();
    return Answer{{{"orderHash", hash.hex()}, {"order", poco::encode(order)}, {"until", until}},
                  "grant  " + hash.hex() + "\nnext   the requester can run: iapp run " +
                      eth::to_checksum(order.apprestrict) + " --data " + eth::to_checksum(order.dataset) + "\n"};
}

Result<Answer> run_revoke(const Arguments& arguments, Context& context)
{
    TRY(auto session, Session::open_signed(context));
    TRY(const auto grants, grants_to_revoke(*session, arguments));
    if (grants.empty()) return fail(ErrorKind::not_found, "revoke.none", "no open grant matches");
    Answer answer;
    boost::json::array revoked;
    for (const auto& grant : grants) {
        TRY_OK(check_owner(*session, grant.order.dataset));
        TRY_OK(revoke_one(*session, grant, context.clock.now_seconds(), context.phases));
        revoked.push_back(boost::json::string(grant.hash.hex()));
        answer.text += "revoked  " + grant.hash.hex() + "\n";
    }
    context.phases.finish();
    answer.document["revoked"] = std::move(revoked);
    return answer;
}

}  // namespace iapp::cli
