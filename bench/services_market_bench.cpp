// rooms: market sms simtee localchain
// The order book under load, in a process of its own and judged by its own processor time: a page against nginx with the
// same bytes, publishing against what its cryptography and its disk allow.
#include "codec/json.hpp"
#include "crypto/random.hpp"
#include "http_load.hpp"
#include "market/book.hpp"
#include "market/challenge.hpp"
#include "market/service.hpp"
#include "poco/calls.hpp"
#include "poco/events.hpp"
#include "poco/order_hash.hpp"
#include "poco/registry.hpp"
#include "ratio.hpp"
#include "services_ground.hpp"
#include "store/group_committer.hpp"

namespace {

using namespace iapp;
using namespace iapp::bench;

constexpr int kReaders = 64;
constexpr int kReads = 20'000;
constexpr int kPublishers = 8;
constexpr int kOwners = 3 * kPublishers;  ///< orders enough that the start of a round is below the last percent
constexpr int kOrdersEach = 40;           ///< of one signer: below the book's limit

int serve_market(const fs::path& folder)
{
    const auto network = must(wire::parse_network(read_file(folder / "network.toml")));
    net::HttpClient http;
    auto service = must(market::Service::open(folder / "market.db", network, http, system_clock()));
    net::HttpServer server(market::serving({.threads = 16}));
    service->add_routes(server);
    serve(server);
    return 0;
}

struct Owner {
    eth::Wallet wallet;
    eth::Address dataset;

    Owner(const localchain::TestChain& chain, int index) : wallet(eth::Wallet::generate()), dataset(eth::Address::zero())
    {
        must(chain.rpc().call({"anvil_setBalance", "[\"" + wallet.address().hex() + R"(","0xde0b6b3a7640000"])"},
                              localchain::TestChain::call()));
        poco::DatasetEntry entry;
        entry.owner = wallet.address();
        entry.name = "bench " + std::to_string(index);
        const auto& registry = chain.deployment().dataset_registry;
        const auto receipt = must(chain.sender(wallet).send({.to = registry, .data = poco::call::create_dataset(entry)},
                                                            localchain::TestChain::call()));
        dataset = poco::find_event<poco::EntryTransfer>(receipt.logs, registry)->entry;
    }

    poco::DatasetOrder order(const Hash256& separator, std::uint64_t price) const
    {
        poco::DatasetOrder out;
        out.dataset = dataset;
        out.datasetprice = price;
        out.volume = poco::kInfiniteVolume;
        out.tag = poco::tdx_tag();
        out.salt = crypto::random_fixed<Hash256>();
        poco::sign_order(out, separator, wallet);
        return out;
    }
};

std::string authorization(const eth::Wallet& wallet, std::string_view text)
{
    const Hash256 digest = market::Challenges(kChain).digest(text);
    return digest.hex() + '_' + hex0x(wallet.sign(digest).bytes()) + '_' + eth::to_checksum(wallet.address());
}

/// What a client of the book does.
struct Desk {
    std::string origin;
    net::HttpClient http{{.idle_per_origin = kPublishers}};
    net::Deadline soon() const { return net::deadline_in(std::chrono::seconds(30)); }

    std::string get(const std::string& target) const
    {
        const auto response = must(http.get(origin + target, soon()));
        check(response.status == 200);
        return response.body;
    }
    std::string authorize(const eth::Wallet& wallet) const
    {
        const std::string body = get("/challenge?chainId=421614&address=" + wallet.address().hex());
        const auto document = must(json::parse(body));
        return authorization(wallet, document.at_pointer("/data/message/challenge").as_string());
    }
    net::Request request(const std::string& method, const eth::Wallet& wallet, std::string body) const
    {
        net::Request out;
        out.method = method;
        out.target = origin + "/datasetorders?chainId=421614";
        out.headers.set("authorization", authorize(wallet));
        out.body = std::move(body);
        return out;
    }
    net::Request publication(const Owner& owner, const poco::DatasetOrder& order) const
    {
        return request("POST", owner.wallet, "{\"order\":" + poco::encode(order) + '}');
    }
    void send(const net::Request& request) const
    {
        const auto response = must(http.send(request, soon()));
        if (response.status != 200) throw std::runtime_error(response.body);
    }
    void clear(const Owner& owner) const
    {
        send(request("PUT", owner.wallet, R"({"target":"unpublish_all","dataset":")" + owner.dataset.hex() + "\"}"));
    }
};

// ---- reading ------------------------------------------------------------------------------------------------------

std::string nginx_config(const fs::path& folder, std::uint16_t port)
{
    const std::string root = folder.string();
    return "daemon off; master_process off; worker_processes 1; pid " + root + "/nginx.pid; error_log " + root +
           "/nginx.log;\nevents { worker_connections 1024; }\nhttp { access_log off; keepalive_requests 100000000; "
           "tcp_nodelay "
           "on; sendfile on;\n default_type application/json;\n client_body_temp_path " +
           root + "/t1; proxy_temp_path " + root + "/t2; fastcgi_temp_path " + root + "/t3; uwsgi_temp_path " + root +
           "/t4; scgi_temp_path " + root + "/t5;\n server { listen 127.0.0.1:" + std::to_string(port) + "; root " + root +
           "/www; }\n}\n";
}

/// A port nobody listens on at this moment.
std::uint16_t free_port()
{
    net::HttpServer server;
    check(server.start().has_value());
    return server.port();
}

int bench_reads(const Ground& ground, const bench::Child& market, const Desk& desk, const std::vector<Owner>& owners)
{
    for (std::uint64_t price = 0; price < 7; ++price)
        desk.send(desk.publication(owners[0], owners[0].order(ground.chain->hub().separator(), price)));
    std::vector<std::string> targets, ours;
    for (int i = 1; i <= 16; ++i)
        targets.push_back(
            "/datasetorders?app=any&bulkOnly=false&chainId=421614&dataset=" + eth::to_checksum(owners[0].dataset) +
            "&isAppStrict=false&isRequesterStrict=false&isWorkerpoolStrict=false&minVolume=" + std::to_string(i) +
            "&pageIndex=0&pageSize=20&requester=any&workerpool=any");
    const auto message = [](const std::string& target) {
        return "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n";
    };
    for (const std::string& target : targets) ours.push_back(message(target));
    const std::string page = desk.get(targets[0]);
    for (const std::string& target : targets) check(desk.get(target) == page && page.contains("\"count\":7"));

    const std::uint16_t port = free_port();
    fs::create_directories(ground.folder / "www");
    for (const char* name : {"", "www"}) fs::permissions(ground.folder / name, fs::perms(0755));
    write_file(ground.folder / "www/page.json", page);
    write_file(ground.folder / "nginx.conf", nginx_config(ground.folder, port));
    const bench::Child nginx({"nginx", "-p", ground.folder, "-c", ground.folder / "nginx.conf"});
    const Desk peer{"http://127.0.0.1:" + std::to_string(port)};
    for (int i = 0; i < 100 && !peer.http.get(peer.origin + "/page.json", peer.soon()); ++i) ::usleep(20'000);
    check(peer.get("/page.json") == page);

    bench::HttpLoad our_load(std::uint16_t(std::stoul(desk.origin.substr(desk.origin.rfind(':') + 1))), kReaders);
    bench::HttpLoad their_load(port, kReaders);
    const std::vector<std::string> theirs{message("/page.json")};
    const std::vector<bench::Case> cases{
        {"page of seven orders, live filters",
         [&] { our_load.run(ours, kReads, page.size()); },
         {},
         kReads,
         [&] { return market.cpu_seconds(); }},
        {"nginx, the same bytes from a file",
         [&] { their_load.run(theirs, kReads, page.size()); },
         {},
         kReads,
         [&] { return nginx.cpu_seconds(); }},
    };
    const int missed = bench::report(cases, {{"order book / nginx", 0, 1, 1.2}}, "pages/s of server time");
    desk.clear(owners[0]);
    return missed;
}

// ---- publishing ---------------------------------------------------------------------------------------------------

/// How long each of many took. Safe to share between threads.
struct Stopwatch {
    std::mutex mutex;
    std::vector<double> milliseconds;

    void time(const std::function<void()>& work)
    {
        const double start = bench::seconds(bench::Meter::wall);
        work();
        const double took = bench::seconds(bench::Meter::wall) - start;
        const std::lock_guard lock(mutex);
        milliseconds.push_back(took * 1e3);
    }
};

/// The least that publishing durably takes: who asks, what they signed, one row among those of the same commit.
struct LeastPublisher {
    std::unique_ptr<market::BookFile> book;
    market::Challenges challenges{kChain};
    store::GroupCommitter committer;
    Hash256 separator;

    LeastPublisher(const fs::path& file, const Hash256& domain)
        : book(must(market::BookFile::open(file))), committer(book->database), separator(domain)
    {
    }

    void publish(std::string_view proof, std::string_view body)
    {
        const auto now = system_clock().now();
        const auto signer = must(challenges.redeem(proof, system_clock().now_seconds()));
        const auto listing = must(market::parse_publish_body(market::OrderKind::dataset, body));
        const Hash256 hash = eth::typed_digest(separator, listing.struct_hash);
        check(eth::verify(hash, listing.sign, signer));
        check(committer
                  .commit([&](store::Transaction& transaction) -> Status {
                      TRY(const auto held, market::find_held(transaction, listing.kind, hash, signer));
                      TRY_OK(market::put_open(transaction, kChain, {listing, hash, signer, listing.volume, now, 1, false},
                                              held));
                      return {};
                  })
                  .has_value());
    }
};

void tell(const char* what, const Stopwatch& watch)
{
    std::printf("  %-44s %6.2f ms, p50 %.2f ms\n", what, bench::quantile(watch.milliseconds, 0.99),
                bench::quantile(watch.milliseconds, 0.5));
}

int bench_publishing(const Ground& ground, const bench::Child& market, const Desk& desk, const std::vector<Owner>& owners)
{
    constexpr int kOrders = kOwners * kOrdersEach;
    const Hash256 separator = ground.chain->hub().separator();
    LeastPublisher least(ground.folder / "least.db", separator);
    std::vector<poco::DatasetOrder> orders(kOrders);
    std::vector<std::string> bodies(kOrders), proofs(kOrders);
    Stopwatch whole, published, least_published;
    bool is_filled = false;
    const auto owner_of = [&](int i) -> const Owner& { return owners[std::size_t(i % kOwners)]; };
    const auto sign_all = [&] {
        for (int i = 0; i < kOrders; ++i) {
            const auto at = std::size_t(i);
            orders[at] = owner_of(i).order(separator, std::uint64_t(i));
            bodies[at] = "{\"order\":" + poco::encode(orders[at]) + '}';
            const auto document =
                must(json::parse(least.challenges.issue(owner_of(i).wallet.address(), system_clock().now_seconds())));
            proofs[at] = authorization(owner_of(i).wallet, document.at_pointer("/message/challenge").as_string());
        }
    };
    const auto prepare = [&] {
        if (std::exchange(is_filled, true))
            for (const Owner& owner : owners) desk.clear(owner);
        sign_all();
    };
    const auto publish_all = [&] {
        share(kPublishers, kOrders, [&](int i) {
            whole.time([&] {
                const auto request = desk.publication(owner_of(i), orders[std::size_t(i)]);
                published.time([&] { desk.send(request); });
            });
        });
    };
    const auto publish_least = [&] {
        share(kPublishers, kOrders,
              [&](int i) { least_published.time([&] { least.publish(proofs[std::size_t(i)], bodies[std::size_t(i)]); }); });
    };
    for (int i = 0; i < 4; ++i) {  // connections, statements, what the chain says of the owners, a log that has its length
        prepare();
        publish_all();
    }
    for (Stopwatch* watch : {&whole, &published}) watch->milliseconds.clear();
    const std::vector<bench::Case> cases{
        {"publish: challenge, proof, order", publish_all, {}, kOrders, [&] { return market.cpu_seconds(); }, prepare},
        {"two recovers and a row, in process", publish_least, bench::Meter::process_cpu, kOrders, {}, sign_all},
    };
    int missed = bench::report(cases, {{"publishing / in process", 0, 1, 0.8}}, "orders/s of server time");
    const double p99 = bench::quantile(published.milliseconds, 0.99);
    std::printf("  %-44s %6.2f ms, p50 %.2f ms  target <= 5 ms  %s\n", "publish at 8 clients, p99", p99,
                bench::quantile(published.milliseconds, 0.5), p99 <= 5 ? "met" : "MISSED");
    tell("with the challenge and its signature, p99", whole);
    tell("the same in process at 8 threads, p99", least_published);
    return missed + (p99 <= 5 ? 0 : 1);
}

int run()
{
    const Ground ground;
    std::vector<Owner> owners;
    owners.reserve(kOwners);
    for (int i = 0; i < kOwners; ++i) owners.emplace_back(*ground.chain, i);
    const Child market({"/proc/self/exe", "serve", ground.folder});
    const Desk desk{"http://127.0.0.1:" + std::to_string(port_of(market))};
    const int missed = bench_reads(ground, market, desk, owners);
    return missed + bench_publishing(ground, market, desk, owners);
}

}  // namespace

int main(int argc, char** argv) { return argc > 2 ? serve_market(argv[2]) : run(); }
