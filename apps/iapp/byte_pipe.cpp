#include "byte_pipe.hpp"

#include <algorithm>

namespace iapp::cli {

codec::ByteSink BytePipe::sink()
{
    return [this](ByteView bytes) { return push(bytes); };
}

Status BytePipe::push(ByteView bytes)
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return abandoned_ || queued_ < kMaxBytes; });
    if (abandoned_) return fail(ErrorKind::cancelled, "pipe.reader_gone", "the upload ended before the file did");
    queue_.push_back(to_bytes(bytes));
    queued_ += bytes.size();
    changed_.notify_all();
    return {};
}

void BytePipe::close(Status how)
{
    const std::lock_guard lock(mutex_);
    end_ = std::move(how);
    changed_.notify_all();
}

void BytePipe::abandon()
{
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
    changed_.notify_all();
}

Result<std::size_t> BytePipe::read(std::span<std::uint8_t> out)
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !queue_.empty() || end_.has_value(); });
    if (queue_.empty()) {
        if (!*end_) return std::unexpected(end_->error());
        return 0;
    }
    const Bytes& front = queue_.front();
    const std::size_t size = std::min(out.size(), front.size() - offset_);
    std::copy_n(front.begin() + static_cast<std::ptrdiff_t>(offset_), size, out.begin());
    offset_ += size;
    queued_ -= size;
    if (offset_ == front.size()) {
        queue_.pop_front();
        offset_ = 0;
    }
    changed_.notify_all();
    return size;
}

}  // namespace iapp::cli
