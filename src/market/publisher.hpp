#pragma once
// What writers do to the book: publish and unpublish, for an address that proved itself.
#include "market/chain_facts.hpp"
#include "market/internal/batches.hpp"
#include "market/tracker.hpp"
#include "store/group_committer.hpp"

namespace iapp::market {

/// What PUT names: one order, or those of the caller for one resource.
struct UnpublishRequest {
    enum class Target : unsigned char { order, last, all } target = Target::order;
    Hash256 hash = Hash256::zero();      ///< of `order`
    Address resource = Address::zero();  ///< of `last` and `all`
};

/// Errors: invalid_input "market.body".
Result<UnpublishRequest> parse_unpublish_body(OrderKind kind, std::string_view body);

/// Safe to share between threads.
class Publisher {
public:
    /// All must outlive the publisher.
    Publisher(const chain::Hub& hub, Tracker& tracker, BookFile& book, const wire::Network& network, const Clock& clock,
              std::uint64_t max_open_orders);

    /// What became of an order: its record as JSON. Called on a thread that others need: must not block.
    using Published = std::move_only_function<void(Result<std::string>)>;

    /// Checks the signature, then keeps no thread. Errors: those of decide(), of Tracker::refresh(), of the hub's reads, of
    /// store.
    void publish(Listing listing, const Address& authenticated, const net::CallContext& context, Published published);

    /// Hashes of what was removed, newest first. Errors: permission_denied "market.not_open", "market.not_signer"; those of
    /// store.
    Result<std::vector<Hash256>> unpublish(OrderKind kind, const UnpublishRequest& request, const Address& authenticated);

private:
    Result<Hash256> separator(const net::CallContext& context);
    struct Entry;
    using Entries = std::vector<std::shared_ptr<Entry>>;
    void publish_together(const Entries& entries, const std::stop_token& stop);
    store::Job put(const std::shared_ptr<Entry>& entry, const Head& head);

    const chain::Hub* hub_;
    Tracker* tracker_;
    wire::NetworkContracts contracts_;
    const Clock* clock_;
    std::uint64_t max_open_orders_;
    BookFile* book_;
    store::GroupCommitter committer_;

    std::mutex mutex_;
    std::optional<Hash256> separator_;                   ///< read from the hub once
    internal::CallMemory memory_;                        ///< of the thread of waiting_
    internal::Batches<std::shared_ptr<Entry>> waiting_;  ///< last: it uses the rest
};

}  // namespace iapp::market
