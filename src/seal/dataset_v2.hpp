#pragma once
// Dataset format v2: chunked AES-256-GCM with a key per file, a key commitment, and every chunk bound to its place and to
// the end. It seals a stream of bytes; a protected object seals the same archive as v1, so one deserialiser reads both.
// Constant memory, random access, parallel. docs/formats/dataset-v2.md holds the layout and a worked example.
#include <memory>
#include <optional>

#include "base/fixed_bytes.hpp"
#include "codec/byte_stream.hpp"
#include "crypto/secret.hpp"
#include "seal/dataset_object.hpp"

namespace iapp::seal {

inline constexpr std::size_t kV2HeaderBytes = 84;
inline constexpr std::size_t kV2TagBytes = 16;
inline constexpr std::uint64_t kV2MaxChunks = std::uint64_t{1} << 32;

struct V2Options {
    unsigned chunk_log2 = 18;                           ///< 12..24: chunks of 4 KiB to 16 MiB, 256 KiB unless told
    unsigned threads = 1;                               ///< 1..64
    std::optional<std::uint64_t> plaintext_bytes = {};  ///< when known it is written down, and a different length is refused
    bool checksum = true;                               ///< hash the sealed file on the way out; costs one thread's SHA-256
};

struct SealedV2 {
    std::uint64_t size_bytes;         ///< of the sealed file
    std::optional<Hash256> checksum;  ///< SHA-256 of the sealed file, when asked for
};

/// Seals all of `plaintext`. Source and sink are called by one thread at a time, in order, not always the same thread.
/// Errors: invalid_input "seal.key_size", "seal.v2_options", "seal.v2_length"; and those of source and sink.
Result<SealedV2> seal_v2(const codec::ByteSource& plaintext, const crypto::SecretBytes& key, const codec::ByteSink& sink,
                         const V2Options& options = {});

/// Seals an object: the archive of its entries, then v2 around it. Takes no `plaintext_bytes`.
Result<SealedV2> seal_object_v2(const DatasetObject& object, const crypto::SecretBytes& key, const codec::ByteSink& sink,
                                const V2Options& options = {});

/// Does the file begin like a v2 file? (v1 begins with a random IV.)
bool looks_like_v2(ByteView head);

/// A v2 file open for reading. Its methods may be called by several threads at once.
class DatasetV2Reader {
public:
    /// Checks the header, the key commitment, the size, and the last chunk, so a shortened or lengthened file is refused
    /// here. Errors: invalid_input "seal.key_size"; corrupt "seal.v2_magic", "seal.v2_version", "seal.v2_header",
    /// "seal.v2_size", "seal.v2_key" (wrong key, or a header that was changed), "seal.v2_chunk".
    static Result<DatasetV2Reader> open(codec::RandomSource sealed, const crypto::SecretBytes& key);
    ~DatasetV2Reader();
    DatasetV2Reader(DatasetV2Reader&&) noexcept;
    DatasetV2Reader& operator=(DatasetV2Reader&&) noexcept;

    std::uint64_t plaintext_bytes() const;
    std::uint64_t chunk_count() const;
    std::size_t chunk_bytes() const;

    /// Opens chunk `index` into the front of `out` (at least chunk_bytes() long) and returns its length.
    /// Errors: invalid_input "seal.v2_index"; corrupt "seal.v2_chunk".
    Result<std::size_t> read_chunk(std::uint64_t index, std::span<std::uint8_t> out) const;

    /// All of it, in order, on `threads` threads. Only opened chunks reach the sink. Errors: as read_chunk, and the sink's
    /// own.
    Status read_all(const codec::ByteSink& sink, unsigned threads = 1) const;

    /// The plaintext as a random source, for the archive reader. The reader must outlive it.
    codec::RandomSource plaintext() const;

private:
    struct State;
    explicit DatasetV2Reader(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace iapp::seal
