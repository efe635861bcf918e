#include "market/publisher.hpp"

#include "codec/json.hpp"
#include "poco/order_hash.hpp"

namespace iapp::market {
namespace {

constexpr std::chrono::seconds kRoundLimit{30};

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
      committer_(book.database),
      waiting_([this](const Entries& entries, const std::stop_token& stop) { publish_together(entries, stop); })
{
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

/// One order on its way into the book.
struct Publisher::Entry {
    Listing listing;
    FactsQuestion question;
    Published published;
    PublishFacts facts{};
    std::string record{};
};

/// The book's part of the facts is read in the transaction that writes.
store::Job Publisher::put(const std::shared_ptr<Entry>& entry, const Head& head)
{
    auto work = [this, entry, at = ReadAt{head.block.number, head.revision}](store::Transaction& transaction) -> Status {
        const auto& [listing, hash, authenticated, is_valid] = entry->question;
        TRY_OK(read_book(transaction, *listing, hash, entry->facts));
        TRY(const std::uint64_t remaining, decide(*listing, entry->facts));
        TRY(entry->record,
            put_open(transaction, hub_->chain_id(), {*listing, hash, authenticated, remaining, clock_->now(), at}));
        return {};
    };
    auto done = [this, entry](const Status& written) {
        if (!written) return entry->published(std::unexpected(written.error()));
        ++book_->writes;
        entry->published(std::move(entry->record));
    };
    return {std::move(work), std::move(done)};
}

void Publisher::publish_together(const Entries& entries, const std::stop_token& stop)
{
    const net::CallContext context{.request_id = "market", .deadline = net::deadline_in(kRoundLimit), .stop = stop};
    std::vector<FactsQuestion> questions;
    for (const auto& entry : entries) questions.push_back(entry->question);
    const auto head = tracker_->refresh(context);
    auto facts = head ? read_chain_facts(*hub_, contracts_, questions, head->block.hash, memory_, context)
                      : std::unexpected(head.error());
    std::vector<store::Job> jobs;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const Error* refused = !facts ? &facts.error() : !(*facts)[i] ? &(*facts)[i].error() : nullptr;
        if (refused) {
            entries[i]->published(std::unexpected(*refused));
            continue;
        }
        entries[i]->facts = *std::move((*facts)[i]);
        entries[i]->facts.max_open_orders = max_open_orders_;
        jobs.push_back(put(entries[i], *head));
    }
    if (!jobs.empty()) store::commit_together(book_->database, jobs);
}

void Publisher::publish(Listing listing, const Address& authenticated, const net::CallContext& context, Published published)
{
    const auto domain = separator(context);
    if (!domain) return published(std::unexpected(domain.error()));
    const Hash256 hash = eth::typed_digest(*domain, listing.struct_hash);
    const bool is_valid = eth::verify(hash, listing.sign, authenticated);
    const FactsQuestion question{nullptr, hash, authenticated, is_valid};
    const auto entry = std::make_shared<Entry>(std::move(listing), question, std::move(published));
    entry->question.listing = &entry->listing;
    waiting_.add(entry);
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
