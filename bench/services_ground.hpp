#pragma once
// What benches of services share: a chain, a folder with the network document and a certificate, servers in processes of
// their own.
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "child.hpp"
#include "crypto/p256.hpp"
#include "crypto/x509_builder.hpp"
#include "localchain/test_chain.hpp"
#include "net/server.hpp"
#include "simtee/authority.hpp"
#include "sms/service.hpp"
#include "wire/network.hpp"

namespace iapp::bench {

namespace fs = std::filesystem;

constexpr std::uint64_t kChain = 421614;

inline void check(bool ok)
{
    if (!ok) std::abort();
}

template <class T>
T must(Result<T> result)
{
    if (result) return *std::move(result);
    throw std::runtime_error(std::string(result.error().reason) + ": " + result.error().detail);
}

inline void write_file(const fs::path& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }
inline std::string read_file(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Runs `work` with 0..count-1 on `threads` threads.
inline void share(int threads, int count, const std::function<void(int)>& work)
{
    std::atomic<int> next = 0;
    std::vector<std::jthread> all;
    for (int t = 0; t < threads; ++t)
        all.emplace_back([&] {
            for (int i = next++; i < count; i = next++) work(i);
        });
}

inline void serve(net::HttpServer& server)
{
    check(server.start().has_value());
    std::printf("%u\n", unsigned{server.port()});
    std::fflush(stdout);
    while (true) ::pause();
}

/// A chain, a folder with the network document and the server's certificate.
struct Ground {
    fs::path folder = fs::temp_directory_path() / ("iapp-services-bench-" + std::to_string(::getpid()));
    std::unique_ptr<localchain::TestChain> chain = must(localchain::TestChain::start());
    std::string root_pem;

    Ground()
    {
        fs::create_directories(folder);
        write_certificate();
        const auto signer = must(sms::create_directory(folder / "sms"));
        write_file(folder / "network.toml", wire::encode_network(network(signer)));
    }
    ~Ground() { fs::remove_all(folder); }

    wire::Network network(const eth::Address& ledger_signer) const
    {
        const auto& made = chain->deployment();
        const auto now = system_clock().now_seconds();
        const auto authority = must(simtee::create_authority(simtee::CertificateWindows::for_time(now)));
        const std::string none = "http://127.0.0.1:1";
        wire::Network out{.name = "bench",
                          .chain_id = kChain,
                          .rpc_url = chain->rpc().url(),
                          .rpc_witness_urls = {},
                          .start_block = made.start_block,
                          .contracts = {made.hub,
                                        made.rlc,
                                        made.app_registry,
                                        made.dataset_registry,
                                        made.workerpool_registry,
                                        made.dataprotector,
                                        {}},
                          .services = {},
                          .workerpool = made.hub,
                          .trust = wire::NetworkTrust{.agent_measurements = {Hash384::zero()},
                                                      .ledger_signer = ledger_signer,
                                                      .root_certificate = authority.root.to_pem(),
                                                      .collateral_file = "/nonexistent"}};
        auto& services = out.services;
        for (std::string* url : {&services.sms, &services.market, &services.ipfs_api, &services.ipfs_gateway}) *url = none;
        services.core = services.registry = none;
        return out;
    }

    void write_certificate()
    {
        const UnixSeconds now = system_clock().now_seconds();
        const std::chrono::hours day(24);
        const auto root_key = crypto::P256Key::generate(), key = crypto::P256Key::generate();
        const auto root = must(crypto::issue_root({"bench root", "", {}, now - day, now + day, true, {}, {}}, root_key));
        const Bytes localhost = must(parse_hex("300687047f000001"));  // subjectAltName: 127.0.0.1
        const auto leaf = must(
            crypto::issue_certificate({"bench", "", {}, now - day, now + day, false, {}, {{"2.5.29.17", false, localhost}}},
                                      key.public_key(), root, root_key));
        root_pem = root.to_pem();
        write_file(folder / "tls.crt", leaf.to_pem());
        write_file(folder / "tls.key", as_text(key.to_pem().reveal(crypto::SecretAccess{})));
    }
};

inline std::uint16_t port_of(const Child& child) { return std::uint16_t(std::stoul(child.read_line())); }

}  // namespace iapp::bench
