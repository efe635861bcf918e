#pragma once
// A small world for tests of this room: a clock that stands still, a chain and blobs made of values, a service behind a real
// HTTP server. Tests only; the evidence comes from simtee in the tests that need some.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>

#include "net/client.hpp"
#include "net/server.hpp"
#include "sms/service.hpp"

namespace iapp::sms::test {

template <class Id>
Id filled(std::uint8_t byte)
{
    std::array<std::uint8_t, Id::kSize> raw;
    raw.fill(byte);
    return Id{raw};
}

/// The value, or a failed test that says why there is none.
template <class T>
T must(Result<T> result)
{
    if (!result) throw std::runtime_error(std::string(result.error().reason) + ": " + result.error().detail);
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}
inline void must(const Status& status)
{
    if (!status) throw std::runtime_error(std::string(status.error().reason) + ": " + status.error().detail);
}

class StandingClock final : public Clock {
public:
    explicit StandingClock(UnixSeconds at) : now_(at) {}
    UnixMillis now() const override { return now_; }
    void advance(std::chrono::seconds by) { now_ += by; }

private:
    UnixSeconds now_;
};

class TempDirectory {
public:
    TempDirectory()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "iapp-sms-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~TempDirectory() { std::filesystem::remove_all(path_); }
    TempDirectory(const TempDirectory&) = delete;
    TempDirectory& operator=(const TempDirectory&) = delete;
    std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

struct FakeChain final : ChainFacts {
    std::map<eth::Address, eth::Address> owners;
    std::map<eth::Address, DatasetSituation> datasets;
    TaskSituation situation;
    std::atomic<int> owners_unseen = 0;  ///< so many times more, owner_of() answers `unseen`: a node is behind
    Error unseen{ErrorKind::not_found, "hub.resource", "no contract there"};
    std::atomic<int> owners_asked = 0;
    std::optional<eth::Address> pool;              ///< owner of the task's workerpool; absent: there is no such task
    std::optional<Error> outage;                   ///< every call answers this
    std::map<eth::Address, Error> dataset_errors;  ///< what dataset() answers about these

    Result<eth::Address> owner_of(const eth::Address& contract, const net::CallContext&) override
    {
        if (outage) return std::unexpected(*outage);
        ++owners_asked;
        const auto found = owners.find(contract);
        if (owners_unseen-- > 0) return std::unexpected(unseen);
        if (found == owners.end()) return fail(ErrorKind::not_found, "hub.resource", "no contract there");
        return found->second;
    }
    Result<TaskStanding> standing(const poco::TaskId&, const net::CallContext&) override
    {
        if (outage) return std::unexpected(*outage);
        if (!pool) return TaskStanding{};
        TaskStanding out{situation.view.task, situation.view.deal};
        out.deal.workerpool.owner = *pool;
        return out;
    }
    Result<TaskSituation> task(const poco::DealId&, const poco::TaskId&, const net::CallContext&) override
    {
        if (outage) return std::unexpected(*outage);
        return situation;
    }
    Result<DatasetSituation> dataset(const poco::DatasetOrder& order, const poco::DealId&, const poco::Deal&, bool,
                                     const net::CallContext&) override
    {
        if (outage) return std::unexpected(*outage);
        if (const auto error = dataset_errors.find(order.dataset); error != dataset_errors.end())
            return std::unexpected(error->second);
        const auto found = datasets.find(order.dataset);
        if (found == datasets.end()) return fail(ErrorKind::not_found, "hub.resource", "no dataset there");
        return found->second;
    }
};

struct FakeBlobs final : BlobSource {
    std::map<std::string, std::string, std::less<>> files;
    int fetched = 0;
    std::optional<Error> outage;  ///< every call answers this

    Result<std::string> fetch_text(std::string_view cid, std::uint64_t, const net::CallContext&) override
    {
        ++fetched;
        if (outage) return std::unexpected(*outage);
        const auto found = files.find(cid);
        if (found == files.end()) return fail(ErrorKind::not_found, "blobs.not_found", "no such file");
        return found->second;
    }
};

inline void write_file(const std::filesystem::path& path, std::string_view text)
{
    std::ofstream(path, std::ios::binary) << text;
}

/// What the network document says in tests; trust comes from the caller.
inline wire::Network test_network(const wire::NetworkTrust& trust)
{
    const auto address = filled<eth::Address>(0x77);
    return {.name = "test",
            .chain_id = 421614,
            .rpc_url = "http://127.0.0.1:1",
            .rpc_witness_urls = {},
            .start_block = 0,
            .contracts = {filled<eth::Address>(0x03), address, address, address, address, address, std::nullopt},
            .services = {"http://127.0.0.1:1", "http://127.0.0.1:1", "http://127.0.0.1:1", "http://127.0.0.1:1",
                         "http://127.0.0.1:1", "http://127.0.0.1:1", std::nullopt, std::nullopt, std::nullopt, std::nullopt},
            .workerpool = address,
            .trust = trust};
}

/// A service in a temporary directory behind a server on a free port.
class World {
public:
    /// `trust.ledger_signer` is filled in.
    World(UnixSeconds now, wire::NetworkTrust trust) : clock(now), network(test_network(trust))
    {
        network.trust->ledger_signer = must(sms::create_directory(directory()));
        start();
    }

    std::filesystem::path directory() const { return files_ / "state"; }

    void start()
    {
        service_ = must(Service::open(directory(), network, chain, blobs, clock));
        server_ = std::make_unique<net::HttpServer>(net::ServerOptions{.cors = true});
        service_->add_routes(*server_);
        must(server_->start());
        origin_ = server_->origin();
    }
    void stop()
    {
        server_.reset();
        service_.reset();
    }

    net::Response send(std::string method, const std::string& target, std::string body = {},
                       net::HeaderMap headers = {}) const
    {
        return must(try_send(std::move(method), target, std::move(body), std::move(headers)));
    }
    Result<net::Response> try_send(std::string method, const std::string& target, std::string body = {},
                                   net::HeaderMap headers = {}) const
    {
        const net::Request request{
            .method = std::move(method), .target = origin_ + target, .headers = std::move(headers), .body = std::move(body)};
        return client_.send(request, net::deadline_in(std::chrono::seconds(20)));
    }

    std::uint16_t port() const { return server_->port(); }
    /// Talks to a server in another process from now on.
    void use_port(std::uint16_t port) { origin_ = "http://127.0.0.1:" + std::to_string(port); }

    StandingClock clock;
    FakeChain chain;
    FakeBlobs blobs;
    wire::Network network;

private:
    TempDirectory files_;
    net::HttpClient client_;
    std::string origin_;
    std::unique_ptr<Service> service_;
    std::unique_ptr<net::HttpServer> server_;
};

}  // namespace iapp::sms::test
