// iapp run: match the orders, wait for the task, open the result, check the receipt.
#include <thread>

#include "commands.hpp"
#include "identity.hpp"
#include "interrupt.hpp"
#include "outcome.hpp"
#include "poco/calls.hpp"
#include "poco/events.hpp"
#include "request.hpp"
#include "task_status.hpp"

namespace iapp::cli {
namespace {

struct Matched {
    poco::DealId deal;
    poco::TaskId task;
};

Result<Matched> match(Session& session, const poco::OrderSet& orders)
{
    TRY(const auto receipt, session.sender().send({session.network.contracts.hub, poco::call::match_orders(orders)},
                                                  session.call(std::chrono::minutes(2))));
    for (const eth::Log& log : receipt.logs) {
        const auto event = poco::OrdersMatched::decode(log);
        if (!event || log.address != session.network.contracts.hub) continue;
        TRY(const auto deal, session.hub.view_deal(event->deal, session.call()));
        return Matched{event->deal, poco::task_id(event->deal, deal.bot_first)};
    }
    return fail(ErrorKind::corrupt, "run.event", "the match succeeded but announced no deal; is the hub's address right?");
}

void say_cost(const poco::MatchVerdict& verdict, const poco::OrderSet& orders, const Session& session)
{
    std::fprintf(stderr, "  match of app %s by %s: %s nRLC a task (app %s, data %s, workerpool %s), locked now %s nRLC\n",
                 eth::to_checksum(orders.app.app).c_str(), eth::to_checksum(session.me()).c_str(),
                 verdict.cost_per_task.to_dec().c_str(), orders.app.appprice.to_dec().c_str(),
                 orders.dataset.datasetprice.to_dec().c_str(), orders.workerpool.workerpoolprice.to_dec().c_str(),
                 verdict.payer_lock.to_dec().c_str());
}

Answer pending(const Matched& matched)
{
    return {{{"deal", matched.deal.hex()}, {"task", matched.task.hex()}, {"status", "ACTIVE"}},
            "deal  " + matched.deal.hex() + "\ntask  " + matched.task.hex() + "\nnext  iapp result " + matched.task.hex() +
                "\n"};
}

/// Whatever goes wrong from here on, the user must know which task it was.
Status wait_for(const Session& session, const Matched& matched, Phases& phases)
{
    auto waited = wait_for_task(session, matched.deal, matched.task, phases);
    if (!waited) waited.error().detail = "task " + matched.task.hex() + ": " + waited.error().detail;
    return waited;
}

}  // namespace

Result<Answer> run_run(const Arguments& arguments, Context& context)
{
    TRY(auto wanted, wanted_from(arguments));
    if (const auto folder = arguments.find("--out")) TRY_OK(check_free(*folder));
    TRY(auto session, Session::open_signed(context));
    wanted.rsa_result = wanted.rsa_result || !session->network.trust;  // all that iExec's own workers can seal
    context.phases.start("find offers");
    TRY(const auto orders, make_orders(*session, wanted));
    context.phases.start("check the match");
    TRY(const auto verdict, check_match(*session, orders));
    TRY_OK(register_result_key(*session, wanted.rsa_result));
    if (!context.global.json) say_cost(verdict, orders, *session);
    const Interrupt interrupt;  // from here on money is locked: whoever stops us must hear which task it is for
    context.phases.start("match on chain");
    TRY(const auto matched, match(*session, orders));
    if (arguments.has("--detach")) return pending(matched);

    context.phases.start("run in the TEE");
    TRY_OK(wait_for(*session, matched, context.phases));
    TRY(Answer answer,
        open_outcome(*session, context, matched.task, arguments.get("--out", default_folder(matched.task).string())));
    if (!context.global.json) answer.text += "phases\n" + context.phases.table();
    return answer;
}

}  // namespace iapp::cli
