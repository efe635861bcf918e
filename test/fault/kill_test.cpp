// A network under a killer: requesters and an owner keep working while programs are killed at seeded moments. Afterwards
// every task has one end, every release has its leaf, and no key and no order is lost.
// What people do is done with the command line; what is true is read from the chain and from the ledger.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "chain/hub.hpp"
#include "codec/json.hpp"
#include "poco/events.hpp"
#include "poco/task.hpp"
#include "support/devnet_run.hpp"
#include "support/oci_builder.hpp"

namespace iapp {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int kKills = 54;
constexpr std::size_t kRequesters = 3;
constexpr int kTasksEach = 18;
constexpr int kNewDatasets = 5;

net::CallContext call() { return {.request_id = "kill_test", .deadline = net::deadline_in(20s)}; }

std::uint64_t seed()
{
    if (const char* given = std::getenv("IAPP_SEED")) return std::strtoull(given, nullptr, 10);
    return std::random_device{}();
}

/// A dataset with one grant for everybody, and what is in it.
struct Dataset {
    std::string address;
    std::string grant;  ///< order hash
    std::string content;
};

/// Tries until it works: what people do when a service is away for a moment.
test::Said insist(const test::DevnetRun& net, const std::vector<std::string>& args, std::chrono::seconds patience = 30s)
{
    const auto deadline = Clock::now() + patience;
    while (true) {
        auto said = net.iapp(args, 30s);
        if (said.ok() || Clock::now() > deadline) return said;
        std::this_thread::sleep_for(200ms);
    }
}

class Storm {
public:
    explicit Storm(test::DevnetRun& net) : net_(net)
    {
        net.make_wallet("developer");
        for (std::size_t i = 0; i < kRequesters; ++i) net.make_wallet("requester" + std::to_string(i));
        net.make_wallet("owner");
        net.make_wallet("second-owner");
        test::build_program_image(net.folder() / "image", IAPP_SANDBOX_PROBE, R"({"Entrypoint":["/app"]})");
        const auto deployed = net.must({"deploy", net.folder() / "image", "--name", "linger", "--wallet", "developer"});
        app_ = deployed.field("app");
        app_order_ = deployed.field("orderHash");
        for (std::size_t i = 0; i < kRequesters; ++i) add_dataset("owner", "first content " + std::to_string(i));
    }

    /// Returns when the killer has done its work and everyone has stopped.
    void rage(std::mt19937_64& random)
    {
        std::vector<std::jthread> people;
        people.reserve(kRequesters + 1);
        for (std::size_t i = 0; i < kRequesters; ++i)
            people.emplace_back([this, i](const std::stop_token& stop) { request(i, stop); });
        people.emplace_back([this](const std::stop_token& stop) { own(stop); });
        kill_all(random);
    }

    const std::map<std::string, int>& killed() const { return killed_; }
    int killed(const std::string& name) const { return killed_.contains(name) ? killed_.at(name) : 0; }
    const std::string& app() const { return app_; }
    const std::string& app_order() const { return app_order_; }
    std::vector<Dataset> datasets() const
    {
        const std::lock_guard lock(mutex_);
        return datasets_;
    }
    int submitted() const { return submitted_; }

    bool add_dataset(const std::string& wallet, const std::string& content)
    {
        const auto file = net_.folder() / (wallet + ".txt");
        std::ofstream(file) << content;
        const auto made = net_.iapp({"protect", file, "--name", content, "--wallet", wallet, "--json"}, 30s);
        if (!made.ok()) return false;
        const std::string address = made.field("dataset");
        const auto granted = insist(net_, {"grant", address, "--app", app_, "--user", "any", "--bulk", "--max-releases",
                                           "1000000", "--wallet", wallet, "--json"});
        if (!granted.ok()) return false;
        const std::lock_guard lock(mutex_);
        datasets_.push_back({address, granted.field("orderHash"), content});
        return true;
    }

private:
    void request(std::size_t who, const std::stop_token& stop)
    {
        for (int done = 0; done < kTasksEach && !stop.stop_requested();) {
            const auto all = datasets();
            const auto said =
                net_.iapp({"run", app_, "--data", all[static_cast<std::size_t>(done) % all.size()].address, "--args",
                           "linger 150 report", "--wallet", "requester" + std::to_string(who), "--detach", "--json"},
                          30s);
            if (said.ok()) {
                ++done;
                ++submitted_;
            }
            std::this_thread::sleep_for(said.ok() ? 1500ms : 300ms);
        }
    }

    void own(const std::stop_token& stop)
    {
        for (int made = 0; made < kNewDatasets && !stop.stop_requested();) {
            if (add_dataset("second-owner", "later content " + std::to_string(made))) ++made;
            std::this_thread::sleep_for(3s);
        }
    }

    void kill_all(std::mt19937_64& random)
    {
        constexpr std::array kVictims{"anvil",   "registry",  "blobs",     "sms",    "sms",
                                      "market",  "scheduler", "scheduler", "worker", "worker",
                                      "tee-sim", "tee-sim",   "agent",     "agent",  "app"};
        std::uniform_int_distribution<std::size_t> pick(0, kVictims.size() - 1);
        std::uniform_int_distribution<int> pause_ms(200, 2200);
        for (int kills = 0; kills < kKills;) {
            std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms(random)));
            if (kill_one(kVictims[pick(random)])) ++kills;
        }
    }

    /// Programs of a task live for moments: wait a little until there is one.
    bool kill_one(const std::string& name)
    {
        for (int tries = 0; tries < 100; ++tries) {
            for (const auto& process : net_.processes()) {
                if (process.name != name || !runtime::is_alive(process.identity)) continue;
                ::kill(process.identity.pid, SIGKILL);
                ++killed_[name];
                return true;
            }
            std::this_thread::sleep_for(20ms);
        }
        return false;
    }

    test::DevnetRun& net_;
    std::string app_, app_order_;
    mutable std::mutex mutex_;
    std::vector<Dataset> datasets_;
    std::atomic<int> submitted_ = 0;
    std::map<std::string, int> killed_;
};

/// What the chain says about all tasks of the network.
class Truth {
public:
    explicit Truth(const test::DevnetRun& net)
        : net_(net),
          rpc_(http_, {.url = net.network().rpc_url}),
          hub_(rpc_, net.network().chain_id, net.network().contracts.hub)
    {
    }

    /// Every task of every deal, and how often it was finalised.
    std::map<poco::TaskId, int> finalized()
    {
        std::map<poco::TaskId, int> out;
        for (const auto& log : logs(poco::topic<poco::OrdersMatched>())) {
            const auto deal_id = poco::OrdersMatched::decode(log)->deal;
            const auto deal = hub_.view_deal(deal_id, call()).value();
            for (std::uint64_t i = 0; i < deal.bot_size; ++i) out.emplace(poco::task_id(deal_id, deal.bot_first + i), 0);
        }
        for (const auto& log : logs(poco::topic<poco::TaskFinalize>())) ++out[poco::TaskFinalize::decode(log)->task];
        return out;
    }

    poco::Task task(const poco::TaskId& id) { return hub_.view_task(id, call()).value(); }
    std::uint64_t consumed(const std::string& order)
    {
        return hub_.view_consumed(Hash256::from_hex(order).value(), call())->clamp_u64();
    }

    bool is_registered(const std::string& dataset)
    {
        return hub_.is_registered(net_.network().contracts.dataset_registry, eth::parse_address(dataset).value(), call())
            .value();
    }

    void node(std::string method, std::string params)
    {
        ASSERT_TRUE(rpc_.call({std::move(method), std::move(params)}, call()));
    }

    std::string get(const std::string& url) const
    {
        const auto answer = http_.get(url, net::deadline_in(10s));
        return answer && answer->status == 200 ? answer->body : "";
    }

private:
    std::vector<eth::Log> logs(const Hash256& topic)
    {
        const auto head = rpc_.block_number(call()).value();
        return rpc_.logs({{net_.network().contracts.hub}, {{topic}}}, net_.network().start_block, head, call()).value();
    }

    const test::DevnetRun& net_;
    net::HttpClient http_;
    chain::JsonRpcClient rpc_;
    chain::Hub hub_;
};

/// What the scheduler says about a task.
struct Told {
    std::string status, failure;
};
Told scheduler_says(const Truth& truth, const test::DevnetRun& net, const poco::TaskId& task)
{
    const auto model = json::parse(truth.get(*net.network().services.core + "/tasks/" + task.hex()));
    if (!model) return {};
    Told told{std::string(model->at("currentStatus").as_string()), ""};
    if (const auto* failure = model->as_object().if_contains("failure")) told.failure = failure->at("id").as_string();
    return told;
}

/// One leaf of the audit.
struct Leaf {
    bool released;
    std::string task;
    std::vector<std::string> datasets;
};
std::vector<Leaf> audit(const test::DevnetRun& net)
{
    const auto said = insist(net, {"audit", "--json"});
    EXPECT_TRUE(said.ok()) << said.err;
    std::vector<Leaf> out;
    const auto document = said.json();
    for (const auto& item : document.at("decisions").as_array()) {
        Leaf leaf{item.at("released").as_bool(), std::string(item.at("task").as_string()), {}};
        for (const auto& dataset : item.at("datasets").as_array()) leaf.datasets.emplace_back(dataset.as_string());
        out.push_back(std::move(leaf));
    }
    return out;
}

/// The book holds the order, open, and what it says is left is what the chain has not consumed.
void expect_on_book(Truth& truth, const test::DevnetRun& net, const std::string& kind, const std::string& order)
{
    const auto url =
        net.network().services.market + '/' + kind + '/' + order + "?chainId=" + std::to_string(net.network().chain_id);
    std::string seen;
    for (int tries = 0; tries < 50; ++tries) {  // the book follows the chain at its own pace
        seen = truth.get(url);
        const auto entry = json::parse(seen);
        if (entry && entry->at("status").as_string() == "open") {
            const auto volume = json::print(entry->at("order").at("volume"));
            const auto left = entry->at("remaining").to_number<std::uint64_t>();
            if (std::to_string(left + truth.consumed(order)) == volume) return;
        }
        std::this_thread::sleep_for(100ms);
    }
    ADD_FAILURE() << kind << ' ' << order << ": consumed " << truth.consumed(order) << ", the book says " << seen;
}

class KillTest : public testing::Test {
protected:
    /// Until every task is completed, or given up with a reason. Answers those given up.
    std::map<poco::TaskId, std::string> settle(std::chrono::seconds patience)
    {
        const auto deadline = Clock::now() + patience;
        std::map<poco::TaskId, std::string> given_up;
        while (true) {
            std::size_t open = 0;
            for (const auto& [task, times] : truth.finalized()) {
                if (times > 0) continue;
                const Told told = scheduler_says(truth, net, task);
                if (told.status == "FAILED" && !told.failure.empty()) given_up[task] = told.failure;
                else ++open;
                if (Clock::now() > deadline) ADD_FAILURE() << task.hex() << " is " << told.status << " " << told.failure;
            }
            if (open == 0 || Clock::now() > deadline) return given_up;
            std::this_thread::sleep_for(300ms);
        }
    }

    test::DevnetRun net;
    Truth truth{net};
};

TEST_F(KillTest, LosesNothingAndDoesNothingTwice)
{
    const std::uint64_t chosen = seed();
    std::cout << "IAPP_SEED=" << chosen << std::endl;
    std::mt19937_64 random(chosen);
    Storm storm(net);
    storm.rage(random);
    for (const auto& [name, times] : storm.killed()) std::cout << "killed " << name << ' ' << times << " times\n";

    const auto whole = insist(net, {"devnet", "status", "--dir", net.layout().dir, "--json"});
    ASSERT_TRUE(whole.ok()) << whole.out << whole.err;
    const auto given_up = settle(90s);
    const auto tasks = truth.finalized();
    std::map<std::string, int> reasons;
    for (const auto& [task, reason] : given_up) ++reasons[reason];
    std::cout << storm.submitted() << " tasks submitted, " << tasks.size() << " on chain, " << given_up.size()
              << " given up\n";
    for (const auto& [reason, times] : reasons) std::cout << "given up for " << reason << ": " << times << '\n';

    // Every task has one end.
    const auto leaves = audit(net);
    int failed_apps = 0;
    for (const auto& [task, times] : tasks) {
        SCOPED_TRACE(task.hex());
        EXPECT_LE(times, 1);
        EXPECT_EQ(truth.task(task).status == poco::TaskStatus::completed, times == 1);
        EXPECT_TRUE(times == 1 || given_up.contains(task)) << "a task without an end";
        if (times == 0) continue;
        const auto releases =
            std::ranges::count_if(leaves, [&](const Leaf& leaf) { return leaf.released && leaf.task == task.hex(); });
        EXPECT_GE(releases, 1) << "a result without a release";
        const auto out = net.folder() / task.hex();
        const auto opened = net.iapp({"result", task.hex(), "--out", out, "--json"});
        const bool app_failed = test::slurp(out / "error.txt").starts_with("app.");
        failed_apps += app_failed ? 1 : 0;
        EXPECT_TRUE(opened.ok() || app_failed) << opened.err << opened.out;
        EXPECT_EQ(opened.field("level"), "SIMULATED") << opened.out;
    }

    EXPECT_LE(failed_apps, storm.killed("app")) << "an app failed that nobody killed";

    // Every release was counted, every count has its leaf, every grant is on the book, every key is there.
    std::size_t vanished = 0;
    for (const Dataset& dataset : storm.datasets()) {
        SCOPED_TRACE(dataset.content);
        if (!truth.is_registered(dataset.address)) {
            ++vanished;  // the chain took its block back; then there is nothing to promise
            continue;
        }
        const auto releases = std::ranges::count_if(leaves, [&](const Leaf& leaf) {
            return leaf.released && std::ranges::find(leaf.datasets, dataset.address) != leaf.datasets.end();
        });
        const auto grant = truth.get(net.network().services.sms + "/v1/grants/" + dataset.address + "/" + dataset.grant);
        EXPECT_EQ(json::parse(grant).value().at("releases").to_number<std::int64_t>(), releases);
        expect_on_book(truth, net, "datasetorders", dataset.grant);
        const auto out = net.folder() / ("last-" + dataset.address);
        const auto ran = net.iapp({"run", storm.app(), "--data", dataset.address, "--args", "report", "--wallet",
                                   "requester0", "--out", out, "--json"});
        EXPECT_TRUE(ran.ok()) << ran.err;
        EXPECT_NE(test::slurp(out / "result.txt").find(dataset.content), std::string::npos);
    }
    expect_on_book(truth, net, "apporders", storm.app_order());
    const auto pool = json::parse(truth.get(
        net.network().services.market + "/workerpoolorders?category=0&chainId=" + std::to_string(net.network().chain_id) +
        "&workerpool=" + eth::to_checksum(net.network().workerpool)));
    ASSERT_TRUE(pool);
    ASSERT_EQ(pool->at("orders").as_array().size(), 1U);
    expect_on_book(truth, net, "workerpoolorders", std::string(pool->at("orders").at(0).at("orderHash").as_string()));
    std::cout << vanished << " datasets were on blocks the chain took back\n";

    // What was given up is refunded at its deadline.
    if (given_up.empty()) return;
    truth.node("evm_increaseTime", "[3100]");
    truth.node("evm_mine", "[]");
    const auto deadline = Clock::now() + 30s;
    const auto is_open = [&](const auto& entry) { return truth.task(entry.first).status != poco::TaskStatus::failed; };
    while (std::ranges::any_of(given_up, is_open) && Clock::now() < deadline) std::this_thread::sleep_for(200ms);
    EXPECT_EQ(std::ranges::count_if(given_up, is_open), 0) << "tasks nobody claimed";
}

}  // namespace
}  // namespace iapp
