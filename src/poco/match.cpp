#include "poco/match.hpp"

#include <algorithm>

#include "poco/internal/match_check.hpp"
#include "poco/stake.hpp"

namespace iapp::poco {
namespace {

using internal::Check;
using Groups = std::set<std::pair<Address, Address>>;

std::string nrlc(const U256& amount) { return amount.to_dec() + " nRLC"; }

std::string tags(const Tag& tag)
{
    std::string out;
    for (const std::string& name : tag_names(tag)) (out += out.empty() ? "" : ",") += name;
    return out.empty() ? "none" : out;
}

/// Appends one outcome after the other, in the order of Check.
class Report {
public:
    explicit Report(std::vector<MatchCheck>& checks) : checks_(checks) {}

    void pass(Check check) { add(check, Outcome::pass); }
    void skip(Check check) { add(check, Outcome::not_applicable); }
    void fail(Check check, std::string explanation, std::string fix)
    {
        add(check, Outcome::fail, std::move(explanation), std::move(fix));
    }

    /// As above, where the hub stops with another reason than the check's own.
    void fail(Check check, std::string explanation, std::string fix, std::string_view contract_reason)
    {
        fail(check, std::move(explanation), std::move(fix));
        checks_.back().contract_reason = contract_reason;
    }

    /// Passes when `ok`; the two texts are only made when it does not.
    template <class Explain, class Fix>
    void require(Check check, bool ok, Explain&& explain, Fix&& fix)
    {
        ok ? pass(check) : fail(check, explain(), fix());
    }

private:
    void add(Check check, Outcome outcome, std::string explanation = {}, std::string fix = {})
    {
        const ReasonText& reason = internal::match_reasons()[static_cast<std::size_t>(check)];
        checks_.push_back({reason.id, reason.contract_reason, outcome, std::move(explanation), std::move(fix)});
    }

    std::vector<MatchCheck>& checks_;
};

void check_terms(Report& report, const OrderSet& orders, const MatchFacts& facts)
{
    const RequestOrder& request = orders.request;
    const WorkerpoolOrder& pool = orders.workerpool;
    report.require(
        Check::category, request.category == pool.category,
        [&] {
            return "the request asks for category " + request.category.to_dec() + ", the workerpool order offers " +
                   pool.category.to_dec();
        },
        [&] {
            return "sign the request for category " + pool.category.to_dec() + " or choose a workerpool order of category " +
                   request.category.to_dec();
        });
    report.require(
        Check::category_unknown, request.category < facts.category_count,
        [&] {
            return "category " + request.category.to_dec() + " does not exist; the hub has " + facts.category_count.to_dec();
        },
        [] { return std::string("choose one of the hub's categories"); });
    report.require(
        Check::trust, request.trust <= pool.trust,
        [&] { return "the request demands trust " + request.trust.to_dec() + ", the pool offers " + pool.trust.to_dec(); },
        [] { return std::string("lower the request's trust or choose a workerpool order with more"); });
}

void check_price(Report& report, Check check, const char* what, const U256& asked, const U256& paid)
{
    report.require(
        check, paid >= asked,
        [&] {
            return "the " + std::string(what) + " order asks " + nrlc(asked) + " per task, the request pays at most " +
                   nrlc(paid);
        },
        [&] {
            return "raise the request's " + std::string(what) + "maxprice to " + asked.to_dec() + " or choose a cheaper " +
                   what + " order";
        });
}

void check_tags(Report& report, const OrderSet& orders, HubVersion version)
{
    const Tag tag = deal_tag(orders, version);
    const Tag missing = without(tag, orders.workerpool.tag);
    report.require(
        Check::workerpool_tag, missing.is_zero(),
        [&] {
            return "the deal needs " + tags(tag) + ", the workerpool order offers " + tags(orders.workerpool.tag) +
                   "; missing: " + tags(missing);
        },
        [] { return std::string("choose a workerpool order with these capabilities"); });
    report.require(
        Check::app_tag, has(tag, TagBit::tee) == has(orders.app.tag, TagBit::tee),
        [&] { return "the request or the dataset asks for a TEE, the app order's tag is " + tags(orders.app.tag); },
        [] { return std::string("the app owner signs an order with the tags tee,tdx"); });
}

void check_targets(Report& report, const OrderSet& orders)
{
    report.require(
        Check::app, orders.request.app == orders.app.app,
        [&] {
            return "the request names app " + eth::to_checksum(orders.request.app) + ", the app order is for " +
                   eth::to_checksum(orders.app.app);
        },
        [] { return std::string("fetch an order of the app the request names"); });
    report.require(
        Check::dataset, orders.request.dataset == orders.dataset.dataset,
        [&] {
            return "the request names dataset " + eth::to_checksum(orders.request.dataset) + ", the dataset order is for " +
                   eth::to_checksum(orders.dataset.dataset) + " (zero: none)";
        },
        [&] {
            return std::string(orders.request.dataset.is_zero()
                                   ? "leave the dataset order out, or sign a request that names the dataset"
                                   : "fetch an order of the dataset the request names");
        });
}

/// One restriction: an order, what it restricts, its value and the account that must satisfy it.
struct Restriction {
    Check check;
    const char* order;
    const char* what;
    const Address& restriction;
    const Address& account;
};

std::array<Restriction, 10> restrictions(const OrderSet& o)
{
    return {{{Check::request_workerpool, "request", "workerpool", o.request.workerpool, o.workerpool.workerpool},
             {Check::app_dataset_restrict, "app", "dataset", o.app.datasetrestrict, o.dataset.dataset},
             {Check::app_workerpool_restrict, "app", "workerpool", o.app.workerpoolrestrict, o.workerpool.workerpool},
             {Check::app_requester_restrict, "app", "requester", o.app.requesterrestrict, o.request.requester},
             {Check::dataset_app_restrict, "dataset", "app", o.dataset.apprestrict, o.app.app},
             {Check::dataset_workerpool_restrict, "dataset", "workerpool", o.dataset.workerpoolrestrict,
              o.workerpool.workerpool},
             {Check::dataset_requester_restrict, "dataset", "requester", o.dataset.requesterrestrict, o.request.requester},
             {Check::workerpool_app_restrict, "workerpool", "app", o.workerpool.apprestrict, o.app.app},
             {Check::workerpool_dataset_restrict, "workerpool", "dataset", o.workerpool.datasetrestrict, o.dataset.dataset},
             {Check::workerpool_requester_restrict, "workerpool", "requester", o.workerpool.requesterrestrict,
              o.request.requester}}};
}

void check_restriction(Report& report, const Restriction& r, const Groups& members)
{
    report.require(
        r.check, satisfies(r.restriction, r.account, members),
        [&] {
            return "the " + std::string(r.order) + " order is for " + r.what + " " + eth::to_checksum(r.restriction) +
                   " only (or members of that group), not for " +
                   (r.account.is_zero() ? "none" : eth::to_checksum(r.account));
        },
        [&] {
            return "use a " + std::string(r.what) + " this order accepts, find another " + r.order +
                   " order, or have the group's manager add " + eth::to_checksum(r.account);
        });
}

struct ResourceChecks {
    Check contract;
    Check registered;
    Check signature;
};

void check_signature(Report& report, Check check, const char* what, const Address& signer, SignatureFact fact)
{
    if (fact == SignatureFact::valid) return report.pass(check);
    const std::string start = "the " + std::string(what) + " order ";
    const std::string fix = "have " + eth::to_checksum(signer) + " sign the " + what +
                            " order for this hub and chain; orders of a former owner are dead";
    if (fact == SignatureFact::malformed)  // the hub stops in its signature reader, before its own reason
        return report.fail(check, start + "carries no signature of 65 or 64 bytes and was not presigned on chain", fix,
                           "invalid-signature-format");
    report.fail(check, start + "is not signed by " + eth::to_checksum(signer) + ", the owner now", fix);
}

void check_resource(Report& report, const ResourceChecks& checks, const char* what, const Address& address,
                    const ResourceFacts& facts)
{
    report.require(
        checks.contract, facts.has_code, [&] { return "there is no contract at " + eth::to_checksum(address); },
        [&] { return "check the address and the network, or deploy the " + std::string(what); });
    report.require(
        checks.registered, facts.registered,
        [&] { return eth::to_checksum(address) + " is not in the " + what + " registry of this hub"; },
        [&] { return "deploy the " + std::string(what) + " through this hub's registry"; });
    check_signature(report, checks.signature, what, facts.owner, facts.signature);
}

void check_authenticity(Report& report, const OrderSet& orders, const MatchFacts& facts)
{
    constexpr ResourceChecks kApp{Check::app_contract, Check::app_registered, Check::app_signature};
    constexpr ResourceChecks kDataset{Check::dataset_contract, Check::dataset_registered, Check::dataset_signature};
    constexpr ResourceChecks kPool{Check::workerpool_contract, Check::workerpool_registered, Check::workerpool_signature};
    check_resource(report, kApp, "app", orders.app.app, facts.app);
    if (orders.has_dataset()) check_resource(report, kDataset, "dataset", orders.dataset.dataset, facts.dataset);
    else
        for (const Check check : {kDataset.contract, kDataset.registered, kDataset.signature}) report.skip(check);
    check_resource(report, kPool, "workerpool", orders.workerpool.workerpool, facts.workerpool);
    check_signature(report, Check::request_signature, "request", orders.request.requester, facts.request_signature);
}

struct Remaining {
    const char* order;
    U256 volume;
    U256 left;
};

/// What is left of each order that counts.
std::vector<Remaining> remaining(const OrderSet& orders, const MatchFacts& facts)
{
    std::vector<Remaining> out;
    const auto add = [&](const char* name, const U256& volume, const U256& consumed) {
        out.push_back({name, volume, saturating_sub(volume, consumed)});
    };
    add("app", orders.app.volume, facts.app.consumed);
    if (orders.has_dataset()) add("dataset", orders.dataset.volume, facts.dataset.consumed);
    add("workerpool", orders.workerpool.volume, facts.workerpool.consumed);
    add("request", orders.request.volume, facts.request_consumed);
    return out;
}

void check_volume(Report& report, MatchVerdict& verdict, const OrderSet& orders, const MatchFacts& facts)
{
    const auto orders_left = remaining(orders, facts);
    const Remaining& least = *std::ranges::min_element(orders_left, {}, &Remaining::left);
    verdict.volume = least.left;
    report.require(
        Check::volume, !least.left.is_zero(),
        [&] {
            return "nothing is left of the " + std::string(least.order) + " order: all of its " + least.volume.to_dec() +
                   " uses are consumed or cancelled";
        },
        [&] { return "find or sign a new " + std::string(least.order) + " order (with a fresh salt)"; });
}

/// The contract panics where an amount overflows; the largest number stands for it, which no account can pay.
U256 amount(const Result<U256>& value) { return value ? *value : U256::max(); }

void price_deal(MatchVerdict& verdict, const OrderSet& orders, const MatchFacts& facts)
{
    const U256 dataset_price = orders.has_dataset() ? orders.dataset.datasetprice : U256{};
    const Price price{orders.app.appprice, dataset_price, orders.workerpool.workerpoolprice};
    verdict.cost_per_task = amount(task_cost(price));
    verdict.payer_lock = amount(payer_lock(price, verdict.volume));
    verdict.pool_lock = amount(pool_lock(price.workerpool, verdict.volume));
    verdict.worker_stake = amount(worker_stake(price.workerpool, facts.worker_stake_ratio));
}

void check_stakes(Report& report, const MatchVerdict& verdict, const MatchFacts& facts)
{
    if (verdict.payer_lock == U256::max() || verdict.worker_stake == U256::max()) {  // computed before anything is locked
        for (const Check check : {Check::payer, Check::pool_stake}) report.skip(check);
        return report.fail(Check::payer_stake, "the prices times " + verdict.volume.to_dec() + " tasks exceed 256 bits",
                           "sign orders with prices somebody could pay", "panic 0x11 (arithmetic overflow)");
    }
    report.require(
        Check::payer, !facts.payer.is_zero(),
        [] { return std::string("the request's requester is the zero address, so nobody pays"); },
        [] {
            return std::string(
                "sign the request with a real requester, or send sponsorMatchOrders from the sponsor's wallet");
        });
    report.require(
        Check::payer_stake, facts.payer_stake >= verdict.payer_lock,
        [&] {
            return "the match locks " + nrlc(verdict.payer_lock) + " (" + verdict.cost_per_task.to_dec() + " for each of " +
                   verdict.volume.to_dec() + " tasks), " + eth::to_checksum(facts.payer) + " has " +
                   nrlc(facts.payer_stake) + " on its account";
        },
        [&] {
            return "deposit " + nrlc(saturating_sub(verdict.payer_lock, facts.payer_stake)) +
                   " more, or sign a request with less volume";
        });
    // The payer's lock comes first: a pool owner who pays for the deal needs both amounts.
    const U256 free_stake = facts.payer == facts.workerpool.owner
                                ? saturating_sub(facts.pool_owner_stake, verdict.payer_lock)
                                : facts.pool_owner_stake;
    report.require(
        Check::pool_stake, free_stake >= verdict.pool_lock,
        [&] {
            return "the match locks " + nrlc(verdict.pool_lock) + " of the pool owner " +
                   eth::to_checksum(facts.workerpool.owner) + ", who has " + nrlc(free_stake) + " free";
        },
        [&] {
            return "the pool owner deposits " + nrlc(saturating_sub(verdict.pool_lock, free_stake)) +
                   " more; or choose another pool";
        });
}

}  // namespace

const MatchCheck* MatchVerdict::first_failure() const
{
    const auto found = std::ranges::find(checks, Outcome::fail, &MatchCheck::outcome);
    return found == checks.end() ? nullptr : &*found;
}

MatchVerdict explain(const OrderSet& orders, const MatchFacts& facts)
{
    MatchVerdict verdict;
    Report report(verdict.checks);
    check_terms(report, orders, facts);
    check_price(report, Check::app_price, "app", orders.app.appprice, orders.request.appmaxprice);
    check_price(report, Check::dataset_price, "dataset", orders.dataset.datasetprice, orders.request.datasetmaxprice);
    check_price(report, Check::workerpool_price, "workerpool", orders.workerpool.workerpoolprice,
                orders.request.workerpoolmaxprice);
    check_tags(report, orders, facts.hub_version);
    check_targets(report, orders);
    for (const Restriction& restriction : restrictions(orders)) check_restriction(report, restriction, facts.members);
    check_authenticity(report, orders, facts);
    check_volume(report, verdict, orders, facts);
    price_deal(verdict, orders, facts);
    check_stakes(report, verdict, facts);
    if (verdict.ok()) verdict.deal = deal_id(facts.request_hash, facts.request_consumed);
    return verdict;
}

Tag deal_tag(const OrderSet& orders, HubVersion version)
{
    const Tag dataset = version == HubVersion::v6_1 ? orders.dataset.tag : without(orders.dataset.tag, framework_bits());
    return orders.app.tag | dataset | orders.request.tag;
}

bool satisfies(const Address& restriction, const Address& account, const Groups& members)
{
    return restriction.is_zero() || restriction == account || members.contains({restriction, account});
}

std::vector<std::pair<Address, Address>> group_questions(const OrderSet& orders)
{
    std::vector<std::pair<Address, Address>> questions;
    for (const Restriction& r : restrictions(orders)) {
        const std::pair question{r.restriction, r.account};
        if (!satisfies(r.restriction, r.account, {}) && std::ranges::find(questions, question) == questions.end())
            questions.push_back(question);
    }
    return questions;
}

}  // namespace iapp::poco
