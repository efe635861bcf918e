// iapp data: protected data and who may use it.
#include "codec/multiaddr.hpp"
#include "commands.hpp"
#include "market_client.hpp"
#include "wallet_store.hpp"

namespace iapp::cli {
namespace {

std::string party(const eth::Address& address) { return address.is_zero() ? "anyone" : eth::to_checksum(address); }

boost::json::object grant_json(const Listed<poco::DatasetOrder>& grant)
{
    return {{"orderHash", grant.hash.hex()},
            {"dataset", eth::to_checksum(grant.order.dataset)},
            {"app", party(grant.order.apprestrict)},
            {"user", party(grant.order.requesterrestrict)},
            {"workerpool", party(grant.order.workerpoolrestrict)},
            {"priceNrlc", grant.order.datasetprice.to_dec()},
            {"remaining", grant.remaining},
            {"status", grant.status}};
}

std::string grant_line(const Listed<poco::DatasetOrder>& grant)
{
    return grant.hash.hex() + "  data " + eth::to_checksum(grant.order.dataset) + "  app " + party(grant.order.apprestrict) +
           "  user " + party(grant.order.requesterrestrict) + "  left " + std::to_string(grant.remaining) + "  " +
           grant.status + "\n";
}

Result<Answer> list_grants(const Session& session, net::Query query)
{
    for (const char* restriction : {"app", "workerpool", "requester"}) query.add(restriction, "any");
    TRY(const auto grants, find_dataset_orders(session, query));
    Answer answer;
    boost::json::array list;
    for (const auto& grant : grants) {
        list.push_back(grant_json(grant));
        answer.text += grant_line(grant);
    }
    if (grants.empty()) answer.text = "no open grants\n";
    answer.document["grants"] = std::move(list);
    return answer;
}

}  // namespace

Result<Answer> run_data_list(const Arguments& arguments, Context& context)
{
    const std::string who = arguments.get("--owner", context.global.wallet);
    if (who.empty())
        return fail(ErrorKind::invalid_input, "wallet.missing", "whose grants? neither --owner nor --wallet was given");
    TRY(const auto owner, address_of(who));
    TRY(auto session, Session::open(context));
    net::Query query;
    query.add("datasetOwner", eth::to_checksum(owner));
    return list_grants(*session, std::move(query));
}

Result<Answer> run_data_show(const Arguments& arguments, Context& context)
{
    TRY(const auto dataset, address_of(arguments.get("DATASET")));
    TRY(auto session, Session::open(context));
    TRY(const auto entry, session->hub.view_dataset(dataset, session->call()));
    TRY(const auto multiaddr, codec::print_multiaddr(entry.multiaddr));
    net::Query query;
    query.add("dataset", eth::to_checksum(dataset));
    TRY(Answer answer, list_grants(*session, std::move(query)));
    answer.document["dataset"] = eth::to_checksum(dataset);
    answer.document["name"] = entry.name;
    answer.document["owner"] = eth::to_checksum(entry.owner);
    answer.document["multiaddr"] = multiaddr;
    answer.document["checksum"] = entry.checksum.hex();
    answer.text = "dataset   " + eth::to_checksum(dataset) + "\nname      " + entry.name + "\nowner     " +
                  eth::to_checksum(entry.owner) + "\nstored at " + multiaddr + "\nchecksum  " + entry.checksum.hex() + "\n" +
                  answer.text;
    return answer;
}

}  // namespace iapp::cli
