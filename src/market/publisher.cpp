#include "market/publisher.hpp"

#include <atomic>
#include <future>

#include "market/deals.hpp"
#include "poco/order_hash.hpp"

namespace iapp::market {
namespace {

constexpr std::chrono::seconds kRoundLimit{30};

/// Facts of the book, inside the transaction that writes. It knows every match since the hub began, so the hub is not asked
/// what an order has left.
Status read_book(store::Transaction& transaction, const FactsQuestion& question, const Held& held, PublishFacts& out)
{
    const Listing& listing = *question.listing;
    out.known = held.status;
    out.open_orders = held.open_orders;
    TRY(const bool closed, is_closed(transaction, question.hash));
    TRY(const std::uint64_t matched, matched_volume(transaction, listing.kind, question.hash));
    out.consumed = closed ? listing.volume : matched;
    if (listing.kind != OrderKind::request) return {};
    TRY(out.best_app_nrlc, best_app_price(transaction, listing));
    TRY(out.best_dataset_nrlc, best_dataset_price(transaction, listing));
    return {};
}

}  // namespace

/// One order on its way into the book.
struct Publisher::Entry {
    Entry(Claim claim, const Hash256& separator, Submission& submission)
        : listing(std::move(claim.listing)),
          question{&listing, eth::typed_digest(separator, listing.struct_hash), claim.publisher, true},
          prove(std::move(submission.prove)),
          published(std::move(submission.published))
    {
    }
    Entry(Entry&&) = delete;  // the question points at the listing

    void check()
    {
        proof = prove();
        question.is_signature_valid = proof && eth::verify(question.hash, listing.sign, question.authenticated);
    }

    Listing listing;
    FactsQuestion question;
    std::move_only_function<Status()> prove;
    std::move_only_function<void(Result<std::string>)> published;
    Status proof{};
    Result<PublishFacts> facts{};
    Result<std::string> record{};
};

/// What the chain says, and when.
struct Publisher::Told {
    Head head;
    std::vector<Result<PublishFacts>> facts;
};

Publisher::Publisher(const chain::Hub& hub, Tracker& tracker, BookFile& book, const wire::Network& network,
                     const Clock& clock, std::uint64_t max_open_orders)
    : hub_(&hub),
      tracker_(&tracker),
      contracts_(network.contracts),
      clock_(&clock),
      max_open_orders_(max_open_orders),
      book_(&book),
      asking_([](auto questions, const std::stop_token&) {
          for (auto& ask : questions) ask();
      }),
      publishing_([this](auto submissions, const std::stop_token& stop) { publish_together(std::move(submissions), stop); })
{
}

Publisher::~Publisher() = default;

// ---- gather ---------------------------------------------------------------------------------------------------

Result<Hash256> Publisher::separator(const net::CallContext& context)
{
    if (!separator_) {
        TRY(const auto domain, hub_->domain(context));
        separator_ = eth::domain_separator(domain);
    }
    return *separator_;
}

/// Those that can be asked about; the others are told why not.
Publisher::Entries Publisher::read(std::vector<Submission> submissions, const net::CallContext& context)
{
    Entries entries;
    for (Submission& one : submissions) {
        auto claim = one.claim();
        const auto domain = claim ? separator(context) : std::unexpected(claim.error());
        if (domain) {
            entries.push_back(std::make_unique<Entry>(*std::move(claim), *domain, one));
            continue;
        }
        const Status proof = one.prove();
        one.published(std::unexpected(proof ? domain.error() : proof.error()));
    }
    return entries;
}

/// While the head stays where it is, one question tells the facts and that it stayed. A chain that moves faster than orders
/// come is asked for its head first.
Result<Publisher::Told> Publisher::ask(std::span<const FactsQuestion> questions, const net::CallContext& context)
{
    const auto facts_at = [&](const Head& head) {
        return read_chain_facts(*hub_, contracts_, questions, head.block.hash, memory_, context);
    };
    if (is_steady_) {
        auto told = facts_at(*head_);
        if (told && told->head == head_->block) return Told{*head_, std::move(told->facts)};
    }
    TRY(const Head head, tracker_->refresh(context));
    is_steady_ = head_ && head_->block == head.block;
    head_ = head;
    TRY(auto told, facts_at(head));
    return Told{head, std::move(told.facts)};
}

/// A signature we cannot verify may be a contract wallet's, or the order presigned on chain.
Status Publisher::ask_hub_about_signatures(Entries& entries, const Head& head, const net::CallContext& context)
{
    std::vector<FactsQuestion> questions;
    std::vector<Entry*> asked;
    for (auto& entry : entries) {
        if (!entry->facts || entry->question.is_signature_valid) continue;
        questions.push_back(entry->question);
        asked.push_back(entry.get());
    }
    if (questions.empty()) return {};
    TRY(auto told, read_chain_facts(*hub_, contracts_, questions, head.block.hash, memory_, context));
    for (std::size_t i = 0; i < asked.size(); ++i) asked[i]->facts = std::move(told.facts[i]);
    return {};
}

/// Signatures are verified while the node thinks, and by both threads when it has answered.
Result<Head> Publisher::gather(Entries& entries, const net::CallContext& context)
{
    std::vector<FactsQuestion> questions;
    for (const auto& entry : entries) questions.push_back(entry->question);
    std::atomic<std::size_t> next = 0;
    const auto check_some = [&] {
        for (std::size_t i = next++; i < entries.size(); i = next++) entries[i]->check();
    };
    std::promise<Result<Told>> telling;
    auto answer = telling.get_future();
    asking_.add([&, telling = std::move(telling)]() mutable {
        auto told = ask(questions, context);
        check_some();
        telling.set_value(std::move(told));  // the last it does with what is ours
    });
    check_some();
    TRY(auto told, answer.get());
    for (std::size_t i = 0; i < entries.size(); ++i) {
        Entry& entry = *entries[i];
        if (entry.proof) entry.facts = std::move(told.facts[i]);
        else entry.facts = std::unexpected(entry.proof.error());
    }
    TRY_OK(ask_hub_about_signatures(entries, told.head, context));
    return told.head;
}

// ---- decide and write -----------------------------------------------------------------------------------------

/// The book's part of the facts is read in the transaction that writes. An order that is refused has written nothing, so no
/// order needs a savepoint; an error of the store is everyone's.
Status Publisher::put(store::Transaction& transaction, Entry& entry, std::uint64_t checked_block, bool is_stale)
{
    const auto& [listing, hash, authenticated, is_valid] = entry.question;
    TRY(const Held held, find_held(transaction, listing->kind, hash, authenticated));
    TRY_OK(read_book(transaction, entry.question, held, *entry.facts));
    entry.facts->max_open_orders = max_open_orders_;
    const auto remaining = decide(*listing, *entry.facts);
    if (!remaining) {
        entry.record = std::unexpected(remaining.error());
        return {};
    }
    const Publication publication{*listing, hash, authenticated, *remaining, clock_->now(), checked_block, is_stale};
    TRY(entry.record, put_open(transaction, hub_->chain_id(), publication, held));
    return {};
}

Status Publisher::write(Entries& entries, const Head& head)
{
    TRY(auto transaction, book_->database.begin());
    TRY(const std::int64_t revision, chain_revision(transaction));
    for (auto& entry : entries) {
        if (entry->facts) TRY_OK(put(transaction, *entry, head.block.number, revision != head.revision));
        else entry->record = std::unexpected(entry->facts.error());
    }
    TRY_OK(transaction.commit());
    if (std::ranges::any_of(entries, [](const auto& entry) { return entry->record.has_value(); })) ++book_->writes;
    return {};
}

void Publisher::publish_together(std::vector<Submission> submissions, const std::stop_token& stop)
{
    const net::CallContext context{.request_id = "market", .deadline = net::deadline_in(kRoundLimit), .stop = stop};
    Entries entries = read(std::move(submissions), context);
    if (entries.empty()) return;
    const auto head = gather(entries, context);
    const Status done = head ? write(entries, *head) : std::unexpected(head.error());
    for (auto& entry : entries) {
        if (!entry->proof) entry->published(std::unexpected(entry->proof.error()));
        else if (!done) entry->published(std::unexpected(done.error()));
        else entry->published(std::move(entry->record));
    }
}

}  // namespace iapp::market
