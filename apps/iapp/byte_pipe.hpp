#pragma once
// Joins a writer and a reader that each want to be in charge: one thread pushes, the other pulls, a few buffers lie between.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "codec/byte_stream.hpp"
#include "net/http.hpp"

namespace iapp::cli {

class BytePipe final : public net::BodyReader {
public:
    /// Where the writing thread puts its bytes; waits while the reader is behind. Errors: cancelled "pipe.reader_gone".
    codec::ByteSink sink();

    /// The writer is done, well or badly; a bad end reaches the reader as its error.
    void close(Status how);

    /// The reader stops early: the writer gets an error.
    void abandon();

    Result<std::size_t> read(std::span<std::uint8_t> out) override;

private:
    static constexpr std::size_t kMaxBytes = 4U << 20U;

    Status push(ByteView bytes);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Bytes> queue_;
    std::size_t queued_ = 0;
    std::size_t offset_ = 0;  ///< into the front buffer
    std::optional<Status> end_;
    bool abandoned_ = false;
};

}  // namespace iapp::cli
