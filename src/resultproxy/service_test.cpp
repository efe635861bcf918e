// The result proxy over HTTP: every check of a token and of an upload has a row that changes one thing of a good case.
#include "resultproxy/service.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "blobs/directory_store.hpp"
#include "blobs/service.hpp"
#include "codec/base64.hpp"
#include "codec/zip.hpp"
#include "crypto/hash.hpp"
#include "eth/wallet.hpp"
#include "poco/contribution.hpp"
#include "poco/result.hpp"
#include "support/oci_builder.hpp"

namespace iapp::resultproxy {
namespace {

const UnixSeconds kNow{std::chrono::seconds(1'800'000'000)};
const auto kTask = poco::TaskId{std::array<std::uint8_t, 32>{0x44}};
const auto kDeal = poco::DealId{std::array<std::uint8_t, 32>{0x45}};

class StandingClock final : public Clock {
public:
    UnixMillis now() const override { return kNow; }
};

struct FakeChain final : ChainFacts {
    poco::Task the_task;
    poco::Deal the_deal;
    poco::Contribution the_contribution;
    std::optional<Error> outage;

    Result<poco::Task> task(const poco::TaskId&, const net::CallContext&) override
    {
        if (outage) return std::unexpected(*outage);
        return the_task;
    }
    Result<poco::Deal> deal(const poco::DealId&, const net::CallContext&) override { return the_deal; }
    Result<poco::Contribution> contribution(const poco::TaskId&, const eth::Address&, const net::CallContext&) override
    {
        return the_contribution;
    }
};

Bytes zip_of(const std::vector<std::pair<std::string, std::string>>& files)
{
    Bytes out;
    codec::ZipWriter writer(codec::append_to(out, 1 << 20));
    for (const auto& [path, text] : files) EXPECT_TRUE(writer.add_stored(path, as_bytes(text)));
    EXPECT_TRUE(writer.finish());
    return out;
}

class ResultProxy : public testing::Test {
protected:
    void SetUp() override
    {
        chain.the_task.status = poco::TaskStatus::active;
        chain.the_task.deal = kDeal;
        chain.the_task.final_deadline = kNow;
        chain.the_deal.app.pointer = eth::Address{std::array<std::uint8_t, 20>{1}};
        chain.the_deal.requester = requester.address();
        chain.the_deal.workerpool.owner = owner.address();
        chain.the_deal.tag = poco::tdx_tag();
        store_.emplace(*blobs::DirectoryStore::open(folder_.path("blocks")));
        blobs::add_rpc_routes(blobs_, *store_);
        blobs::add_gateway_routes(blobs_, *store_);
        ASSERT_TRUE(blobs_.start());
        start();
    }

    void start()
    {
        server_.reset();
        service_.reset();
        auto opened = open();
        ASSERT_TRUE(opened) << opened.error().detail;
        service_ = *std::move(opened);
        server_ = std::make_unique<net::HttpServer>(net::ServerOptions{.cors = true});
        service_->add_routes(*server_);
        ASSERT_TRUE(server_->start());
    }

    Result<std::unique_ptr<Service>> open()
    {
        const wire::NetworkServices services{.sms = "",
                                             .market = "",
                                             .ipfs_api = blobs_.origin(),
                                             .ipfs_gateway = blobs_.origin(),
                                             .core = "",
                                             .registry = "",
                                             .result_proxy = {},
                                             .index = {},
                                             .compass = {},
                                             .explorer = {}};
        return Service::open(folder_.path("proxy"), services, chain, http_, clock_);
    }

    net::Response send(std::string method, const std::string& path, const std::optional<std::string>& authorization = {},
                       std::string body = {}) const
    {
        net::Request request{.method = std::move(method), .target = server_->origin() + path, .body = std::move(body)};
        if (authorization) request.headers.set("Authorization", *authorization);
        return http_.send(request, net::deadline_in(std::chrono::seconds(20))).value();
    }

    struct Asking {
        const eth::Wallet* worker;
        const eth::Wallet* pool_signer;
        const eth::Wallet* request_signer;
        eth::Address enclave;
    };
    Asking good() const { return {&worker, &owner, &worker, enclave.address()}; }

    net::Response ask(const Asking& asking) const
    {
        const auto hash = poco::authorization_hash(asking.worker->address(), kTask, asking.enclave);
        const std::string body = "{\"chainTaskId\":\"" + kTask.hex() + "\",\"dealId\":\"" + kDeal.hex() +
                                 "\",\"taskIndex\":0,\"workerWallet\":\"" + eth::to_checksum(asking.worker->address()) +
                                 "\",\"enclaveChallenge\":\"" + eth::to_checksum(asking.enclave) +
                                 "\",\"signature\":{\"value\":\"" + asking.pool_signer->sign_personal(hash).hex() + "\"}}";
        return send("POST", "/v1/results/token", asking.request_signer->sign_personal(hash).hex(), body);
    }
    std::string token() const
    {
        const auto answer = ask(good());
        EXPECT_EQ(answer.status, 200);
        return answer.body;
    }

    std::string model(const eth::Wallet& signer, const Bytes& zip) const
    {
        const Hash256 digest = crypto::sha256(as_bytes("result"));
        const auto signature = signer.sign_personal(poco::enclave_message(worker.address(), kTask, digest));
        return "{\"chainTaskId\":\"" + kTask.hex() + "\",\"zip\":\"" + codec::base64(zip) + "\",\"deterministHash\":\"" +
               digest.hex() + "\",\"enclaveSignature\":\"" + signature.hex() + "\"}";
    }
    net::Response upload(const std::string& token, const std::string& body) const
    {
        return send("POST", "/v1/results", token, body);
    }

    eth::Wallet owner = eth::Wallet::generate(), worker = eth::Wallet::generate(), enclave = eth::Wallet::generate(),
                requester = eth::Wallet::generate(), stranger = eth::Wallet::generate();
    FakeChain chain;
    const Bytes zip_ = zip_of({{"result.txt", "result"}});

    test::TempFolder folder_;
    StandingClock clock_;
    net::HttpClient http_;
    std::optional<blobs::DirectoryStore> store_;
    net::HttpServer blobs_;
    std::unique_ptr<Service> service_;
    std::unique_ptr<net::HttpServer> server_;
};

TEST_F(ResultProxy, StoresAResultOnceAndTellsWhere)
{
    const std::string path = "/v1/results/" + kTask.hex();
    const std::string mine = token();
    EXPECT_EQ(token(), mine) << "one token a wallet";
    EXPECT_EQ(send("HEAD", path, mine).status, 404);
    EXPECT_EQ(send("GET", path + "/ipfshash").status, 404);

    const auto stored = upload(mine, model(enclave, zip_));
    ASSERT_EQ(stored.status, 200) << stored.body;
    ASSERT_TRUE(stored.body.starts_with("/ipfs/Qm")) << stored.body;
    EXPECT_EQ(http_.send({.target = blobs_.origin() + stored.body}, net::deadline_in(std::chrono::seconds(20)))->body,
              to_text(zip_));
    EXPECT_EQ(send("GET", path + "/ipfshash").body, stored.body.substr(6));
    EXPECT_EQ(send("HEAD", path, mine).status, 204);
    EXPECT_EQ(send("HEAD", path).status, 401);
    EXPECT_EQ(send("HEAD", path, "Bearer " + mine).status, 401);
    EXPECT_EQ(upload(mine, model(enclave, zip_)).status, 401) << "the authorization is used up";
    token();
    EXPECT_EQ(upload(mine, model(enclave, zip_)).status, 400) << "allowed again, and there already";
    EXPECT_EQ(send("GET", "/version").status, 200);
    EXPECT_EQ(send("GET", "/v1/results/0x12/ipfshash").status, 400);
}

TEST_F(ResultProxy, SaysWhatItHasAsTextAndRefusesWithoutWords)
{
    const std::string path = "/v1/results/" + kTask.hex();
    const auto granted = ask(good());
    const std::string body = model(enclave, zip_);
    const std::string other_task = "{\"chainTaskId\":\"0x" + std::string(64, '1') + "\",\"zip\":[1]}";
    struct Row {
        const char* name;
        net::Response answer;
        int status;
        bool speaks;
    };
    for (const Row& row : std::vector<Row>{
             {"token", granted, 200, true},
             {"stored_before", send("GET", path + "/ipfshash"), 404, false},
             {"no_token", send("POST", "/v1/results", {}, body), 401, false},
             {"bearer", upload("Bearer " + granted.body, body), 401, false},
             {"another_task", upload(granted.body, other_task), 401, false},
             {"stored", upload(granted.body, body), 200, true},
             {"used_up", upload(granted.body, body), 401, false},
             {"granted_again", ask(good()), 200, true},
             {"there_already", upload(granted.body, body), 400, false},
             {"hash", send("GET", path + "/ipfshash"), 200, true},
             {"head", send("HEAD", path, granted.body), 204, false},
             {"head_of_another", send("HEAD", "/v1/results/0x" + std::string(64, '1'), granted.body), 404, false},
             {"head_without_token", send("HEAD", path), 401, false},
         }) {
        EXPECT_EQ(row.answer.status, row.status) << row.name;
        EXPECT_EQ(row.answer.body.empty(), !row.speaks) << row.name;
        EXPECT_EQ(row.answer.headers.find("content-type").value_or("").starts_with("text/plain"), row.speaks) << row.name;
    }
}

TEST_F(ResultProxy, TakesEveryCaseOfHex)
{
    const auto upper = [](std::string text) {
        for (std::size_t i = 2; i < text.size(); ++i)
            if (text[i] >= 'a' && text[i] <= 'f') text[i] = static_cast<char>(text[i] - 32);
        return text;
    };
    const auto hash = poco::authorization_hash(worker.address(), kTask, enclave.address());
    const std::string body = "{\"chainTaskId\":\"" + upper(kTask.hex()) + "\",\"workerWallet\":\"" + worker.address().hex() +
                             "\",\"enclaveChallenge\":\"" + upper(enclave.address().hex()) +
                             "\",\"signature\":{\"value\":\"" + upper(owner.sign_personal(hash).hex()) + "\"}}";
    const auto granted = send("POST", "/v1/results/token", upper(worker.sign_personal(hash).hex()), body);
    ASSERT_EQ(granted.status, 200);
    EXPECT_EQ(granted.body, token());
    ASSERT_EQ(upload(granted.body, model(enclave, zip_)).status, 200);
    EXPECT_EQ(send("HEAD", "/v1/results/" + upper(kTask.hex()), granted.body).status, 204);
    EXPECT_EQ(send("GET", "/v1/results/" + upper(kTask.hex()) + "/ipfshash").status, 200);
}

TEST_F(ResultProxy, TakesTheZipAsNumbers)
{
    std::string numbers;
    for (const std::uint8_t byte : zip_) numbers += (numbers.empty() ? "" : ",") + std::to_string(byte);
    std::string body = model(enclave, zip_);
    const std::string text = "\"" + codec::base64(zip_) + "\"";
    body.replace(body.find(text), text.size(), "[" + numbers + "]");
    EXPECT_EQ(upload(token(), body).status, 200);
}

TEST_F(ResultProxy, RemembersTokensAndResultsAcrossARestart)
{
    const std::string mine = token();
    start();
    EXPECT_EQ(token(), mine);
    ASSERT_EQ(upload(mine, model(enclave, zip_)).status, 200);
    start();
    EXPECT_EQ(send("HEAD", "/v1/results/" + kTask.hex(), mine).status, 204);

    server_.reset();
    service_.reset();
    std::filesystem::remove(folder_.path("proxy/token.key"));
    start();
    EXPECT_EQ(send("HEAD", "/v1/results/" + kTask.hex(), mine).status, 401) << "another key, other tokens";
    EXPECT_NE(token(), mine);
}

TEST_F(ResultProxy, KeepsItsKeyToItself)
{
    struct stat info = {};
    ASSERT_EQ(::stat(folder_.path("proxy/token.key").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0600U);
    ASSERT_EQ(::stat(folder_.path("proxy").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0700U);
    server_.reset();
    service_.reset();
    ::chmod(folder_.path("proxy/token.key").c_str(), 0644);
    EXPECT_EQ(open().error().reason, "result_proxy.mode");
    ::chmod(folder_.path("proxy/token.key").c_str(), 0600);
    std::filesystem::resize_file(folder_.path("proxy/token.key"), 5);
    EXPECT_EQ(open().error().reason, "result_proxy.key");
}

TEST_F(ResultProxy, SaysThatTheChainIsAway)
{
    chain.outage = Error{ErrorKind::unavailable, "net.connect", "no node"};
    EXPECT_EQ(ask(good()).status, 503);
}

TEST_F(ResultProxy, RefusesBodiesThatCannotBeRead)
{
    EXPECT_EQ(send("POST", "/v1/results/token", "0x", "{").status, 400);
    EXPECT_EQ(send("POST", "/v1/results/token", "0x", "{}").status, 401);
    const std::string mine = token();
    EXPECT_EQ(upload(mine, "{").status, 400);
    EXPECT_EQ(upload(mine, "{\"chainTaskId\":\"" + kTask.hex() + "\"}").status, 400);
    EXPECT_EQ(upload("not a token", "{").status, 401) << "a stranger's body is not read";
    EXPECT_EQ(send("POST", "/v1/results", {}, model(enclave, zip_)).status, 401);
    std::string forged = mine;
    forged.back() = forged.back() == 'A' ? 'B' : 'A';
    EXPECT_EQ(upload(forged, model(enclave, zip_)).status, 401);
}

struct TokenRow {
    const char* name;
    void (*bend)(FakeChain& chain, const eth::Wallet& stranger, const eth::Wallet*& request_signer,
                 const eth::Wallet*& pool_signer, eth::Address& enclave);
};
class RefusedToken : public ResultProxy, public testing::WithParamInterface<TokenRow> {};
TEST_P(RefusedToken, Is401)
{
    Asking asking = good();
    GetParam().bend(chain, stranger, asking.request_signer, asking.pool_signer, asking.enclave);
    const auto answer = ask(asking);
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.body, "");
    EXPECT_FALSE(answer.headers.has("content-type"));
}
using W = eth::Wallet;
using A = eth::Address;
INSTANTIATE_TEST_SUITE_P(
    Table, RefusedToken,
    testing::Values(
        TokenRow{"worker_signature", [](FakeChain&, const W& s, const W*& r, const W*&, A&) { r = &s; }},
        TokenRow{"no_task", [](FakeChain& c, const W&, const W*&, const W*&, A&) { c.the_task = {}; }},
        TokenRow{"after_the_final_deadline", [](FakeChain& c, const W&, const W*&, const W*&,
                                                A&) { c.the_task.final_deadline = kNow - std::chrono::seconds(1); }},
        TokenRow{"no_deal", [](FakeChain& c, const W&, const W*&, const W*&, A&) { c.the_deal = {}; }},
        TokenRow{"no_enclave_for_a_tee", [](FakeChain&, const W&, const W*&, const W*&, A& e) { e = A::zero(); }},
        TokenRow{"an_enclave_without_a_tee",
                 [](FakeChain& c, const W&, const W*&, const W*&, A&) { c.the_deal.tag = poco::Tag::zero(); }},
        TokenRow{"pool_signature", [](FakeChain&, const W& s, const W*&, const W*& p, A&) { p = &s; }}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(ResultProxy, TakesATeeResultOfTheAuthorisedEnclaveOnly)
{
    const std::string mine = token();
    const poco::Task active = chain.the_task;
    EXPECT_EQ(upload(mine, model(stranger, zip_)).status, 401) << "another key signed";
    std::string other = model(enclave, zip_);
    other.replace(other.find("deterministHash") + 20, 4, "0000");
    EXPECT_EQ(upload(mine, other).status, 401) << "for another digest";
    chain.the_task.status = poco::TaskStatus::completed;
    EXPECT_EQ(upload(mine, model(enclave, zip_)).status, 401) << "not active";
    chain.the_task = {};
    EXPECT_EQ(upload(mine, model(enclave, zip_)).status, 401) << "no such task";
    chain.the_task = active;
    EXPECT_EQ(upload(mine, model(enclave, zip_)).status, 200);
}

TEST_F(ResultProxy, TakesATeeResultOfTheRequester)
{
    const auto hers = ask({&requester, &owner, &requester, enclave.address()});
    ASSERT_EQ(hers.status, 200);
    EXPECT_EQ(upload(hers.body, "{\"chainTaskId\":\"" + kTask.hex() + "\",\"zip\":[1]}").status, 200);
}

TEST_F(ResultProxy, TakesAStandardResultWhoseFilesHashToTheContribution)
{
    chain.the_deal.tag = poco::Tag::zero();
    const auto answer = ask({&worker, &owner, &worker, eth::Address::zero()});
    ASSERT_EQ(answer.status, 200);
    const Bytes archive = zip_of({{"computed.json", R"({"deterministic-output-path":"/iexec_out/dir"})"},
                                  {"dir/a", "first"},
                                  {"dir/b", "second"},
                                  {"dir/sub/c", "not a child"},
                                  {"dir/d", ""}});
    const std::array<poco::ChildHash, 3> children{poco::file_digest(as_bytes("first")),
                                                  poco::file_digest(as_bytes("second")), poco::ChildHash{}};
    const std::string body = "{\"chainTaskId\":\"" + kTask.hex() + "\",\"zip\":\"" + codec::base64(archive) + "\"}";
    const auto digest = poco::directory_digest(children);

    EXPECT_EQ(upload(answer.body, body).status, 401) << "not revealing";
    chain.the_task.status = poco::TaskStatus::revealing;
    EXPECT_EQ(upload(answer.body, body).status, 401) << "not revealed";
    chain.the_contribution.status = poco::ContributionStatus::proved;
    EXPECT_EQ(upload(answer.body, body).status, 401) << "another digest";
    chain.the_contribution.result_hash = poco::result_hash(kTask, digest);
    EXPECT_EQ(upload(answer.body, "{\"chainTaskId\":\"" + kTask.hex() + "\",\"zip\":\"AAAA\"}").status, 401) << "no zip";
    EXPECT_EQ(upload(answer.body, body).status, 200);
}

}  // namespace
}  // namespace iapp::resultproxy
