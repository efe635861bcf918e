#include "services.hpp"

#include "blobs/directory_store.hpp"
#include "blobs/service.hpp"
#include "market/service.hpp"
#include "simtee/authority.hpp"
#include "support/oci_builder.hpp"
#include "support/sms_world.hpp"

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
    std::vector<Target> targets;

    Impl()
    {
        book->add_routes(market);
        blobs::add_rpc_routes(rpc, store);
        blobs::add_gateway_routes(gateway, store);
        for (net::HttpServer* server : {&market, &rpc, &gateway}) must(server->start());
        const std::string address(kAddress);
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
        };
    }
    ~Impl()
    {
        market.stop();
        book.reset();
    }

    static std::string unknown_cid() { return "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"; }
};

Services::Services() : impl_(std::make_unique<Impl>()) {}
Services::~Services() = default;
const std::vector<Target>& Services::targets() const { return impl_->targets; }

}  // namespace iapp::hostile
