// The scheduler's HTTP API on a real chain: one task from its deal to its end, and every answer clients read on the way.
#include <gtest/gtest.h>

#include <thread>

#include "codec/json.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "poco/contribution.hpp"
#include "scheduler/service.hpp"
#include "support/oci_builder.hpp"
#include "support/poco_world.hpp"
#include "support/raw_client.hpp"
#include "support/store_engines.hpp"

namespace iapp::scheduler {
namespace {

using support::World;

wire::Network network_of(const localchain::TestChain& chain, const eth::Address& pool, const std::string& sms)
{
    const auto& made = chain.deployment();
    return {
        .name = "test",
        .chain_id = made.chain_id,
        .rpc_url = chain.rpc().url(),
        .rpc_witness_urls = {},
        .start_block = made.start_block,
        .contracts =
            {made.hub, made.rlc, made.app_registry, made.dataset_registry, made.workerpool_registry, made.dataprotector, {}},
        .services = {sms, "", "", "", "", "", "http://127.0.0.1:1", {}, {}, {}},
        .workerpool = pool,
        .trust = {}};
}

std::string upper(std::string_view hex)
{
    std::string out(hex);
    for (std::size_t i = 2; i < out.size(); ++i)
        if (out[i] >= 'a' && out[i] <= 'f') out[i] = static_cast<char>(out[i] - 32);
    return out;
}

/// The machine's, and as much later as a test says.
class LaterClock final : public Clock {
public:
    UnixMillis now() const override { return system_clock().now() + later_.load(); }
    void advance(std::chrono::seconds time) { later_ = later_.load() + time; }

private:
    std::atomic<std::chrono::seconds> later_{};
};

class SchedulerApi : public testing::TestWithParam<test::Engine> {
protected:
    void SetUp() override
    {
        const bool is_file = GetParam() == test::Engine::sqlite;
        const std::string location = is_file ? folder_.path("scheduler.db") : test::fresh_location(test::Engine::postgres);
        if (location.empty()) GTEST_SKIP() << test::kNoServer;
        auto started = localchain::TestChain::start();
        ASSERT_TRUE(started) << started.error().detail;
        chain_ = *std::move(started);
        world_ = std::make_unique<World>(*chain_);
        // A secret service that has attested whoever is asked for.
        sms_.route("POST", "/tee/challenges/{task}", [](const net::Request& request, const net::CallContext&) {
            return net::text_response(200, std::string(request.query.find("enclave").value_or("")));
        });
        ASSERT_TRUE(sms_.start());
        Options options{.database = location, .workers = {worker_.address(), other_.address()}};
        options.http.cors = true;
        auto service =
            Service::start(std::move(options), network_of(*chain_, world_->pools[0], sms_.origin()), pool_owner(), clock_);
        ASSERT_TRUE(service) << service.error().detail;
        service_ = *std::move(service);
    }

    static eth::Wallet pool_owner() { return localchain::dev_wallet(3); }
    const eth::Wallet& requester() const { return world_->wallets[3]; }

    poco::TaskId match(std::uint64_t volume = 1)
    {
        const Hash256& separator = chain_->hub().separator();
        poco::OrderSet set;
        set.app.app = world_->apps[0];
        set.workerpool.workerpool = world_->pools[0];
        set.request.app = world_->apps[0];
        set.request.requester = set.request.beneficiary = requester().address();
        set.request.params = R"({"iexec_args":"say hello"})";
        set.app.volume = set.workerpool.volume = set.request.volume = volume;
        set.app.tag = set.workerpool.tag = set.request.tag = poco::tdx_tag();
        poco::sign_order(set.app, separator, world_->wallets[0]);
        poco::sign_order(set.workerpool, separator, world_->wallets[2]);
        poco::sign_order(set.request, separator, requester());
        const auto receipt =
            chain_->deployer().send({.to = chain_->deployment().hub, .data = poco::call::match_orders(set)}, call());
        EXPECT_TRUE(receipt) << receipt.error().detail;
        deal_ = poco::find_event<poco::OrdersMatched>(receipt->logs, chain_->deployment().hub)->deal;
        return poco::task_id(deal_, 0);
    }

    static net::CallContext call() { return localchain::TestChain::call(); }

    net::Response get(const std::string& path, const std::string& authorization = {}) const
    {
        net::Request request{.target = service_->origin() + path};
        if (!authorization.empty()) request.headers.set("Authorization", authorization);
        return http_.send(request, call()).value();
    }
    json::Value json_of(const std::string& path) const { return json::parse(get(path).body).value(); }
    void expect_error(const net::Response& answer, int status, std::string_view id) const
    {
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(answer.headers.find("Content-Type").value_or(""), "application/json");
        const auto body = json::parse(answer.body).value();
        EXPECT_TRUE(std::string_view(body.at("error").as_string()).starts_with(id)) << answer.body;
    }

    net::Response post(std::string_view path, const std::string& body) const { return post_as(worker_, path, body); }
    net::Response post_as(const eth::Wallet& worker, std::string_view path, const std::string& body) const
    {
        return http_
            .send({.method = "POST",
                   .target = service_->origin() + std::string(path),
                   .headers = {{"Authorization", signed_by(worker, path, body)}},
                   .body = body},
                  call())
            .value();
    }
    std::string signed_by(const eth::Wallet& worker, std::string_view path, const std::string& body) const
    {
        const auto expires = static_cast<std::uint64_t>(clock_.now_seconds().time_since_epoch().count()) + 60;
        const auto nonce = crypto::random_fixed<wire::WorkerNonce>();
        const wire::WorkerRequest signed_part{"POST",           std::string(path), crypto::keccak256(as_bytes(body)),
                                              worker.address(), expires,           nonce};
        const auto signature = worker.sign(wire::signing_digest(signed_part, chain_->deployment().chain_id));
        return wire::encode(wire::WorkerAuth{worker.address(), expires, nonce, signature});
    }

    wire::Lease lease() const { return lease_as(worker_); }
    wire::Lease lease_as(const eth::Wallet& worker) const
    {
        for (int tries = 0; tries < 50; ++tries)
            if (const auto answer = post_as(worker, wire::kLeasePath, "{}"); answer.status == 200)
                return wire::parse_lease(answer.body).value();
        throw std::runtime_error("no lease");
    }

    struct Authorized {
        eth::Wallet enclave;
        crypto::Signature65 signature;
    };
    Authorized authorize(const wire::Lease& lease) const
    {
        auto enclave = eth::Wallet::generate();
        const auto reply = wire::parse_authorize_reply(
            post(wire::kAuthorizePath, wire::encode(wire::AuthorizeRequest{lease.lease_id, enclave.address()})).body);
        return {std::move(enclave), reply.value().signature};
    }

    void contribute(const wire::Lease& lease) { contribute(lease, authorize(lease)); }
    void contribute(const wire::Lease& lease, const Authorized& authorized)
    {
        const auto& enclave = authorized.enclave;
        const Hash256 digest = crypto::sha256(as_bytes("result"));
        const auto signature = enclave.sign_personal(poco::enclave_message(worker_.address(), lease.task, digest));
        const auto sent = chain_->sender(worker_).send(
            {.to = chain_->deployment().hub,
             .data = poco::call::contribute_and_finalize({lease.task,
                                                          digest,
                                                          to_bytes("{}"),
                                                          {},
                                                          enclave.address(),
                                                          to_bytes(signature.bytes()),
                                                          to_bytes(authorized.signature.bytes())}),
             .gas_extra = 1'000'000},
            call());
        ASSERT_TRUE(sent) << sent.error().detail;
    }

    std::string wait_for(const poco::TaskId& task, std::string_view state) const
    {
        std::string seen;
        for (int tries = 0; tries < 200 && seen != state; ++tries) {
            if (tries > 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
            const auto model = json_of("/tasks/" + task.hex());
            if (const auto* current = model.as_object().if_contains("currentStatus")) seen = current->as_string();
        }
        return seen;
    }

    std::string authorization(const eth::Wallet& wallet, const eth::Address& reader) const
    {
        const auto document = json_of("/tasks/logs/challenge?address=" + eth::to_checksum(reader) + "&chainId=1");
        const LogChallenges challenges(chain_->deployment().chain_id, log_challenge_key(pool_owner().key().secret()));
        const Hash256 digest = challenges.digest(std::string(document.at_pointer("/message/challenge").as_string()));
        return digest.hex() + "_" + wallet.sign(digest).hex() + "_" + eth::to_checksum(reader);
    }

    std::unique_ptr<localchain::TestChain> chain_;
    std::unique_ptr<World> world_;
    test::TempFolder folder_;
    net::HttpClient http_;
    net::HttpServer sms_;
    eth::Wallet worker_ = localchain::dev_wallet(7);
    eth::Wallet other_ = localchain::dev_wallet(8);
    LaterClock clock_;
    std::unique_ptr<Service> service_;
    poco::DealId deal_ = poco::DealId::zero();
};

TEST_P(SchedulerApi, TellsATaskFromItsDealToItsEnd)
{
    const auto unknown = poco::TaskId{std::array<std::uint8_t, 32>{1}};
    expect_error(get("/tasks/" + unknown.hex()), 404, "scheduler.task");
    expect_error(get("/tasks/0x12"), 400, "hex.length");

    const auto task = match();
    const std::string path = "/tasks/" + task.hex();
    EXPECT_EQ(wait_for(task, "INITIALIZED"), "INITIALIZED");
    const std::string reader = authorization(requester(), requester().address());
    expect_error(get(path + "/logs", reader), 404, "scheduler.logs");
    expect_error(get(path + "/replicates/" + worker_.address().hex()), 404, "scheduler.replicate");

    const auto held = lease();
    EXPECT_EQ(held.task, task);
    contribute(held);
    EXPECT_EQ(wait_for(task, "COMPLETED"), "COMPLETED");
    wire::Report report{held.lease_id, wire::ReportStatus::contributed, {}, {}, {}, wire::RunLog{"hello", "[iapp] done", 0}};
    ASSERT_EQ(post(wire::kReportPath, wire::encode(report)).status, 204);

    const auto model = json_of(path);
    EXPECT_EQ(model.at("commandLine").as_string(), "say hello");
    EXPECT_EQ(model.at("dappName").as_string(), "image");
    EXPECT_EQ(model.at("resultLink").as_string(), "{}");
    EXPECT_EQ(model.at("uploadingWorkerWalletAddress").as_string(), eth::to_checksum(worker_.address()));
    std::vector<std::string> states;
    for (const auto& change : model.at("dateStatusList").as_array()) {
        states.emplace_back(change.at("status").as_string());
        const std::string date(change.at("date").as_string());
        EXPECT_TRUE(date.size() == 29 && date.ends_with(".000+00:00") && date[10] == 'T') << date;
    }
    EXPECT_EQ(states, (std::vector<std::string>{"RECEIVED", "INITIALIZED", "RUNNING", "COMPLETED"}));

    const auto& replicate = model.at("replicates").as_array().at(0);
    EXPECT_EQ(replicate, json_of(path + "/replicates/" + worker_.address().hex()));
    EXPECT_EQ(replicate.at("walletAddress").as_string(), eth::to_checksum(worker_.address()));
    EXPECT_EQ(replicate.at("currentStatus").as_string(), "COMPLETED");
    EXPECT_EQ(replicate.at("appExitCode").as_int64(), 0);
    EXPECT_EQ(replicate.at("statusUpdateList").as_array().size(), 5U);

    const auto logs = json::parse(get(path + "/logs", reader).body).value();
    EXPECT_EQ(logs.at("chainTaskId").as_string(), task.hex());
    const auto& log = logs.at("computeLogsList").as_array().at(0);
    EXPECT_EQ(log.at("stdout").as_string(), "hello");
    EXPECT_EQ(log.at("stderr").as_string(), "[iapp] done");
    EXPECT_EQ(log, json::parse(get(path + "/replicates/" + worker_.address().hex() + "/logs", reader).body).value());

    EXPECT_EQ(json_of("/tasks/" + upper(task.hex())), model);
    EXPECT_EQ(json_of("/tasks/" + upper(task.hex()) + "/replicates/" + upper(worker_.address().hex())), replicate);
    const std::string shouted = reader.substr(0, reader.rfind('_') + 1) + upper(requester().address().hex());
    EXPECT_EQ(json::parse(get(path + "/logs", shouted).body).value(), logs);
    for (const std::string& spoken : {path, path + "/logs", std::string("/workers/config"), std::string("/metrics")})
        EXPECT_EQ(get(spoken, reader).headers.find("Content-Type"), "application/json") << spoken;
    EXPECT_EQ(json::parse(get(path + "/logs", reader).body).value(), logs) << "a challenge is signed once and used often";

    const auto& stranger = world_->wallets[4];
    for (const std::string& of : {path + "/logs", path + "/replicates/" + worker_.address().hex() + "/logs"}) {
        expect_error(get(of), 401, "scheduler.log_authorization");
        expect_error(get(of, "nonsense"), 401, "scheduler.log_authorization");
        expect_error(get(of, authorization(stranger, requester().address())), 401, "scheduler.log_authorization");
        expect_error(get(of, authorization(stranger, stranger.address())), 403, "scheduler.log_reader");
    }
    expect_error(get("/tasks/" + unknown.hex() + "/logs", reader), 404, "scheduler.task");
    expect_error(get(path + "/replicates/" + stranger.address().hex() + "/logs", reader), 404, "scheduler.logs");
    EXPECT_EQ(get("/tasks/logs/challenge?address=0x12").status, 400);
}

TEST_P(SchedulerApi, OffersATaskAgainWhoseEndTheChainTookBack)
{
    const auto task = match();
    const auto held = lease();
    const std::string before = chain_->rpc().call({"evm_snapshot"}, call()).value();
    contribute(held);
    EXPECT_EQ(wait_for(task, "COMPLETED"), "COMPLETED");
    ASSERT_TRUE(chain_->rpc().call({"evm_revert", "[" + before + "]"}, call()));
    const auto again = lease();
    EXPECT_EQ(again.task, task);
    contribute(again);
    EXPECT_EQ(wait_for(task, "COMPLETED"), "COMPLETED");
}

TEST_P(SchedulerApi, CreditsWhoContributedWithTheTaskThatAnotherTook)
{
    const auto task = match();
    const auto lost = lease();
    const auto authorized = authorize(lost);
    clock_.advance(std::chrono::seconds(31));
    const auto held = lease_as(other_);
    const auto report_as = [&](const eth::Wallet& worker, const wire::Lease& lease, const std::string& out) {
        const wire::Report report{lease.lease_id, wire::ReportStatus::contributed, {}, {}, {}, wire::RunLog{out, "", 0}};
        return post_as(worker, wire::kReportPath, wire::encode(report)).status;
    };
    EXPECT_EQ(report_as(worker_, lost, "not yet"), 404) << "it did not contribute";
    contribute(lost, authorized);
    EXPECT_EQ(report_as(other_, lost, "not mine"), 404) << "another's lease";
    EXPECT_EQ(report_as(worker_, lost, "the result"), 204);
    EXPECT_EQ(report_as(other_, held, "too late"), 204);
    EXPECT_EQ(wait_for(task, "COMPLETED"), "COMPLETED");

    const auto model = json_of("/tasks/" + task.hex());
    EXPECT_EQ(model.at("uploadingWorkerWalletAddress").as_string(), eth::to_checksum(worker_.address()));
    const auto& winner = model.at_pointer("/replicates/0").as_object();
    EXPECT_EQ(winner.at("walletAddress").as_string(), eth::to_checksum(worker_.address()));
    EXPECT_EQ(winner.at("currentStatus").as_string(), "COMPLETED");
    EXPECT_TRUE(winner.contains("contributionHash"));
    const auto& loser = model.at_pointer("/replicates/1").as_object();
    EXPECT_EQ(loser.at("currentStatus").as_string(), "WORKER_LOST");
    EXPECT_FALSE(loser.contains("contributionHash"));
    const auto reader = authorization(requester(), requester().address());
    const auto log = get("/tasks/" + task.hex() + "/replicates/" + worker_.address().hex() + "/logs", reader);
    EXPECT_EQ(json::parse(log.body).value().at("stdout").as_string(), "the result");
}

TEST_P(SchedulerApi, TellsWhyARunFailed)
{
    const auto task = match();
    const auto held = lease();
    const wire::Report report{held.lease_id,
                              wire::ReportStatus::failed,
                              "policy.revoked",
                              "no",
                              {},
                              wire::RunLog{"", "[iapp] failed: policy.revoked", {}}};
    ASSERT_EQ(post(wire::kReportPath, wire::encode(report)).status, 204);
    EXPECT_EQ(wait_for(task, "FAILED"), "FAILED");
    const auto model = json_of("/tasks/" + task.hex());
    EXPECT_EQ(model.at_pointer("/failure/id").as_string(), "policy.revoked");
    const auto& last = model.at_pointer("/replicates/0/statusUpdateList/1");
    EXPECT_EQ(last.at("status").as_string(), "START_FAILED");
    EXPECT_EQ(last.at("reason").as_string(), "policy.revoked");
    const auto logs =
        json::parse(get("/tasks/" + task.hex() + "/logs", authorization(requester(), requester().address())).body).value();
    EXPECT_EQ(logs.at_pointer("/computeLogsList/0").as_object().size(), 2U) << "an empty stream is left out";
}

TEST_P(SchedulerApi, AnswersWhileMoreWorkersWaitThanItHasThreads)
{
    std::vector<std::jthread> workers;
    workers.reserve(12);
    for (int i = 0; i < 12; ++i)
        workers.emplace_back([this](const std::stop_token& stop) {
            while (!stop.stop_requested()) EXPECT_EQ(post(wire::kLeasePath, "{}").status, 204);
        });
    std::this_thread::sleep_for(std::chrono::seconds(1));
    auto quickest = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 3; ++i) {
        const auto asked = std::chrono::steady_clock::now();
        EXPECT_EQ(get("/version").status, 200);
        quickest = std::min(quickest, std::chrono::steady_clock::now() - asked);
    }
    EXPECT_LT(quickest, std::chrono::milliseconds(500));
    for (std::jthread& worker : workers) worker.request_stop();
}

TEST_P(SchedulerApi, LeasesTheOldestTaskFirst)
{
    match(8);
    EXPECT_EQ(wait_for(poco::task_id(deal_, 7), "INITIALIZED"), "INITIALIZED");
    std::vector<std::uint64_t> indexes;
    while (indexes.size() < 8) {
        const std::uint64_t index = lease().index;  // or again one that we have
        if (std::ranges::find(indexes, index) == indexes.end()) indexes.push_back(index);
    }
    EXPECT_TRUE(std::ranges::is_sorted(indexes));
}

TEST_P(SchedulerApi, LeasesNothingToAWorkerThatLeft)
{
    const std::string port = service_->origin().substr(service_->origin().rfind(':') + 1);
    auto waits = std::make_unique<test::RawClient>(static_cast<std::uint16_t>(std::stoi(port)));
    const std::string signature = signed_by(other_, wire::kLeasePath, "{}");
    ASSERT_TRUE(waits->send("POST " + std::string(wire::kLeasePath) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n" +
                            "Authorization: " + signature + "\r\n\r\n{}"));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    waits.reset();
    const auto task = match();
    EXPECT_EQ(lease().task, task);
    EXPECT_EQ(json_of("/tasks/" + task.hex()).at("replicates").as_array().size(), 1U);
}

TEST_P(SchedulerApi, TellsAboutItself)
{
    const auto config = json_of("/workers/config");
    EXPECT_EQ(config.at("workerPoolAddress").as_string(), eth::to_checksum(world_->pools[0]));
    EXPECT_EQ(config.at("schedulerPublicAddress").as_string(), eth::to_checksum(pool_owner().address()));
    EXPECT_EQ(config.at("resultRepositoryURL").as_string(), "http://127.0.0.1:1");
    EXPECT_EQ(get("/version").status, 200);
    EXPECT_EQ(json_of("/metrics").at("workers").as_int64(), 2);
    const auto preflight = http_.send({.method = "OPTIONS",
                                       .target = service_->origin() + "/tasks/x/logs",
                                       .headers = {{"Origin", "http://page"},
                                                   {"Access-Control-Request-Method", "GET"},
                                                   {"Access-Control-Request-Headers", "authorization"}}},
                                      call());
    ASSERT_TRUE(preflight);
    EXPECT_EQ(preflight->headers.find("Access-Control-Allow-Origin").value_or(""), "*");
    EXPECT_NE(preflight->headers.find("Access-Control-Allow-Headers").value_or("").find("authorization"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Engines, SchedulerApi, test::kEngines, test::engine_name);

}  // namespace
}  // namespace iapp::scheduler
