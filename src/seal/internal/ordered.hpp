#pragma once
// Work on numbered pieces by several threads whose input and output keep their order.
// Not a thread pool: it lives for one file, and with one thread it starts none.
#include <functional>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iapp::seal {

/// One thread's room: a buffer that goes through the three stages.
struct Piece {
    std::uint64_t index = 0;
    std::size_t size = 0;  ///< bytes of `buffer` in use
    bool last = false;
    Bytes buffer;
};

struct OrderedStages {
    /// Takes the next piece; false when there is none. One thread at a time, in order.
    std::function<Result<bool>(Piece&)> fetch;
    /// Makes one thread's worker, which changes the piece in place. Workers run side by side.
    std::function<Result<std::function<Status(Piece&)>>()> make_worker;
    /// Takes the changed piece. One thread at a time, in order.
    std::function<Status(ByteView)> deliver;
    std::size_t buffer_bytes;
};

/// Holds two buffers a thread (one when there is one thread).
/// Runs until fetch says false or a stage fails; the first failure is the answer, and nothing behind it is delivered.
Status run_ordered(const OrderedStages& stages, unsigned threads);

}  // namespace iapp::seal
