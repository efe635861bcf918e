#include "attack/world.hpp"

#include "blobs/client.hpp"
#include "codec/base64.hpp"
#include "crypto/random.hpp"
#include "poco/calls.hpp"
#include "poco/events.hpp"
#include "poco/legacy_message.hpp"
#include "poco/registry.hpp"
#include "seal/dataset_v2.hpp"
#include "simtee/pki.hpp"

namespace iapp::attack {
namespace {

using localchain::TestChain;

constexpr std::uint64_t kRlc = 1'000'000'000;  // nRLC
constexpr std::string_view kManifestType = "application/vnd.oci.image.manifest.v1+json";

net::CallContext call() { return TestChain::call(); }

}  // namespace

World::World() : chain_(must(TestChain::start()))
{
    must(simtee::create_pki(pki(), system_clock().now_seconds()));
    fs::create_directories(files_.path("work"));
    image_digest = tag_ = build_image("first image", "hello");
    serve_web();
    register_entries();
    make_network();
    restart_sms(true);
    hand_in_key();
}

World::~World() = default;

std::string World::build_image(const std::string& folder, const std::string& greeting)
{
    const std::string config = R"({"Entrypoint":["/app","result",")" + greeting + R"("]})";
    const std::string digest = test::build_program_image(files_.path(folder), IAPP_SANDBOX_PROBE, config);
    fs::create_directories(files_.path("registry"));
    for (const auto& blob : fs::directory_iterator(files_.path(folder + "/blobs/sha256")))
        fs::copy_file(blob, files_.path("registry") / blob.path().filename(), fs::copy_options::skip_existing);
    return digest;
}

std::string World::move_tag() { return tag_ = build_image("second image", "moved"); }

std::string World::resolve_tag() const
{
    const auto answer = must(http_.send({.method = "HEAD", .target = web_->origin() + "/v2/app/manifests/v1"}, call()));
    return std::string(answer.headers.find("docker-content-digest").value_or(""));
}

void World::serve_web()
{
    store_.emplace(must(blobs::DirectoryStore::open(files_.path("blocks"))));
    web_ = std::make_unique<net::HttpServer>(net::ServerOptions{});
    blobs::add_rpc_routes(*web_, *store_);
    blobs::add_gateway_routes(*web_, *store_);
    const auto image_file = [this](const net::Request& request, const net::CallContext&) {
        const std::string name(request.param("name"));
        const std::string digest = name == "v1" ? tag_ : name;
        const fs::path path = fs::path(files_.path("registry")) / digest.substr(std::min<std::size_t>(7, digest.size()));
        if (!fs::is_regular_file(path)) return net::empty_response(404);
        auto answer = net::text_response(200, test::read_file(path));
        answer.headers.set("Content-Type", std::string(kManifestType));
        answer.headers.set("Docker-Content-Digest", digest);
        return answer;
    };
    web_->route("GET", "/v2/app/manifests/{name}", image_file);
    web_->route("HEAD", "/v2/app/manifests/{name}", image_file);
    web_->route("GET", "/v2/app/blobs/{name}", image_file);
    web_->route("GET", "/files/sealed", [this](const auto&, const auto&) { return net::text_response(200, sealed_file_); });
    must(web_->start());
}

eth::Address World::create(const eth::Address& registry, Bytes data)
{
    const auto receipt = must(chain_->deployer().send({.to = registry, .data = std::move(data)}, call()));
    return poco::find_event<poco::EntryTransfer>(receipt.logs, registry).value().entry;
}

void World::register_entries()
{
    const auto key = crypto::random_secret(32);
    key_text_ = codec::base64(key.reveal(crypto::SecretAccess{}));
    Bytes sealed;
    const auto made = must(seal::seal_v2(codec::byte_source(as_bytes(kContent)), key, codec::append_to(sealed, 1 << 20)));
    sealed_file_ = to_text(sealed);

    const auto& at = chain_->deployment();
    const std::string reference = web_->origin().substr(7) + "/app:v1";
    const auto checksum = must(Hash256::from_hex("0x" + image_digest.substr(7)));
    app = create(at.app_registry,
                 poco::call::create_app({app_owner.address(), "app", "DOCKER", to_bytes(reference), checksum, {}}));
    dataset = create(at.dataset_registry,
                     poco::call::create_dataset(
                         {data_owner.address(), "data", to_bytes(web_->origin() + "/files/sealed"), made.checksum.value()}));
    pool = create(at.workerpool_registry, poco::call::create_workerpool({pool_owner.address(), "pool"}));
    std::vector<localchain::Funding> fundings;
    for (const eth::Wallet* wallet : {&app_owner, &data_owner, &pool_owner, &requester})
        fundings.push_back({wallet->address(), must(eth::U256::from_dec("1000000000000000000")), {}, 1000 * kRlc});
    must(localchain::fund_accounts(chain_->rpc(), chain_->deployer(), at, fundings, call()));
}

void World::make_network()
{
    const auto& at = chain_->deployment();
    const std::string web = web_->origin();
    const Hash384 agent = simtee::measure(as_bytes(test::read_file(IAPP_AGENT)));
    const auto signer = must(sms::create_directory(files_.path("sms")));
    network_ = wire::Network{
        .name = "attack",
        .chain_id = at.chain_id,
        .rpc_url = chain_->anvil().url(),
        .rpc_witness_urls = {},
        .start_block = at.start_block,
        .contracts = {at.hub, at.rlc, at.app_registry, at.dataset_registry, at.workerpool_registry, at.dataprotector,
                      at.sharing},
        .services = {web, web, web, web, web, web, {}, {}, {}, {}},
        .workerpool = pool,
        .trust = wire::NetworkTrust{{agent}, signer, test::read_file(pki() / "root.pem"), true, pki() / "collateral.json"}};
}

void World::restart_sms(bool allow_simulated_tee)
{
    sms_server_.reset();
    service_.reset();
    network_->trust->dangerous_allow_simulated_tee = allow_simulated_tee;
    service_ = must(sms::Service::open(files_.path("sms"), *network_, http_, clock));
    sms_server_ = std::make_unique<net::HttpServer>(net::ServerOptions{.cors = true});
    service_->add_routes(*sms_server_);
    must(sms_server_->start());
    network_->services.sms = sms_server_->origin();
}

void World::hand_in_key()
{
    const auto signature = data_owner.sign_personal(poco::web3_secret_message(dataset, key_text_));
    const net::Request request{.method = "POST",
                               .target = sms_server_->origin() + "/secrets/web3?secretAddress=" + dataset.hex(),
                               .headers = {{"Authorization", signature.hex()}},
                               .body = key_text_};
    if (must(http_.send(request, call())).status != 204) throw std::runtime_error("the key was not taken");
}

Task World::match(const std::function<void(poco::OrderSet&)>& bend)
{
    Task task;
    poco::OrderSet& set = task.orders;
    const poco::Tag tag = poco::tdx_tag();
    set.app = {.app = app, .appprice = {}, .volume = 100, .tag = tag, .sign = {}};
    set.dataset = {.dataset = dataset,
                   .datasetprice = {},
                   .volume = poco::kInfiniteVolume,
                   .tag = tag,
                   .apprestrict = app,
                   .requesterrestrict = requester.address(),
                   .salt = crypto::random_fixed<Hash256>(),
                   .sign = {}};
    set.workerpool.workerpool = pool;
    set.workerpool.volume = 100;
    set.workerpool.tag = tag;
    set.request.app = app;
    set.request.dataset = dataset;
    set.request.workerpool = pool;
    set.request.requester = set.request.beneficiary = requester.address();
    set.request.volume = 1;
    set.request.tag = tag;
    set.request.salt = crypto::random_fixed<Hash256>();
    bend(set);
    const Hash256& separator = chain_->hub().separator();
    poco::sign_order(set.app, separator, app_owner);
    if (set.has_dataset()) task.dataset_order = poco::sign_order(set.dataset, separator, data_owner);
    poco::sign_order(set.workerpool, separator, pool_owner);
    poco::sign_order(set.request, separator, requester);

    const auto& hub = chain_->deployment().hub;
    const auto receipt = must(chain_->deployer().send({.to = hub, .data = poco::call::match_orders(set)}, call()));
    task.deal = poco::find_event<poco::OrdersMatched>(receipt.logs, hub).value().deal;
    task.id = poco::task_id(task.deal, 0);
    must(chain_->deployer().send({.to = hub, .data = poco::call::initialize(task.deal, 0)}, call()));
    return task;
}

std::string World::store(std::string_view content) const
{
    const blobs::BlobClient client(http_, network_->services.ipfs_api, network_->services.ipfs_gateway);
    return must(client.add(as_bytes(content), call()));
}

void World::send_as(const eth::Wallet& sender, const eth::Address& to, Bytes data)
{
    auto own = chain_->sender(sender);
    must(own.send({.to = to, .data = std::move(data)}, call()));
}

net::Response World::ask(std::string_view path, std::string body) const
{
    return must(http_.send(
        {.method = "POST", .target = sms_server_->origin() + std::string(path), .headers = {}, .body = std::move(body)},
        call()));
}

net::Response World::read(const std::string& path) const
{
    return must(http_.get(sms_server_->origin() + path, call().deadline));
}

wire::AgentConfig World::agent_config(const Task& task) const
{
    return {.chain_id = network_->chain_id,
            .hub = network_->contracts.hub,
            .deal = task.deal,
            .task = task.id,
            .index = 0,
            .worker = pool_owner.address(),
            .image = web_->origin().substr(7) + "/app:v1",
            .image_digest = image_digest,
            .sms_url = network_->services.sms,
            .ipfs_gateway_url = network_->services.ipfs_gateway,
            .ipfs_api_url = network_->services.ipfs_api,
            .work_dir = files_.path("work"),
            .deadline = system_clock().now_seconds() + std::chrono::minutes(1),
            .ledger_signer = network_->trust->ledger_signer,
            .evidence = "simulated"};
}

}  // namespace iapp::attack
