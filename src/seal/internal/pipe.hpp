#pragma once
// A bounded pipe between a thread that writes and one that reads, to join a push interface to a pull interface.
#include <condition_variable>
#include <mutex>
#include <optional>

#include "codec/byte_stream.hpp"

namespace iapp::seal {

class Pipe {
public:
    Pipe() { buffer_.reserve(kPipeBytes); }

    /// Waits while the pipe is full. Errors: cancelled "seal.pipe" when the reader has gone.
    Status write(ByteView bytes);

    /// No more bytes will come; an error is passed on to the reader.
    void close(Status status);

    /// Waits while the pipe is empty; 0 at the end.
    Result<std::size_t> read(std::span<std::uint8_t> out);

    /// The reader gives up.
    void abandon();

private:
    static constexpr std::size_t kPipeBytes = 256 * 1024;

    std::mutex mutex_;
    std::condition_variable changed_;
    Bytes buffer_;  ///< read from `start_`, written at the end
    std::size_t start_ = 0;
    std::optional<Status> closed_;
    bool abandoned_ = false;
};

}  // namespace iapp::seal
