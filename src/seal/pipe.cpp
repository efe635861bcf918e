#include "seal/internal/pipe.hpp"

#include <algorithm>

namespace iapp::seal {

Status Pipe::write(ByteView bytes)
{
    while (!bytes.empty()) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return buffer_.size() < kPipeBytes || abandoned_; });
        if (abandoned_) return fail(ErrorKind::cancelled, "seal.pipe", "the reader of the archive has stopped");
        const ByteView piece = bytes.first(std::min(bytes.size(), kPipeBytes - buffer_.size()));
        append(buffer_, piece);
        bytes = bytes.subspan(piece.size());
        changed_.notify_all();
    }
    return {};
}

void Pipe::close(Status status)
{
    const std::lock_guard lock(mutex_);
    closed_ = std::move(status);
    changed_.notify_all();
}

Result<std::size_t> Pipe::read(std::span<std::uint8_t> out)
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return start_ < buffer_.size() || closed_; });
    if (start_ == buffer_.size()) {
        if (!*closed_) return std::unexpected(closed_->error());
        return 0;
    }
    const ByteView piece = ByteView(buffer_).subspan(start_).first(std::min(out.size(), buffer_.size() - start_));
    copy_bytes(piece, out);
    start_ += piece.size();
    if (start_ == buffer_.size()) {
        buffer_.clear();
        start_ = 0;
        changed_.notify_all();
    }
    return piece.size();
}

void Pipe::abandon()
{
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
    changed_.notify_all();
}

}  // namespace iapp::seal
