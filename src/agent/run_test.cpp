// One whole run against in-process services: a registry, a secret service that really verifies the evidence, a block store.
// The sandbox is the real one. Needs root and runc; skipped without.
#include <gtest/gtest.h>

#include "agent/agent.hpp"
#include "attest/receipt_verify.hpp"
#include "blobs/client.hpp"
#include "blobs/directory_store.hpp"
#include "blobs/service.hpp"
#include "crypto/hpke.hpp"
#include "crypto/rsa.hpp"
#include "net/server.hpp"
#include "oci/digest.hpp"
#include "poco/contribution.hpp"
#include "poco/result.hpp"
#include "runtime/process.hpp"
#include "seal/age.hpp"
#include "seal/dataset_v1.hpp"
#include "seal/dataset_v2.hpp"
#include "seal/result.hpp"
#include "simtee/platform.hpp"
#include "support/oci_builder.hpp"
#include "support/sample_run.hpp"
#include "wire/agent_api.hpp"
#include "wire/errors.hpp"

namespace iapp::agent {
namespace {

using namespace std::chrono_literals;
using test::TempFolder;

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

template <class Id>
Id filled(std::uint8_t byte)
{
    std::array<std::uint8_t, Id::kSize> raw;
    raw.fill(byte);
    return Id{raw};
}

/// Registers that extend, and quotes over them signed by the sample's PKI.
class FakeTee final : public tee::EvidenceSource {
public:
    explicit FakeTee(test::SampleRun& run) : run_(run) {}
    attest::EvidenceKind kind() const override { return attest::EvidenceKind::tdx; }
    bool simulated() const override { return true; }
    Status extend(int index, const Hash384& digest) override { return rtmr_.extend(index, digest); }
    Result<Bytes> quote(const attest::ReportData& report_data) override
    {
        run_.parts.body = simtee::simulated_body(run_.parts.body.mr_td, rtmr_.values(), report_data);
        return run_.evidence().bytes;
    }

private:
    test::SampleRun& run_;
    simtee::RtmrBank rtmr_;
};

class RunTest : public testing::Test {
protected:
    void SetUp() override
    {
        if (::geteuid() != 0 || !runtime::find_program("runc")) GTEST_SKIP() << "needs root and runc";
        store_.emplace(*blobs::DirectoryStore::open(folder_.path("blocks")));
        blobs::add_rpc_routes(server_, *store_);
        blobs::add_gateway_routes(server_, *store_);
        server_.route("GET", "/v2/app/manifests/{name}",
                      [this](const auto& request, const auto&) { return image_file(request); });
        server_.route("GET", "/v2/app/blobs/{name}",
                      [this](const auto& request, const auto&) { return image_file(request); });
        server_.route("GET", "/files/{name}", [](const auto& request, const auto&) {
            return net::text_response(request.param("name") == "gone" ? 404 : 200,
                                      "file " + std::string(request.param("name")));
        });
        server_.route("POST", std::string(wire::kNoncePath),
                      net::answering([this](const auto& request, const auto&) { return nonce(request); }));
        server_.route("POST", std::string(wire::kReleasePath),
                      net::answering([this](const auto& request, const auto&) { return release(request); }));
        ASSERT_TRUE(server_.start());
        build_image({});
        deal_.app.pointer = filled<eth::Address>(0x11);
        deal_.workerpool.pointer = filled<eth::Address>(0x12);
        deal_.requester = filled<eth::Address>(0x13);
        deal_.beneficiary = filled<eth::Address>(0x14);
        deal_.tag = poco::tdx_tag();
        deal_.bot_size = 3;
        deal_.bot_first = 6;
    }

    void build_image(const std::string& labels)
    {
        test::fs::remove_all(folder_.path("layout"));
        image_digest_ =
            test::build_program_image(folder_.path("layout"), IAPP_SANDBOX_PROBE,
                                      R"({"Entrypoint":["/app"],"Cmd":["report"],"Env":["LANG=C","IEXEC_IN=/wrong"])" +
                                          (labels.empty() ? "" : R"(,"Labels":)" + labels) + "}");
    }

    net::Response image_file(const net::Request& request) const
    {
        const auto path = folder_.path("layout/blobs/sha256/" + std::string(request.param("name")).substr(7));
        if (!test::fs::exists(path)) return net::empty_response(404);
        auto answer = net::text_response(200, test::read_file(path));
        answer.headers.set("Content-Type", "application/vnd.oci.image.manifest.v1+json");
        return answer;
    }

    Result<net::Response> nonce(const net::Request& request)
    {
        TRY(const auto asked, wire::parse_nonce_request(request.body));
        EXPECT_EQ(asked.task, task());
        return net::json_response(200, encode(wire::NonceReply{nonce_, sample_.now + 5min}));
    }

    /// Verifies like the real service: signatures, report data from its own nonce, the measured log.
    Result<net::Response> release(const net::Request& http_request)
    {
        TRY(const auto request, wire::parse_release_request(http_request.body));
        if (!refusal_.empty()) return net::json_response(403, encode(wire::ErrorBody{refusal_, "no", "ask the owner", 7}));
        sample_.binding = {.nonce = nonce_.array(),
                           .hpke_public_key = request.hpke_public_key.array(),
                           .enclave = request.enclave_address,
                           .chain_id = 421614,
                           .hub = hub_,
                           .deal = Hash256(deal_id_.bytes()),
                           .task = Hash256(task().bytes())};
        attest::CheckLog checks;
        TRY(const auto quote,
            attest::verify_intel(request.evidence, sample_.collateral, sample_.anchor(), sample_.now, checks));
        TRY(const auto verdict, attest::appraise_run(quote, sample_.policy, attest::report_data(sample_.binding),
                                                     request.event_log, sample_.now, checks));
        EXPECT_EQ(oci::Digest(verdict.run().image_digest).text(), image_digest_);
        EXPECT_EQ(to_text(verdict.run().agent_config), config_line_);
        EXPECT_EQ(to_text(verdict.run().app_manifest), manifest_label_);

        wire::ReleaseBundle bundle{.deal = deal_,
                                   .category_time = category_time_,
                                   .task = task(),
                                   .index = 7,
                                   .datasets = {},
                                   .app_secret = crypto::SecretBytes(to_bytes("app secret")),
                                   .requester_secrets = {},
                                   .result = result_mode_,
                                   .decision = sample_.decide(sample_.leaf()),
                                   .orders = {filled<Hash256>(1), Hash256::zero(), filled<Hash256>(3), filled<Hash256>(4)},
                                   .collateral = sample_.collateral,
                                   .verdict = checks.outcomes()};
        bundle.requester_secrets.emplace(1, crypto::SecretBytes(to_bytes("requester secret")));
        if (add_datasets_) add_datasets_(bundle);
        auto leaf = sample_.leaf();
        leaf.datasets.clear();
        for (const auto& one : bundle.datasets)
            if (const auto* released = std::get_if<wire::ReleasedDataset>(&one)) leaf.datasets.push_back(released->address);
        bundle.decision = sample_.decide(leaf);
        const auto text = encode(bundle);
        const auto aad = crypto::sha256(as_bytes(http_request.body));
        TRY(const auto sealed, crypto::hpke_seal(request.hpke_public_key, wire::key_release_info(task()), aad.bytes(),
                                                 text.reveal(crypto::SecretAccess{})));
        const auto digest = wire::reply_digest(421614, hub_, http_request.body, sealed.enc, sealed.ciphertext);
        return net::json_response(200, encode(wire::SealedReply{sealed.enc, sealed.ciphertext,
                                                                (impostor_ ? *impostor_ : sample_.ledger).sign(digest)}));
    }

    /// Seals, uploads, and returns how the release describes it.
    wire::ReleasedDataset dataset(std::uint64_t position, const eth::Address& address, const std::string& content, bool v2)
    {
        const auto key = crypto::SecretBytes(Bytes(32, 0x77));
        Bytes sealed;
        const auto sink = codec::append_to(sealed, 1 << 20);
        const auto source = codec::byte_source(as_bytes(content));
        const auto checksum = v2 ? *seal::seal_v2(source, key, sink)->checksum : seal::seal_v1(source, key, sink)->checksum;
        const auto cid = client().add(ByteView(sealed), call());
        EXPECT_TRUE(cid);
        return {position, address, "data", "/ipfs/" + *cid, checksum, key.clone(crypto::SecretAccess{})};
    }

    Result<wire::AgentResult> run()
    {
        const wire::AgentConfig config{.chain_id = 421614,
                                       .hub = hub_,
                                       .deal = deal_id_,
                                       .task = task(),
                                       .index = 7,
                                       .worker = filled<eth::Address>(0x55),
                                       .image = "127.0.0.1:" + std::to_string(server_.port()) + "/app:v1",
                                       .image_digest = image_digest_,
                                       .sms_url = server_.origin(),
                                       .ipfs_gateway_url = server_.origin(),
                                       .ipfs_api_url = server_.origin(),
                                       .work_dir = folder_.path("work"),
                                       .deadline = sample_.now + 120s,
                                       .ledger_signer = sample_.ledger.address(),
                                       .evidence = "simulated"};
        config_line_ = encode(config);
        FakeTee tee(sample_);
        auto result = run_task(config_line_, {.tee = tee,
                                              .http = http_,
                                              .elsewhere = *elsewhere_,
                                              .clock = system_clock(),
                                              .tell = [this](const wire::AgentEvent& event) { hear(event); }});
        EXPECT_EQ(std::distance(test::fs::directory_iterator(folder_.path("work")), {}),
                  test::fs::exists(folder_.path("work/runc")) ? 1 : 0)
            << "the scratch folder is still there";
        return result;
    }

    void hear(const wire::AgentEvent& event)
    {
        if (const auto* log = std::get_if<wire::AgentLog>(&event))
            (log->stream == wire::AppStream::out ? told_out_ : told_err_) += log->text;
    }

    poco::TaskId task() const { return poco::task_id(deal_id_, 7); }
    net::CallContext call() const { return {.request_id = "test", .deadline = net::deadline_in(20s)}; }
    blobs::BlobClient client() const { return {http_, server_.origin(), server_.origin()}; }

    Bytes fetch(const std::string& location) const { return *client().fetch_bytes(location, 16 << 20, call()); }

    /// The files of a plain result archive.
    static std::map<std::string, std::string> files_of(const Bytes& archive)
    {
        std::map<std::string, std::string> out;
        const auto reader = codec::ZipReader::open(codec::random_source(archive));
        EXPECT_TRUE(reader);
        for (const auto& entry : reader->entries()) out[entry.path] = to_text(*reader->read(entry, 1 << 20));
        return out;
    }

    std::map<std::string, std::string> result_files(const wire::AgentResult& result) const
    {
        return files_of(fetch(poco::parse_result_link(result.result_link)->location));
    }

    TempFolder folder_;
    test::SampleRun sample_ = test::make_sample_run(system_clock().now_seconds());
    std::optional<blobs::DirectoryStore> store_;
    net::HttpServer server_;
    net::HttpClient http_;
    const net::HttpClient outside_{{.reach = net::Reach::public_internet}};
    const net::HttpClient* elsewhere_ = &http_;
    std::string image_digest_, config_line_, manifest_label_, refusal_;
    std::string told_out_, told_err_;  ///< what the worker hears of the app
    eth::Address hub_ = filled<eth::Address>(0x03);
    poco::DealId deal_id_ = filled<poco::DealId>(0x04);
    wire::ReleaseNonce nonce_ = filled<wire::ReleaseNonce>(0x44);
    poco::Deal deal_;
    std::chrono::seconds category_time_{30};
    wire::ResultMode result_mode_ = wire::SealToNobody{};
    std::optional<eth::Wallet> impostor_;  ///< answers in the service's place
    std::function<void(wire::ReleaseBundle&)> add_datasets_;
};

TEST_F(RunTest, ComputesOverADatasetAndHandsOutASignedResult)
{
    const auto address = filled<eth::Address>(0xab);
    deal_.dataset.pointer = address;
    deal_.params = R"({"iexec_args":"report 'two words'","iexec_input_files":[")" + server_.origin() + R"(/files/one"]})";
    add_datasets_ = [&](wire::ReleaseBundle& bundle) {
        bundle.datasets.emplace_back(dataset(0, address, "private", false));
    };
    const auto result = run();
    ASSERT_TRUE(result) << result.error().reason << ": " << result.error().detail;

    const auto files = result_files(*result);
    const std::string url = server_.origin() + "/files/one";
    const std::string from_web = "file " + poco::input_file_name(url) + " file one\n",
                      from_owner = "file " + address.hex() + " private\n";
    const std::string expected = std::min(from_web, from_owner) + std::max(from_web, from_owner) +
                                 "env HOME=/\n"
                                 "env IEXEC_APP_DEVELOPER_SECRET=app secret\n"
                                 "env IEXEC_APP_DEVELOPER_SECRET_1=app secret\n"
                                 "env IEXEC_BOT_FIRST_INDEX=6\n"
                                 "env IEXEC_BOT_SIZE=3\n"
                                 "env IEXEC_BOT_TASK_INDEX=7\n"
                                 "env IEXEC_DATASET_ADDRESS=" +
                                 address.hex() +
                                 "\n"
                                 "env IEXEC_DATASET_FILENAME=" +
                                 address.hex() +
                                 "\n"
                                 "env IEXEC_DEAL_ID=" +
                                 deal_id_.hex() +
                                 "\n"
                                 "env IEXEC_IN=/iexec_in\n"
                                 "env IEXEC_INPUT_FILES_FOLDER=/iexec_in\n"
                                 "env IEXEC_INPUT_FILES_NUMBER=1\n"
                                 "env IEXEC_INPUT_FILE_NAME_1=" +
                                 poco::input_file_name(url) +
                                 "\n"
                                 "env IEXEC_OUT=/iexec_out\n"
                                 "env IEXEC_REQUESTER_SECRET_1=requester secret\n"
                                 "env IEXEC_TASK_ID=" +
                                 task().hex() +
                                 "\n"
                                 "env IEXEC_TASK_INDEX=7\n"
                                 "env LANG=C\n"
                                 "env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
                                 "arg two words\n";
    EXPECT_EQ(files.at("result.txt"), expected);
    EXPECT_FALSE(files.contains("stdout.txt")) << "a public result carries no logs";
    EXPECT_EQ(result->digest, crypto::sha256(as_bytes(expected)));
    const auto message = poco::enclave_message(filled<eth::Address>(0x55), task(), result->digest);
    EXPECT_EQ(*eth::recover_address(eth::personal_digest(message), result->enclave_signature), result->enclave_address);

    const auto report =
        attest::verify_receipt(to_text(fetch(result->receipt_cid)), sample_.trust(), system_clock().now_seconds());
    EXPECT_EQ(report.level, attest::ReceiptLevel::simulated) << (report.error ? report.error->detail : "");
    EXPECT_EQ(report.receipt->enclave, result->enclave_address);
    EXPECT_EQ(report.receipt->datasets.at(0).address, address);
    EXPECT_EQ(report.receipt->result.files.size(), 2U);
}

TEST_F(RunTest, TellsTheAppsWordsOnlyWhenNothingWasProtected)
{
    ASSERT_TRUE(run());
    EXPECT_EQ(told_out_ + told_err_, "") << "the app had a secret";
    add_datasets_ = [](wire::ReleaseBundle& bundle) {
        bundle.app_secret.reset();
        bundle.requester_secrets.clear();
    };
    const auto result = run();
    ASSERT_TRUE(result);
    EXPECT_EQ(told_out_, "logged by the app\n");
    EXPECT_EQ(result->exit_code, std::optional<std::uint8_t>(0));
    told_out_.clear();
    result_mode_ = wire::SealToAge{seal::AgeIdentity::generate().recipient().text()};
    const auto sealed = run();
    ASSERT_TRUE(sealed);
    EXPECT_EQ(told_out_ + told_err_, "") << "the result is sealed, and so are the logs";
    EXPECT_FALSE(sealed->exit_code);
}

TEST_F(RunTest, SealsResultLogsAndReceiptForAnAgeRecipient)
{
    const auto identity = seal::AgeIdentity::generate();
    result_mode_ = wire::SealToAge{identity.recipient().text()};
    const auto result = run();
    ASSERT_TRUE(result) << result.error().reason << ": " << result.error().detail;
    const auto open = [&](const std::string& location) {
        const Bytes sealed = fetch(location);
        Bytes plain;
        EXPECT_TRUE(seal::open_age(codec::byte_source(sealed), identity, codec::append_to(plain, 1 << 24)));
        return plain;
    };
    const auto link = *poco::parse_result_link(result->result_link);
    const auto files = files_of(open(link.location));
    EXPECT_EQ(files.at("stdout.txt"), "logged by the app\n");
    const auto receipt = attest::parse_receipt(as_text(open(*link.receipt)));
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->receipt.result.sealing, "age");
    EXPECT_EQ(receipt->receipt.result.ciphertext_sha256, crypto::sha256(fetch(link.location)));
}

TEST_F(RunTest, SealsForAnRsaBeneficiaryAsTheNpmClientOpensIt)
{
    const auto key = crypto::RsaKey::generate(2048);
    result_mode_ = wire::SealToRsa{key->public_pem()};
    deal_.params = R"({"iexec_result_encryption":true})";
    const auto result = run();
    ASSERT_TRUE(result) << result.error().reason << ": " << result.error().detail;
    const Bytes sealed = fetch(poco::parse_result_link(result->result_link)->location);
    Bytes plain;
    ASSERT_TRUE(seal::open_result_rsa(codec::random_source(sealed), key->private_pem(), codec::append_to(plain, 1 << 20)));
    EXPECT_TRUE(files_of(plain).contains("result.txt"));

    const auto receipt = attest::parse_receipt(to_text(fetch("/ipfs/" + result->receipt_cid)));
    ASSERT_TRUE(receipt);
    EXPECT_TRUE(receipt->receipt.result.files.empty()) << "anybody can read this receipt";
    EXPECT_EQ(receipt->receipt.result.ciphertext_sha256, crypto::sha256(sealed));
}

TEST_F(RunTest, RunsABulkSliceWithARefusedDataset)
{
    deal_.params = R"({"bulk_cid":"QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"})";
    const auto first = filled<eth::Address>(0xa1), second = filled<eth::Address>(0xa2), third = filled<eth::Address>(0xa3);
    add_datasets_ = [&](wire::ReleaseBundle& bundle) {
        bundle.datasets.emplace_back(dataset(1, first, "one", false));
        bundle.datasets.emplace_back(wire::RefusedDataset{2, second, "policy.revoked", "revoked"});
        bundle.datasets.emplace_back(dataset(3, third, "three", true));
    };
    const auto result = run();
    ASSERT_TRUE(result) << result.error().reason << ": " << result.error().detail;
    const auto text = result_files(*result).at("result.txt");
    for (const auto* line :
         {"file 0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1 one\n", "file 0xa3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3 three\n",
          "env IEXEC_BULK_SLICE_SIZE=3\n", "env IEXEC_DATASET_2_FILENAME=0xa2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2\n",
          "env IEXEC_DATASET_ADDRESS=0x0000000000000000000000000000000000000000\n"})
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
    EXPECT_EQ(text.find("file 0xa2"), std::string::npos);

    manifest_label_ = R"({"schema":"iapp-manifest/1","datasets":{"require":"all"}})";
    build_image(R"({"network.iapp.manifest":"{\"schema\":\"iapp-manifest/1\",\"datasets\":{\"require\":\"all\"}}"})");
    EXPECT_EQ(reason(run()), "agent.dataset_refused");
}

TEST_F(RunTest, AnswersACallbackTaskWithItsBytes)
{
    deal_.callback = filled<eth::Address>(0xcb);
    deal_.params = R"json({"iexec_args":"computed '{\"callback-data\":\"0x1234\"}'"})json";
    const auto result = run();
    ASSERT_TRUE(result) << result.error().reason << ": " << result.error().detail;
    EXPECT_EQ(result->callback_data, (Bytes{0x12, 0x34}));
    EXPECT_EQ(result->digest, crypto::keccak256(Bytes{0x12, 0x34}));
    EXPECT_EQ(poco::parse_result_link(result->result_link)->storage, "ethereum");
    const auto report =
        attest::verify_receipt(to_text(fetch(result->receipt_cid)), sample_.trust(), system_clock().now_seconds());
    EXPECT_EQ(report.level, attest::ReceiptLevel::simulated) << (report.error ? report.error->detail : "");

    deal_.params = R"({"iexec_args":"result text"})";
    EXPECT_EQ(reason(run()), "agent.callback");
}

TEST_F(RunTest, HasNoResultWhenTheAppRunsTooLong)
{
    category_time_ = std::chrono::seconds(1);
    deal_.params = "sleep";
    EXPECT_EQ(reason(run()), "app.timeout");
}

struct FailedApp {
    const char* name;
    const char* args;
    const char* error_text;
};
class RunFailedApp : public RunTest, public testing::WithParamInterface<FailedApp> {};

TEST_P(RunFailedApp, GivesADeterministicErrorResult)
{
    deal_.params = GetParam().args;
    const auto result = run();
    ASSERT_TRUE(result) << result.error().reason << ": " << result.error().detail;
    const auto files = result_files(*result);
    EXPECT_EQ(files.at("error.txt"), std::string(GetParam().error_text) + "\n");
    EXPECT_EQ(files.size(), 2U);
    EXPECT_EQ(result->digest, crypto::sha256(as_bytes(files.at("error.txt"))));
}

INSTANTIATE_TEST_SUITE_P(
    Apps, RunFailedApp,
    testing::Values(FailedApp{"exit", "exit 3", "app.no_result: the app ended with exit 3 and left no usable computed.json"},
                    FailedApp{"memory", "memory 5000",
                              "app.out_of_memory: the app needed more memory than its manifest asks for"},
                    FailedApp{"not_json", "computed '{'", "app.computed_json: computed.json is not usable: json.syntax"},
                    FailedApp{"outside", "computed '{\"deterministic-output-path\":\"/etc/passwd\"}'",
                              "app.output_path: deterministic-output-path is not below /iexec_out"},
                    FailedApp{"args", "report 'never closed", "agent.args: a quote in iexec_args is never closed"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(RunTest, MakesADatasetThatCannotBeOpenedTheResult)
{
    const auto address = filled<eth::Address>(0xab);
    deal_.dataset.pointer = address;
    add_datasets_ = [&](wire::ReleaseBundle& bundle) {
        auto good = dataset(0, address, "private", false);
        good.checksum = filled<Hash256>(9);
        bundle.datasets.emplace_back(std::move(good));
    };
    const auto result = run();
    ASSERT_TRUE(result) << result.error().reason << ": " << result.error().detail;
    EXPECT_EQ(result_files(*result).at("error.txt"), "agent.dataset_checksum: an input cannot be used\n");
}

TEST_F(RunTest, StopsAtARefusalWithTheServicesOwnReason)
{
    refusal_ = "policy.revoked";
    const auto result = run();
    EXPECT_EQ(reason(result), "policy.revoked");
    EXPECT_EQ(result.error().detail, "no; ask the owner");
    refusal_ = "Not a reason id!";
    EXPECT_EQ(reason(run()), "agent.refused");
}

/// Whoever sits between agent and service knows the agent's public key and the ledger's leaf: enough to seal an answer.
TEST_F(RunTest, RefusesAReleaseTheServiceDidNotSign)
{
    impostor_ = eth::Wallet::generate();
    EXPECT_EQ(reason(run()), "agent.reply_signer");
}

TEST_F(RunTest, RefusesAnAnswerToAnotherQuestion)
{
    add_datasets_ = [&](wire::ReleaseBundle& bundle) { bundle.index = 8; };
    EXPECT_EQ(reason(run()), "agent.bundle_index");
}

TEST_F(RunTest, FailsWhenAServiceIsAway)
{
    deal_.params = R"({"iexec_input_files":[")" + server_.origin() + R"(/files/gone"]})";
    EXPECT_EQ(reason(run()), "agent.input_file");
    image_digest_ = "sha256:" + std::string(64, 'a');
    EXPECT_EQ(reason(run()), "image.unknown");
}

/// On hardware: the registry of this test is on loopback, and an app's developer could point anywhere in the worker's
/// network.
TEST_F(RunTest, PullsNoImageFromTheWorkersOwnNetwork)
{
    elsewhere_ = &outside_;
    EXPECT_EQ(reason(run()), "net.private_address");
}

TEST_F(RunTest, RunsNoAppThatWantsMoreMemoryThanThereIs)
{
    build_image(R"({"network.iapp.manifest":"{\"schema\":\"iapp-manifest/1\",\"resources\":{\"memory_mib\":1048576}}"})");
    EXPECT_EQ(reason(run()), "agent.resources");
}

TEST_F(RunTest, RunsNoAppThatWantsANetwork)
{
    build_image(
        R"({"network.iapp.manifest":"{\"schema\":\"iapp-manifest/1\",\"network\":[{\"host\":\"api.example\",\"port\":443}]}"})");
    EXPECT_EQ(reason(run()), "agent.network");
}

}  // namespace
}  // namespace iapp::agent
