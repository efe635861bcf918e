// Reading logs of a chain that may change under us. A window is applied only when the block before it is still the one we
// know and its last block was the same before and after the logs were read.
#include "chain/follower.hpp"

#include <algorithm>
#include <condition_variable>

#include "base/log.hpp"
#include "chain/internal/exchange.hpp"
#include "chain/internal/pause.hpp"

namespace iapp::chain {

using internal::Answer;
using internal::Exchange;

const store::Migration kFollowerMigration{"chain_follower", R"sql(
    CREATE TABLE chain_cursor (
        follower TEXT NOT NULL,
        number   INTEGER NOT NULL,
        hash     BLOB NOT NULL,
        PRIMARY KEY (follower, number)
    ) STRICT, WITHOUT ROWID;
)sql"};

namespace {

constexpr int kUnstableAttempts = 8;
constexpr std::uint64_t kLatestTime = (1ULL << 40U) - 1;
constexpr std::chrono::milliseconds kLongestBackoff{15'000}, kBehindPoll{100};

/// The block of an answer; nothing when the node has no such block (any more).
Result<std::optional<Block>> find_block(const Answer& answer)
{
    if (!answer) return std::unexpected(answer.error().error);
    if (answer->is_null()) return std::optional<Block>{};
    TRY(const Block block, internal::read_block(*answer));
    return std::optional{block};
}

bool is_block(const std::optional<Block>& block, const BlockRef& expected)
{
    return block && block->number == expected.number && block->hash == expected.hash;
}

std::pair<std::uint64_t, std::uint64_t> position(const eth::Log& log) { return {log.block_number, log.index}; }

/// Whether logs belong to blocks first..last of the fork that ends in `last`, in chain order.
bool are_consistent(const std::vector<eth::Log>& logs, std::uint64_t first, const BlockRef& last)
{
    const auto misplaced = [&](const eth::Log& log) {
        return log.removed || log.block_number < first || log.block_number > last.number ||
               (log.block_number == last.number && log.block_hash != last.hash);
    };
    return std::ranges::none_of(logs, misplaced) && std::ranges::is_sorted(logs, std::ranges::less{}, position);
}

/// What a node told about some blocks.
struct ToldLogs {
    std::vector<eth::Log> logs;  ///< in chain order
    std::map<std::uint64_t, UnixSeconds> times;
};

/// Newer nodes say with each log when its block was made.
Status note_time(const json::Value& log, const eth::Log& read, std::map<std::uint64_t, UnixSeconds>& times)
{
    const auto* const told = log.get_object().if_contains("blockTimestamp");
    if (told == nullptr || told->is_null() || times.contains(read.block_number)) return {};
    TRY(const std::uint64_t seconds, internal::read_u64(*told));
    times.emplace(read.block_number, UnixSeconds{std::chrono::seconds(static_cast<std::int64_t>(seconds & kLatestTime))});
    return {};
}

Result<ToldLogs> read_all_logs(std::span<Answer> answers)
{
    ToldLogs all;
    for (Answer& answer : answers) {
        TRY(const json::Value value, internal::value_of(std::move(answer)));
        TRY(std::vector<eth::Log> logs, internal::read_logs(value));
        for (std::size_t i = 0; i < logs.size(); ++i) TRY_OK(note_time(value.get_array()[i], logs[i], all.times));
        std::ranges::move(logs, std::back_inserter(all.logs));
    }
    if (answers.size() > 1) std::ranges::stable_sort(all.logs, std::ranges::less{}, position);
    return all;
}

}  // namespace

/// The head, and whether the block we stopped at is still part of the chain.
struct LogFollower::Look {
    Block head;
    bool on_chain;
};

struct LogFollower::Window {
    std::vector<eth::Log> logs;
    BlockRef last;
    std::map<std::uint64_t, UnixSeconds> times;

    LogWindow view(std::uint64_t head) const { return {logs, last, head, times}; }
};

LogFollower::LogFollower(const JsonRpcClient& rpc, store::Database& database, LogSink& sink, FollowerOptions options)
    : rpc_(&rpc),
      database_(&database),
      sink_(&sink),
      options_(std::move(options)),
      window_(std::max<std::uint64_t>(options_.window, 1))
{
}

/// The database is asked after a start and after a write that did not end well; every write compares.
Result<std::optional<BlockRef>> LogFollower::load_position()
{
    if (!is_position_known_) {
        TRY(store::Transaction transaction, database_->read());
        TRY(position_, read_position(transaction));
        is_position_known_ = true;
    }
    return position_;
}

Result<std::optional<BlockRef>> LogFollower::read_position(store::Transaction& transaction) const
{
    TRY(store::Rows rows,
        transaction.query("SELECT number, hash FROM chain_cursor WHERE follower = ? ORDER BY number DESC LIMIT 1",
                          options_.name));
    TRY(const bool found, rows.next());
    if (!found) return std::optional<BlockRef>{};
    TRY(const Hash256 hash, rows.id<Hash256>(1));
    return std::optional{BlockRef{static_cast<std::uint64_t>(rows.integer(0)), hash}};
}

Result<std::optional<BlockRef>> LogFollower::position()
{
    const std::lock_guard lock(mutex_);
    return load_position();
}

Result<LogFollower::Look> LogFollower::look(const std::optional<BlockRef>& at, const net::CallContext& context) const
{
    TRY(const auto head, ask_block(BlockId::latest(), context));
    if (!head) return fail(ErrorKind::corrupt, "rpc.response", "the node has no latest block");
    if (!at || is_block(head, *at)) return Look{*head, true};
    if (head->number == at->number) return Look{*head, false};
    TRY(const auto same, ask_block(BlockId::number(at->number), context));
    return Look{*head, is_block(same, *at)};
}

Result<std::optional<Block>> LogFollower::ask_block(const BlockId& id, const net::CallContext& context) const
{
    const RpcCall call = internal::block_request(id);
    TRY(const auto answers, Exchange::ask(*rpc_, {&call, 1}, context));
    return find_block(answers[0]);
}

/// As look(), but gives a node that is behind our position the time to catch up.
Result<LogFollower::Look> LogFollower::look_patiently(const std::optional<BlockRef>& at,
                                                      const net::CallContext& context) const
{
    const auto patience = std::chrono::steady_clock::now() + options_.behind_grace;
    while (true) {
        TRY(const Look seen, look(at, context));
        if (!at || seen.head.number >= at->number || std::chrono::steady_clock::now() >= patience) return seen;
        TRY_OK(internal::pause(kBehindPoll, context));
    }
}

/// The logs of first..last, or of fewer blocks when the node finds that too many. Nothing when the chain changed meanwhile.
Result<std::optional<LogFollower::Window>> LogFollower::fetch(std::uint64_t first, std::uint64_t last,
                                                              const std::optional<BlockRef>& before,
                                                              const net::CallContext& context)
{
    std::vector<RpcCall> calls{internal::block_request(BlockId::number(last)),
                               internal::logs_request(options_.filter, first, last)};
    if (options_.second_filter) calls.push_back(internal::logs_request(*options_.second_filter, first, last));
    const std::size_t after_logs = calls.size();
    calls.push_back(internal::block_request(BlockId::number(last)));
    if (before) calls.push_back(internal::block_request(BlockId::number(before->number)));
    auto asked = Exchange::ask(*rpc_, calls, context);
    if (!asked && asked.error().reason == "net.response_size" && last > first)
        return fetch_fewer(first, last, before, context);
    TRY(auto answers, std::move(asked));

    const auto logs_answers = std::span(answers).first(after_logs).subspan(1);
    const auto is_refused = [](const Answer& answer) {
        return !answer && (answer.error().error.reason == "rpc.error" || answer.error().error.reason == "rpc.state");
    };
    if (last > first && std::ranges::any_of(logs_answers, is_refused)) return fetch_fewer(first, last, before, context);
    TRY(const auto end, find_block(answers[0]));
    TRY(ToldLogs told, read_all_logs(logs_answers));
    TRY(const auto end_again, find_block(answers[after_logs]));
    if (!end || !is_block(end_again, {end->number, end->hash})) return std::optional<Window>{};
    if (before) {
        TRY(const auto still, find_block(answers[after_logs + 1]));
        if (!is_block(still, *before)) return std::optional<Window>{};
    }
    const BlockRef ref{end->number, end->hash};
    if (!are_consistent(told.logs, first, ref)) return std::optional<Window>{};
    return std::optional{Window{std::move(told.logs), ref, std::move(told.times)}};
}

Result<std::optional<LogFollower::Window>> LogFollower::fetch_fewer(std::uint64_t first, std::uint64_t last,
                                                                    const std::optional<BlockRef>& before,
                                                                    const net::CallContext& context)
{
    window_ = std::max<std::uint64_t>((last - first + 1) / 2, 1);
    return fetch(first, first + window_ - 1, before, context);
}

/// Writes down the blocks a fork may be found at: those with logs near the head, the last settled one, and the window's end.
Status LogFollower::remember(store::Transaction& transaction, const Window& window, std::uint64_t head) const
{
    constexpr std::string_view kRemember =
        "INSERT INTO chain_cursor (follower, number, hash) VALUES (?, ?, ?) ON CONFLICT (follower, number) DO UPDATE SET "
        "hash = excluded.hash";
    const std::uint64_t settled = head - std::min(head, options_.fork_depth);  // changes up to here are never taken back
    for (std::size_t i = 0; i < window.logs.size(); ++i) {
        const eth::Log& log = window.logs[i];
        const std::uint64_t next = i + 1 < window.logs.size() ? window.logs[i + 1].block_number : head + 1;
        if (next == log.block_number || next <= settled) continue;
        TRY_OK(transaction.run(kRemember, options_.name, log.block_number, log.block_hash));
    }
    TRY_OK(transaction.run(kRemember, options_.name, window.last.number, window.last.hash));
    TRY_OK(
        transaction.run("DELETE FROM chain_cursor WHERE follower = ? AND number < (SELECT max(number) FROM chain_cursor "
                        "WHERE follower = ? AND number <= ?)",
                        options_.name, options_.name, settled));
    TRY_OK(
        transaction.run("DELETE FROM chain_cursor WHERE follower = ? AND number < (SELECT min(number) FROM (SELECT "
                        "number FROM chain_cursor WHERE follower = ? ORDER BY number DESC LIMIT ?) AS newest)",
                        options_.name, options_.name, options_.remembered_blocks));
    return {};
}

/// False when the database is not where we think it is: another process wrote, or a server came back without its last
/// commits.
Result<bool> LogFollower::apply(const Window& window, std::uint64_t head)
{
    is_position_known_ = false;
    TRY(store::Transaction transaction, database_->begin());
    TRY(const auto there, read_position(transaction));
    if (there != position_) return false;
    for (const eth::Log& log : window.logs) TRY_OK(sink_->apply(transaction, log));
    TRY_OK(sink_->finish(transaction, window.view(head)));
    TRY_OK(remember(transaction, window, head));
    TRY_OK(transaction.commit());
    position_ = window.last;
    is_position_known_ = true;
    return true;
}

/// Applies windows up to `target`. False when the chain changed on the way, or the database.
Result<bool> LogFollower::advance(std::optional<BlockRef>& at, std::uint64_t target, std::uint64_t head,
                                  const net::CallContext& context)
{
    std::uint64_t next = at ? at->number + 1 : options_.start_block;
    while (next <= target) {
        TRY_OK(context.check());
        TRY(const auto window, fetch(next, std::min(target, next + window_ - 1), at, context));
        if (!window) return false;
        TRY_OK(sink_->gather(window->view(head), context));
        TRY(const bool applied, apply(*window, head));
        if (!applied) return false;
        at = window->last;
        next = at->number + 1;
        window_ = std::min(window_ * 2, std::max<std::uint64_t>(options_.window, 1));
    }
    return true;
}

/// Finds the newest remembered block that is still part of the chain and takes back everything after it.
Status LogFollower::take_back(const net::CallContext& context)
{
    std::vector<BlockRef> remembered;
    {
        TRY(store::Transaction transaction, database_->read());
        TRY(store::Rows rows,
            transaction.query("SELECT number, hash FROM chain_cursor WHERE follower = ? ORDER BY number DESC",
                              options_.name));
        while (true) {
            TRY(const bool more, rows.next());
            if (!more) break;
            TRY(const Hash256 hash, rows.id<Hash256>(1));
            remembered.push_back({static_cast<std::uint64_t>(rows.integer(0)), hash});
        }
    }
    std::vector<RpcCall> calls;
    calls.reserve(remembered.size());
    for (const BlockRef& ref : remembered) calls.push_back(internal::block_request(BlockId::number(ref.number)));
    TRY(const auto answers, Exchange::ask(*rpc_, calls, context));
    std::uint64_t first_bad = options_.start_block;
    for (std::size_t i = 0; i < remembered.size(); ++i) {
        TRY(const auto block, find_block(answers[i]));
        if (!is_block(block, remembered[i])) continue;
        first_bad = remembered[i].number + 1;
        break;
    }
    log::warning("the chain was reorganised", {{"follower", options_.name}, {"first_bad_block", first_bad}});
    return take_back_from(first_bad);
}

Status LogFollower::take_back_from(std::uint64_t first_bad)
{
    is_position_known_ = false;
    TRY(store::Transaction transaction, database_->begin());
    TRY_OK(sink_->rollback(transaction, first_bad));
    TRY_OK(transaction.run("DELETE FROM chain_cursor WHERE follower = ? AND number >= ?", options_.name, first_bad));
    return transaction.commit();
}

Status LogFollower::forget()
{
    const std::lock_guard lock(mutex_);
    return take_back_from(0);
}

Result<BlockRef> LogFollower::sync_to_head(const net::CallContext& context)
{
    const std::lock_guard lock(mutex_);
    for (int attempt = 0; attempt < kUnstableAttempts; ++attempt) {
        TRY_OK(context.check());
        TRY(auto at, load_position());
        TRY(const Look seen, look_patiently(at, context));
        if (!seen.on_chain) {
            TRY_OK(take_back(context));
            continue;
        }
        const std::uint64_t head = seen.head.number;
        const std::uint64_t target = head - std::min(head, options_.confirmations);
        TRY(const bool stable, advance(at, target, head, context));
        if (stable) return at.value_or(BlockRef{head, seen.head.hash});
    }
    return fail(ErrorKind::unavailable, "follower.unstable", "the chain kept changing while its logs were read; try again");
}

void LogFollower::run(const std::stop_token& stop, std::chrono::milliseconds interval)
{
    std::mutex mutex;
    std::condition_variable_any wake;
    std::chrono::milliseconds wait = interval;
    while (!stop.stop_requested()) {
        const net::CallContext context{
            .request_id = options_.name, .deadline = net::deadline_in(std::chrono::minutes(5)), .stop = stop};
        if (const auto reached = sync_to_head(context)) {
            wait = interval;
        } else if (reached.error().kind != ErrorKind::cancelled) {
            log::warning(
                "following the chain failed",
                {{"follower", options_.name}, {"reason", reached.error().reason}, {"detail", reached.error().detail}});
            wait = std::min(std::max(wait, std::chrono::milliseconds(1)) * 2, kLongestBackoff);
        }
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, wait, [] { return false; });
    }
}

}  // namespace iapp::chain
