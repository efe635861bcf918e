#include "services.hpp"

#include "blobs/directory_store.hpp"
#include "blobs/service.hpp"
#include "index/compass.hpp"
#include "index/service.hpp"
#include "market/service.hpp"
#include "resultproxy/service.hpp"
#include "scheduler/service.hpp"
#include "simtee/authority.hpp"
#include "support/fake_history.hpp"
#include "support/oci_builder.hpp"
#include "support/sms_world.hpp"
#include "wire/scheduler_api.hpp"

namespace iapp::hostile {
namespace {

using sms::test::must;

constexpr std::string_view kAddress = "0x7bd4783FDCAD405A28052a0d1f11236A741da593";
const UnixSeconds kNow{std::chrono::seconds(1'800'000'000)};

wire::NetworkTrust trust()
{
    const auto authority = must(simtee::create_authority(simtee::CertificateWindows::for_time(kNow)));
    return {
        {sms::test::filled<Hash384>(1)}, sms::test::filled<eth::Address>(1), authority.root.to_pem(), false, "/nonexistent"};
}

/// A short history that never grows, in which everything belongs to one wallet: enough for an index and a scheduler to
/// start.
class StandingChain {
public:
    explicit StandingChain(const eth::Address& owner) : owner_(eth::AbiWriter{}.address(owner).encode())
    {
        history_.head = 10;
    }

    wire::Network network() const { return history_.network(node_.client().url()); }

private:
    std::string answer(std::string_view method, std::string_view params) const
    {
        const bool asks_owner = method == "eth_call" && params.find(hex0x(poco::call::owner())) != params.npos;
        return asks_owner ? '"' + hex0x(owner_) + '"' : history_.answer(method, params);
    }

    Bytes owner_;
    support::FakeHistory history_;
    support::FakeNode node_{[this](std::string_view method, std::string_view params) { return answer(method, params); }};
};

std::uint16_t port_of(const std::string& origin)
{
    return static_cast<std::uint16_t>(std::stoul(origin.substr(origin.rfind(':') + 1)));
}

}  // namespace

struct Services::Impl {
    test::TempFolder folder;
    sms::test::World sms{kNow, trust()};
    net::HttpClient http;
    std::unique_ptr<market::Service> book =
        must(market::Service::open(folder.path("market.db"), sms.network, http, system_clock()));
    blobs::DirectoryStore store = must(blobs::DirectoryStore::open(folder.path("blobs")));
    net::HttpServer market{market::serving({})};
    net::HttpServer rpc{{.cors = true}};
    net::HttpServer gateway{{.cors = true}};
    eth::Wallet operator_wallet = eth::Wallet::generate();
    StandingChain chain{operator_wallet.address()};
    wire::Network network = chain.network();
    std::unique_ptr<index::Service> history =
        must(index::Service::open(folder.path("index.db"), network, http, system_clock()));
    index::Compass pools{network};
    std::unique_ptr<resultproxy::Service> results =
        must(resultproxy::Service::open(folder.path("results"), network, http, system_clock()));
    net::HttpServer index{{.cors = true}};
    net::HttpServer compass{{.cors = true}};
    net::HttpServer result_proxy{{.cors = true}};
    std::unique_ptr<scheduler::Service> scheduler =
        must(scheduler::Service::start({.database = folder.path("scheduler.db"), .workers = {}, .http = {.cors = true}},
                                       network, std::move(operator_wallet), system_clock()));
    std::vector<Target> targets;

    Impl()
    {
        book->add_routes(market);
        blobs::add_rpc_routes(rpc, store);
        blobs::add_gateway_routes(gateway, store);
        history->add_routes(index);
        pools.add_routes(compass);
        results->add_routes(result_proxy);
        for (net::HttpServer* server : {&market, &rpc, &gateway, &index, &compass, &result_proxy}) must(server->start());
        const std::string address(kAddress), task = "0x" + std::string(64, 'a');
        constexpr std::uint64_t kMebi = 1U << 20U;
        targets = {
            {"sms",
             sms.port(),
             "HEAD",
             "/secrets/web3?secretAddress=" + address,
             404,
             "/secrets/web3?secretAddress=" + address,
             kMebi,
             {"/secrets/web3?secretAddress=", "/apps/", "/requesters/" + address + "/secrets/", "/tee/challenges/"}},
            {"market",
             market.port(),
             "GET",
             "/challenge?chainId=421614&address=" + address,
             200,
             "/apporders?chainId=421614",
             kMebi,
             {"/apporders/", "/deals/", "/categories/", "/challenge?chainId=421614&address="}},
            {"blobs_rpc",
             rpc.port(),
             "POST",
             "/api/v0/version",
             200,
             "/api/v0/cat",
             kMebi,
             {"/api/v0/cat?arg=", "/api/v0/block/get?arg="}},
            {"blobs_gateway",
             gateway.port(),
             "GET",
             "/ipfs/" + unknown_cid(),
             404,
             "",
             0,
             {"/ipfs/", "/ipfs/" + unknown_cid() + "/"}},
            {"index",
             index.port(),
             "GET",
             "/status",
             200,
             "/subgraphs/poco",
             kMebi / 4,
             {"/subgraphs/", "/subgraphs/poco/"}},
            {"compass",
             compass.port(),
             "GET",
             "/421614/workerpools/" + address,
             404,
             "",
             0,
             {"/421614/workerpools/", "/", "/1/workerpools/"}},
            {"result_proxy",
             result_proxy.port(),
             "GET",
             "/v1/results/" + task + "/ipfshash",
             404,
             "/v1/results/token",
             kMebi / 16,
             {"/v1/results/", "/v1/results/token/"}},
            {"scheduler",
             port_of(scheduler->origin()),
             "GET",
             "/tasks/" + task,
             404,
             std::string(wire::kLeasePath),
             kMebi,
             {"/tasks/", "/tasks/" + task + "/replicates/", "/tasks/logs/challenge?address="}},
        };
    }
    ~Impl()
    {
        for (net::HttpServer* server : {&market, &index, &compass, &result_proxy}) server->stop();
        book.reset();
    }

    static std::string unknown_cid() { return "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"; }
};

Services::Services() : impl_(std::make_unique<Impl>()) {}
Services::~Services() = default;
const std::vector<Target>& Services::targets() const { return impl_->targets; }

}  // namespace iapp::hostile
