#include "wire/workerpool_authorization.hpp"

#include "codec/json.hpp"
#include "crypto/hash.hpp"
#include "eth/signature.hpp"

namespace iapp::wire {
namespace {

constexpr json::Limits kLimits{.max_bytes = 64 * 1024, .max_depth = 8};

template <class Id>
Result<std::optional<Id>> find_id(const json::ObjectReader& body, std::string_view name)
{
    TRY(const auto text, body.find_text(name));
    if (!text || text->empty()) return std::optional<Id>{};
    TRY(const Id id, body.id<Id>(name));
    return std::optional<Id>(id);
}

Result<std::optional<crypto::Signature65>> find_signature(const json::ObjectReader& body)
{
    TRY(const auto object, body.find_object("signature"));
    if (!object) return std::optional<crypto::Signature65>{};
    return find_id<crypto::Signature65>(*object, "value");
}

template <class Id>
void append(Bytes& out, const std::optional<Id>& id)
{
    if (id) out.insert(out.end(), id->bytes().begin(), id->bytes().end());
}

}  // namespace

Hash256 WorkerpoolAuthorization::hash() const
{
    Bytes packed;
    append(packed, worker);
    append(packed, task);
    append(packed, enclave);
    return crypto::keccak256(packed);
}

bool WorkerpoolAuthorization::is_signed_by(const eth::Address& pool_owner) const
{
    return signature && eth::verify(eth::personal_digest(hash()), signature->bytes(), pool_owner);
}

Result<WorkerpoolAuthorization> parse_workerpool_authorization(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kLimits));
    TRY(const auto body, json::ObjectReader::of(value));
    WorkerpoolAuthorization out;
    TRY(out.task, find_id<poco::TaskId>(body, "chainTaskId"));
    TRY(out.deal, find_id<poco::DealId>(body, "dealId"));
    TRY(const auto index, body.find_u64("taskIndex"));
    out.index = index.value_or(0);
    TRY(out.worker, find_id<eth::Address>(body, "workerWallet"));
    TRY(out.enclave, find_id<eth::Address>(body, "enclaveChallenge"));
    TRY(out.signature, find_signature(body));
    return out;
}

std::optional<eth::Address> personal_signer(std::optional<std::string_view> authorization, const Hash256& message)
{
    if (!authorization) return std::nullopt;
    const auto raw = crypto::Signature65::from_hex(*authorization);  // the compact form is not part of this scheme
    if (!raw) return std::nullopt;
    const auto signature = eth::parse_signature(raw->bytes());
    if (!signature) return std::nullopt;
    const auto signer = eth::recover_address(eth::personal_digest(message), *signature);
    return signer ? std::optional(*signer) : std::nullopt;
}

}  // namespace iapp::wire
