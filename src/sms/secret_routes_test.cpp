// The npm-compatible secret routes: status, content type and body of every answer, and what survives on disk.
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <sstream>
#include <thread>

#include "eth/wallet.hpp"
#include "poco/legacy_message.hpp"
#include "simtee/authority.hpp"
#include "support/sms_world.hpp"

namespace iapp::sms {
namespace {

using test::must;

const UnixSeconds kNow{std::chrono::seconds(1'800'000'000)};

eth::Wallet published_wallet()
{
    return must(eth::Wallet::from_private_key_hex("0x564a9db84969c8159f7aa3d5393c5ecd014fce6a375842a45b12af6677b12407"));
}
const std::string kOwner = "0x7bd4783FDCAD405A28052a0d1f11236A741da593";
const std::string kContract = "0x00000000000000000000000000000000000000aa";

eth::Address address(std::string_view text) { return must(eth::Address::from_hex(text)); }

const wire::NetworkTrust& trust()
{
    static const wire::NetworkTrust value = [] {
        const auto authority = must(simtee::create_authority(simtee::CertificateWindows::for_time(kNow)));
        return wire::NetworkTrust{
            {test::filled<Hash384>(1)}, test::filled<eth::Address>(1), authority.root.to_pem(), false, "/nonexistent"};
    }();
    return value;
}

std::string sign(const eth::Wallet& wallet, const Hash256& message) { return wallet.sign_personal(message).hex(); }

class SecretRoutes : public testing::Test {
protected:
    SecretRoutes() : world(kNow, trust()), wallet(published_wallet()), stranger(eth::Wallet::generate())
    {
        world.chain.owners.insert_or_assign(address(kContract), wallet.address());
    }

    net::Response post_web3(const eth::Wallet& signer, const std::string& value)
    {
        return world.send("POST", "/secrets/web3?secretAddress=" + kContract, value,
                          {{"Authorization", sign(signer, poco::web3_secret_message(address(kContract), value))}});
    }
    net::Response web2(const std::string& method, const eth::Wallet& signer, const std::string& name,
                       const std::string& value)
    {
        return world.send(method, "/secrets/web2?ownerAddress=" + kOwner + "&secretName=" + name, value,
                          {{"Authorization", sign(signer, poco::web2_secret_message(address(kOwner), name, value))}});
    }
    net::Response post_app(const eth::Wallet& signer, const std::string& value)
    {
        return world.send("POST", "/apps/" + kContract + "/secrets", value,
                          {{"Authorization", sign(signer, poco::app_secret_message(address(kContract), value))}});
    }
    net::Response post_requester(const eth::Wallet& signer, const std::string& key, const std::string& value)
    {
        return world.send("POST", "/requesters/" + kOwner + "/secrets/" + key, value,
                          {{"Authorization", sign(signer, poco::requester_secret_message(address(kOwner), key, value))}});
    }
    int head(const std::string& target)
    {
        const net::Response answer = world.send("HEAD", target);
        EXPECT_EQ(answer.body, "");
        return answer.status;
    }

    test::World world;
    eth::Wallet wallet;
    eth::Wallet stranger;
};

void expect_answer(const net::Response& answer, int status, std::string_view body)
{
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.body, body);
    if (!body.empty()) {
        EXPECT_EQ(answer.headers.find("content-type").value_or(""), "application/json");
    }
}

TEST_F(SecretRoutes, Web3)
{
    const std::string target = "/secrets/web3?secretAddress=" + kContract;
    EXPECT_EQ(head(target), 404);
    expect_answer(post_web3(stranger, "value"), 401, "");
    expect_answer(post_web3(wallet, std::string(4097, 'x')), 413, "");
    EXPECT_EQ(head(target), 404);
    expect_answer(post_web3(wallet, std::string(4096, 'x')), 204, "");
    EXPECT_EQ(head(target), 204);
    EXPECT_EQ(head("/secrets/web3?secretAddress=0x00000000000000000000000000000000000000AA"), 204);
    expect_answer(post_web3(wallet, "value"), 409, "");
    expect_answer(post_web3(stranger, std::string(4097, 'x')), 401, "");
}

TEST_F(SecretRoutes, SecretOfAContractThatTheNodeDoesNotKnowYetIsTaken)
{
    world.chain.owners_unseen = 2;
    expect_answer(post_web3(wallet, "value"), 204, "");
    EXPECT_EQ(world.chain.owners_asked, 3);
    world.chain.unseen = Error{ErrorKind::corrupt, kChainDisagrees, "a witness is behind"};
    world.chain.owners_unseen = 1;
    expect_answer(post_app(wallet, "value"), 204, "");
    world.chain.owners_unseen = 1;
    expect_answer(post_app(stranger, "other"), 401, R"({"error":["Invalid authorization"]})");
}

TEST_F(SecretRoutes, ContractThatDoesNotComeIsRefusedAfterTwoSeconds)
{
    world.chain.owners_unseen = 1000;
    const auto started = std::chrono::steady_clock::now();
    expect_answer(post_web3(wallet, "value"), 401, "");
    EXPECT_GE(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(1500));
    EXPECT_LE(world.chain.owners_asked, 6);
}

TEST_F(SecretRoutes, NobodyElseWaits)
{
    world.chain.unseen = Error{ErrorKind::precondition_failed, "rpc.revert", "it has no owner"};
    world.chain.owners_unseen = 1;
    expect_answer(post_web3(wallet, "value"), 401, "");
    EXPECT_EQ(world.chain.owners_asked.exchange(0), 1) << "a contract that is there";
    world.chain.unseen.kind = ErrorKind::not_found;
    expect_answer(post_web3(stranger, "value"), 401, "");
    EXPECT_EQ(world.chain.owners_asked, 1) << "not the owner";
    world.chain.owners_unseen = 1000;
    const auto unsigned_one = world.send("POST", "/secrets/web3?secretAddress=" + kContract, "value",
                                         {{"Authorization", "0x" + std::string(130, '0')}});
    expect_answer(unsigned_one, 401, "");
    EXPECT_EQ(world.chain.owners_asked, 1) << "no signature";
    world.chain.outage = Error{ErrorKind::unavailable, "net.connect", "refused"};
    EXPECT_EQ(post_web3(wallet, "value").status, 503);
}

TEST_F(SecretRoutes, WaitingHoldsNoThread)
{
    constexpr int kServerThreads = 4;
    world.chain.owners_unseen = 1000;
    std::vector<std::future<net::Response>> waiting;
    waiting.reserve(kServerThreads);
    for (int i = 0; i < kServerThreads; ++i)
        waiting.push_back(std::async(std::launch::async, [this] { return post_web3(wallet, "value"); }));
    while (world.chain.owners_asked < kServerThreads) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(head("/secrets/web3?secretAddress=" + kContract), 404);
    world.chain.owners_unseen = 0;
    int taken = 0;
    for (auto& one : waiting) taken += one.get().status == 204 ? 1 : 0;
    EXPECT_EQ(taken, 1) << "they still waited, and the others came second";
}

TEST_F(SecretRoutes, PublishedVectorIsAccepted)
{
    const auto answer = world.send(
        "POST", "/secrets/web3?secretAddress=" + kContract, "SECRETvalue==",
        {{"Authorization",
          "0xd0a03b9250b7e3a6763762939fd281dd26f94197e8d1ee0ed4f630089ee3badc43b5d1d343a2927819cd9c604a6a62610faff15a9dc2d"
          "63eb087a8c37445643b1c"},
         {"Content-Type", "text/plain"}});
    expect_answer(answer, 204, "");
}

TEST_F(SecretRoutes, Web2)
{
    const std::string name = "iexec-result-encryption-public-key";
    const std::string target = "/secrets/web2?ownerAddress=" + kOwner + "&secretName=" + name;
    EXPECT_EQ(head(target), 404);
    expect_answer(web2("PUT", wallet, name, "a"), 404, "");
    expect_answer(web2("POST", stranger, name, "a"), 401, "");
    expect_answer(web2("POST", wallet, name, std::string(4097, 'x')), 413, "");
    expect_answer(web2("POST", wallet, name, "a"), 204, "");
    EXPECT_EQ(head(target), 204);
    EXPECT_EQ(head("/secrets/web2?ownerAddress=" + kOwner + "&secretName=IEXEC-Result-encryption-public-key"), 204);
    expect_answer(web2("POST", wallet, name, "a"), 409, "");
    expect_answer(web2("PUT", wallet, name, "a"), 204, "");
    expect_answer(web2("PUT", wallet, name, "b"), 204, "");
    expect_answer(web2("PUT", stranger, name, "c"), 401, "");
    expect_answer(web2("PUT", wallet, name, std::string(4097, 'x')), 413, "");
}

TEST_F(SecretRoutes, RecordedPutCannotRollAValueBack)
{
    expect_answer(web2("POST", wallet, "result-key", "a"), 204, "");
    expect_answer(web2("PUT", wallet, "result-key", "b"), 204, "");
    expect_answer(web2("PUT", wallet, "result-key", "a"), 401, "");
    expect_answer(web2("PUT", wallet, "result-key", "c"), 204, "");
    expect_answer(web2("PUT", wallet, "result-key", "b"), 401, "");
}

TEST_F(SecretRoutes, App)
{
    const std::string target = "/apps/" + kContract + "/secrets";
    EXPECT_EQ(head(target), 404);
    expect_answer(post_app(stranger, "a"), 401, R"({"error":["Invalid authorization"]})");
    expect_answer(post_app(wallet, std::string(4097, 'x')), 413, R"({"error":["Secret size should not exceed 4 Kb"]})");
    expect_answer(post_app(wallet, "a"), 204, "");
    EXPECT_EQ(head(target), 204);
    expect_answer(post_app(wallet, "b"), 409, R"({"error":["Secret already exists"]})");
}

TEST_F(SecretRoutes, Requester)
{
    const std::string target = "/requesters/" + kOwner + "/secrets/my-Secret_1";
    EXPECT_EQ(head(target), 404);
    EXPECT_EQ(head("/requesters/" + kOwner + "/secrets/a.b"), 400);
    expect_answer(post_requester(stranger, "my-Secret_1", "a"), 401, R"({"error":["Invalid authorization"]})");
    expect_answer(post_requester(wallet, "a.b", "a"), 400,
                  R"({"error":["Secret key should contain at most 64 characters from [0-9A-Za-z-_]"]})");
    expect_answer(post_requester(wallet, std::string(65, 'k'), "a"), 400,
                  R"({"error":["Secret key should contain at most 64 characters from [0-9A-Za-z-_]"]})");
    expect_answer(post_requester(wallet, "my-Secret_1", std::string(4097, 'x')), 400,
                  R"({"error":["Secret size should not exceed 4 Kb"]})");
    expect_answer(post_requester(wallet, "my-Secret_1", "a"), 204, "");
    EXPECT_EQ(head(target), 204);
    EXPECT_EQ(head("/requesters/" + kOwner + "/secrets/my-secret_1"), 404) << "keys are case-sensitive";
    expect_answer(post_requester(wallet, "my-Secret_1", "b"), 409, R"({"error":["Secret already exists"]})");
}

TEST_F(SecretRoutes, RequesterKeysCannotShadowReservedNames)
{
    EXPECT_EQ(post_requester(wallet, "IAPP-result-recipient", "age1x").status, 400);
    EXPECT_EQ(post_requester(wallet, "iexec-result-encryption-public-key", "x").status, 400);
}

TEST_F(SecretRoutes, IncompleteRequestsAre400)
{
    const std::string any = "0x" + std::string(130, '1');
    EXPECT_EQ(world.send("POST", "/secrets/web3", "v", {{"Authorization", any}}).status, 400);
    EXPECT_EQ(world.send("POST", "/secrets/web3?secretAddress=0x12", "v", {{"Authorization", any}}).status, 400);
    EXPECT_EQ(world.send("POST", "/secrets/web3?secretAddress=" + kContract, "v").status, 400);
    EXPECT_EQ(world.send("POST", "/secrets/web3?secretAddress=" + kContract, "", {{"Authorization", any}}).status, 400);
    EXPECT_EQ(world.send("POST", "/secrets/web2?ownerAddress=" + kOwner, "v", {{"Authorization", any}}).status, 400);
    EXPECT_EQ(world.send("POST", "/apps/nothing/secrets", "v", {{"Authorization", any}}).status, 400);
    EXPECT_EQ(world.send("HEAD", "/secrets/web3").status, 400);
    EXPECT_EQ(world.send("HEAD", "/secrets/web2?ownerAddress=" + kOwner).status, 400);
}

TEST_F(SecretRoutes, MalformedSignaturesAre401)
{
    const std::string good = sign(wallet, poco::web3_secret_message(address(kContract), "v"));
    for (const std::string& bad : {std::string("Bearer x"), std::string("0x12"), good + "00", good.substr(2),
                                   good.substr(0, 130) + "00", good.substr(0, 130) + "01"})
        EXPECT_EQ(world.send("POST", "/secrets/web3?secretAddress=" + kContract, "v", {{"Authorization", bad}}).status, 401)
            << bad;
}

TEST_F(SecretRoutes, OwnerIsWhoeverOwnsTheContractNow)
{
    world.chain.owners.insert_or_assign(address(kContract), stranger.address());
    EXPECT_EQ(post_web3(wallet, "v").status, 401);
    EXPECT_EQ(post_web3(stranger, "v").status, 204);
    world.chain.owners.clear();
    EXPECT_EQ(post_app(stranger, "v").status, 401) << "no such contract";
}

TEST_F(SecretRoutes, OutageOfTheChainIsNotARefusal)
{
    world.chain.outage = Error{ErrorKind::unavailable, "net.connect", "refused"};
    EXPECT_EQ(post_web3(wallet, "v").status, 503);
    EXPECT_EQ(web2("POST", wallet, "n", "v").status, 204) << "needs no chain";
}

TEST_F(SecretRoutes, TheFourKindsDoNotMix)
{
    EXPECT_EQ(post_web3(wallet, "v").status, 204);
    EXPECT_EQ(head("/apps/" + kContract + "/secrets"), 404);
    EXPECT_EQ(post_app(wallet, "v").status, 204);
    EXPECT_EQ(web2("POST", wallet, "name", "v").status, 204);
    EXPECT_EQ(head("/requesters/" + kOwner + "/secrets/name"), 404);
}

TEST_F(SecretRoutes, PreflightIsAnswered)
{
    const auto answer = world.send("OPTIONS", "/secrets/web3?secretAddress=" + kContract, "",
                                   {{"Origin", "https://app.example"},
                                    {"Access-Control-Request-Method", "POST"},
                                    {"Access-Control-Request-Headers", "authorization,content-type"}});
    EXPECT_TRUE(answer.is_success());
    EXPECT_TRUE(answer.headers.has("access-control-allow-origin"));
}

TEST_F(SecretRoutes, ValuesAreNotOnDiskInClearAndSurviveARestart)
{
    const std::string marker = "clear-text-marker-0123456789";
    ASSERT_EQ(post_web3(wallet, marker).status, 204);
    ASSERT_EQ(post_requester(wallet, "key", marker).status, 204);
    world.stop();
    for (const auto& file : std::filesystem::directory_iterator(world.directory())) {
        std::ostringstream text;
        text << std::ifstream(file.path(), std::ios::binary).rdbuf();
        EXPECT_EQ(text.str().find(marker), std::string::npos) << file.path();
    }
    world.start();
    EXPECT_EQ(head("/secrets/web3?secretAddress=" + kContract), 204);
    EXPECT_EQ(post_web3(wallet, "other").status, 409);
}

TEST_F(SecretRoutes, FrameworkVersionAndMetrics)
{
    expect_answer(world.send("GET", "/tee/framework"), 200, R"("TDX")");
    EXPECT_EQ(world.send("GET", "/version").body, "0.1.0");
    ASSERT_EQ(post_web3(wallet, "v").status, 204);
    const auto metrics = world.send("GET", "/metrics");
    EXPECT_EQ(metrics.status, 200);
    EXPECT_NE(metrics.body.find(R"("web3":{"secretsType":"web3","initialCount":0,"storedCount":1,"addedSinceStartCount":1)"),
              std::string::npos)
        << metrics.body;
}

}  // namespace
}  // namespace iapp::sms
