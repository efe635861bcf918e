// What iExec's schedulers and workers ask of /tee/*: every row of its table, over HTTP.
#include <gtest/gtest.h>

#include "codec/json.hpp"
#include "eth/wallet.hpp"
#include "poco/contribution.hpp"
#include "poco/legacy_message.hpp"
#include "simtee/authority.hpp"
#include "support/sms_world.hpp"
#include "wire/workerpool_authorization.hpp"

namespace iapp::sms {
namespace {

using test::filled;
using test::must;

const UnixSeconds kNow{std::chrono::seconds(1'800'000'000)};
const auto kTask = filled<poco::TaskId>(0x44);

const wire::NetworkTrust& trust()
{
    static const wire::NetworkTrust value = [] {
        const auto authority = must(simtee::create_authority(simtee::CertificateWindows::for_time(kNow)));
        return wire::NetworkTrust{
            {filled<Hash384>(1)}, filled<eth::Address>(1), authority.root.to_pem(), false, "/nonexistent"};
    }();
    return value;
}

/// An authorization and who signs what of it. All good unless bent.
struct Asked {
    std::string task = kTask.hex();
    std::string worker;
    std::string enclave = filled<eth::Address>(0x0e).hex();
    const eth::Wallet* request_signer = nullptr;  ///< absent: no Authorization header
    const eth::Wallet* pool_signer = nullptr;     ///< absent: no signature member
};

class TeeRoutes : public testing::Test {
protected:
    TeeRoutes() : world(kNow, trust())
    {
        world.chain.pool = owner.address();
        auto& view = world.chain.situation.view;
        view.task.status = poco::TaskStatus::active;
        view.deal.app.pointer = filled<eth::Address>(0x0a);
        view.deal.tag = poco::tdx_tag();
    }

    Asked good() const { return {.worker = worker.address().hex(), .request_signer = &worker, .pool_signer = &owner}; }

    static Hash256 hash_of(const Asked& asked)
    {
        const std::string body = "{\"chainTaskId\":\"" + asked.task + "\",\"workerWallet\":\"" + asked.worker +
                                 "\",\"enclaveChallenge\":\"" + asked.enclave + "\"}";
        return must(wire::parse_workerpool_authorization(body)).hash();
    }

    net::Response sessions(const Asked& asked)
    {
        const Hash256 hash = hash_of(asked);
        std::string body = "{\"chainTaskId\":\"" + asked.task + "\",\"dealId\":null,\"taskIndex\":0,\"workerWallet\":\"" +
                           asked.worker + "\",\"enclaveChallenge\":\"" + asked.enclave + "\"";
        if (asked.pool_signer) body += ",\"signature\":{\"value\":\"" + asked.pool_signer->sign_personal(hash).hex() + "\"}";
        net::HeaderMap headers;
        if (asked.request_signer) headers.set("Authorization", asked.request_signer->sign_personal(hash).hex());
        return world.send("POST", "/tee/sessions", body + "}", headers);
    }

    net::Response challenge(const eth::Wallet& signer)
    {
        return world.send("POST", "/tee/challenges/" + kTask.hex(), "",
                          {{"Authorization", signer.sign_personal(poco::enclave_challenge_message(kTask)).hex()}});
    }

    eth::Wallet owner = eth::Wallet::generate(), worker = eth::Wallet::generate(), stranger = eth::Wallet::generate();
    test::World world;
};

TEST_F(TeeRoutes, HashesAnAuthorizationAsTheHubDoes)
{
    EXPECT_EQ(hash_of(good()), poco::authorization_hash(worker.address(), kTask, filled<eth::Address>(0x0e)));
}

TEST_F(TeeRoutes, NameTheFrameworkAndItsProperties)
{
    EXPECT_EQ(world.send("GET", "/tee/framework").body, "\"TDX\"");
    const struct {
        const char* path;
        int status;
    } rows[] = {{"/tee/properties/TDX", 200},       {"/tee/properties/TDX/1", 200},   {"/tee/properties/TDX/2", 404},
                {"/tee/properties/SCONE", 409},     {"/tee/properties/SCONE/1", 409}, {"/tee/properties/GRAMINE", 409},
                {"/tee/properties/GRAMINE/9", 409}, {"/tee/properties/tdx", 400},     {"/tee/properties/SGX/1", 400}};
    for (const auto& row : rows) EXPECT_EQ(world.send("GET", row.path).status, row.status) << row.path;
    const auto properties = json::parse(world.send("GET", "/tee/properties/TDX/1").body).value();
    EXPECT_EQ(properties.at("teeFramework").as_string(), "TDX");
    EXPECT_EQ(properties.at("teeFrameworkVersion").as_string(), "1");
    for (const char* stage : {"/preComputeProperties", "/postComputeProperties"})
        EXPECT_EQ(properties.at_pointer(std::string(stage) + "/fingerprint").as_string(),
                  filled<Hash384>(1).hex().substr(2));
}

struct Row {
    const char* name;
    void (*bend)(Asked&, test::FakeChain&, const eth::Wallet& stranger);
    int status;
    const char* code;
};
class Sessions : public TeeRoutes, public testing::WithParamInterface<Row> {};

TEST_P(Sessions, AnswerWithTheFirstCheckThatFails)
{
    Asked asked = good();
    GetParam().bend(asked, world.chain, stranger);
    const auto answer = sessions(asked);
    EXPECT_EQ(answer.status, GetParam().status);
    EXPECT_EQ(answer.body, std::string("{\"error\":\"") + GetParam().code + "\"}");
    EXPECT_EQ(answer.headers.find("content-type").value_or(""), "application/json");
}

using Wallet = eth::Wallet;
INSTANTIATE_TEST_SUITE_P(
    Table, Sessions,
    testing::Values(
        Row{"no_header", [](Asked& a, test::FakeChain&, const Wallet&) { a.request_signer = nullptr; }, 401,
            "INVALID_AUTHORIZATION"},
        Row{"strange_worker", [](Asked& a, test::FakeChain&, const Wallet& s) { a.request_signer = &s; }, 401,
            "INVALID_AUTHORIZATION"},
        Row{"no_worker", [](Asked& a, test::FakeChain&, const Wallet&) { a.worker = ""; }, 401, "INVALID_AUTHORIZATION"},
        Row{"no_task", [](Asked& a, test::FakeChain&, const Wallet&) { a.task = ""; }, 401,
            "EXECUTION_NOT_AUTHORIZED_EMPTY_PARAMS_UNAUTHORIZED"},
        Row{"unknown_task",
            [](Asked&, test::FakeChain& c, const Wallet&) { c.situation.view.task.status = poco::TaskStatus::unset; }, 401,
            "EXECUTION_NOT_AUTHORIZED_GET_CHAIN_TASK_FAILED"},
        Row{"completed_task",
            [](Asked&, test::FakeChain& c, const Wallet&) { c.situation.view.task.status = poco::TaskStatus::completed; },
            401, "EXECUTION_NOT_AUTHORIZED_TASK_NOT_ACTIVE"},
        Row{"revealing_task",
            [](Asked&, test::FakeChain& c, const Wallet&) { c.situation.view.task.status = poco::TaskStatus::revealing; },
            401, "EXECUTION_NOT_AUTHORIZED_TASK_NOT_ACTIVE"},
        Row{"unknown_deal",
            [](Asked&, test::FakeChain& c, const Wallet&) { c.situation.view.deal.app.pointer = eth::Address::zero(); }, 401,
            "EXECUTION_NOT_AUTHORIZED_GET_CHAIN_DEAL_FAILED"},
        Row{"no_tee",
            [](Asked&, test::FakeChain& c, const Wallet&) {
                c.situation.view.deal.tag = poco::make_tag({poco::TagBit::gpu});
            },
            401, "EXECUTION_NOT_AUTHORIZED_NO_MATCH_ONCHAIN_TYPE"},
        Row{"two_frameworks",
            [](Asked&, test::FakeChain& c, const Wallet&) {
                c.situation.view.deal.tag = poco::make_tag({poco::TagBit::tee, poco::TagBit::scone, poco::TagBit::tdx});
            },
            401, "EXECUTION_NOT_AUTHORIZED_NO_MATCH_ONCHAIN_TYPE"},
        Row{"strange_pool", [](Asked& a, test::FakeChain&, const Wallet& s) { a.pool_signer = &s; }, 401,
            "EXECUTION_NOT_AUTHORIZED_INVALID_SIGNATURE"},
        Row{"unsigned", [](Asked& a, test::FakeChain&, const Wallet&) { a.pool_signer = nullptr; }, 401,
            "EXECUTION_NOT_AUTHORIZED_INVALID_SIGNATURE"},
        Row{"ownerless_pool", [](Asked&, test::FakeChain& c, const Wallet&) { c.pool = eth::Address::zero(); }, 401,
            "EXECUTION_NOT_AUTHORIZED_INVALID_SIGNATURE"},
        Row{"no_enclave", [](Asked& a, test::FakeChain&, const Wallet&) { a.enclave = ""; }, 500,
            "GET_SIGNATURE_TOKENS_FAILED_EMPTY_PUBLIC_ENCLAVE_CHALLENGE"},
        Row{"zero_enclave", [](Asked& a, test::FakeChain&, const Wallet&) { a.enclave = eth::Address::zero().hex(); }, 500,
            "GET_SIGNATURE_TOKENS_FAILED_EMPTY_PUBLIC_ENCLAVE_CHALLENGE"},
        Row{"not_attested", [](Asked&, test::FakeChain&, const Wallet&) {}, 500,
            "GET_SIGNATURE_TOKENS_FAILED_EMPTY_TEE_CHALLENGE"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(TeeRoutes, RefuseWhatIsNoAuthorization)
{
    for (const char* body :
         {"", "[]", "{\"chainTaskId\":7}", "{\"workerWallet\":\"0x12\"}", "{\"signature\":{\"value\":\"x\"}}"})
        EXPECT_EQ(world.send("POST", "/tee/sessions", body).status, 400) << body;
    EXPECT_EQ(world.send("POST", "/tee/sessions", std::string(70'000, ' ')).status, 413);
}

TEST_F(TeeRoutes, SayThatTheChainIsAway)
{
    world.chain.outage = Error{ErrorKind::unavailable, "net.connect", "no node"};
    EXPECT_EQ(sessions(good()).status, 503);
    EXPECT_EQ(challenge(owner).status, 503);
}

TEST_F(TeeRoutes, GiveAChallengeToThePoolOwnerOfAnActiveTaskOnly)
{
    EXPECT_EQ(challenge(owner).status, 404) << "no enclave is attested yet";
    EXPECT_EQ(challenge(stranger).status, 401);
    EXPECT_EQ(challenge(stranger).body, "");
    world.chain.situation.view.task.status = poco::TaskStatus::completed;
    EXPECT_EQ(challenge(owner).status, 401);
    world.chain.situation.view.task.status = poco::TaskStatus::active;
    world.chain.situation.view.deal.tag = poco::Tag::zero();
    EXPECT_EQ(challenge(owner).status, 401);
    world.chain.pool.reset();
    EXPECT_EQ(challenge(owner).status, 401);
    EXPECT_EQ(world.send("POST", "/tee/challenges/" + kTask.hex()).status, 401);
    EXPECT_EQ(world.send("POST", "/tee/challenges/0x12").status, 400);
}

}  // namespace
}  // namespace iapp::sms
