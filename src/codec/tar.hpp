#pragma once
// Strict streaming reader of tar archives: ustar and pax (POSIX.1-2017, pax "ustar Interchange Format" and "pax Interchange
// Format"), and GNU long names. Pull-based and bounded: it holds one header and one block, never a file.
// Not an extractor: it gives names that stay below a root, and leaves every decision about the file system to the caller.
#include <array>
#include <optional>
#include <string>

#include "codec/byte_stream.hpp"

namespace iapp::codec {

enum class TarKind : unsigned char { file, hard_link, symlink, character_device, block_device, directory, fifo };

struct TarEntry {
    TarKind kind;
    std::string path;          ///< relative, no "." or "..", no empty part, no trailing '/'; "." is the root itself
    std::string link_target;   ///< hard link: a path as above; symlink: the text as stored, which may point anywhere
    std::uint64_t size_bytes;  ///< of a file's content; 0 for every other kind
    std::uint32_t mode;        ///< permission bits and set-id bits, 07777
    std::uint32_t uid;
    std::uint32_t gid;
    std::int64_t mtime;  ///< seconds since the epoch
};

struct TarLimits {
    std::uint64_t entries = 500'000;
    std::uint64_t total_bytes = 4ull << 30;  ///< of all files together
    std::size_t path_bytes = 4096;
    std::size_t pax_bytes = 1u << 20;  ///< of one extended header
};

class TarReader {
public:
    explicit TarReader(ByteSource source, const TarLimits& limits = {});

    /// The next entry, after skipping what is left of the present one; nothing after the end mark, when the whole source
    /// was read and held only zeros. After an error every call answers with it.
    /// Errors: invalid_input "tar.truncated", "tar.checksum", "tar.magic", "tar.number", "tar.type" (sparse, multi-volume
    /// and whatever else has no place in an image), "tar.size" (content where none may be), "tar.path" (absolute, "..", NUL,
    /// empty), "tar.pax", "tar.trailing"; resource_exhausted "tar.limit"; and those of the source.
    Result<std::optional<TarEntry>> next();

    /// Content of the present file, in order; 0 at its end. Errors: "tar.truncated", and those of the source.
    Result<std::size_t> read(std::span<std::uint8_t> out);

private:
    using Block = std::array<std::uint8_t, 512>;
    struct Extensions;

    Result<std::optional<TarEntry>> next_entry();
    Result<bool> read_block(Block& block);  ///< false at the end of the source
    Result<Bytes> read_extension(std::uint64_t size);
    Status skip_content();
    Status check_end();
    Result<TarEntry> entry_of(const Block& header, const Extensions& extensions);
    Status fill_numbers(const Block& header, const Extensions& extensions, TarEntry& out);

    ByteSource source_;
    TarLimits limits_;
    std::uint64_t left_ = 0;     ///< content of the present entry not yet read
    std::uint64_t padding_ = 0;  ///< after it
    std::uint64_t entries_ = 0;
    std::uint64_t total_ = 0;
    bool ended_ = false;
    std::optional<Error> broken_;
};

}  // namespace iapp::codec
