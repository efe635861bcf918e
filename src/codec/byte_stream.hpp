#pragma once
// Bytes that do not fit in memory: where they come from and where they go.
// Not files or sockets: rooms below the line wrap theirs in these three shapes.
#include <cstdint>
#include <functional>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iapp::codec {

/// Takes the next bytes; an error stops whoever is writing.
using ByteSink = std::function<Status(ByteView)>;

/// Fills the front of `out` and returns how much it filled; 0 means the end.
using ByteSource = std::function<Result<std::size_t>(std::span<std::uint8_t> out)>;

/// Bytes of known size that can be read anywhere. `read_at` fills all of `out` or fails; several threads may call it at
/// once.
struct RandomSource {
    std::uint64_t size_bytes = 0;
    std::function<Status(std::uint64_t offset, std::span<std::uint8_t> out)> read_at;
};

/// Views of memory; the bytes must outlive the source.
ByteSource byte_source(ByteView bytes);
RandomSource random_source(ByteView bytes);

/// The bytes [offset, offset + size) of `source`, in order.
ByteSource byte_source(RandomSource source, std::uint64_t offset, std::uint64_t size_bytes);

/// Appends to `out`. Errors: resource_exhausted "stream.too_long" when `out` would pass `limit_bytes`.
ByteSink append_to(Bytes& out, std::size_t limit_bytes);

/// Reads until `out` is full or the source ends; returns how much it filled.
Result<std::size_t> read_up_to(const ByteSource& source, std::span<std::uint8_t> out);

}  // namespace iapp::codec
