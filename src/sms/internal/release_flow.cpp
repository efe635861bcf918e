#include "sms/internal/release_flow.hpp"

#include <algorithm>
#include <array>

#include "base/log.hpp"
#include "crypto/hpke.hpp"
#include "poco/params.hpp"
#include "wire/agent_process.hpp"

namespace iapp::sms::internal {
namespace {

/// What was gathered outside the database.
struct Gathered {
    policy::ReleaseFacts facts;
    std::chrono::seconds category_time{0};
    std::vector<DatasetSituation> situations{};  ///< beside facts.datasets
    Appraisal appraisal{};
};

/// What the transaction produced.
struct Recorded {
    policy::Decision decision;
    attest::Decision ledger;
    TaskSecrets secrets;
};

policy::DatasetFacts dataset_facts(std::uint64_t position, const eth::Address& address,
                                   std::optional<poco::DatasetOrder> order, const DatasetSituation& situation)
{
    policy::DatasetFacts facts;
    facts.position = position;
    facts.address = address;
    facts.order = std::move(order);
    facts.order_hash = situation.order_hash;
    facts.signature = situation.signature;
    facts.members = situation.members;
    facts.incompatible = situation.incompatible;
    facts.closed_on_chain = situation.closed;
    return facts;
}

/// A node's own kind of error would say that the service is broken, or the request.
Error chain_unavailable(const Error& error)
{
    const bool is_late = error.kind == ErrorKind::deadline_exceeded || error.kind == ErrorKind::cancelled;
    return {is_late ? error.kind : ErrorKind::unavailable, "sms.chain_unavailable",
            "the chain cannot be read now; try again in a moment", error.where};
}

bool is_datasets_fault(const Error& error)
{
    // Only a contract can fill a whole answer: with the groups that an order names its owner could stop others' bulks.
    constexpr std::array<std::string_view, 4> kFaults{"sms.dataset", "hub.resource", "rpc.revert", "net.response_size"};
    return std::ranges::find(kFaults, error.reason) != kFaults.end();
}

/// The hub asked about one dataset. What cannot be read for any other reason than the dataset must not be decided without.
/// Errors: also corrupt "sms.chain_disagrees".
Result<DatasetSituation> ask(const ReleaseParts& parts, const Gathered& gathered, const poco::DatasetOrder& order,
                             bool is_bulk, const net::CallContext& context)
{
    auto situation = parts.chain.dataset(order, gathered.facts.request.deal, gathered.facts.chain.deal, is_bulk, context);
    if (situation) return situation;
    const Error shown = public_chain_error(situation.error());
    if (shown.reason == kChainDisagrees) return std::unexpected(shown);
    if (!is_datasets_fault(shown)) return std::unexpected(chain_unavailable(shown));
    DatasetSituation unreadable;
    unreadable.incompatible = "its contract cannot be read";
    return unreadable;
}

Status gather_own_dataset(const ReleaseParts& parts, std::optional<poco::DatasetOrder> order, Gathered& out,
                          const net::CallContext& context)
{
    DatasetSituation situation;
    if (order) {
        TRY(situation, ask(parts, out, *order, false, context));
    }
    out.facts.datasets.push_back(dataset_facts(0, out.facts.chain.deal.dataset.pointer, std::move(order), situation));
    out.situations.push_back(std::move(situation));
    return {};
}

/// Whether an error of BlobSource says nothing about the file.
bool is_gateway_away(const Error& error)
{
    const bool is_slowed_down = error.reason == "net.status" && error.kind == ErrorKind::resource_exhausted;
    return is_slowed_down || error.kind == ErrorKind::unavailable || error.kind == ErrorKind::deadline_exceeded ||
           error.kind == ErrorKind::cancelled;
}

Status gather_bulk(const ReleaseParts& parts, std::string_view bulk_cid, Gathered& out, const net::CallContext& context)
{
    auto orders = fetch_slice(parts.blobs, bulk_cid, out.facts.request.index, context);
    if (!orders && is_gateway_away(orders.error())) {
        log::warning("bulk read failed", {{"reason", orders.error().reason}, {"detail", orders.error().detail}});
        return fail(ErrorKind::unavailable, "sms.bulk_unavailable",
                    "the bulk list cannot be fetched now; try again in a moment");
    }
    if (!orders) {
        out.facts.bulk_failure = orders.error().detail;
        return {};
    }
    std::uint64_t position = 0;
    for (poco::DatasetOrder& order : *orders) {
        TRY(DatasetSituation situation, ask(parts, out, order, true, context));
        const eth::Address address = order.dataset;
        out.facts.datasets.push_back(dataset_facts(++position, address, std::move(order), situation));
        out.situations.push_back(std::move(situation));
    }
    return {};
}

Status gather_datasets(const ReleaseParts& parts, std::optional<poco::DatasetOrder> order, Gathered& out,
                       const net::CallContext& context)
{
    if (out.facts.chain.deal.has_dataset()) return gather_own_dataset(parts, std::move(order), out, context);
    const auto params = poco::parse_params(out.facts.chain.deal.params);
    if (params.bulk_cid) return gather_bulk(parts, *params.bulk_cid, out, context);
    return {};
}

Result<policy::NonceState> nonce_state(const ReleaseParts& parts, const wire::ReleaseRequest& request)
{
    TRY(store::Transaction transaction, parts.database.read());
    return parts.nonces.state(transaction, request.nonce, request.task, parts.clock.now_seconds());
}

/// Who the agent will believe, from the configuration it measured.
std::optional<eth::Address> believed_signer(const policy::AttestationFacts& attestation)
{
    const auto* attested = std::get_if<policy::Attested>(&attestation);
    if (attested == nullptr) return std::nullopt;
    const auto config = wire::parse_agent_config(as_text(attested->run.agent_config));
    return config ? std::optional(config->ledger_signer) : std::nullopt;
}

/// Reads the chain, then what it makes worth reading. A nonce of no worth costs one hash and no request to anybody.
Result<Gathered> gather(const ReleaseParts& parts, const wire::ReleaseRequest& request, const net::CallContext& context)
{
    Gathered out{.facts = {.operator_policy = parts.operator_policy,
                           .request = {request.chain_id, request.hub, request.deal, request.task, request.index}}};
    TRY(out.facts.nonce, nonce_state(parts, request));
    if (out.facts.nonce != policy::NonceState::open) return out;

    auto situation = parts.chain.task(request.deal, request.task, context);
    if (!situation) {
        const Error shown = public_chain_error(situation.error());
        if (is_outage(shown)) return std::unexpected(shown);
        out.facts.chain.disagreement = shown.detail;
        return out;
    }
    out.facts.chain = std::move(situation->view);
    out.facts.now = std::max(situation->now, parts.clock.now_seconds());
    out.category_time = situation->category_time;
    if (out.facts.chain.disagreement || !out.facts.chain.deal.exists()) return out;
    TRY(out.appraisal, parts.appraiser.appraise(request, parts.clock.now_seconds()));
    out.facts.attestation = out.appraisal.facts;
    out.facts.agent_believes = believed_signer(out.facts.attestation);
    if (std::holds_alternative<policy::NotAttested>(out.facts.attestation)) return out;  // strangers cause no more work
    const Status read = gather_datasets(parts, std::move(situation->dataset_order), out, context);
    if (!read && read.error().reason != kChainDisagrees) return std::unexpected(read.error());
    if (!read) out.facts.chain.disagreement = "the nodes disagree on a dataset or its order";
    return out;
}

attest::DecisionLeaf make_leaf(const wire::ReleaseRequest& request, const Gathered& gathered,
                               const policy::Decision& decision, UnixSeconds now)
{
    const auto* refusal = std::get_if<policy::Refusal>(&decision);
    attest::DecisionLeaf leaf{.released = refusal == nullptr,
                              .reason = refusal == nullptr ? "released" : std::string(refusal->id),
                              .time = now,
                              .chain_id = request.chain_id,
                              .hub = request.hub,
                              .deal = Hash256(request.deal.bytes()),
                              .task = Hash256(request.task.bytes()),
                              .datasets = {},
                              .evidence = gathered.appraisal.evidence_id,
                              .mr_td = gathered.appraisal.mr_td,
                              .enclave = request.enclave_address,
                              .policies = {}};
    for (const policy::DatasetFacts& dataset : gathered.facts.datasets)
        if (dataset.policy)
            leaf.policies.push_back(dataset.order_hash.hex() + "@" + std::to_string(dataset.policy->issued_at));
    if (const auto* release = std::get_if<policy::Release>(&decision))
        for (const policy::DatasetDecision& dataset : release->datasets)
            if (!dataset.refusal) leaf.datasets.push_back(dataset.address);
    return leaf;
}

Status record_release(store::Transaction& transaction, const wire::ReleaseRequest& request,
                      const policy::ReleaseFacts& facts, const policy::Release& release, std::uint64_t leaf)
{
    for (std::size_t i = 0; i < release.datasets.size(); ++i)
        if (!release.datasets[i].refusal)
            TRY_OK(count_release(transaction, facts.datasets[i].order_hash, facts.datasets[i].address));
    TRY_OK(transaction.run("INSERT OR REPLACE INTO enclaves (task, address, leaf) VALUES (?,?,?)", request.task,
                           request.enclave_address, leaf));
    return {};
}

/// The task, when the chain says that this is one and that it is open.
std::optional<poco::TaskId> open_task(const policy::ReleaseFacts& facts)
{
    const poco::Task& task = facts.chain.task;
    const bool is_it = task.status == poco::TaskStatus::active && task.deal == facts.request.deal &&
                       task.index == facts.request.index && poco::task_id(task.deal, task.index) == facts.request.task;
    return is_it ? std::optional(facts.request.task) : std::nullopt;
}

Status check_budget(const ReleaseParts& parts, const policy::Decision& decision, const policy::ReleaseFacts& facts,
                    UnixSeconds now)
{
    if (std::holds_alternative<policy::Release>(decision) || parts.refusals.take(open_task(facts), now)) return {};
    return fail(ErrorKind::resource_exhausted, "sms.too_many_refusals",
                "so much was refused lately that no more is written down; try again in a minute");
}

/// Decides on what the database says now, and writes the decision down. All of it commits, or none.
Result<Recorded> decide_and_record(const ReleaseParts& parts, store::Transaction& transaction,
                                   const wire::ReleaseRequest& request, Gathered& gathered)
{
    const UnixSeconds now = parts.clock.now_seconds();
    const bool was_open = gathered.facts.nonce == policy::NonceState::open;
    TRY(TaskSecrets secrets, load_local_facts(transaction, parts.secrets, parts.nonces, request, now, gathered.facts));
    policy::Decision decision = policy::decide(gathered.facts);
    TRY_OK(check_budget(parts, decision, gathered.facts, now));
    TRY(attest::Decision ledger,
        parts.ledger.append(transaction, attest::encode_leaf(make_leaf(request, gathered, decision, now)), now));
    if (was_open && gathered.facts.nonce == policy::NonceState::open)
        TRY_OK(parts.nonces.spend(transaction, request.nonce, now));
    if (const auto* release = std::get_if<policy::Release>(&decision))
        TRY_OK(record_release(transaction, request, gathered.facts, *release, ledger.index));
    return Recorded{std::move(decision), std::move(ledger), std::move(secrets)};
}

wire::ResultMode wire_mode(const policy::ResultMode& mode)
{
    if (const auto* age = std::get_if<policy::SealToAge>(&mode)) return wire::SealToAge{age->recipient};
    if (const auto* rsa = std::get_if<policy::SealToRsa>(&mode)) return wire::SealToRsa{rsa->public_key_pem};
    return wire::SealToNobody{};
}

std::vector<wire::BundleDataset> bundle_datasets(const policy::Release& release, const Gathered& gathered,
                                                 TaskSecrets& secrets)
{
    std::vector<wire::BundleDataset> out;
    for (std::size_t i = 0; i < release.datasets.size(); ++i) {
        const policy::DatasetDecision& decided = release.datasets[i];
        if (decided.refusal) {
            out.emplace_back(wire::RefusedDataset{decided.position, decided.address, std::string(decided.refusal->id),
                                                  decided.refusal->message});
            continue;
        }
        const DatasetSituation& situation = gathered.situations[i];
        out.emplace_back(wire::ReleasedDataset{decided.position, decided.address, situation.name, situation.url,
                                               situation.checksum, *std::move(secrets.dataset_keys[i])});
    }
    return out;
}

wire::ReleaseBundle make_bundle(const wire::ReleaseRequest& request, Gathered& gathered, const policy::Release& release,
                                Recorded& recorded)
{
    std::map<std::uint64_t, crypto::SecretBytes> requester;
    for (const auto& [position, name] : release.requester_secrets)
        requester.emplace(position, recorded.secrets.requester.at(name).clone(crypto::SecretAccess{}));
    const policy::MatchedOrders& matched = *gathered.facts.chain.matched;
    return {.deal = gathered.facts.chain.deal,
            .category_time = gathered.category_time,
            .task = request.task,
            .index = request.index,
            .datasets = bundle_datasets(release, gathered, recorded.secrets),
            .app_secret = std::move(recorded.secrets.app),
            .requester_secrets = std::move(requester),
            .result = wire_mode(release.result),
            .decision = std::move(recorded.ledger),
            .orders = {matched.app, matched.dataset, matched.workerpool, matched.request},
            .collateral = *gathered.appraisal.collateral,
            .verdict = gathered.appraisal.checks};
}

/// The AAD is the hash of the request as received, so the reply opens only for the agent that sent exactly these bytes. The
/// signature lets that agent know who sealed it.
Result<wire::SealedReply> seal_bundle(const wire::ReleaseRequest& request, std::string_view body,
                                      const wire::ReleaseBundle& bundle, const Ledger& ledger)
{
    const crypto::SecretBytes text = wire::encode(bundle);
    TRY(crypto::HpkeSealed sealed,
        crypto::hpke_seal(request.hpke_public_key, wire::key_release_info(request.task),
                          crypto::sha256(as_bytes(body)).bytes(), text.reveal(crypto::SecretAccess{})));
    const Hash256 digest = wire::reply_digest(request.chain_id, request.hub, body, sealed.enc, sealed.ciphertext);
    return wire::SealedReply{std::move(sealed.enc), std::move(sealed.ciphertext), ledger.sign(digest)};
}

/// A key nobody can seal to would leave a leaf that says "released" for a reply that was never made.
Status check_recipient(const crypto::HpkePublicKey& key)
{
    if (auto trial = crypto::hpke_seal(key, {}, {}, {}); !trial)
        return fail(ErrorKind::invalid_input, "release.hpke_key",
                    "hpkePublicKey is not a usable X25519 key; generate a new one");
    return {};
}

void log_decision(const wire::ReleaseRequest& request, const policy::Decision& decision, std::uint64_t leaf,
                  const net::CallContext& context)
{
    const auto* refusal = std::get_if<policy::Refusal>(&decision);
    const auto* release = std::get_if<policy::Release>(&decision);
    log::info("release decided", {{"task", request.task.hex()},
                                  {"reason", refusal != nullptr ? refusal->id : "released"},
                                  {"datasets", release != nullptr ? release->datasets.size() : 0},
                                  {"leaf", leaf},
                                  {"request", context.request_id}});
}

}  // namespace

Error public_chain_error(const Error& error)
{
    log::warning("chain read failed", {{"reason", error.reason}, {"detail", error.detail}});
    if (is_outage(error)) return chain_unavailable(error);
    return {error.kind, error.reason, "the chain's answer cannot be used", error.where};
}

Result<ReleaseReply> handle_release(const ReleaseParts& parts, std::string_view body, const net::CallContext& context)
{
    TRY(const wire::ReleaseRequest request, wire::parse_release_request(body));
    TRY_OK(check_recipient(request.hpke_public_key));
    TRY(Gathered gathered, gather(parts, request, context));

    std::optional<Recorded> recorded;
    TRY_OK(parts.committer.commit([&](store::Transaction& transaction) -> Status {
        TRY(recorded, decide_and_record(parts, transaction, request, gathered));
        return {};
    }));
    log_decision(request, recorded->decision, recorded->ledger.index, context);

    if (const auto* refusal = std::get_if<policy::Refusal>(&recorded->decision))
        return ReleaseReply{
            wire::ErrorBody{std::string(refusal->id), refusal->message, refusal->fix, recorded->ledger.index}};
    const policy::Release release = std::get<policy::Release>(recorded->decision);
    TRY(wire::SealedReply reply,
        seal_bundle(request, body, make_bundle(request, gathered, release, *recorded), parts.ledger));
    return ReleaseReply{std::move(reply)};
}

}  // namespace iapp::sms::internal
