#include "index/bulk_reader.hpp"

#include <algorithm>
#include <map>

#include "base/log.hpp"
#include "index/number.hpp"
#include "poco/ids.hpp"

namespace iapp::index {
namespace {

constexpr std::uint64_t kLargestRoot = 1U << 20U;   ///< more than 20,000 slices
constexpr std::uint64_t kLargestSlice = 1U << 18U;  ///< a hundred orders are less than half of it
constexpr std::chrono::milliseconds kFetchLimit{5'000}, kReadLimit{60'000};
constexpr std::chrono::milliseconds kLease{120'000};  ///< whose job it is: nobody else begins it
constexpr std::size_t kJobsAtOnce = 8;
constexpr int kAttempts = 24;  ///< about half a day
constexpr std::chrono::milliseconds kFirstPause{1'000}, kLongestPause{3'600'000};

/// Nothing will be different next time.
bool is_final(const Error& error)
{
    return error.kind == ErrorKind::invalid_input || error.kind == ErrorKind::resource_exhausted;
}

/// The database is not there, or full: it is not about this bulk. What it refuses to hold is.
bool is_of_database(const Error& error)
{
    return error.reason.starts_with("store.") && error.reason != "store.constraint" && error.reason != "store.sql";
}

std::chrono::milliseconds pause_after(std::int64_t attempts)
{
    return std::min(kFirstPause * (std::int64_t{1} << std::min<std::int64_t>(attempts, 12)), kLongestPause);
}

net::CallContext limited(const net::CallContext& context, std::chrono::milliseconds limit)
{
    net::CallContext out = context;
    out.deadline = std::min(context.deadline, net::deadline_in(limit));
    return out;
}

}  // namespace

/// A bulk to read.
struct BulkReader::Job {
    poco::DealId deal;
    std::string cid;
    std::int64_t attempts;
    eth::U256 bot_first;
    eth::U256 bot_size;
    std::int64_t block;
};

struct BulkReader::Slice {
    std::uint64_t index;
    std::string cid;
    std::vector<SliceOrder> orders;
};

/// What one reading of a bulk may still take, and what it has not written yet.
struct BulkReader::Reading {
    BulkLimits left;
    std::vector<Slice> slices = {};
    std::size_t orders = 0;  ///< of `slices`

    Status take_orders(std::size_t count) { return take(left.orders, count, "orders"); }
    Status take_bytes(std::uint64_t count) { return take(left.bytes, count, "bytes"); }
    bool is_full() const { return orders >= left.orders_at_once || slices.size() >= left.slices_at_once; }

private:
    static Status take(auto& left, std::uint64_t count, std::string_view what)
    {
        if (count > left)
            return fail(ErrorKind::resource_exhausted, "index.bulk_limit", "a bulk of too many " + std::string(what));
        left -= count;
        return {};
    }
};

namespace {

Status add_order(store::Transaction& transaction, const std::string& slice, const std::string& task, const SliceOrder& order,
                 std::int64_t block)
{
    const std::string id = task + '-' + std::to_string(order.position);
    TRY_OK(transaction.run(
        "INSERT INTO dataset_order (id, dataset, datasetprice, volume, tag, apprestrict, workerpoolrestrict, "
        "requesterrestrict, salt, sign, block_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id, order.dataset.hex(), encode_number(order.datasetprice), encode_number(order.volume), order.tag.hex(),
        order.apprestrict.hex(), order.workerpoolrestrict.hex(), order.requesterrestrict.hex(), order.salt.hex(),
        hex0x(order.sign), block));
    TRY_OK(transaction.run("INSERT INTO bulk_slice_datasets (owner, position, value, block_number) VALUES (?, ?, ?, ?)",
                           slice, order.position, order.dataset.hex(), block));
    TRY_OK(
        transaction.run("INSERT INTO bulk_slice_dataset_orders (owner, position, value, block_number) VALUES (?, ?, ?, ?)",
                        slice, order.position, id, block));
    return {};
}

std::string slice_id(const poco::DealId& deal, std::uint64_t index) { return deal.hex() + '-' + std::to_string(index); }

Status add_slice(store::Transaction& transaction, const poco::DealId& deal, const auto& slice, std::int64_t block)
{
    const std::string id = slice_id(deal, slice.index);
    const std::string task = poco::task_id(deal, slice.index).hex();
    TRY_OK(
        transaction.run("INSERT INTO bulk_slice (id, bulk, hash, task, \"index\", block_number) VALUES (?, ?, ?, ?, ?, ?)",
                        id, deal.hex(), slice.cid, task, encode_number(slice.index), block));
    for (const SliceOrder& order : slice.orders) TRY_OK(add_order(transaction, id, task, order, block));
    return {};
}

}  // namespace

Result<std::vector<BulkReader::Job>> BulkReader::find_jobs(std::string_view condition)
{
    constexpr std::string_view kSelect =
        "SELECT f.deal, f.cid, f.attempts, d.bot_first, d.bot_size, f.block_number FROM bulk_fetch f JOIN deal d ON d.id = "
        "f.deal WHERE next_attempt <= ? AND ";
    TRY(auto transaction, database_->read());
    TRY(auto rows, transaction.query(std::string(kSelect) + std::string(condition) + " ORDER BY next_attempt LIMIT ?",
                                     clock_->now().time_since_epoch().count(), kJobsAtOnce));
    std::vector<Job> jobs;
    while (true) {
        TRY(const bool more, rows.next());
        if (!more) return jobs;
        TRY(const auto deal, poco::DealId::from_hex(rows.text(0)));
        TRY(const auto first, decode_number(rows.blob(3)));
        TRY(const auto size, decode_number(rows.blob(4)));
        jobs.push_back({deal, rows.text(1), rows.integer(2), first, size, rows.integer(5)});
    }
}

/// Takes the job before anything is done for it, so that nobody else does it and a crash counts as an attempt. False when
/// another has it, or when there were enough attempts.
Result<bool> BulkReader::claim(const Job& job)
{
    if (job.attempts >= kAttempts) {
        TRY_OK(give_up(job));
        return false;
    }
    const auto until = clock_->now() + kLease;
    TRY(const std::int64_t claimed,
        database_->run("UPDATE bulk_fetch SET attempts = attempts + 1, next_attempt = ? WHERE deal = ? AND block_number = ? "
                       "AND attempts = ?",
                       until.time_since_epoch().count(), job.deal.hex(), job.block, job.attempts));
    return claimed == 1;
}

Status BulkReader::give_up(const Job& job)
{
    TRY_OK(database_->run("DELETE FROM bulk_fetch WHERE deal = ? AND block_number = ?", job.deal.hex(), job.block));
    return {};
}

/// Tries once more later, or gives up.
Status BulkReader::put_off(const Job& job)
{
    if (job.attempts + 1 >= kAttempts) return give_up(job);
    const auto next = clock_->now() + pause_after(job.attempts);
    TRY_OK(database_->run("UPDATE bulk_fetch SET next_attempt = ? WHERE deal = ? AND block_number = ?",
                          next.time_since_epoch().count(), job.deal.hex(), job.block));
    return {};
}

/// Slices that an earlier attempt wrote, and how many orders each has.
Result<std::map<std::string, std::size_t>> BulkReader::find_written(const Job& job)
{
    TRY(auto transaction, database_->read());
    TRY(auto rows, transaction.query("SELECT s.id, COUNT(o.\"owner\") FROM bulk_slice s LEFT JOIN "
                                     "bulk_slice_dataset_orders o ON o.\"owner\" = s.id WHERE s.bulk = ? GROUP BY s.id",
                                     job.deal.hex()));
    std::map<std::string, std::size_t> out;
    while (true) {
        TRY(const bool more, rows.next());
        if (!more) return out;
        out.emplace(rows.text(0), static_cast<std::size_t>(rows.integer(1)));
    }
}

/// A slice that is malformed or too large has no orders. One whose CID is none is nobody's.
Status BulkReader::add_slice_of(Reading& reading, std::uint64_t index, const std::string& cid,
                                const net::CallContext& context) const
{
    auto text = blobs_->fetch_text(cid, kLargestSlice, limited(context, kFetchLimit));
    if (!text && text.error().reason == "blobs.cid") return {};
    if (!text && !is_final(text.error())) return std::unexpected(text.error());
    Slice slice{index, cid, {}};
    if (text) {
        TRY_OK(reading.take_bytes(text->size()));
        if (auto orders = parse_bulk_slice(*text)) slice.orders = *std::move(orders);
    }
    TRY_OK(reading.take_orders(slice.orders.size()));
    reading.orders += slice.orders.size();
    reading.slices.push_back(std::move(slice));
    return {};
}

/// Slices outside of the deal's tasks are nobody's.
Status BulkReader::read(const Job& job, const net::CallContext& context)
{
    TRY(const auto root_text, blobs_->fetch_text(job.cid, kLargestRoot, limited(context, kFetchLimit)));
    TRY(const auto root, parse_bulk_root(root_text));
    TRY(const auto written, find_written(job));
    Reading reading{limits_};
    for (const auto& [id, orders] : written) TRY_OK(reading.take_orders(orders));
    for (std::size_t i = 0; i < root.size(); ++i) {
        if (eth::U256{i} < job.bot_first || saturating_sub(eth::U256{i}, job.bot_first) >= job.bot_size) continue;
        if (written.contains(slice_id(job.deal, i))) continue;
        TRY_OK(context.check());
        TRY_OK(add_slice_of(reading, i, root[i], context));
        if (!reading.is_full()) continue;
        TRY_OK(write(job, reading, false));
    }
    return write(job, reading, true);
}

/// The bulk itself comes with its last slices. Nothing is written once the chain took the deal back.
Status BulkReader::write(const Job& job, Reading& reading, bool is_last)
{
    TRY(auto transaction, database_->begin());
    TRY(const std::int64_t still_wanted,
        transaction.run(is_last ? "DELETE FROM bulk_fetch WHERE deal = ? AND block_number = ?"
                                : "UPDATE bulk_fetch SET cid = cid WHERE deal = ? AND block_number = ?",
                        job.deal.hex(), job.block));
    if (still_wanted == 0) return fail(ErrorKind::cancelled, "index.bulk_taken_back", "the chain took the deal back");
    if (is_last)
        TRY_OK(transaction.run("INSERT INTO bulk (id, deal, hash, block_number) VALUES (?, ?, ?, ?)", job.deal.hex(),
                               job.deal.hex(), job.cid, job.block));
    for (const Slice& slice : reading.slices) TRY_OK(add_slice(transaction, job.deal, slice, job.block));
    TRY_OK(transaction.commit());
    reading.slices.clear();
    reading.orders = 0;
    return {};
}

Status BulkReader::work(const Job& job, const net::CallContext& context)
{
    TRY(const bool is_ours, claim(job));
    if (!is_ours) return {};
    Status done = read(job, limited(context, kReadLimit));
    if (done || is_of_database(done.error())) return done;
    log::warning("a bulk could not be read", {{"deal", job.deal.hex()},
                                              {"reason", done.error().reason},
                                              {"detail", done.error().detail},
                                              {"attempts", job.attempts + 1}});
    return is_final(done.error()) ? give_up(job) : put_off(job);
}

Status BulkReader::read_new(const net::CallContext& context)
{
    const std::unique_lock turn(turn_, context.deadline);  // who waits finds the work done
    if (!turn) return fail(ErrorKind::deadline_exceeded, "index.bulk_wait", "another reads bulks");
    while (true) {
        TRY_OK(context.check());
        TRY(const auto jobs, find_jobs("f.attempts = 0"));
        if (jobs.empty()) return {};
        for (const Job& job : jobs) TRY_OK(work(job, context));
    }
}

Status BulkReader::read_due(const net::CallContext& context)
{
    while (true) {
        TRY_OK(context.check());
        TRY(const auto jobs, find_jobs("f.attempts >= 0"));
        for (const Job& job : jobs) TRY_OK(work(job, context));
        if (jobs.size() < kJobsAtOnce) return {};
    }
}

}  // namespace iapp::index
