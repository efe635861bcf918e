#include "market/tracker.hpp"

#include "market/internal/outcome.hpp"
#include "poco/calls.hpp"
#include "poco/views.hpp"

namespace iapp::market {
namespace {

constexpr std::size_t kBatch = 100;
constexpr int kAttempts = 4;

/// A listing the chain touched, and what it says about it now.
struct Touched {
    StoredListing stored;
    OrderFacts facts;
};

/// Three calls for each listing: consumed volume, owner, account of the signer.
std::vector<chain::ContractCall> questions(const chain::Hub& hub, const std::vector<Touched>& touched)
{
    std::vector<chain::ContractCall> out;
    for (const auto& [stored, facts] : touched) {
        out.push_back({hub.address(), poco::call::view_consumed(stored.hash)});
        out.push_back({stored.listing.resource(), poco::call::owner()});
        out.push_back({hub.address(), poco::call::view_account(stored.signer)});
    }
    return out;
}

Status read_answers(std::span<const chain::CallOutcome, 3> answers, Touched& out)
{
    TRY(const Bytes consumed, answers[0].value());
    TRY(out.facts.consumed, poco::decode_uint(consumed));
    TRY(const Bytes account_data, answers[2].value());
    TRY(const poco::Account account, poco::decode_account(account_data));
    out.facts.stake = account.stake;
    const bool is_request = out.stored.listing.kind == OrderKind::request;
    out.facts.owner =
        is_request ? out.stored.listing.requester : internal::decode_or(answers[1], poco::decode_address, Address::zero());
    return {};
}

/// What stays open must also have an order to match; what is no longer open may leave requests without one.
Status write(store::Transaction& transaction, const Touched& touched, std::uint64_t block)
{
    const auto& [stored, facts] = touched;
    const Listing& listing = stored.listing;
    Standing standing = judge(listing, stored.signer, stored.status, facts);
    if (listing.kind == OrderKind::request && standing.status == OrderStatus::open) {
        TRY(const bool orphan, is_orphan(transaction, listing));
        if (orphan) standing.status = OrderStatus::dead;
    }
    TRY_OK(settle(transaction, stored, standing, block));
    if (standing.status == OrderStatus::open) return {};
    return kill_orphans(transaction, listing.kind, listing.resource(), block);
}

std::vector<chain::ContractCall> deal_questions(const chain::Hub& hub, const std::vector<poco::DealId>& deals)
{
    std::vector<chain::ContractCall> out;
    out.reserve(deals.size());
    for (const poco::DealId& id : deals) out.push_back({hub.address(), poco::call::view_deal(id)});
    return out;
}

/// A leader that ran out of its own time says nothing about the chain.
bool is_own_limit(const Error& error)
{
    return error.kind == ErrorKind::deadline_exceeded || error.kind == ErrorKind::cancelled;
}

chain::FollowerOptions follower_options(const ChainSink& sink, std::uint64_t start_block)
{
    return {.name = "market", .filter = sink.filter(), .start_block = start_block};
}

}  // namespace

Tracker::Tracker(const chain::Hub& hub, BookFile& book, const wire::Network& network)
    : hub_(&hub),
      book_(&book),
      sink_(network.contracts),
      follower_(hub.rpc(), book.database, sink_, follower_options(sink_, network.start_block))
{
}

/// True when there was something to do.
Result<bool> Tracker::settle_listings(const chain::BlockRef& at, const net::CallContext& context)
{
    std::vector<Touched> touched;
    {
        TRY(auto transaction, book_->readers.read());
        TRY(auto stale, stale_listings(transaction, kBatch));
        for (StoredListing& stored : stale) {
            TRY(const bool closed, is_closed(transaction, stored.hash));
            OrderFacts facts;
            facts.is_closed = closed;
            touched.push_back({std::move(stored), facts});
        }
    }
    if (touched.empty()) return false;
    TRY(const auto answers, hub_->rpc().eth_call_many(questions(*hub_, touched), context, chain::BlockId::hash(at.hash)));
    for (std::size_t i = 0; i < touched.size(); ++i)
        TRY_OK(read_answers(std::span(answers).subspan(3 * i).first<3>(), touched[i]));
    TRY(auto transaction, book_->database.begin());
    for (const Touched& one : touched) TRY_OK(write(transaction, one, at.number));
    TRY_OK(transaction.commit());
    ++book_->writes;
    return true;
}

Result<bool> Tracker::fill_gaps(const chain::BlockRef& at, const net::CallContext& context)
{
    Gaps gaps;
    {
        TRY(auto transaction, book_->readers.read());
        TRY(gaps, find_gaps(transaction, kBatch));
    }
    if (gaps.empty()) return false;
    TRY(const auto answers,
        hub_->rpc().eth_call_many(deal_questions(*hub_, gaps.deals), context, chain::BlockId::hash(at.hash)));
    std::vector<chain::Block> blocks;
    for (const std::uint64_t number : gaps.blocks) {
        TRY(const auto block, hub_->rpc().block(chain::BlockId::number(number), context));
        blocks.push_back(block);
    }
    TRY(auto transaction, book_->database.begin());
    for (std::size_t i = 0; i < gaps.deals.size(); ++i) {
        TRY(const Bytes data, answers[i].value());
        TRY(const poco::Deal deal, poco::decode_deal(data));
        TRY_OK(fill_deal(transaction, gaps.deals[i], hub_->chain_id(), deal));
    }
    for (const chain::Block& block : blocks) TRY_OK(fill_block_time(transaction, block.number, block.timestamp));
    TRY_OK(transaction.commit());
    ++book_->writes;
    return true;
}

/// Asks the node until it has nothing left to say about the state at `at`.
Result<Head> Tracker::settle(const chain::BlockRef& at, const net::CallContext& context)
{
    while (true) {
        TRY_OK(context.check());
        const std::uint64_t writes = book_->writes;
        if (settled_ && settled_->head.block == at && settled_->writes == writes) return settled_->head;
        TRY(const bool listings, settle_listings(at, context));
        TRY(const bool gaps, fill_gaps(at, context));
        if (listings || gaps) continue;
        TRY(auto transaction, book_->readers.read());
        TRY(const std::int64_t revision, chain_revision(transaction));
        settled_ = Settled{{at, revision}, writes};
    }
}

/// When the block goes while we ask about it, the follower takes it back and the next attempt sees another head.
Result<Head> Tracker::run_round(const net::CallContext& context)
{
    for (int attempt = 1;; ++attempt) {
        TRY(const chain::BlockRef at, follower_.sync_to_head(context));
        auto head = settle(at, context);
        if (head || attempt == kAttempts || is_own_limit(head.error())) return head;
    }
}

Result<Head> Tracker::refresh(const net::CallContext& context)
{
    return round_.join(context, [&] { return run_round(context); });
}

}  // namespace iapp::market
