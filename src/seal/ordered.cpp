#include "seal/internal/ordered.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "crypto/secret.hpp"

namespace iapp::seal {
namespace {

/// A piece on its way, with what its worker answered.
struct Slot {
    Piece piece;
    Status changed;

    ~Slot() { crypto::wipe(piece.buffer); }  // it has held plaintext, on one side of the work or the other
};

/// Finished pieces wait in their slots; whoever finishes the one that is due delivers it and all that follow it.
/// So a thread sleeps only when every slot is taken.
class OrderedRun {
public:
    OrderedRun(const OrderedStages& stages, unsigned threads) : stages_(stages), slots_(threads == 1 ? 1 : 2 * threads)
    {
        for (Slot& slot : slots_) free_.push_back(&slot);
    }

    void work()
    {
        auto worker = stages_.make_worker();
        if (!worker) return fail_with(std::move(worker).error());
        while (Slot* slot = take_free()) {
            if (!fetch(slot->piece)) return;
            slot->changed = (*worker)(slot->piece);
            finish(*slot);
        }
    }

    Status result() { return failure_ ? Status(std::unexpected(*std::move(failure_))) : Status{}; }

private:
    /// Null once a stage has failed.
    Slot* take_free()
    {
        std::unique_lock lock(slots_mutex_);
        freed_.wait(lock, [this] { return !free_.empty() || failure_; });
        if (failure_) return nullptr;
        Slot* slot = free_.back();
        free_.pop_back();
        slot->piece.buffer.resize(stages_.buffer_bytes);
        return slot;
    }

    bool fetch(Piece& piece)
    {
        const std::lock_guard lock(fetch_mutex_);
        if (ended_) return false;
        piece.index = fetched_++;
        const Result<bool> more = stages_.fetch(piece);
        ended_ = !more || !*more;
        if (!more) fail_with(more.error());
        return !ended_;
    }

    Slot& due() { return *by_index_[delivered_ % slots_.size()]; }
    bool is_due() { return by_index_[delivered_ % slots_.size()] != nullptr; }

    void finish(Slot& slot)
    {
        std::unique_lock lock(slots_mutex_);
        by_index_[slot.piece.index % slots_.size()] = &slot;
        if (delivering_) return;
        delivering_ = true;
        while (is_due() && !failure_) {
            Slot& next = due();
            by_index_[delivered_ % slots_.size()] = nullptr;
            lock.unlock();
            Status status =
                next.changed ? stages_.deliver(ByteView(next.piece.buffer).first(next.piece.size)) : std::move(next.changed);
            lock.lock();
            if (!status) failure_ = std::move(status).error();
            ++delivered_;
            free_.push_back(&next);
            freed_.notify_all();
        }
        delivering_ = false;
    }

    void fail_with(Error error)
    {
        const std::lock_guard lock(slots_mutex_);
        if (!failure_) failure_ = std::move(error);
        freed_.notify_all();
    }

    const OrderedStages& stages_;
    std::mutex fetch_mutex_;
    bool ended_ = false;
    std::uint64_t fetched_ = 0;

    std::mutex slots_mutex_;
    std::condition_variable freed_;
    std::vector<Slot> slots_;
    std::vector<Slot*> free_;
    std::vector<Slot*> by_index_ = std::vector<Slot*>(slots_.size());  ///< finished pieces; there are never more than slots
    std::uint64_t delivered_ = 0;
    bool delivering_ = false;
    std::optional<Error> failure_;
};

}  // namespace

Status run_ordered(const OrderedStages& stages, unsigned threads)
{
    OrderedRun run(stages, threads);
    {
        std::vector<std::jthread> others;
        others.reserve(threads);
        for (unsigned i = 1; i < threads; ++i) others.emplace_back([&run] { run.work(); });
        run.work();
    }
    return run.result();
}

}  // namespace iapp::seal
