#pragma once
// The way of an order into the book. One thread takes all that came since it last looked: reads who offers what, verifies
// it while another thread asks the chain about it, decides, and writes all of it at once.
#include "base/batches.hpp"
#include "market/chain_facts.hpp"
#include "market/tracker.hpp"

namespace iapp::market {

/// Safe to share between threads.
class Publisher {
public:
    /// All must outlive the publisher.
    Publisher(const chain::Hub& hub, Tracker& tracker, BookFile& book, const wire::Network& network, const Clock& clock,
              std::uint64_t max_open_orders);
    ~Publisher();  ///< orders on their way are told that the service stops, or are in the book

    /// An order, and whom it says it is from.
    struct Claim {
        Listing listing;
        Address publisher;
    };

    /// None of the three is called on the caller's thread; `published` is told the order's record as JSON, once, and must
    /// not block. What they use must outlive the publisher.
    struct Submission {
        std::move_only_function<Result<Claim>()> claim;  ///< cheap, and proves nothing
        std::move_only_function<Status()> prove;         ///< the publisher is who the claim says; its error wins
        std::move_only_function<void(Result<std::string>)> published;
    };

    /// Never blocks. Errors told: those of the submission, of decide(), of Tracker::refresh(), of the hub's reads, of store.
    void publish(Submission submission) { publishing_.add(std::move(submission)); }

    /// Orders wait behind a node that does not answer: take no more.
    bool is_full() const { return publishing_.waiting() >= kMostWaiting; }

private:
    static constexpr std::size_t kMostWaiting = 256;

    struct Entry;
    using Entries = std::vector<std::unique_ptr<Entry>>;
    struct Told;

    void publish_together(std::vector<Submission> submissions, const std::stop_token& stop);

    // Gather.
    Entries read(std::vector<Submission> submissions, const net::CallContext& context);
    Result<Hash256> separator(const net::CallContext& context);
    Result<Head> gather(Entries& entries, const net::CallContext& context);
    Result<Told> ask(std::span<const FactsQuestion> questions, const net::CallContext& context);
    Status ask_hub_about_signatures(Entries& entries, const Head& head, const net::CallContext& context);

    // Decide and write.
    Status write(Entries& entries, const Head& head);
    Status put(store::Transaction& transaction, Entry& entry, std::uint64_t checked_block, bool is_stale);

    const chain::Hub* hub_;
    Tracker* tracker_;
    wire::NetworkContracts contracts_;
    const Clock* clock_;
    std::uint64_t max_open_orders_;
    BookFile* book_;

    // Of the publishing thread, and of the asking one while that works for it.
    std::optional<Hash256> separator_;  ///< read from the hub once
    std::optional<Head> head_;          ///< where the chain was asked last
    bool is_steady_ = false;            ///< it was the head then, and the time before
    internal::CallMemory memory_;

    // Last: they use the rest, and the second the first.
    Batches<std::move_only_function<void()>> asking_;
    Batches<Submission> publishing_;
};

}  // namespace iapp::market
