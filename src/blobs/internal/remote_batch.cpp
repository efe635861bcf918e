#include "blobs/internal/remote_batch.hpp"

#include <algorithm>
#include <thread>

namespace iapp::blobs::internal {
namespace {

constexpr std::size_t kSideBySide = 8;  ///< 2 MiB of default chunks

}  // namespace

Status RemoteBatch::add(const Hash256& hash, ByteView block)
{
    if (std::ranges::find(pending_, hash, &Pending::hash) != pending_.end()) return {};
    if (pending_.size() == kSideBySide) TRY_OK(flush(kSideBySide));
    pending_.push_back({hash, to_bytes(block)});
    return {};
}

/// Uploads the first `count` that wait. The error of the first that failed.
Status RemoteBatch::flush(std::size_t count)
{
    std::vector<Status> done(count);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 1; i < count; ++i)
            threads.emplace_back([&, i] { done[i] = upload_(pending_[i].hash, pending_[i].block); });
        if (count > 0) done[0] = upload_(pending_[0].hash, pending_[0].block);
    }
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
    for (Status& status : done) TRY_OK(std::move(status));
    return {};
}

Status RemoteBatch::commit()
{
    if (pending_.size() > 1) TRY_OK(flush(pending_.size() - 1));
    return flush(pending_.size());
}

}  // namespace iapp::blobs::internal
