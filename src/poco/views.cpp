#include "poco/views.hpp"

#include "eth/abi.hpp"

namespace iapp::poco {
namespace {

using eth::AbiReader;
using eth::AbiWriter;

/// Reads a number that is time or a count: anything above 63 bits is no answer of a hub.
Result<std::int64_t> small(AbiReader& reader)
{
    TRY(const std::uint64_t value, reader.uint64());
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return fail(ErrorKind::corrupt, "abi.range", std::to_string(value) + " is no time or count");
    return static_cast<std::int64_t>(value);
}

Result<UnixSeconds> time(AbiReader& reader)
{
    TRY(const std::int64_t seconds, small(reader));
    return UnixSeconds{std::chrono::seconds(seconds)};
}

Result<std::chrono::seconds> duration(AbiReader& reader)
{
    TRY(const std::int64_t seconds, small(reader));
    return std::chrono::seconds(seconds);
}

template <class Enum>
Result<Enum> enumeration(AbiReader& reader, Enum last)
{
    TRY(const U256 value, reader.uint());
    if (value > U256{static_cast<std::uint64_t>(last)})
        return fail(ErrorKind::corrupt, "view.status", value.to_dec() + " is no status this hub version knows");
    return static_cast<Enum>(value.clamp_u64());
}

Result<DealResource> resource(AbiReader& reader)
{
    DealResource out;
    TRY(out.pointer, reader.address());
    TRY(out.owner, reader.address());
    TRY(out.price, reader.uint());
    return out;
}

Result<std::string> text(AbiReader& reader)
{
    TRY(const std::string_view view, reader.string());
    return std::string(view);
}

Result<Bytes> copy(AbiReader& reader)
{
    TRY(const ByteView view, reader.bytes());
    return to_bytes(view);
}

Result<std::vector<Address>> addresses(AbiReader& reader)
{
    TRY(auto array, reader.array());
    std::vector<Address> out;
    for (std::uint64_t i = 0; i < array.length; ++i) {
        TRY(const Address address, array.items.address());
        out.push_back(address);
    }
    return out;
}

AbiWriter resource_tuple(const DealResource& resource)
{
    return AbiWriter{}.address(resource.pointer).address(resource.owner).uint(resource.price);
}

U256 number(UnixSeconds time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); }

}  // namespace

Result<Deal> decode_deal(ByteView data)
{
    TRY(AbiReader reader, AbiReader(data).dynamic_tuple());
    Deal deal;
    TRY(deal.app, resource(reader));
    TRY(deal.dataset, resource(reader));
    TRY(deal.workerpool, resource(reader));
    TRY(deal.trust, reader.uint());
    TRY(deal.category, reader.uint());
    TRY(deal.tag, reader.bytes32<Tag>());
    TRY(deal.requester, reader.address());
    TRY(deal.beneficiary, reader.address());
    TRY(deal.callback, reader.address());
    TRY(deal.params, text(reader));
    TRY(deal.start_time, time(reader));
    TRY(deal.bot_first, reader.uint64());
    TRY(deal.bot_size, reader.uint64());
    TRY(deal.worker_stake, reader.uint());
    TRY(deal.scheduler_reward_ratio, reader.uint());
    TRY(deal.sponsor, reader.address());
    return deal;
}

Result<Task> decode_task(ByteView data)
{
    TRY(AbiReader reader, AbiReader(data).dynamic_tuple());
    Task task;
    TRY(task.status, enumeration(reader, TaskStatus::failed));
    TRY(task.deal, reader.bytes32<DealId>());
    TRY(task.index, reader.uint64());
    TRY(task.timeref, duration(reader));
    TRY(task.contribution_deadline, time(reader));
    TRY(task.reveal_deadline, time(reader));
    TRY(task.final_deadline, time(reader));
    TRY(task.consensus_value, reader.bytes32());
    TRY(task.reveal_counter, reader.uint64());
    TRY(task.winner_counter, reader.uint64());
    TRY(task.contributors, addresses(reader));
    TRY(task.result_digest, reader.bytes32());
    TRY(task.results, copy(reader));
    TRY_OK(reader.uint());  // resultsTimestamp: never written by the hub
    TRY(task.results_callback, copy(reader));
    return task;
}

Result<Contribution> decode_contribution(ByteView data)
{
    AbiReader reader(data);
    Contribution out;
    TRY(out.status, enumeration(reader, ContributionStatus::rejected));
    TRY(out.result_hash, reader.bytes32());
    TRY(out.result_seal, reader.bytes32());
    TRY(out.enclave_challenge, reader.address());
    TRY(out.weight, reader.uint());
    return out;
}

Result<Account> decode_account(ByteView data)
{
    AbiReader reader(data);
    Account out;
    TRY(out.stake, reader.uint());
    TRY(out.locked, reader.uint());
    return out;
}

Result<Category> decode_category(ByteView data)
{
    TRY(AbiReader reader, AbiReader(data).dynamic_tuple());
    Category out;
    TRY(out.name, text(reader));
    TRY(out.description, text(reader));
    TRY(out.work_time, duration(reader));
    return out;
}

Result<eth::Eip712Domain> decode_domain(ByteView data)
{
    TRY(AbiReader reader, AbiReader(data).dynamic_tuple());
    eth::Eip712Domain out;
    TRY(out.name, text(reader));
    TRY(out.version, text(reader));
    TRY(out.chain_id, reader.uint());
    TRY(out.verifying_contract, reader.address());
    return out;
}

Result<AppEntry> decode_app(ByteView data)
{
    TRY(AbiReader reader, AbiReader(data).dynamic_tuple());
    AppEntry out;
    TRY(out.owner, reader.address());
    TRY(out.name, text(reader));
    TRY(out.type, text(reader));
    TRY(out.multiaddr, copy(reader));
    TRY(out.checksum, reader.bytes32());
    TRY(out.mrenclave, copy(reader));
    return out;
}

Result<DatasetEntry> decode_dataset(ByteView data)
{
    TRY(AbiReader reader, AbiReader(data).dynamic_tuple());
    DatasetEntry out;
    TRY(out.owner, reader.address());
    TRY(out.name, text(reader));
    TRY(out.multiaddr, copy(reader));
    TRY(out.checksum, reader.bytes32());
    return out;
}

Result<WorkerpoolView> decode_workerpool(ByteView data)
{
    TRY(AbiReader reader, AbiReader(data).dynamic_tuple());
    WorkerpoolView out;
    TRY(out.entry.owner, reader.address());
    TRY(out.entry.description, text(reader));
    TRY(out.worker_stake_ratio, reader.uint());
    TRY(out.scheduler_reward_ratio, reader.uint());
    return out;
}

Result<U256> decode_uint(ByteView data) { return AbiReader(data).uint(); }
Result<bool> decode_bool(ByteView data) { return AbiReader(data).boolean(); }
Result<Address> decode_address(ByteView data) { return AbiReader(data).address(); }
Result<Hash256> decode_bytes32(ByteView data) { return AbiReader(data).bytes32(); }
Result<Bytes> decode_bytes(ByteView data)
{
    AbiReader reader(data);
    return copy(reader);
}
Result<std::string> decode_string(ByteView data)
{
    AbiReader reader(data);
    return text(reader);
}

Bytes encode_deal(const Deal& deal)
{
    AbiWriter out;
    out.tuple(resource_tuple(deal.app)).tuple(resource_tuple(deal.dataset)).tuple(resource_tuple(deal.workerpool));
    out.uint(deal.trust).uint(deal.category).bytes32(deal.tag);
    out.address(deal.requester).address(deal.beneficiary).address(deal.callback).string(deal.params);
    out.uint(number(deal.start_time)).uint(deal.bot_first).uint(deal.bot_size);
    out.uint(deal.worker_stake).uint(deal.scheduler_reward_ratio).address(deal.sponsor);
    return AbiWriter{}.tuple(out).encode();
}

Bytes encode_task(const Task& task)
{
    std::vector<AbiWriter> contributors;
    for (const Address& worker : task.contributors) contributors.emplace_back().address(worker);
    AbiWriter out;
    out.uint(static_cast<std::uint64_t>(task.status)).bytes32(task.deal).uint(task.index);
    out.uint(static_cast<std::uint64_t>(task.timeref.count()));
    out.uint(number(task.contribution_deadline)).uint(number(task.reveal_deadline)).uint(number(task.final_deadline));
    out.bytes32(task.consensus_value).uint(task.reveal_counter).uint(task.winner_counter).array(contributors);
    out.bytes32(task.result_digest).bytes(task.results).uint(U256{}).bytes(task.results_callback);
    return AbiWriter{}.tuple(out).encode();
}

}  // namespace iapp::poco
