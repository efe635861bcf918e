#pragma once
// Moves committed pages from SQLite's write-ahead log into the database file, beside the commits instead of inside one of
// them: a commit that also moves a thousand pages takes ten times as long as its neighbours. Commits that came meanwhile
// leave a few pages; one commit moves those, and the log starts over in the blocks it has.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

struct sqlite3;

namespace iapp::store::internal {

class Checkpointer {
public:
    explicit Checkpointer(std::string file) : file_(std::move(file)) {}
    Checkpointer(Checkpointer&&) = delete;

    /// After each commit on `connection`, which left a log of `pages` pages.
    void on_commit(sqlite3* connection, int pages);

private:
    bool wake_thread();
    void run(const std::stop_token& stop);

    std::string file_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    bool is_wanted_ = false;
    std::atomic<int> moved_{0};  ///< pages of the log that the thread has moved; 0 or less: it has not come to an end
    std::jthread thread_;        ///< started when it is needed first; last: it uses the rest
};

}  // namespace iapp::store::internal
