#include "sms/internal/local_facts.hpp"

#include "codec/base64.hpp"
#include "poco/params.hpp"

namespace iapp::sms::internal {
namespace {

using crypto::SecretAccess;
using crypto::SecretBytes;

constexpr std::size_t kDatasetKeyBytes = 32;

Result<std::optional<SecretBytes>> find(store::Transaction& transaction, const SecretStore& secrets, const SecretKey& key)
{
    auto value = secrets.get(transaction, key);
    if (value) return std::optional(*std::move(value));
    if (value.error().kind == ErrorKind::not_found) return std::optional<SecretBytes>{};
    return std::unexpected(std::move(value).error());
}

/// A web2 secret that is public by nature: a key to seal results to.
Result<std::optional<std::string>> find_public(store::Transaction& transaction, const SecretStore& secrets,
                                               const eth::Address& owner, std::string_view name)
{
    TRY(const auto value, find(transaction, secrets, {SecretKind::web2, owner, std::string(name)}));
    if (!value) return std::optional<std::string>{};
    return std::optional(to_text(value->reveal(SecretAccess{})));
}

std::optional<SecretBytes> decode_dataset_key(const SecretBytes& text)
{
    auto raw = codec::parse_base64(as_text(text.reveal(SecretAccess{})));
    if (!raw) return std::nullopt;
    SecretBytes key(*std::move(raw));
    if (key.size() != kDatasetKeyBytes) return std::nullopt;
    return key;
}

Status load_dataset(store::Transaction& transaction, const SecretStore& secrets, policy::DatasetFacts& dataset,
                    TaskSecrets& out)
{
    TRY(const GrantState grant, grant_state(transaction, dataset.order_hash, dataset.address));
    dataset.policy = grant.policy;
    dataset.revoked_here = grant.revoked;
    dataset.releases = grant.releases;
    TRY(const auto text, find(transaction, secrets, {SecretKind::web3, dataset.address, ""}));
    auto key = text ? decode_dataset_key(*text) : std::nullopt;
    dataset.has_key = key.has_value();
    out.dataset_keys.push_back(std::move(key));
    return {};
}

Status load_requester_secrets(store::Transaction& transaction, const SecretStore& secrets, policy::ReleaseFacts& facts,
                              TaskSecrets& out)
{
    for (const auto& [position, name] : poco::parse_params(facts.chain.deal.params).secrets) {
        TRY(auto value, find(transaction, secrets, {SecretKind::requester, facts.chain.deal.requester, name}));
        if (!value) continue;
        facts.secrets.requester_secrets.insert(name);
        out.requester.insert_or_assign(name, *std::move(value));
    }
    return {};
}

}  // namespace

Result<TaskSecrets> load_local_facts(store::Transaction& transaction, const SecretStore& secrets, const Nonces& nonces,
                                     const wire::ReleaseRequest& request, UnixSeconds now, policy::ReleaseFacts& facts)
{
    TaskSecrets out;
    TRY(facts.nonce, nonces.state(transaction, request.nonce, request.task, now));
    const poco::Deal& deal = facts.chain.deal;
    if (!deal.exists()) return out;
    for (policy::DatasetFacts& dataset : facts.datasets) TRY_OK(load_dataset(transaction, secrets, dataset, out));
    TRY(out.app, find(transaction, secrets, {SecretKind::app, deal.app.pointer, "1"}));
    facts.secrets.app_secret = out.app.has_value();
    TRY_OK(load_requester_secrets(transaction, secrets, facts, out));
    TRY(facts.secrets.result_key, find_public(transaction, secrets, deal.beneficiary, wire::kResultKeySecret));
    TRY(facts.secrets.result_recipient, find_public(transaction, secrets, deal.beneficiary, wire::kResultRecipientSecret));
    return out;
}

}  // namespace iapp::sms::internal
