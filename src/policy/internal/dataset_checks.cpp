// Checks of one dataset's permission and key, and the choice of who may read the result.
#include "codec/base64.hpp"
#include "codec/bech32.hpp"
#include "policy/internal/checks.hpp"

namespace iapp::policy::internal {
namespace {

using DatasetCheck = MaybeRefusal (*)(const ReleaseFacts&, const DatasetFacts&);

std::string of(const DatasetFacts& dataset) { return "dataset " + eth::to_checksum(dataset.address); }

MaybeRefusal check_order(const ReleaseFacts& facts, const DatasetFacts& dataset)
{
    if (!dataset.order) return refuse(CheckId::order_unknown, "the order behind " + of(dataset) + " was not found");
    if (dataset.address.is_zero() || dataset.order->dataset != dataset.address)
        return refuse(CheckId::order_unknown, "the order behind " + of(dataset) + " is for another dataset");
    if (dataset.position == 0 && facts.chain.matched->dataset != dataset.order_hash)
        return refuse(CheckId::order_unknown, "the order behind " + of(dataset) + " is not the one that was matched");
    if (dataset.signature != poco::SignatureFact::valid)
        return refuse(CheckId::order_unknown, "the owner of " + of(dataset) + " has not signed its order");
    return std::nullopt;
}

MaybeRefusal check_revoked(const ReleaseFacts&, const DatasetFacts& dataset)
{
    if (dataset.revoked_here) return refuse(CheckId::revoked, "the owner of " + of(dataset) + " revoked the grant");
    if (dataset.closed_on_chain)
        return refuse(CheckId::revoked, "the owner of " + of(dataset) + " closed the order on chain");
    return std::nullopt;
}

/// An owner who named only SGX frameworks did not agree to TDX, whatever the hub's version makes of the bits.
MaybeRefusal check_order_tag(const ReleaseFacts&, const DatasetFacts& dataset)
{
    const poco::Tag& tag = dataset.order->tag;
    const bool sgx_only =
        (poco::has(tag, poco::TagBit::scone) || poco::has(tag, poco::TagBit::gramine)) && !poco::has(tag, poco::TagBit::tdx);
    if (!sgx_only) return std::nullopt;
    return refuse(CheckId::tag, "the order of " + of(dataset) + " asks for an SGX framework");
}

MaybeRefusal check_app(const ReleaseFacts& facts, const DatasetFacts& dataset)
{
    if (poco::satisfies(dataset.order->apprestrict, facts.chain.deal.app.pointer, dataset.members)) return std::nullopt;
    return refuse(CheckId::app,
                  "the order of " + of(dataset) + " does not admit app " + eth::to_checksum(facts.chain.deal.app.pointer));
}

MaybeRefusal check_workerpool(const ReleaseFacts& facts, const DatasetFacts& dataset)
{
    const eth::Address& pool = facts.chain.deal.workerpool.pointer;
    if (poco::satisfies(dataset.order->workerpoolrestrict, pool, dataset.members)) return std::nullopt;
    return refuse(CheckId::workerpool,
                  "the order of " + of(dataset) + " does not admit workerpool " + eth::to_checksum(pool));
}

MaybeRefusal check_requester(const ReleaseFacts& facts, const DatasetFacts& dataset)
{
    const eth::Address& requester = facts.chain.deal.requester;
    if (poco::satisfies(dataset.order->requesterrestrict, requester, dataset.members)) return std::nullopt;
    return refuse(CheckId::requester,
                  "the order of " + of(dataset) + " does not admit requester " + eth::to_checksum(requester));
}

MaybeRefusal check_compatible(const ReleaseFacts&, const DatasetFacts& dataset)
{
    if (!dataset.incompatible) return std::nullopt;
    return refuse(CheckId::order_unknown,
                  "the order of " + of(dataset) + " cannot be used in this deal: " + *dataset.incompatible);
}

MaybeRefusal check_expired(const ReleaseFacts& facts, const DatasetFacts& dataset)
{
    const auto now = static_cast<std::uint64_t>(std::max<std::int64_t>(0, facts.now.time_since_epoch().count()));
    if (!dataset.policy || now <= dataset.policy->not_after) return std::nullopt;
    return refuse(CheckId::expired, "the policy of the owner of " + of(dataset) + " has ended");
}

MaybeRefusal check_releases(const ReleaseFacts&, const DatasetFacts& dataset)
{
    if (!dataset.policy || dataset.releases < dataset.policy->max_releases) return std::nullopt;
    return refuse(CheckId::releases_exhausted, "the key of " + of(dataset) + " was released " +
                                                   std::to_string(dataset.releases) +
                                                   " times, as often as its owner allows");
}

MaybeRefusal check_key(const ReleaseFacts&, const DatasetFacts& dataset)
{
    if (dataset.has_key) return std::nullopt;
    return refuse(CheckId::secret_missing, "no usable key of " + of(dataset) + " is stored");
}

constexpr DatasetCheck kDatasetChecks[] = {
    check_order,     check_revoked,    check_order_tag, check_app,      check_workerpool,
    check_requester, check_compatible, check_expired,   check_releases, check_key,
};

constexpr std::size_t kX25519KeySize = 32;
constexpr std::string_view kPemHead = "-----BEGIN PUBLIC KEY-----";

}  // namespace

MaybeRefusal check_dataset(const ReleaseFacts& facts, const DatasetFacts& dataset)
{
    for (const DatasetCheck check : kDatasetChecks)
        if (auto refusal = check(facts, dataset)) return refusal;
    return std::nullopt;
}

MaybeRefusal check_callback(const ReleaseFacts& facts, const poco::RequestParams& params)
{
    if (facts.chain.deal.callback.is_zero() || !params.result_encryption) return std::nullopt;
    return refuse(CheckId::callback, "the deal asks for an encrypted result and for a callback, which everybody can read");
}

MaybeRefusal check_dataset_callback(const ReleaseFacts& facts, const DatasetFacts& dataset, const manifest::AppManifest& app)
{
    if (facts.chain.deal.callback.is_zero()) return std::nullopt;
    if (!app.callback)
        return refuse(CheckId::callback, "the app's manifest does not say that it gives data to a callback, and " +
                                             of(dataset) + " is protected");
    if (dataset.order->apprestrict != facts.chain.deal.app.pointer)
        return refuse(CheckId::callback,
                      "the owner of " + of(dataset) + " did not name the app that gives data to a callback");
    return std::nullopt;
}

MaybeRefusal choose_result_mode(const SecretFacts& secrets, bool rsa_wanted, ResultMode& mode)
{
    if (rsa_wanted) {
        if (!secrets.result_key) return refuse(CheckId::secret_missing, "the beneficiary has no result encryption key");
        const auto pem = codec::parse_base64(*secrets.result_key);
        if (!pem || !as_text(*pem).starts_with(kPemHead))
            return refuse(CheckId::secret_missing, "the beneficiary's result encryption key is not a base64 public key PEM");
        mode = SealToRsa{to_text(*pem)};
    } else if (secrets.result_recipient) {
        const auto key = codec::parse_bech32(*secrets.result_recipient, "age");
        if (!key || key->size() != kX25519KeySize)
            return refuse(CheckId::secret_missing, "the beneficiary's result recipient is not an age1 recipient");
        mode = SealToAge{*secrets.result_recipient};
    }
    return std::nullopt;
}

}  // namespace iapp::policy::internal
