#include "hosts.hpp"

#include "base/file.hpp"
#include "base/log.hpp"
#include "blobs/directory_store.hpp"
#include "blobs/kubo_store.hpp"
#include "blobs/s3_store.hpp"
#include "blobs/service.hpp"
#include "eth/keystore.hpp"
#include "index/compass.hpp"
#include "index/service.hpp"
#include "market/service.hpp"
#include "resultproxy/service.hpp"
#include "scheduler/service.hpp"
#include "sms/service.hpp"
#include "worker/service.hpp"

namespace iapp::daemon {
namespace {

Result<std::string> read_file(const std::filesystem::path& path)
{
    if (auto text = iapp::read_file(path)) return *std::move(text);
    return fail(ErrorKind::not_found, "iappd.file", "cannot read " + path.string());
}

Result<eth::Wallet> open_wallet(const KeyFiles& keys)
{
    TRY(const auto keystore, read_file(keys.keystore));
    TRY(std::string password, read_file(keys.password_file));
    password.resize(std::min(password.size(), password.find_first_of("\r\n")));
    return eth::open_keystore(keystore, password);
}

net::ServerOptions options_for(const Listen& listen)
{
    net::ServerOptions options;
    options.address = listen.address;
    options.port = listen.port;
    options.cors = true;
    return options;
}

net::ServerOptions with_threads(net::ServerOptions options, std::size_t threads)
{
    options.threads = threads;
    return options;
}

/// Keeps anything that stops in its destructor.
template <class T>
struct Holder final : Hosted {
    explicit Holder(T thing) : held(std::move(thing)) {}
    T held;
};

struct SmsHost final : Hosted {
    net::HttpClient http;
    std::unique_ptr<sms::Service> service;
    net::HttpServer server;

    explicit SmsHost(const Listen& listen) : server(options_for(listen)) {}
    ~SmsHost() override { server.stop(); }
};

struct MarketHost final : Hosted {
    net::HttpClient http;
    std::unique_ptr<market::Service> service;
    net::HttpServer server;

    explicit MarketHost(const Listen& listen)
        : server(market::serving(with_threads(options_for(listen), 32))) {}  // readers wait together for the node
    ~MarketHost() override { server.stop(); }
};

struct IndexHost final : Hosted {
    net::HttpClient http;
    std::unique_ptr<index::Service> service;
    index::Compass compass;
    net::HttpServer server;
    net::HttpServer compass_server;

    IndexHost(const IndexConfig& config, const wire::Network& network)
        : compass(network),
          server(with_threads(options_for(config.listen), 32)),  // readers wait together for the node
          compass_server(options_for(config.compass_listen))
    {
    }
    ~IndexHost() override
    {
        server.stop();
        compass_server.stop();
    }
};

struct ResultProxyHost final : Hosted {
    net::HttpClient http;
    std::unique_ptr<resultproxy::Service> service;
    net::HttpServer server;

    explicit ResultProxyHost(const Listen& listen) : server(options_for(listen)) {}
    ~ResultProxyHost() override { server.stop(); }
};

struct BlobsHost final : Hosted {
    net::HttpClient http;
    std::unique_ptr<blobs::BlockStore> store;
    net::HttpServer api;
    net::HttpServer gateway;

    explicit BlobsHost(const BlobsConfig& config) : api(options_for(config.api)), gateway(options_for(config.gateway)) {}
    ~BlobsHost() override
    {
        api.stop();
        gateway.stop();
    }
};

using Started = Result<std::unique_ptr<Hosted>>;

Started start_sms(const SmsConfig& config, const wire::Network& network, const Clock& clock)
{
    auto host = std::make_unique<SmsHost>(config.listen);
    TRY(host->service, sms::Service::open(config.directory, network, host->http, clock));
    host->service->add_routes(host->server);
    TRY_OK(host->server.start());
    log::info("sms started", {{"origin", host->server.origin()}});
    return host;
}

Started start_market(const MarketConfig& config, const wire::Network& network, const Clock& clock)
{
    auto host = std::make_unique<MarketHost>(config.listen);
    TRY(host->service, market::Service::open(config.database, network, host->http, clock, config.limits));
    host->service->add_routes(host->server);
    TRY_OK(host->server.start());
    log::info("market started", {{"origin", host->server.origin()}});
    return host;
}

/// Opens the back end that the configuration names.
struct OpenStore {
    const net::HttpClient& http;
    const Clock& clock;
    using Opened = Result<std::unique_ptr<blobs::BlockStore>>;

    Opened operator()(const std::filesystem::path& directory) const
    {
        TRY(auto store, blobs::DirectoryStore::open(directory));
        return std::make_unique<blobs::DirectoryStore>(std::move(store));
    }
    Opened operator()(const IpfsConfig& config) const { return std::make_unique<blobs::KuboStore>(http, config.api_url); }
    Opened operator()(const S3Config& config) const
    {
        TRY(auto credentials, blobs::load_s3_credentials(config.credentials));
        const blobs::S3Options options{config.endpoint, config.region, config.bucket, config.prefix, config.path_style};
        TRY(auto store, blobs::S3Store::make(http, options, std::move(credentials), clock));
        return std::make_unique<blobs::S3Store>(std::move(store));
    }
};

Started start_blobs(const BlobsConfig& config, const Clock& clock)
{
    auto host = std::make_unique<BlobsHost>(config);
    TRY(host->store, std::visit(OpenStore{host->http, clock}, config.backend));
    blobs::add_rpc_routes(host->api, *host->store);
    blobs::add_gateway_routes(host->gateway, *host->store);
    TRY_OK(host->api.start());
    TRY_OK(host->gateway.start());
    log::info("blobs started", {{"api", host->api.origin()}, {"gateway", host->gateway.origin()}});
    return host;
}

Started start_index(const IndexConfig& config, const wire::Network& network, const Clock& clock)
{
    auto host = std::make_unique<IndexHost>(config, network);
    TRY(host->service, index::Service::open(config.database, network, host->http, clock));
    for (const auto& [pool, origin] : config.workerpools) host->compass.add(pool, origin);
    host->service->add_routes(host->server);
    host->compass.add_routes(host->compass_server);
    TRY_OK(host->server.start());
    TRY_OK(host->compass_server.start());
    log::info("index started", {{"origin", host->server.origin()}, {"compass", host->compass_server.origin()}});
    return host;
}

Started start_scheduler(const SchedulerConfig& config, const wire::Network& network, const Clock& clock)
{
    TRY(auto wallet, open_wallet(config.keys));
    scheduler::Options options{config.database, config.workers, config.lease};
    options.http = options_for(config.listen);
    options.http.threads = 16;  // half of them are for those who wait for news of a task
    TRY(auto service, scheduler::Service::start(std::move(options), network, std::move(wallet), clock));
    return std::make_unique<Holder<decltype(service)>>(std::move(service));
}

Started start_result_proxy(const ResultProxyConfig& config, const wire::Network& network, const Clock& clock)
{
    auto host = std::make_unique<ResultProxyHost>(config.listen);
    TRY(host->service, resultproxy::Service::open(config.directory, network, host->http, clock));
    host->service->add_routes(host->server);
    TRY_OK(host->server.start());
    log::info("result proxy started", {{"origin", host->server.origin()}});
    return host;
}

Started start_worker(const WorkerConfig& config, const wire::Network& network, const Clock& clock)
{
    TRY(auto wallet, open_wallet(config.keys));
    worker::Options options{config.database,
                            config.work_dir,
                            {config.launcher.string(), config.pki_dir.string(), config.agent.string(),
                             config.log_file.string(), config.evidence}};
    TRY(auto service, worker::Service::start(std::move(options), network, std::move(wallet), clock));
    return std::make_unique<Holder<decltype(service)>>(std::move(service));
}

}  // namespace

Result<std::vector<std::unique_ptr<Hosted>>> start_all(const Config& config, const Clock& clock)
{
    TRY(const auto text, read_file(config.network));
    TRY(const auto network, wire::parse_network(text));
    if (network.trust && network.trust->dangerous_allow_simulated_tee)
        log::warning("SIMULATED: this network accepts evidence without hardware; use it for development only",
                     {{"network", network.name}});
    std::vector<std::unique_ptr<Hosted>> hosted;
    const auto add = [&](Started started) -> Status {
        if (!started) return std::unexpected(started.error());
        hosted.push_back(*std::move(started));
        return {};
    };
    if (config.blobs) TRY_OK(add(start_blobs(*config.blobs, clock)));
    if (config.sms) TRY_OK(add(start_sms(*config.sms, network, clock)));
    if (config.market) TRY_OK(add(start_market(*config.market, network, clock)));
    if (config.index) TRY_OK(add(start_index(*config.index, network, clock)));
    if (config.scheduler) TRY_OK(add(start_scheduler(*config.scheduler, network, clock)));
    if (config.result_proxy) TRY_OK(add(start_result_proxy(*config.result_proxy, network, clock)));
    if (config.worker) TRY_OK(add(start_worker(*config.worker, network, clock)));
    return hosted;
}

}  // namespace iapp::daemon
