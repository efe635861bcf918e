#include "sms/hub_facts.hpp"

#include <thread>

#include "blobs/client.hpp"
#include "chain/hub.hpp"
#include "codec/json.hpp"
#include "codec/multiaddr.hpp"
#include "poco/match_call.hpp"
#include "poco/order_hash.hpp"
#include "sms/internal/broadcast_order.hpp"
#include "sms/internal/order_events.hpp"

namespace iapp::sms {
namespace {

constexpr int kWitnessTries = 5;
constexpr std::chrono::milliseconds kWitnessWait{200};

struct Node {
    Node(const net::HttpClient& http, const std::string& url, const wire::Network& network)
        : rpc(http, {.url = url}), hub(rpc, network.chain_id, network.contracts.hub)
    {
    }
    chain::JsonRpcClient rpc;
    chain::Hub hub;
};

/// The node told of a match and does not know its transaction: its block was replaced, or another node answers now.
std::unexpected<Error> behind()
{
    return fail(ErrorKind::unavailable, "rpc.state", "the node does not have the transaction of a match");
}

/// The body of the matched dataset order, from the transaction that matched it.
Result<std::optional<poco::DatasetOrder>> fetch_dataset_order(const Node& node, const internal::OrderEvents::Match& match,
                                                              const net::CallContext& context)
{
    if (match.orders.dataset.is_zero()) return std::optional<poco::DatasetOrder>{};
    TRY(const std::string text,
        node.rpc.call({"eth_getTransactionByHash", "[\"" + match.transaction_hash.hex() + "\"]"}, context));
    TRY(const json::Value value, json::parse(text));
    if (value.is_null()) return behind();
    TRY(const json::ObjectReader transaction, json::ObjectReader::of(value));
    TRY(const Bytes input, transaction.bytes_hex("input"));
    auto order = poco::find_matched_dataset_order(input, node.hub.separator(), match.orders.dataset);
    if (order) return order;
    TRY(const std::optional<eth::Receipt> receipt, node.rpc.receipt(match.transaction_hash, context));
    if (!receipt) return behind();
    return internal::find_broadcast_order(receipt->logs, node.hub.address(), node.hub.separator(), match.orders.dataset);
}

/// What every node must agree on before a key leaves.
struct Story {
    poco::Deal deal;
    poco::Task task;
    Hash256 app_checksum = Hash256::zero();
    friend bool operator==(const Story&, const Story&) = default;
};

Result<Story> read_story(const Node& node, const poco::DealId& deal, const poco::TaskId& task, const chain::BlockId& at,
                         const net::CallContext& context)
{
    Story story;
    TRY(story.deal, node.hub.view_deal(deal, context, at));
    TRY(story.task, node.hub.view_task(task, context, at));
    if (!story.deal.exists()) return story;
    TRY(const poco::AppEntry app, node.hub.view_app(story.deal.app.pointer, context, at));
    story.app_checksum = app.checksum;
    return story;
}

/// The same for an order of a dataset.
struct DatasetStory {
    eth::Address owner = eth::Address::zero();
    Hash256 checksum = Hash256::zero();
    eth::U256 consumed{};  ///< a node that hides a closed order shows a smaller volume than an honest one
    friend bool operator==(const DatasetStory&, const DatasetStory&) = default;
};

Result<DatasetStory> read_dataset_story(const Node& node, const eth::Address& dataset, const Hash256& order_hash,
                                        const chain::BlockId& at, const net::CallContext& context)
{
    TRY(const poco::DatasetEntry entry, node.hub.view_dataset(dataset, context, at));
    TRY(const eth::U256 consumed, node.hub.view_consumed(order_hash, context, at));
    return DatasetStory{entry.owner, entry.checksum, consumed};
}

/// A witness may not know the newest block yet: one that does not answer is asked again for a moment.
template <class Ask>
auto ask_patiently(const Ask& ask, const net::CallContext& context) -> decltype(ask())
{
    auto told = ask();
    for (int tries = 1; !told && is_outage(told.error()) && tries < kWitnessTries && context.check(); ++tries) {
        std::this_thread::sleep_for(kWitnessWait);
        told = ask();
    }
    return told;
}

class HubFacts final : public ChainFacts {
public:
    HubFacts(const net::HttpClient& http, const wire::Network& network, store::Database database, const Clock& clock)
        : clock_(clock),
          node_(http, network.rpc_url, network),
          database_(std::move(database)),
          events_(network.contracts.hub),
          follower_(node_.rpc, database_, events_,
                    {.name = "orders", .filter = events_.filter(), .start_block = network.start_block}),
          dataset_registry_(network.contracts.dataset_registry)
    {
        for (const std::string& url : network.rpc_witness_urls)
            witnesses_.push_back(std::make_unique<Node>(http, url, network));
    }

    Result<eth::Address> owner_of(const eth::Address& contract, const net::CallContext& context) override
    {
        TRY(const eth::Address owner, node_.hub.owner_of(contract, context));
        for (const auto& witness : witnesses_) {
            TRY(const eth::Address other, witness->hub.owner_of(contract, context));
            if (other != owner)
                return fail(ErrorKind::corrupt, kChainDisagrees, "the nodes disagree on the owner of a contract");
        }
        return owner;
    }

    Result<TaskStanding> standing(const poco::TaskId& task, const net::CallContext& context) override
    {
        TaskStanding out;
        TRY(out.task, node_.hub.view_task(task, context));
        if (!out.task.exists()) return out;
        TRY(out.deal, node_.hub.view_deal(out.task.deal, context));
        return out;
    }

    Result<TaskSituation> task(const poco::DealId& deal, const poco::TaskId& task, const net::CallContext& context) override
    {
        TRY(const chain::BlockRef head, follower_.sync_to_head(context));
        const auto at = chain::BlockId::hash(head.hash);
        TRY(Story story, read_story(node_, deal, task, at, context));
        TaskSituation out;
        TRY(out.view.disagreement, ask_witnesses(story, deal, task, at, context));
        TRY(const chain::Block block, node_.rpc.block(at, context));
        out.now = std::max(block.timestamp, clock_.now_seconds());
        out.view.app_checksum = story.app_checksum;
        out.view.deal = std::move(story.deal);
        out.view.task = std::move(story.task);
        if (!out.view.deal.exists()) return out;
        TRY_OK(read_category(out, context));
        TRY_OK(read_match(out, deal, context));
        return out;
    }

    Result<DatasetSituation> dataset(const poco::DatasetOrder& order, const poco::DealId& deal_id, const poco::Deal& deal,
                                     bool is_bulk, const net::CallContext& context) override
    {
        TRY(const auto head, follower_.position());
        const auto at = head ? chain::BlockId::hash(head->hash) : chain::BlockId::latest();
        // First, so that only contracts that the registry made are asked anything.
        TRY(const bool registered, node_.hub.is_registered(dataset_registry_, order.dataset, context, at));
        if (!registered) return fail(ErrorKind::precondition_failed, "sms.dataset", "the dataset is not registered");
        TRY(const poco::DatasetEntry entry, node_.hub.view_dataset(order.dataset, context, at));
        auto url = codec::print_multiaddr(entry.multiaddr);
        if (!url) return fail(ErrorKind::precondition_failed, "sms.dataset", url.error().detail);
        TRY(const poco::CompatibilityFacts facts, node_.hub.compatibility_facts(order, deal, context, at));
        DatasetSituation out{.name = entry.name,
                             .url = *std::move(url),
                             .checksum = entry.checksum,
                             .order_hash = poco::order_hash(node_.hub.separator(), order),
                             .signature = facts.signature,
                             .members = facts.members,
                             .closed = false,
                             .incompatible = {}};
        TRY(out.closed, is_closed(out.order_hash));
        TRY_OK(
            ask_witnesses_about(order.dataset, {entry.owner, entry.checksum, facts.consumed}, out.order_hash, at, context));
        if (is_bulk) TRY_OK(check_bulk(order, deal_id, at, context, out));
        return out;
    }

private:
    Status read_category(TaskSituation& out, const net::CallContext& context)
    {
        TRY(const std::uint64_t index, out.view.deal.category.to_u64());
        TRY(const poco::Category category, node_.hub.view_category(index, context));
        out.category_time = category.work_time;
        return {};
    }

    Status read_match(TaskSituation& out, const poco::DealId& deal, const net::CallContext& context)
    {
        std::optional<internal::OrderEvents::Match> match;
        {
            TRY(store::Transaction transaction, database_.read());
            TRY(match, internal::OrderEvents::find_match(transaction, deal));
        }
        if (!match) return {};
        out.view.matched = match->orders;
        TRY(out.dataset_order, fetch_dataset_order(node_, *match, context));
        return {};
    }

    Result<bool> is_closed(const Hash256& order_hash)
    {
        TRY(store::Transaction transaction, database_.read());
        return internal::OrderEvents::is_closed(transaction, order_hash);
    }

    static Status check_bulk(const Node& node, const poco::DatasetOrder& order, const poco::DealId& deal,
                             const chain::BlockId& at, const net::CallContext& context)
    {
        TRY_OK(poco::check_bulk_rules(order));
        return node.hub.assert_compatible(order, deal, context, at);
    }

    Status check_bulk(const poco::DatasetOrder& order, const poco::DealId& deal, const chain::BlockId& at,
                      const net::CallContext& context, DatasetSituation& out)
    {
        Status fits = check_bulk(node_, order, deal, at, context);
        if (fits) return {};
        if (fits.error().kind != ErrorKind::precondition_failed) return fits;
        out.incompatible = fits.error().detail;
        return {};
    }

    /// Nothing when every witness tells the same story about the same block. Errors: outages; a witness that stays silent
    /// has not agreed, but it has not contradicted either. One that contradicts is heard, whoever is silent.
    Result<std::optional<std::string>> ask_witnesses(const Story& story, const poco::DealId& deal, const poco::TaskId& task,
                                                     const chain::BlockId& at, const net::CallContext& context)
    {
        std::optional<Error> silence;
        for (const auto& witness : witnesses_) {
            const auto told = ask_patiently([&] { return read_story(*witness, deal, task, at, context); }, context);
            if (!told && is_outage(told.error())) silence = told.error();
            else if (!told || *told != story) return std::optional<std::string>("the nodes disagree on deal, task or app");
        }
        if (silence) return std::unexpected(*silence);
        return std::optional<std::string>{};
    }

    /// Errors: outages; corrupt "sms.chain_disagrees".
    Status ask_witnesses_about(const eth::Address& dataset, const DatasetStory& story, const Hash256& order_hash,
                               const chain::BlockId& at, const net::CallContext& context)
    {
        std::optional<Error> silence;
        for (const auto& witness : witnesses_) {
            const auto told =
                ask_patiently([&] { return read_dataset_story(*witness, dataset, order_hash, at, context); }, context);
            if (!told && is_outage(told.error())) silence = told.error();
            else if (!told || *told != story)
                return fail(ErrorKind::corrupt, kChainDisagrees, "the nodes disagree on the dataset or its order");
        }
        return silence ? Status(std::unexpected(*silence)) : Status{};
    }

    const Clock& clock_;
    Node node_;
    std::vector<std::unique_ptr<Node>> witnesses_;
    store::Database database_;
    internal::OrderEvents events_;
    chain::LogFollower follower_;
    eth::Address dataset_registry_;
};

class GatewayBlobs final : public BlobSource {
public:
    GatewayBlobs(const net::HttpClient& http, const wire::NetworkServices& services)
        : client_(http, services.ipfs_api, services.ipfs_gateway)
    {
    }

    Result<std::string> fetch_text(std::string_view cid, std::uint64_t max_bytes, const net::CallContext& context) override
    {
        return client_.fetch_text(cid, max_bytes, context);
    }

private:
    blobs::BlobClient client_;
};

}  // namespace

Result<std::unique_ptr<ChainFacts>> open_hub_facts(const net::HttpClient& http, const wire::Network& network,
                                                   const std::filesystem::path& database, const Clock& clock)
{
    TRY(store::Database opened, store::Database::open(database, internal::order_event_migrations()));
    return std::unique_ptr<ChainFacts>(std::make_unique<HubFacts>(http, network, std::move(opened), clock));
}

std::unique_ptr<BlobSource> open_gateway_blobs(const net::HttpClient& http, const wire::NetworkServices& services)
{
    return std::make_unique<GatewayBlobs>(http, services);
}

}  // namespace iapp::sms
