// The registry is an OpenZeppelin 3 ERC-721: an entry's address is the token's id, which stands in storage as a value and as
// the key of mappings. Values are replaced; a key is replaced by finding the mapping whose slot it hashes to.
#include "localchain/place_workerpool.hpp"

#include <map>

#include "chain/hub.hpp"
#include "codec/json.hpp"
#include "crypto/hash.hpp"
#include "localchain/internal/pipeline.hpp"
#include "poco/calls.hpp"
#include "poco/events.hpp"

namespace iapp::localchain {
namespace {

using Slot = Hash256;

/// Storage slots a contract declares are few; members of a struct behind a mapping follow its slot.
constexpr std::uint64_t kDeclaredSlots = 16, kStructMembers = 3;
constexpr std::uint64_t kEmitGas = 100'000;

Hash256 word_of(const U256& value) { return Hash256{value.be()}; }

Hash256 word_of(const Address& address)
{
    std::array<std::uint8_t, 32> word{};
    std::ranges::copy(address.bytes(), word.begin() + 12);
    return Hash256{word};
}

/// Where mapping[key] of the mapping at `slot` lies.
Slot mapped(const Hash256& key, const Slot& slot)
{
    std::array<std::uint8_t, 64> both{};
    std::ranges::copy(key.bytes(), both.begin());
    std::ranges::copy(slot.bytes(), both.begin() + 32);
    return crypto::keccak256(both);
}

/// Every slot a mapping keyed by an entry may have: declared ones, and those of sets that belong to the owner.
std::vector<Slot> mapping_slots(const Address& owner)
{
    std::vector<Slot> slots;
    for (std::uint64_t declared = 0; declared < kDeclaredSlots; ++declared) {
        slots.push_back(word_of(U256(declared)));
        U256 member = U256::from_be(mapped(word_of(owner), slots.back()).bytes());
        for (std::uint64_t i = 0; i < kStructMembers; ++i) {
            slots.push_back(word_of(member));
            member = *member.add(U256(1));
        }
    }
    return slots;
}

/// Moves words that speak of one entry to another.
class Move {
public:
    Move(const Address& from, const Address& to, const Address& owner) : from_(word_of(from)), to_(word_of(to))
    {
        for (const Slot& slot : mapping_slots(owner)) keys_.emplace(mapped(from_, slot), mapped(to_, slot));
    }

    Slot slot(const Slot& slot) const
    {
        const auto found = keys_.find(slot);
        return found == keys_.end() ? slot : found->second;
    }
    Hash256 value(const Hash256& value) const { return value == from_ ? to_ : value; }

private:
    Hash256 from_, to_;
    std::map<Slot, Slot> keys_;
};

/// What one transaction left in one account.
struct AccountChange {
    std::map<Slot, Hash256> storage;
};

Result<AccountChange> read_change(const json::ObjectReader& post, const Address& account)
{
    AccountChange change;
    TRY(const auto found, post.find_object(account.hex()));
    if (!found) return change;
    TRY(const auto storage, found->find_object("storage"));
    if (!storage) return change;
    for (const auto& member : storage->raw()) {
        TRY(const auto slot, Hash256::from_hex(member.key()));
        TRY(const auto value, storage->id<Hash256>(member.key()));
        change.storage.emplace(slot, value);
    }
    return change;
}

struct Creation {
    Address entry;
    Bytes code;
    AccountChange in_entry;
    AccountChange in_registry;
};

Result<Creation> observe(const chain::JsonRpcClient& rpc, const eth::Receipt& receipt, const Address& registry,
                         const net::CallContext& context)
{
    const auto created = poco::find_event<poco::EntryTransfer>(receipt.logs, registry);
    if (!created) return fail(ErrorKind::internal, "localchain.check", "the registry's receipt names no workerpool");
    TRY(const std::string trace,
        rpc.call({"debug_traceTransaction", "[\"" + receipt.transaction_hash.hex() +
                                                R"(",{"tracer":"prestateTracer","tracerConfig":{"diffMode":true}}])"},
                 context));
    TRY(const auto document, json::parse(trace));
    TRY(const auto root, json::ObjectReader::of(document));
    TRY(const auto post, root.object("post"));
    TRY(auto in_entry, read_change(post, created->entry));
    TRY(auto in_registry, read_change(post, registry));
    TRY(Bytes code, rpc.code(created->entry, context));
    return Creation{created->entry, std::move(code), std::move(in_entry), std::move(in_registry)};
}

/// Creates the entry as usual, reads what that did, and goes back to before.
Result<Creation> rehearse(const chain::JsonRpcClient& rpc, chain::TransactionSender& owner, const Address& registry,
                          std::string_view description, const net::CallContext& context)
{
    TRY(const std::string snapshot, rpc.call({"evm_snapshot"}, context));
    const poco::WorkerpoolEntry entry{owner.address(), std::string(description)};
    TRY(const eth::Receipt receipt, owner.send({.to = registry, .data = poco::call::create_workerpool(entry)}, context));
    TRY(auto creation, observe(rpc, receipt, registry, context));
    TRY_OK(rpc.call({"evm_revert", "[" + snapshot + "]"}, context));
    return creation;
}

Status write_storage(const chain::JsonRpcClient& rpc, const Address& account, const AccountChange& change, const Move& move,
                     const net::CallContext& context)
{
    std::vector<chain::RpcCall> calls;
    calls.reserve(change.storage.size());
    for (const auto& [slot, value] : change.storage)
        calls.push_back({"anvil_setStorageAt", "[\"" + account.hex() + "\",\"" + move.slot(slot).hex() + "\",\"" +
                                                   move.value(value).hex() + "\"]"});
    TRY(const auto answers, rpc.batch(calls, context));
    for (const auto& answer : answers) TRY_OK(answer);
    return {};
}

/// PUSH32 topic 3, 2, 1, 0; size 0; offset 0; LOG4.
Bytes transfer_emitter(const Address& owner, const Address& entry)
{
    constexpr std::uint8_t kPush1 = 0x60, kPush32 = 0x7f, kLog4 = 0xa4;
    Bytes code;
    for (const Hash256& topic : {word_of(entry), word_of(owner), Hash256::zero(), poco::topic<poco::EntryTransfer>()}) {
        code.push_back(kPush32);
        append(code, topic.bytes());
    }
    append(code, std::array<std::uint8_t, 5>{kPush1, 0, kPush1, 0, kLog4});
    return code;
}

/// The event by which everyone who follows the registry learns of the entry.
Status announce(const chain::JsonRpcClient& rpc, chain::TransactionSender& owner, const Address& registry,
                const Address& entry, const net::CallContext& context)
{
    TRY(const Bytes code, rpc.code(registry, context));
    TRY_OK(internal::set_code(rpc, registry, transfer_emitter(owner.address(), entry), context));
    const auto sent = owner.send({.to = registry, .data = {}, .gas_limit = kEmitGas}, context);
    TRY_OK(internal::set_code(rpc, registry, code, context));
    if (!sent) return std::unexpected(sent.error());
    return {};
}

Status check_placed(const chain::JsonRpcClient& rpc, const Address& owner, const Deployment& deployment, const Address& at,
                    const net::CallContext& context)
{
    const chain::Hub hub(rpc, deployment.chain_id, deployment.hub);
    TRY(const bool registered, hub.is_registered(deployment.workerpool_registry, at, context));
    TRY(const Address named, hub.owner_of(at, context));
    TRY(const auto policy, hub.workerpool_policy(at, context));
    if (registered && named == owner && policy.worker_stake_ratio > 0) return {};
    return fail(ErrorKind::internal, "localchain.check", "the registry does not know the workerpool at " + at.hex());
}

}  // namespace

Status place_workerpool(const chain::JsonRpcClient& rpc, chain::TransactionSender& owner, const Deployment& deployment,
                        std::string_view description, const Address& at, const net::CallContext& context)
{
    const Address& registry = deployment.workerpool_registry;
    TRY(const Creation made, rehearse(rpc, owner, registry, description, context));
    const Move move(made.entry, at, owner.address());
    TRY_OK(internal::set_nonce(rpc, at, 1, context));
    TRY_OK(internal::set_code(rpc, at, made.code, context));
    TRY_OK(write_storage(rpc, at, made.in_entry, move, context));
    TRY_OK(write_storage(rpc, registry, made.in_registry, move, context));
    TRY_OK(announce(rpc, owner, registry, at, context));
    return check_placed(rpc, owner.address(), deployment, at, context);
}

}  // namespace iapp::localchain
