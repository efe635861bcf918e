#pragma once
// A batch for stores at the end of a network: blocks go up side by side, the last one alone and after all the others.
#include <functional>
#include <vector>

#include "blobs/block_store.hpp"

namespace iapp::blobs::internal {

class RemoteBatch final : public BlockBatch {
public:
    /// Called from several threads at a time; stores one block durably.
    using Upload = std::function<Status(const Hash256&, ByteView)>;

    explicit RemoteBatch(Upload upload) : upload_(std::move(upload)) {}

    Status add(const Hash256& hash, ByteView block) override;
    Status commit() override;

private:
    struct Pending {
        Hash256 hash;
        Bytes block;
    };
    Status flush(std::size_t count);

    Upload upload_;
    std::vector<Pending> pending_{};
};

}  // namespace iapp::blobs::internal
