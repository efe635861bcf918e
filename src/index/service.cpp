#include "index/service.hpp"

#include <condition_variable>
#include <thread>

#include "base/log.hpp"
#include "codec/json.hpp"
#include "index/bulk_reader.hpp"
#include "index/query.hpp"
#include "index/schema.hpp"
#include "index/tracker.hpp"

namespace iapp::index {
namespace {

constexpr std::uint64_t kLargestBody = 256U << 10U;
constexpr std::chrono::minutes kRoundLimit{10};        ///< a long history is indexed in the background
constexpr std::chrono::milliseconds kBulkWait{3'000};  ///< what a read waits for IPFS
constexpr std::chrono::seconds kIdleRefresh{10};       ///< keeps an index nobody reads from falling far behind

net::Response graphql_error(int status, std::string_view message)
{
    const json::Array errors{json::Object{{"message", message}}};
    return net::json_response(status, json::print(json::Object{{"errors", errors}}));
}

net::Response refuse(const Error& error)
{
    log::warning("request failed", {{"reason", error.reason}, {"detail", error.detail}, {"line", error.where.line()}});
    return graphql_error(503, "The index cannot follow the chain right now, retry later.");
}

IndexedHead indexed(const Head& head)
{
    return {head.block.number, head.block.hash.hex(), static_cast<std::uint64_t>(head.time.time_since_epoch().count())};
}

}  // namespace

struct Service::Impl {
    Impl(store::Database writing, store::Database reading, const wire::Network& network, const net::HttpClient& http,
         const Clock& clock)
        : database(std::move(writing)),
          readers(std::move(reading)),
          rpc(http, {network.rpc_url}),
          hub(rpc, network.chain_id, network.contracts.hub),
          tracker(hub, database, network),
          blobs(http, network.services.ipfs_api, network.services.ipfs_gateway),
          bulks(blobs, database, clock),
          follow([this](const std::stop_token& stop) { keep_up(stop); })
    {
    }

    /// Reads the chain now and then, so that the first read after a quiet night is not a long one.
    void keep_up(const std::stop_token& stop)
    {
        std::mutex mutex;
        std::condition_variable_any wake;
        while (!stop.stop_requested()) {
            const net::CallContext context{.request_id = "index", .deadline = net::deadline_in(kRoundLimit), .stop = stop};
            if (const auto done = work(context); !done && done.error().kind != ErrorKind::cancelled)
                log::warning("following the chain failed",
                             {{"reason", done.error().reason}, {"detail", done.error().detail}});
            std::unique_lock lock(mutex);
            wake.wait_for(lock, stop, kIdleRefresh, [] { return false; });
        }
    }

    Status work(const net::CallContext& context)
    {
        TRY_OK(tracker.refresh(context));
        TRY_OK(read_new_bulks(context));
        return bulks.read_due(context);
    }

    /// Bulks of new deals belong to the answer, but IPFS may take its time: the answer does not wait for ever.
    Status read_new_bulks(const net::CallContext& call)
    {
        net::CallContext brief = call;
        brief.deadline = std::min(call.deadline, net::deadline_in(kBulkWait));
        Status read = bulks.read_new(brief);
        if (!read && read.error().kind == ErrorKind::deadline_exceeded) return {};
        return read;
    }

    Result<Head> bring_up(const net::CallContext& call)
    {
        TRY(const Head head, tracker.refresh(call));
        TRY_OK(read_new_bulks(call));
        return head;
    }

    Result<net::Response> query(const Subgraph& subgraph, const net::Request& request, const net::CallContext& call)
    {
        TRY(const Head head, bring_up(call));
        TRY(GraphqlAnswer answer, answer_graphql(readers, subgraph, indexed(head), request.body));
        return net::json_response(answer.status, std::move(answer.body));
    }

    Result<net::Response> status(const net::CallContext& call)
    {
        TRY(const Head head, tracker.refresh(call));
        const json::Object block{{"number", head.block.number},
                                 {"hash", head.block.hash.hex()},
                                 {"timestamp", head.time.time_since_epoch().count()}};
        return net::json_response(200, json::print(json::Object{{"chainId", hub.chain_id()}, {"block", block}}));
    }

    store::Database database;
    store::Database readers;  ///< a connection of their own, so a commit on its way to the disk holds up no read
    chain::JsonRpcClient rpc;
    chain::Hub hub;
    Tracker tracker;
    blobs::BlobClient blobs;
    BulkReader bulks;
    std::jthread follow;  ///< last: it uses the rest
};

Result<std::unique_ptr<Service>> Service::open(const std::string& database, const wire::Network& network,
                                               const net::HttpClient& http, const Clock& clock)
{
    TRY(auto writing, store::Database::open(database, migrations()));
    TRY(auto reading, store::Database::open(database, migrations()));
    return std::unique_ptr<Service>(
        new Service(std::make_unique<Impl>(std::move(writing), std::move(reading), network, http, clock)));
}

Service::Service(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Service::~Service() = default;

void Service::add_routes(net::HttpServer& server)
{
    Impl& impl = *impl_;
    const auto add_subgraph = [&](std::string_view path, const Subgraph& subgraph) {
        const auto answering = [&impl, &subgraph](const net::Request& request, const net::CallContext& call) {
            auto response = impl.query(subgraph, request, call);
            return response ? *std::move(response) : refuse(response.error());
        };
        server.route("POST", path, answering, {.max_body_bytes = kLargestBody, .timeout = {}});
    };
    add_subgraph("/subgraphs/poco", poco_subgraph());
    add_subgraph("/subgraphs/dataprotector", dataprotector_subgraph());
    // As a node of The Graph names deployments: what clients that were set up for iExec's node ask.
    add_subgraph("/subgraphs/name/{network}/poco-v5", poco_subgraph());
    add_subgraph("/subgraphs/name/{network}/dataprotector-v2", dataprotector_subgraph());
    server.route("GET", "/status", [&impl](const net::Request&, const net::CallContext& call) {
        auto response = impl.status(call);
        return response ? *std::move(response) : refuse(response.error());
    });
}

}  // namespace iapp::index
