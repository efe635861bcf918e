#include "seal/internal/ordered.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "crypto/secret.hpp"

namespace iapp::seal {
namespace {

/// The buffer has held plaintext, on one side of the work or the other.
struct WipedPiece : Piece {
    ~WipedPiece() { crypto::wipe(buffer); }
};

class OrderedRun {
public:
    explicit OrderedRun(const OrderedStages& stages) : stages_(stages) {}

    void work()
    {
        auto worker = stages_.make_worker();
        if (!worker) return stop(std::move(worker).error());
        WipedPiece piece;
        piece.buffer.resize(stages_.buffer_bytes);
        while (step(*worker, piece)) {
        }
    }

    Status result() { return failure_ ? Status(std::unexpected(*std::move(failure_))) : Status{}; }

private:
    bool step(const std::function<Status(Piece&)>& worker, Piece& piece)
    {
        if (!fetch(piece)) return false;
        Status changed = worker(piece);
        return deliver(piece, std::move(changed));
    }

    bool fetch(Piece& piece)
    {
        const std::lock_guard lock(input_);
        if (ended_) return false;
        piece.index = next_in_++;
        const Result<bool> more = stages_.fetch(piece);
        ended_ = !more || !*more;
        if (!more) stop(more.error());
        return !ended_;
    }

    /// Waits for the piece's turn. A piece that failed says so in its turn, so that the earliest failure is the one reported.
    bool deliver(const Piece& piece, Status changed)
    {
        std::unique_lock lock(output_);
        turn_.wait(lock, [&] { return next_out_ == piece.index || failure_; });
        if (failure_) return false;
        if (changed) changed = stages_.deliver(ByteView(piece.buffer).first(piece.size));
        ++next_out_;
        if (!changed) failure_ = std::move(changed).error();
        turn_.notify_all();
        return changed.has_value();
    }

    void stop(Error error)
    {
        const std::lock_guard lock(output_);
        if (!failure_) failure_ = std::move(error);
        turn_.notify_all();
    }

    const OrderedStages& stages_;
    std::mutex input_;
    bool ended_ = false;
    std::uint64_t next_in_ = 0;
    std::mutex output_;
    std::condition_variable turn_;
    std::uint64_t next_out_ = 0;
    std::optional<Error> failure_;
};

}  // namespace

Status run_ordered(const OrderedStages& stages, unsigned threads)
{
    OrderedRun run(stages);
    {
        std::vector<std::jthread> others;
        for (unsigned i = 1; i < threads; ++i) others.emplace_back([&run] { run.work(); });
        run.work();
    }
    return run.result();
}

}  // namespace iapp::seal
