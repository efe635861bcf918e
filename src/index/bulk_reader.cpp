#include "index/bulk_reader.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "index/number.hpp"
#include "poco/ids.hpp"

namespace iapp::index {
namespace {

constexpr std::uint64_t kLargestRoot = 1U << 20U;   ///< more than 20,000 slices
constexpr std::uint64_t kLargestSlice = 1U << 18U;  ///< a hundred orders are less than half of it
constexpr std::chrono::milliseconds kFetchLimit{5'000};
constexpr int kAttempts = 24;  ///< about half a day
constexpr std::chrono::milliseconds kFirstPause{1'000}, kLongestPause{3'600'000};

/// Nothing will be different next time.
bool is_final(const Error& error)
{
    return error.kind == ErrorKind::invalid_input || error.kind == ErrorKind::resource_exhausted;
}

std::chrono::milliseconds pause_after(std::int64_t attempts)
{
    return std::min(kFirstPause * (std::int64_t{1} << std::min<std::int64_t>(attempts, 12)), kLongestPause);
}

net::CallContext limited(const net::CallContext& context)
{
    net::CallContext out = context;
    out.deadline = std::min(context.deadline, net::deadline_in(kFetchLimit));
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

struct BulkReader::Content {
    struct Slice {
        std::uint64_t index;
        std::string cid;
        std::vector<std::optional<SliceOrder>> orders;
    };
    std::vector<Slice> slices;
};

namespace {

Status add_order(store::Transaction& transaction, const std::string& slice, const std::string& id, std::int64_t position,
                 const SliceOrder& order, std::int64_t block)
{
    TRY_OK(transaction.run(
        "INSERT INTO dataset_order (id, dataset, datasetprice, volume, tag, apprestrict, workerpoolrestrict, "
        "requesterrestrict, salt, sign, block_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id, order.dataset.hex(), encode_number(order.datasetprice), encode_number(order.volume), order.tag.hex(),
        order.apprestrict.hex(), order.workerpoolrestrict.hex(), order.requesterrestrict.hex(), order.salt.hex(),
        hex0x(order.sign), block));
    TRY_OK(transaction.run("INSERT INTO bulk_slice_datasets (owner, position, value, block_number) VALUES (?, ?, ?, ?)",
                           slice, position, order.dataset.hex(), block));
    TRY_OK(
        transaction.run("INSERT INTO bulk_slice_dataset_orders (owner, position, value, block_number) VALUES (?, ?, ?, ?)",
                        slice, position, id, block));
    return {};
}

Status add_slice(store::Transaction& transaction, const poco::DealId& deal, const auto& slice, std::int64_t block)
{
    const std::string id = deal.hex() + '-' + std::to_string(slice.index);
    const std::string task = poco::task_id(deal, slice.index).hex();
    TRY_OK(
        transaction.run("INSERT INTO bulk_slice (id, bulk, hash, task, \"index\", block_number) VALUES (?, ?, ?, ?, ?, ?)",
                        id, deal.hex(), slice.cid, task, encode_number(slice.index), block));
    std::int64_t position = 0;
    for (const auto& order : slice.orders) {
        if (order) TRY_OK(add_order(transaction, id, task + '-' + std::to_string(position), position, *order, block));
        ++position;
    }
    return {};
}

}  // namespace

Result<std::vector<BulkReader::Job>> BulkReader::find_jobs(std::string_view condition)
{
    constexpr std::string_view kSelect =
        "SELECT f.deal, f.cid, f.attempts, d.bot_first, d.bot_size, f.block_number FROM bulk_fetch f JOIN deal d ON d.id = "
        "f.deal WHERE next_attempt <= ? AND ";
    TRY(auto transaction, database_->read());
    TRY(auto rows, transaction.query(std::string(kSelect) + std::string(condition) + " ORDER BY next_attempt LIMIT 8",
                                     clock_->now().time_since_epoch().count()));
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

/// Slices outside of the deal's tasks are nobody's.
Result<BulkReader::Content> BulkReader::fetch(const Job& job, const net::CallContext& context) const
{
    TRY(const auto root_text, blobs_->fetch_text(job.cid, kLargestRoot, limited(context)));
    TRY(const auto root, parse_bulk_root(root_text));
    Content content;
    for (std::size_t i = 0; i < root.size(); ++i) {
        if (eth::U256{i} < job.bot_first || saturating_sub(eth::U256{i}, job.bot_first) >= job.bot_size) continue;
        TRY_OK(context.check());
        Result<std::vector<std::optional<SliceOrder>>> orders = std::vector<std::optional<SliceOrder>>{};
        auto text = blobs_->fetch_text(root[i], kLargestSlice, limited(context));
        if (text) orders = parse_bulk_slice(*text);
        else if (!is_final(text.error())) return std::unexpected(text.error());
        content.slices.push_back({i, root[i], orders ? *std::move(orders) : decltype(orders)::value_type{}});
    }
    return content;
}

/// Tries once more later, or gives up.
Status BulkReader::put_off(const Job& job)
{
    if (job.attempts + 1 >= kAttempts) {
        TRY_OK(database_->run("DELETE FROM bulk_fetch WHERE deal = ?", job.deal.hex()));
        return {};
    }
    const auto next = clock_->now() + pause_after(job.attempts);
    TRY_OK(database_->run("UPDATE bulk_fetch SET attempts = ?, next_attempt = ? WHERE deal = ?", job.attempts + 1,
                          next.time_since_epoch().count(), job.deal.hex()));
    return {};
}

Status BulkReader::work(const Job& job, const net::CallContext& context)
{
    const auto content = fetch(job, context);
    if (!content) {
        log::warning("a bulk could not be read",
                     {{"deal", job.deal.hex()}, {"reason", content.error().reason}, {"attempts", job.attempts + 1}});
        if (!is_final(content.error())) return put_off(job);
        TRY_OK(database_->run("DELETE FROM bulk_fetch WHERE deal = ?", job.deal.hex()));
        return {};
    }
    TRY(auto transaction, database_->begin());
    TRY(const std::int64_t still_wanted,
        transaction.run("DELETE FROM bulk_fetch WHERE deal = ? AND block_number = ?", job.deal.hex(), job.block));
    if (still_wanted == 0) return {};  // the chain took the deal back meanwhile
    TRY_OK(transaction.run("INSERT INTO bulk (id, deal, hash, block_number) VALUES (?, ?, ?, ?)", job.deal.hex(),
                           job.deal.hex(), job.cid, job.block));
    for (const auto& slice : content->slices) TRY_OK(add_slice(transaction, job.deal, slice, job.block));
    return transaction.commit();
}

Status BulkReader::read_new(const net::CallContext& context)
{
    while (true) {
        TRY_OK(context.check());
        TRY(const auto jobs, find_jobs("f.attempts = 0"));
        if (jobs.empty()) return {};
        for (const Job& job : jobs) TRY_OK(work(job, context));
    }
}

Status BulkReader::read_due(const net::CallContext& context)
{
    TRY(const auto jobs, find_jobs("f.attempts > 0"));
    for (const Job& job : jobs) TRY_OK(work(job, context));
    return {};
}

}  // namespace iapp::index
