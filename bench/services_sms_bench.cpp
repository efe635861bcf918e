// rooms: sms simtee localchain
// The secret service under load, in a process of its own and judged by its own processor time, against what its cryptography
// and its disk allow.
#include "crypto/random.hpp"
#include "poco/legacy_message.hpp"
#include "ratio.hpp"
#include "services_ground.hpp"
#include "store/group_committer.hpp"

namespace {

using namespace iapp;
using namespace iapp::bench;

constexpr int kPushers = 16;
constexpr int kPushes = 1'600;

int serve_sms(const fs::path& folder)
{
    const auto network = must(wire::parse_network(read_file(folder / "network.toml")));
    net::HttpClient http;
    auto service = must(sms::Service::open(folder / "sms", network, http, system_clock()));
    net::HttpServer server({.tls = net::ServerTls{read_file(folder / "tls.crt"), read_file(folder / "tls.key")},
                            .cors = true,
                            .threads = kPushers});
    service->add_routes(server);
    server.route("POST", "/nothing", [](const net::Request&, const net::CallContext&) { return net::empty_response(204); });
    serve(server);
    return 0;
}

constexpr store::Migration kLeastSecrets{
    "secrets",
    "CREATE TABLE secret (holder BLOB NOT NULL, name TEXT NOT NULL, message BLOB NOT NULL, sealed BLOB NOT NULL, "
    "PRIMARY KEY (holder, name)) STRICT;"};

int bench_secrets(const Ground& ground)
{
    const bench::Child sms({"/proc/self/exe", "serve", ground.folder});
    const std::string origin = "https://127.0.0.1:" + std::to_string(port_of(sms));
    const net::HttpClient http({.ca_pem = ground.root_pem, .idle_per_origin = kPushers});
    const eth::Wallet wallet = eth::Wallet::generate();
    const std::string value(256, 'v'), address = wallet.address().hex();
    auto database = must(store::Database::open(ground.folder / "least-secrets.db", std::span(&kLeastSecrets, 1)));
    store::GroupCommitter committer(database);

    std::vector<std::string> names(kPushes), proofs(kPushes);
    const auto sign_all = [&] {
        for (std::size_t i = 0; i < names.size(); ++i) {
            names[i] = crypto::random_fixed<Hash256>().hex();
            proofs[i] = wallet.sign_personal(poco::web2_secret_message(wallet.address(), names[i], value)).hex();
        }
    };
    const auto post = [&](const std::string& path, const std::string& proof) {
        net::Request request{.method = "POST", .target = origin + path, .body = value};
        request.headers.set("Authorization", proof);
        request.headers.set("Content-Type", "text/plain");
        check(must(http.send(request, net::deadline_in(std::chrono::seconds(30)))).status == 204);
    };
    const auto target = [&](const char* path, int i) {
        return std::string(path) + "?ownerAddress=" + address + "&secretName=" + names[std::size_t(i)];
    };
    const auto push = [&](const char* path) {
        share(kPushers, kPushes, [&](int i) { post(target(path, i), proofs[std::size_t(i)]); });
    };
    const auto insert = [&](int i) {
        const std::string& name = names[std::size_t(i)];
        const auto signature = must(eth::parse_signature_hex(proofs[std::size_t(i)]));
        const Hash256 message = poco::web2_secret_message(wallet.address(), name, value);
        const auto signer = must(eth::recover_address(eth::personal_digest(message), signature));
        check(committer
                  .commit([&](store::Transaction& transaction) -> Status {
                      TRY_OK(
                          transaction.run("INSERT INTO secret VALUES (?, ?, ?, ?)", signer, name, message, as_bytes(value)));
                      return {};
                  })
                  .has_value());
    };
    const auto server_time = [&] { return sms.cpu_seconds(); };
    const std::vector<bench::Case> cases{
        {"push a secret over TLS, durable", [&] { push("/secrets/web2"); }, {}, kPushes, server_time, sign_all},
        {"204 to the same request", [&] { push("/nothing"); }, {}, kPushes, server_time},
        {"recover and a row, in process",
         [&] { share(kPushers, kPushes, insert); },
         bench::Meter::process_cpu,
         kPushes,
         {},
         sign_all},
    };
    return bench::report(cases, {{"pushing / (204 + recover + row)", 0, 1, 0.85, 2}}, "secrets/s of server time");
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc > 2) return serve_sms(argv[2]);
    const Ground ground;
    return bench_secrets(ground);
}
