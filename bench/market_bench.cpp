// rooms: market localchain
// A page of seven orders with live filters, the chain asked for every answer, against the same bytes from memory through
// the same server in the same round.
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "codec/json.hpp"
#include "crypto/random.hpp"
#include "localchain/test_chain.hpp"
#include "market/book.hpp"
#include "market/challenge.hpp"
#include "market/service.hpp"
#include "poco/calls.hpp"
#include "poco/events.hpp"
#include "poco/order_hash.hpp"
#include "poco/registry.hpp"
#include "ratio.hpp"

namespace {

using namespace iapp;

constexpr int kClients = 32;
constexpr int kReads = 3200;
constexpr std::uint64_t kChain = 421614;

void check(bool ok)
{
    if (!ok) std::abort();
}

wire::Network network_of(const localchain::TestChain& chain)
{
    const auto& made = chain.deployment();
    return {
        .name = "bench",
        .chain_id = kChain,
        .rpc_url = chain.rpc().url(),
        .rpc_witness_urls = {},
        .start_block = made.start_block,
        .contracts =
            {made.hub, made.rlc, made.app_registry, made.dataset_registry, made.workerpool_registry, made.dataprotector, {}},
        .services = {},
        .workerpool = eth::Address::zero(),
        .trust = {
            .agent_measurements = {}, .ledger_signer = eth::Address::zero(), .root_certificate = {}, .collateral_file = {}}};
}

struct Desk {
    std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("iapp-market-bench-" + std::to_string(::getpid()) + ".db");
    std::unique_ptr<localchain::TestChain> chain = localchain::TestChain::start().value();
    net::HttpClient http{{.idle_per_origin = kClients}};
    net::HttpServer server{{.threads = kClients}};
    std::unique_ptr<market::Service> service =
        market::Service::open(file, network_of(*chain), http, system_clock(), {.max_open_orders = 1'000'000}).value();
    eth::Wallet owner = localchain::dev_wallet(1);
    eth::Address dataset = make_dataset();
    std::string page;  ///< what the memory route answers

    Desk()
    {
        service->add_routes(server);
        server.route("GET", "/memory",
                     [this](const net::Request&, const net::CallContext&) { return net::json_response(200, page); });
        check(server.start().has_value());
    }
    ~Desk()
    {
        server.stop();
        service.reset();
        for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + suffix);
    }

    eth::Address make_dataset() const
    {
        auto sender = chain->sender(owner);
        poco::DatasetEntry entry;
        entry.owner = owner.address();
        entry.name = "bench";
        const auto& registry = chain->deployment().dataset_registry;
        const auto receipt =
            sender.send({.to = registry, .data = poco::call::create_dataset(entry)}, localchain::TestChain::call()).value();
        return poco::find_event<poco::EntryTransfer>(receipt.logs, registry)->entry;
    }

    std::string get(const std::string& target) const
    {
        const auto response = http.get(server.origin() + target, net::deadline_in(std::chrono::seconds(30)));
        check(response && response->status == 200);
        return response->body;
    }

    poco::DatasetOrder order(std::uint64_t price) const
    {
        poco::DatasetOrder out;
        out.dataset = dataset;
        out.datasetprice = price;
        out.volume = poco::kInfiniteVolume;
        out.tag = poco::tdx_tag();
        out.salt = crypto::random_fixed<Hash256>();
        poco::sign_order(out, chain->hub().separator(), owner);
        return out;
    }

    /// The whole dance of a client: challenge, signature, order.
    void publish(const poco::DatasetOrder& order) const
    {
        const std::string text(json::parse(get("/challenge?chainId=421614&address=" + owner.address().hex()))
                                   .value()
                                   .at_pointer("/data/message/challenge")
                                   .as_string());
        const Hash256 digest = market::Challenges(kChain).digest(text);
        net::Request request;
        request.method = "POST";
        request.target = server.origin() + "/datasetorders?chainId=421614";
        request.headers.set("authorization", digest.hex() + '_' + hex0x(owner.sign(digest).bytes()) + '_' +
                                                 eth::to_checksum(owner.address()));
        request.body = "{\"order\":" + poco::encode(order) + '}';
        const auto response = http.send(request, net::deadline_in(std::chrono::seconds(30)));
        check(response && response->status == 200);
    }
};

/// Runs `work` `count` times on `threads` threads.
void share(int threads, int count, const std::function<void(int)>& work)
{
    std::atomic<int> next = 0;
    std::vector<std::jthread> all;
    for (int t = 0; t < threads; ++t)
        all.emplace_back([&] {
            for (int i = next++; i < count; i = next++) work(i);
        });
}

}  // namespace

int main()
{
    Desk desk;
    for (std::uint64_t i = 0; i < 7; ++i) desk.publish(desk.order(i));
    const std::string target = "/datasetorders?chainId=421614&dataset=" + desk.dataset.hex() +
                               "&app=any&requester=any&workerpool=any&isAppStrict=false&pageSize=20";
    desk.page = desk.get(target);
    std::atomic<int> turn = 0;

    const auto read = [&](const std::string& what) { check(desk.get(what).size() == desk.page.size()); };
    const auto reading = [&](std::function<std::string()> what) {
        return [&, what = std::move(what)] { share(kClients, kReads, [&](int) { read(what()); }); };
    };
    const std::vector<bench::Case> reads{
        {"page from the book", reading([&] { return target; }), bench::Meter::process_cpu, kReads},
        {"page, each filter new", reading([&] { return target + "&x=" + std::to_string(turn++); }),
         bench::Meter::process_cpu, kReads},
        {"same bytes from memory", reading([] { return std::string("/memory"); }), bench::Meter::process_cpu, kReads},
    };
    return bench::report(
        reads, {{"page from the book / memory", 0, 2, 0.45}, {"page, each filter new / memory", 1, 2, 0.35}}, "pages/s");
}
