#include "store/internal/checkpointer.hpp"

#include <sqlite3.h>

#include <memory>
#include <system_error>

#include "base/log.hpp"

namespace iapp::store::internal {
namespace {

constexpr int kWantedPages = 1000;  ///< SQLite's own limit
constexpr int kMostPages = 8 * kWantedPages;
constexpr int kFewPages = 100;

/// How many pages of the log are in the database file now. Waits for nobody; what it cannot move stays for the next time.
int move_pages(sqlite3* connection)
{
    int moved = 0;
    sqlite3_wal_checkpoint_v2(connection, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, &moved);
    return moved;
}

}  // namespace

void Checkpointer::on_commit(sqlite3* connection, int pages)
{
    if (pages < kWantedPages) return;
    const int moved = moved_.exchange(0);
    const bool is_nearly_done = moved > 0 && pages - moved <= kFewPages;
    if (is_nearly_done || pages >= kMostPages || !wake_thread()) move_pages(connection);
}

/// False when there is no thread to be had.
bool Checkpointer::wake_thread()
{
    const std::lock_guard lock(mutex_);
    try {
        if (!thread_.joinable()) thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    } catch (const std::system_error&) {
        return false;
    }
    is_wanted_ = true;
    wake_.notify_one();
    return true;
}

void Checkpointer::run(const std::stop_token& stop)
{
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(file_.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    const std::unique_ptr<sqlite3, decltype(&sqlite3_close_v2)> connection(opened, sqlite3_close_v2);
    if (code != SQLITE_OK) {  // kMostPages is the limit then
        log::warning("the log of a database cannot be moved beside its commits", {{"error", sqlite3_errstr(code)}});
        return;
    }
    sqlite3_exec(connection.get(), "PRAGMA schema_version", nullptr, nullptr, nullptr);  // opens the log
    while (true) {
        {
            std::unique_lock lock(mutex_);
            if (!wake_.wait(lock, stop, [this] { return is_wanted_; })) return;
            is_wanted_ = false;
        }
        moved_ = move_pages(connection.get());
    }
}

}  // namespace iapp::store::internal
