#pragma once
// Writes rows of one window: stamps them with their block, and keeps the earlier version of a row near the head, so that
// rollback() can take changes back.
#include <string>

#include "codec/utf8.hpp"
#include "eth/log.hpp"
#include "index/number.hpp"
#include "store/database.hpp"

namespace iapp::index::internal {

/// The log whose rows are written.
struct Place {
    std::uint64_t block = 0;
    std::uint64_t log = 0;
    std::int64_t time = 0;  ///< Unix seconds
    std::string transaction;

    std::string event_id() const { return std::to_string(block) + '-' + std::to_string(log); }
};

class Writer {
public:
    /// Changes of blocks after `settled` can be taken back.
    Writer(store::Transaction& transaction, Place place, std::uint64_t settled)
        : transaction_(&transaction), place_(std::move(place)), settled_(settled)
    {
    }

    const Place& place() const { return place_; }
    bool can_be_taken_back() const { return place_.block > settled_; }

    template <class... Args>
    Result<std::int64_t> run(std::string_view sql, const Args&... args)
    {
        return transaction_->run(sql, args...);
    }
    template <class... Args>
    Result<store::Rows> query(std::string_view sql, const Args&... args)
    {
        return transaction_->query(sql, args...);
    }

    Result<bool> has(std::string_view table, std::string_view id);

    /// Keeps rows of `table` as they are before this block, once per block. `which`: a condition on `t` with one parameter.
    Status keep_where(std::string_view table, std::string_view which, const store::Value& value);
    Status keep(std::string_view table, std::string_view id) { return keep_where(table, "t.id = ?", id); }

    /// A row of an event table. `columns` begin with a comma and follow id, transaction, timestamp and block_number.
    template <class... Args>
    Status event(std::string_view table, std::string_view columns, const Args&... args)
    {
        const std::string id = place_.event_id();
        const store::Value values[] = {id, place_.transaction, place_.time, place_.block, store::Value(args)...};
        return add_event(table, columns, values);
    }

private:
    Status add_event(std::string_view table, std::string_view columns, std::span<const store::Value> values);

    store::Transaction* transaction_;
    Place place_;
    std::uint64_t settled_;
};

/// Takes back everything that blocks from `first_bad` on did. Tables end as if these blocks had never been seen.
Status take_back(store::Transaction& transaction, std::uint64_t first_bad);

/// Forgets versions of rows that blocks up to `settled` replaced.
Status forget_versions(store::Transaction& transaction, std::uint64_t settled);

}  // namespace iapp::index::internal
