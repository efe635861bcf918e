#pragma once
// From "run this app on that data" to a signed set of orders: finds the offers, joins datasets into bulk slices, writes the
// request. Checks everything the hub would check before any money moves.
#include "command.hpp"
#include "poco/match.hpp"
#include "session.hpp"

namespace iapp::cli {

struct Wanted {
    eth::Address app = eth::Address::zero();
    std::vector<eth::Address> datasets;
    std::string args;
    std::vector<std::string> input_files;
    std::map<std::uint32_t, std::string> secrets;  ///< position -> name of our requester secret
    bool rsa_result = false;
    std::optional<eth::Address> callback;
    std::uint64_t category = 0;
    std::uint64_t max_price_nrlc = 0;  ///< of everything together, per task
};

Result<Wanted> wanted_from(const Arguments& arguments);

/// Errors: not_found "run.no_app_order", "run.no_grant", "run.no_workerpool"; permission_denied "run.grant_closed" (by
/// name); resource_exhausted "run.price".
Result<poco::OrderSet> make_orders(const Session& session, const Wanted& wanted);

/// Asks the chain for the facts and judges the match. Errors: precondition_failed with the id of the first failed check.
Result<poco::MatchVerdict> check_match(const Session& session, const poco::OrderSet& orders);

}  // namespace iapp::cli
