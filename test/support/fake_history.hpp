#pragma once
// A chain that is a function of block numbers: any length of PoCo history without a node, and forks of it.
// Three blocks in a row are the life of one task: a match, its initialization, its result. It answers what an index asks.
#include <atomic>

#include "codec/json.hpp"
#include "poco/calls.hpp"
#include "poco/events.hpp"
#include "poco/views.hpp"
#include "support/fake_node.hpp"
#include "wire/network.hpp"

namespace iapp::support {

using eth::Address;
using eth::U256;

class FakeHistory {
public:
    static constexpr std::uint64_t kFirst = 1;     ///< the block that makes app, dataset, workerpool, and the stakes
    static constexpr std::uint64_t kSpan = 1'000;  ///< seconds of the category
    static constexpr std::uint64_t kRequesters = 500, kWorkers = 20;

    std::atomic<std::uint64_t> head{0};
    std::atomic<std::uint64_t> fork_at{~0ULL};  ///< blocks from here on are of another fork
    std::atomic<std::uint64_t> fork_salt{0};

    wire::Network network(const std::string& rpc_url) const
    {
        return {.name = "history",
                .chain_id = 421614,
                .rpc_url = rpc_url,
                .rpc_witness_urls = {},
                .start_block = kFirst,
                .contracts = {named(1), named(2), named(3), named(4), named(5), named(6), {}},
                .services = {},
                .workerpool = pool(),
                .trust = {}};
    }

    /// What FakeNode wants.
    std::string answer(std::string_view method, std::string_view params) const
    {
        if (method == "eth_getBlockByNumber") return block(params);
        if (method == "eth_getLogs") return logs(params);
        if (method == "eth_call") return call(params);
        if (method == "eth_getTransactionByHash") return transaction(params);
        return R"(!{"code":-32601,"message":"no such method"})";
    }

private:
    using Id = std::array<std::uint8_t, 32>;

    std::uint64_t salt(std::uint64_t number) const { return number >= fork_at ? fork_salt.load() : 0; }

    static std::uint64_t mix(std::uint64_t x)
    {
        x += 0x9e3779b97f4a7c15ULL;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
        return x ^ (x >> 31);
    }
    /// Scattered like a hash, but it tells the block and the salt it was made of.
    static Id scattered(std::uint64_t kind, std::uint64_t number, std::uint64_t salt)
    {
        Id out{};
        const std::uint64_t words[] = {mix(mix(kind) ^ number ^ mix(salt)), mix(kind + number), salt, number};
        for (std::size_t i = 0; i < 32; ++i) out.at(i) = static_cast<std::uint8_t>(words[i / 8] >> (56 - 8 * (i % 8)));
        return out;
    }
    static std::uint64_t word_of(ByteView id, std::size_t word)
    {
        std::uint64_t out = 0;
        for (std::size_t i = 0; i < 8; ++i) out = out << 8 | id[8 * word + i];
        return out;
    }
    static Address account(std::uint64_t kind, std::uint64_t number)
    {
        const Id id = scattered(kind, number, 0);
        return Address::from_bytes(ByteView(id).first(20)).value();
    }
    static Address named(std::uint64_t number) { return account(100, number); }
    static Hash256 hash_of(std::uint64_t kind, std::uint64_t number, std::uint64_t salt)
    {
        return Hash256{scattered(kind, number, salt)};
    }

    // What stands where.
    static Address hub() { return named(1); }
    static Address app() { return account(7, 1); }
    static Address dataset() { return account(7, 2); }
    static Address pool() { return account(7, 3); }
    static Address owner(std::uint64_t number) { return account(8, number); }
    static Address requester(std::uint64_t number) { return account(9, mix(number) % kRequesters); }
    static Address worker(std::uint64_t number) { return account(10, mix(number) % kWorkers); }
    static std::uint64_t match_of(std::uint64_t number) { return number - (number - kFirst - 1) % 3; }
    poco::DealId deal_in(std::uint64_t match) const { return poco::DealId{scattered(1, match, salt(match))}; }
    poco::TaskId task_in(std::uint64_t match) const { return poco::TaskId{scattered(2, match, salt(match))}; }
    static UnixSeconds time_of(std::uint64_t number) { return UnixSeconds{std::chrono::seconds(1'700'000'000 + number)}; }
    Hash256 block_hash(std::uint64_t number) const { return hash_of(3, number, salt(number)); }

    // Logs.
    struct Writer {
        const FakeHistory& history;
        std::uint64_t number;
        std::string& out;
        std::uint64_t index = 0;

        void log(const Address& address, const std::vector<Hash256>& topics, const Bytes& data)
        {
            if (out.size() > 1) out += ',';
            out += R"({"address":")" + address.hex() + R"(","topics":[)";
            for (std::size_t i = 0; i < topics.size(); ++i) out += (i == 0 ? "\"" : ",\"") + topics[i].hex() + '"';
            out += R"(],"data":")" + hex0x(data) + R"(","blockNumber":")" + U256{number}.to_hex() + R"(","blockHash":")" +
                   history.block_hash(number).hex() + R"(","transactionHash":")" +
                   hash_of(4, number, history.salt(number)).hex() + R"(","transactionIndex":"0x0","logIndex":")" +
                   U256{index++}.to_hex() + R"(","blockTimestamp":")" +
                   U256{static_cast<std::uint64_t>(time_of(number).time_since_epoch().count())}.to_hex() +
                   R"(","removed":false})";
        }
        void transfer(const Address& from, const Address& to, std::uint64_t value)
        {
            log(hub(), {poco::topic<poco::TokenTransfer>(), topic_of(from), topic_of(to)},
                eth::AbiWriter{}.uint(value).encode());
        }
        void entry(const Address& registry, const Address& entry)
        {
            log(registry, {poco::topic<poco::EntryTransfer>(), Hash256::zero(), topic_of(owner(1)), topic_of(entry)}, {});
        }
        void amount(const Hash256& topic, const Address& who, std::uint64_t value)
        {
            log(hub(), {topic}, eth::AbiWriter{}.address(who).uint(value).encode());
        }
        void amount(const Hash256& topic, const Address& who, std::uint64_t value, const poco::TaskId& task)
        {
            log(hub(), {topic}, eth::AbiWriter{}.address(who).uint(value).bytes32(task).encode());
        }
    };
    static Hash256 topic_of(const Address& address)
    {
        Id raw{};
        std::ranges::copy(address.bytes(), raw.begin() + 12);
        return Hash256{raw};
    }
    static Hash256 topic_of(const poco::TaskId& id) { return Hash256{id.bytes()}; }

    static void write_beginning(Writer& out)
    {
        out.entry(named(3), app());
        out.entry(named(4), dataset());
        out.entry(named(5), pool());
        for (std::uint64_t i = 0; i < kRequesters; ++i) out.transfer(Address::zero(), account(9, i), 1'000'000'000);
        out.transfer(Address::zero(), owner(3), 1'000'000'000'000);
    }
    void write_match(Writer& out) const
    {
        const auto deal = deal_in(out.number);
        out.transfer(requester(out.number), hub(), 29);
        out.amount(poco::topic<poco::Lock>(), requester(out.number), 29);
        out.transfer(owner(3), hub(), 7);
        out.amount(poco::topic<poco::Lock>(), owner(3), 7);
        out.log(hub(), {poco::topic<poco::SchedulerNotice>(), topic_of(pool())}, eth::AbiWriter{}.bytes32(deal).encode());
        out.log(hub(), {poco::topic<poco::OrdersMatched>()},
                eth::AbiWriter{}
                    .bytes32(deal)
                    .bytes32(hash_of(11, mix(out.number) % 40, 0))
                    .bytes32(hash_of(12, mix(out.number) % 30, 0))
                    .bytes32(hash_of(13, mix(out.number) % 20, 0))
                    .bytes32(hash_of(14, out.number, salt(out.number)))
                    .uint(1U)
                    .encode());
    }
    void write_initialize(Writer& out) const
    {
        out.log(hub(), {poco::topic<poco::TaskInitialize>(), topic_of(task_in(out.number - 1)), topic_of(pool())}, {});
    }
    void write_result(Writer& out) const
    {
        const std::uint64_t match = out.number - 2;
        const auto task = task_in(match);
        const Address who = worker(out.number);
        const Hash256 digest = hash_of(5, out.number, salt(out.number)), result = hash_of(6, out.number, salt(out.number));
        out.amount(poco::topic<poco::Seize>(), requester(match), 29, task);
        const auto reward = [&](const Address& to, std::uint64_t value) {
            out.transfer(hub(), to, value);
            out.amount(poco::topic<poco::Reward>(), to, value, task);
        };
        reward(owner(1), 3);
        reward(owner(2), 1);
        out.transfer(hub(), owner(3), 7);
        out.amount(poco::topic<poco::Unlock>(), owner(3), 7);
        reward(who, 24);
        reward(owner(3), 1);
        const auto with_worker = eth::AbiWriter{}.bytes32(result).encode();
        out.log(hub(), {poco::topic<poco::TaskContribute>(), topic_of(task), topic_of(who)}, with_worker);
        out.log(hub(), {poco::topic<poco::TaskConsensus>(), topic_of(task)}, with_worker);
        out.log(hub(), {poco::topic<poco::TaskReveal>(), topic_of(task), topic_of(who)},
                eth::AbiWriter{}.bytes32(digest).encode());
        out.log(hub(), {poco::topic<poco::AccurateContribution>(), topic_of(who), topic_of(task)}, {});
        out.log(hub(), {poco::topic<poco::TaskFinalize>(), topic_of(task)},
                eth::AbiWriter{}.bytes(as_bytes(kResults)).encode());
    }
    void write_block(std::uint64_t number, std::string& text) const
    {
        Writer out{*this, number, text};
        if (number < kFirst) return;
        if (number == kFirst) return write_beginning(out);
        const std::uint64_t step = (number - kFirst - 1) % 3;
        if (step == 0) write_match(out);
        else if (step == 1) write_initialize(out);
        else write_result(out);
    }

    // Answers.
    static constexpr std::string_view kResults =
        R"({"storage":"ipfs","location":"/ipfs/QmUbh7ugQ9WVprTVYjzrCS4d9cCy73zUz4MMchsrqzzu1w"})";

    std::string block(std::string_view params) const
    {
        const json::Value parsed = json::parse(params).value();
        const std::string_view which = parsed.as_array()[0].as_string();
        const std::uint64_t number = which == "latest" ? head.load() : U256::from_hex(which)->clamp_u64();
        if (number > head) return "null";
        return R"({"number":")" + U256{number}.to_hex() + R"(","hash":")" + block_hash(number).hex() +
               R"(","parentHash":")" + block_hash(number == 0 ? 0 : number - 1).hex() + R"(","timestamp":")" +
               U256{static_cast<std::uint64_t>(time_of(number).time_since_epoch().count())}.to_hex() +
               R"(","baseFeePerGas":"0x7"})";
    }
    /// Sent to the hub without the orders: whoever matches them makes them on chain.
    std::string transaction(std::string_view params) const
    {
        const json::Value parsed = json::parse(params).value();
        const std::string_view hash = parsed.as_array()[0].as_string();
        const Bytes id = parse_hex0x(hash).value();
        const std::uint64_t number = word_of(id, 3);
        if (number > head || word_of(id, 2) != salt(number)) return "null";
        return R"({"hash":")" + std::string(hash) + R"(","blockHash":")" + block_hash(number).hex() + R"(","from":")" +
               requester(number).hex() + R"(","to":")" + hub().hex() +
               R"(","value":"0x0","gas":"0xf4240","gasPrice":"0x3b9aca00","input":"0x"})";
    }
    std::string logs(std::string_view params) const
    {
        const json::Value parsed = json::parse(params).value();
        const json::Object& filter = parsed.as_array()[0].as_object();
        if (!filter.contains("address")) return "[]";  // nobody changes a policy here
        const auto bound = [&](const char* name) {
            return U256::from_hex(std::string_view(filter.at(name).as_string()))->clamp_u64();
        };
        std::string out = "[";
        for (std::uint64_t number = bound("fromBlock"); number <= bound("toBlock"); ++number) write_block(number, out);
        return out + ']';
    }
    std::string call(std::string_view params) const
    {
        const json::Value parsed = json::parse(params).value();
        const json::Object& what = parsed.as_array()[0].as_object();
        const auto* const input = what.contains("data") ? &what.at("data") : &what.at("input");
        const Bytes data = parse_hex0x(std::string_view(input->as_string())).value();
        return '"' + hex0x(view(ByteView(data))) + '"';
    }
    Bytes view(ByteView data) const
    {
        const auto is = [&](const Bytes& example) { return std::ranges::equal(data.first(4), ByteView(example).first(4)); };
        const auto zero = Address::zero();
        const ByteView id = data.subspan(4, 32);
        if (is(poco::call::view_deal(poco::DealId::zero()))) return poco::encode_deal(deal(id));
        if (is(poco::call::view_task(poco::TaskId::zero()))) return poco::encode_task(task(id));
        if (is(poco::call::view_contribution(poco::TaskId::zero(), zero))) return contribution(id);
        eth::AbiWriter entry;
        entry.address(owner(1)).string("entry");
        if (is(poco::call::view_app(zero)))
            entry.string("DOCKER").bytes(as_bytes("image")).bytes32(Hash256::zero()).bytes({});
        else if (is(poco::call::view_dataset(zero))) entry.bytes(as_bytes("/ipfs/x")).bytes32(Hash256::zero());
        else entry.uint(30U).uint(1U);
        return eth::AbiWriter{}.tuple(entry).encode();
    }
    poco::Deal deal(ByteView id) const
    {
        const std::uint64_t match = word_of(id, 3);
        poco::Deal out;
        if (match == 0 || word_of(id, 2) != salt(match)) return out;
        out.app = {app(), owner(1), 3U};
        out.dataset = {dataset(), owner(2), 1U};
        out.workerpool = {pool(), owner(3), 25U};
        out.trust = 1U;
        out.requester = out.beneficiary = out.sponsor = requester(match);
        out.params = R"({"iexec_args":"hello","iexec_result_storage_provider":"ipfs"})";
        out.start_time = time_of(match);
        out.bot_size = 1;
        out.worker_stake = 7U;
        out.scheduler_reward_ratio = 1U;
        return out;
    }
    poco::Task task(ByteView id) const
    {
        const std::uint64_t match = word_of(id, 3);
        poco::Task out;
        if (match == 0 || word_of(id, 2) != salt(match)) return out;
        out.status = poco::TaskStatus::completed;
        out.deal = deal_in(match);
        out.timeref = std::chrono::seconds(kSpan);
        out.contribution_deadline = time_of(match) + 7 * out.timeref;
        out.final_deadline = time_of(match) + 10 * out.timeref;
        out.contributors = {worker(match + 2)};
        out.results = to_bytes(kResults);
        return out;
    }
    Bytes contribution(ByteView id) const
    {
        const std::uint64_t number = word_of(id, 3) + 2;
        return eth::AbiWriter{}
            .uint(2U)
            .bytes32(hash_of(6, number, salt(number)))
            .bytes32(hash_of(15, number, salt(number)))
            .address(Address::zero())
            .uint(0U)
            .encode();
    }
};

}  // namespace iapp::support
