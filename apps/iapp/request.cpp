#include "request.hpp"

#include <set>

#include "crypto/random.hpp"
#include "market_client.hpp"
#include "options.hpp"
#include "poco/compatibility.hpp"
#include "poco/order_hash.hpp"
#include "poco/params.hpp"
#include "wallet_store.hpp"

namespace iapp::cli {
namespace {

std::string text(const eth::Address& address) { return eth::to_checksum(address); }

/// Offers that are open to us: unrestricted, or restricted to exactly this party.
bool allows(const eth::Address& restriction, const eth::Address& party)
{
    return restriction.is_zero() || restriction == party;
}

Result<poco::AppOrder> find_app_order(const Session& session, const Wanted& wanted)
{
    net::Query query;
    query.add("app", text(wanted.app));
    for (const char* party : {"dataset", "workerpool", "requester"}) query.add(party, "any");
    TRY(const auto offers, find_app_orders(session, query));
    for (const auto& offer : offers)
        if (offer.order.app == wanted.app && allows(offer.order.requesterrestrict, session.me()) &&
            allows(offer.order.workerpoolrestrict, session.network.workerpool))
            return offer.order;
    return fail(ErrorKind::not_found, "run.no_app_order",
                "no open order for app " + text(wanted.app) + " that admits " + text(session.me()));
}

Result<poco::WorkerpoolOrder> find_pool_order(const Session& session, const Wanted& wanted)
{
    net::Query query;
    query.add("workerpool", text(session.network.workerpool));
    query.add("category", std::to_string(wanted.category));
    for (const char* party : {"app", "dataset", "requester"}) query.add(party, "any");
    TRY(const auto offers, find_workerpool_orders(session, query));
    for (const auto& offer : offers)
        if (offer.order.workerpool == session.network.workerpool) return offer.order;
    return fail(
        ErrorKind::not_found, "run.no_workerpool",
        "workerpool " + text(session.network.workerpool) + " offers nothing in category " + std::to_string(wanted.category));
}

/// A grant that names us, for one dataset; says by name when there was one and it is closed.
Result<poco::DatasetOrder> find_grant(const Session& session, const Wanted& wanted, const eth::Address& dataset, bool bulk)
{
    net::Query query;
    query.add("dataset", text(dataset));
    query.add("app", text(wanted.app));
    for (const char* party : {"workerpool", "requester"}) query.add(party, "any");
    TRY(const auto offers, find_dataset_orders(session, query));
    for (const auto& offer : offers) {
        if (offer.order.dataset != dataset) continue;  // the book answers what it likes; we run on what we were asked to
        if (!allows(offer.order.requesterrestrict, session.me()) ||
            !allows(offer.order.workerpoolrestrict, session.network.workerpool))
            continue;
        if (!bulk || poco::check_bulk_rules(offer.order)) return offer.order;
    }
    TRY(const auto entry, session.hub.view_dataset(dataset, session.call()));
    return fail(ErrorKind::permission_denied, "run.no_grant",
                "the owner of \"" + entry.name + "\" (" + text(dataset) + ") grants no access to app " + text(wanted.app) +
                    " for " + text(session.me()) + (bulk ? " in bulk runs" : "") +
                    "; it was never given, is used up, or was revoked");
}

/// One slice with all datasets: one task processes them together.
Result<std::string> upload_bulk(const Session& session, const Wanted& wanted)
{
    std::string slice = "[";
    for (const eth::Address& dataset : wanted.datasets) {
        TRY(const auto grant, find_grant(session, wanted, dataset, true));
        slice += (slice.size() > 1 ? "," : "") + poco::encode(grant);
    }
    slice += "]";
    TRY(const auto slice_cid, session.blobs.add(as_bytes(slice), session.call()));
    return session.blobs.add(as_bytes("[\"" + slice_cid + "\"]"), session.call());
}

poco::RequestOrder request_for(const Session& session, const Wanted& wanted, const poco::OrderSet& offers,
                               const std::string& params)
{
    poco::RequestOrder request;
    request.app = wanted.app;
    request.appmaxprice = offers.app.appprice;
    request.dataset = offers.dataset.dataset;
    request.datasetmaxprice = offers.dataset.datasetprice;
    request.workerpool = session.network.workerpool;
    request.workerpoolmaxprice = offers.workerpool.workerpoolprice;
    request.requester = request.beneficiary = session.me();
    request.volume = 1;
    request.tag = poco::tdx_tag();
    request.category = wanted.category;
    request.callback = wanted.callback.value_or(eth::Address::zero());
    request.params = params;
    request.salt = crypto::random_fixed<Hash256>();
    return request;
}

Status check_price(const Wanted& wanted, const poco::OrderSet& offers)
{
    eth::U256 sum = offers.app.appprice;
    TRY(sum, sum.add(offers.dataset.datasetprice));
    TRY(sum, sum.add(offers.workerpool.workerpoolprice));
    if (sum <= eth::U256(wanted.max_price_nrlc)) return {};
    return fail(ErrorKind::resource_exhausted, "run.price",
                "a task costs " + sum.to_dec() + " nRLC (app " + offers.app.appprice.to_dec() + ", data " +
                    offers.dataset.datasetprice.to_dec() + ", workerpool " + offers.workerpool.workerpoolprice.to_dec() +
                    "); allow it with --max-price " + sum.to_dec());
}

Result<std::string> params_for(const Wanted& wanted, const std::optional<std::string>& bulk_cid)
{
    poco::RequestParams params;
    params.args = wanted.args;
    params.input_files = wanted.input_files;
    params.secrets = wanted.secrets;
    params.result_encryption = wanted.rsa_result;
    params.bulk_cid = bulk_cid;
    if (!wanted.callback) params.result_storage_provider = "ipfs";
    std::string encoded = poco::encode(params);
    TRY_OK(poco::check_params(encoded));
    return encoded;
}

Result<std::pair<std::uint32_t, std::string>> secret_from(const std::string& option)
{
    const std::size_t cut = option.find('=');
    const auto position = eth::U256::from_dec(std::string_view(option).substr(0, cut));
    if (cut == std::string::npos || !position || *position > eth::U256(1000) || position->is_zero())
        return fail(ErrorKind::invalid_input, "run.secret",
                    "--requester-secret is POSITION=NAME, for instance 1=my-api-key");
    return std::pair{static_cast<std::uint32_t>(position->clamp_u64()), option.substr(cut + 1)};
}

}  // namespace

Result<Wanted> wanted_from(const Arguments& arguments)
{
    Wanted wanted;
    TRY(wanted.app, address_of(arguments.get("APP")));
    std::set<eth::Address> seen;
    for (const std::string& name : arguments.all("--data")) {
        TRY(const auto dataset, address_of(name));
        if (seen.insert(dataset).second) wanted.datasets.push_back(dataset);
    }
    for (const std::string& option : arguments.all("--requester-secret")) {
        TRY(const auto secret, secret_from(option));
        wanted.secrets.insert(secret);
    }
    wanted.args = arguments.get("--args");
    wanted.input_files = arguments.all("--input-file");
    wanted.rsa_result = arguments.has("--rsa-result");
    if (const auto callback = arguments.find("--callback")) {
        TRY(wanted.callback, eth::parse_address(*callback));
    }
    TRY(wanted.category, number_option(arguments, "--category", 0));
    TRY(wanted.max_price_nrlc, number_option(arguments, "--max-price", 0));
    return wanted;
}

Result<poco::OrderSet> make_orders(const Session& session, const Wanted& wanted)
{
    poco::OrderSet orders;
    std::optional<std::string> bulk_cid;
    if (wanted.datasets.size() == 1) {
        TRY(orders.dataset, find_grant(session, wanted, wanted.datasets.front(), false));
    } else if (wanted.datasets.size() > 1) {
        TRY(bulk_cid, upload_bulk(session, wanted));
    }
    TRY(orders.app, find_app_order(session, wanted));
    TRY(orders.workerpool, find_pool_order(session, wanted));
    TRY_OK(check_price(wanted, orders));
    TRY(const auto params, params_for(wanted, bulk_cid));
    orders.request = request_for(session, wanted, orders, params);
    poco::sign_order(orders.request, session.hub.separator(), session.wallet());
    return orders;
}

Result<poco::MatchVerdict> check_match(const Session& session, const poco::OrderSet& orders)
{
    TRY(const auto facts, session.hub.match_facts(orders, session.call()));
    auto verdict = poco::explain(orders, facts);
    if (const auto* failed = verdict.first_failure())
        return fail(
            ErrorKind::precondition_failed, failed->id,
            failed->explanation + "; " + failed->fix + " (the hub would say " + std::string(failed->contract_reason) + ")");
    return verdict;
}

}  // namespace iapp::cli
