#include "market/publisher.hpp"

#include "codec/json.hpp"
#include "market/internal/outcome.hpp"
#include "poco/calls.hpp"
#include "poco/order_hash.hpp"
#include "poco/views.hpp"

namespace iapp::market {
namespace {

using internal::decode_or;

std::unexpected<Error> malformed(std::string why) { return fail(ErrorKind::invalid_input, "market.body", std::move(why)); }

Result<UnpublishRequest::Target> parse_target(std::string_view text)
{
    if (text == "unpublish_orderHash") return UnpublishRequest::Target::order;
    if (text == "unpublish_last") return UnpublishRequest::Target::last;
    if (text == "unpublish_all") return UnpublishRequest::Target::all;
    return malformed("target must be one of the following values: unpublish_orderHash, unpublish_last, unpublish_all");
}

Result<UnpublishRequest> read_unpublish(OrderKind kind, const json::ObjectReader& body)
{
    UnpublishRequest out;
    TRY(const auto target, body.find_text("target"));
    TRY(out.target, parse_target(target.value_or("unpublish_orderHash")));
    if (out.target == UnpublishRequest::Target::order) {
        TRY(const auto hash, body.text("orderHash"));
        TRY(out.hash, parse_hash("orderHash", hash));
        return out;
    }
    const std::string_view member = kind_info(kind).resource;
    TRY(const auto resource, body.text(member));
    TRY(out.resource, parse_address(member, resource));
    return out;
}

/// Facts of the book, inside the transaction that writes.
Status read_book(store::Transaction& transaction, const Listing& listing, const Hash256& hash, PublishFacts& out)
{
    TRY(out.known, find_status(transaction, hash));
    TRY(out.open_orders, count_open(transaction, listing.kind, out.authenticated));
    if (listing.kind != OrderKind::request) return {};
    TRY(out.best_app_nrlc, best_app_price(transaction, listing));
    TRY(out.best_dataset_nrlc, best_dataset_price(transaction, listing));
    return {};
}

std::unexpected<Error> not_open(std::string message)
{
    return fail(ErrorKind::permission_denied, "market.not_open", std::move(message));
}

Result<std::vector<StoredListing>> find_named(store::Transaction& transaction, OrderKind kind, const Hash256& hash,
                                              const Address& caller)
{
    TRY(auto found, find_open(transaction, kind, hash));
    if (!found) return not_open(std::string(kind_info(kind).name) + " with orderHash " + hash.hex() + " is not published");
    if (found->signer != caller)
        return fail(ErrorKind::permission_denied, "market.not_signer",
                    "only order signer " + eth::to_checksum(found->signer) + " can unpublish an order");
    std::vector<StoredListing> out;
    out.push_back(*std::move(found));
    return out;
}

Result<std::vector<StoredListing>> find_own(store::Transaction& transaction, OrderKind kind, const UnpublishRequest& request,
                                            const Address& caller)
{
    TRY(auto found, open_of(transaction, kind, caller, request.resource));
    if (found.empty())
        return not_open("no open " + std::string(kind_info(kind).name) + " published by signer " + eth::to_checksum(caller) +
                        " for " + std::string(kind_info(kind).resource) + ' ' + eth::to_checksum(request.resource));
    if (request.target == UnpublishRequest::Target::last) found.resize(1);
    return found;
}

}  // namespace

Result<UnpublishRequest> parse_unpublish_body(OrderKind kind, std::string_view body)
{
    const auto value = json::parse(body, {.max_bytes = std::size_t{1} << 20U, .max_depth = 8});
    if (!value) return malformed(value.error().detail);
    const auto reader = json::ObjectReader::of(*value);
    if (!reader) return malformed(reader.error().detail);
    auto request = read_unpublish(kind, *reader);
    if (!request) return malformed(request.error().detail);
    return request;
}

Publisher::Publisher(const chain::Hub& hub, Tracker& tracker, BookFile& book, const wire::Network& network,
                     const Clock& clock, std::uint64_t max_open_orders)
    : hub_(&hub),
      tracker_(&tracker),
      contracts_(network.contracts),
      clock_(&clock),
      max_open_orders_(max_open_orders),
      book_(&book),
      committer_(book.database)
{
}

Address Publisher::registry_of(OrderKind kind) const
{
    switch (kind) {
        case OrderKind::app:
            return contracts_.app_registry;
        case OrderKind::dataset:
            return contracts_.dataset_registry;
        case OrderKind::workerpool:
            return contracts_.workerpool_registry;
        case OrderKind::request:
            break;
    }
    return Address::zero();
}

Result<Hash256> Publisher::separator(const net::CallContext& context)
{
    const std::lock_guard lock(mutex_);
    if (!separator_) {
        TRY(const auto domain, hub_->domain(context));
        separator_ = eth::domain_separator(domain);
    }
    return *separator_;
}

/// The signer is known only with the owner; rule 6 makes it the authenticated address, so signature and stake are asked for
/// that one.
Result<PublishFacts> Publisher::read_chain(const Listing& listing, const Hash256& hash, const Address& authenticated,
                                           const Head& head, const net::CallContext& context) const
{
    PublishFacts facts;
    facts.authenticated = authenticated;
    facts.max_open_orders = max_open_orders_;
    facts.is_signature_valid = eth::verify(hash, listing.sign, authenticated);
    const bool is_request = listing.kind == OrderKind::request;
    std::vector<chain::ContractCall> calls{{hub_->address(), poco::call::view_consumed(hash)},
                                           {hub_->address(), poco::call::view_account(authenticated)}};
    if (!is_request) {
        calls.push_back({registry_of(listing.kind), poco::call::is_registered(listing.resource())});
        calls.push_back({listing.resource(), poco::call::owner()});
    }
    if (!facts.is_signature_valid)  // a contract wallet's, or an order presigned on chain
        calls.push_back({hub_->address(), poco::call::verify_presignature_or_signature(authenticated, hash, listing.sign)});

    TRY(const auto answers, hub_->rpc().eth_call_many(calls, context, chain::BlockId::hash(head.block.hash)));
    TRY(const Bytes consumed, answers[0].value());
    TRY(facts.consumed, poco::decode_uint(consumed));
    TRY(const Bytes account_data, answers[1].value());
    TRY(const poco::Account account, poco::decode_account(account_data));
    facts.stake = account.stake;
    facts.is_registered = is_request || decode_or(answers[2], poco::decode_bool, false);
    facts.owner = is_request ? listing.requester : decode_or(answers[3], poco::decode_address, Address::zero());
    if (!facts.is_signature_valid) facts.is_signature_valid = decode_or(answers.back(), poco::decode_bool, false);
    return facts;
}

Result<std::string> Publisher::publish(const Listing& listing, const Address& authenticated, const net::CallContext& context)
{
    TRY(const Hash256 domain, separator(context));
    const Hash256 hash = eth::typed_digest(domain, listing.struct_hash);
    TRY(const Head head, tracker_->refresh(context));
    TRY(PublishFacts facts, read_chain(listing, hash, authenticated, head, context));
    std::string record;
    const auto write = [&](store::Transaction& transaction) -> Status {
        TRY_OK(read_book(transaction, listing, hash, facts));
        TRY(const std::uint64_t remaining, decide(listing, facts));
        const ReadAt read_at{head.block.number, head.revision};
        TRY(record,
            put_open(transaction, hub_->chain_id(), {listing, hash, authenticated, remaining, clock_->now(), read_at}));
        return {};
    };
    TRY_OK(committer_.commit(write));
    ++book_->writes;
    return record;
}

Result<std::vector<Hash256>> Publisher::unpublish(OrderKind kind, const UnpublishRequest& request,
                                                  const Address& authenticated)
{
    std::vector<Hash256> out;
    const auto remove = [&](store::Transaction& transaction) -> Status {
        TRY(const auto found, request.target == UnpublishRequest::Target::order
                                  ? find_named(transaction, kind, request.hash, authenticated)
                                  : find_own(transaction, kind, request, authenticated));
        for (const StoredListing& listing : found) {
            TRY_OK(erase(transaction, listing.hash));
            out.push_back(listing.hash);
        }
        return kill_orphans(transaction, kind, found.front().listing.resource(), 0);
    };
    TRY_OK(committer_.commit(remove));
    ++book_->writes;
    return out;
}

}  // namespace iapp::market
