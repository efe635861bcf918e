#pragma once
// Dataset format v1, byte for byte iExec's: IV || AES-256-CBC with PKCS#7 padding, and the SHA-256 of that file on chain.
// It has no authentication of its own: the checksum is the only integrity, so opening compares it before it decrypts
// anything. Constant memory; large files are encrypted in one thread while a second one hashes and writes.
// docs/formats/dataset-v1.md
#include <memory>
#include <string>

#include "base/fixed_bytes.hpp"
#include "codec/byte_stream.hpp"
#include "codec/zip.hpp"
#include "crypto/secret.hpp"
#include "seal/dataset_object.hpp"

namespace iapp::seal {

struct SealedV1 {
    Hash256 checksum;          ///< SHA-256 of the sealed file, stored on chain
    std::uint64_t size_bytes;  ///< of the sealed file
};

/// Seals any bytes as they come, without an archive around them (what `iexec dataset encrypt` does).
class DatasetV1Sealer {
public:
    /// `key` is 32 bytes. `sink` may be called from another thread, never from two at once. Errors: invalid_input
    /// "seal.key_size".
    static Result<DatasetV1Sealer> start(const crypto::SecretBytes& key, codec::ByteSink sink);
    ~DatasetV1Sealer();
    DatasetV1Sealer(DatasetV1Sealer&&) noexcept;
    DatasetV1Sealer& operator=(DatasetV1Sealer&&) noexcept;

    Status update(ByteView plaintext);

    /// The last call. Errors: the sink's own.
    Result<SealedV1> finish();

private:
    struct State;
    explicit DatasetV1Sealer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// Seals all of `plaintext`.
Result<SealedV1> seal_v1(const codec::ByteSource& plaintext, const crypto::SecretBytes& key, const codec::ByteSink& sink);

/// Seals an object as DataProtector does: archive of its entries, then v1 around it.
Result<SealedV1> seal_object_v1(const DatasetObject& object, const crypto::SecretBytes& key, const codec::ByteSink& sink);

/// Opens a v1 file whose bytes cannot change meanwhile: reads it once to compare the checksum, then decrypts.
/// Errors: corrupt "seal.checksum", "seal.v1_size", "seal.v1_padding" (checksum right, key wrong); invalid_input
/// "seal.key_size".
Status open_v1(const codec::RandomSource& sealed, const crypto::SecretBytes& key, const Hash256& checksum,
               const codec::ByteSink& sink);

/// The plaintext of a v1 file whose checksum is right, readable anywhere (CBC decrypts at any block).
/// The source refers to `sealed` and keeps its own copy of the key. Errors: as open_v1.
Result<codec::RandomSource> plaintext_v1(const codec::RandomSource& sealed, const crypto::SecretBytes& key,
                                         const Hash256& checksum);

/// Takes the bytes of one entry after the other: a first call with the entry and no bytes, then its content.
using EntrySink = std::function<Status(const codec::ZipEntry& entry, ByteView content)>;

/// Opens a v1 file that holds an object: checksum, decryption, archive, entries. Errors: as open_v1 and ZipReader.
Status open_object_v1(const codec::RandomSource& sealed, const crypto::SecretBytes& key, const Hash256& checksum,
                      const EntrySink& sink);

/// The entries of a payload that is already in the clear (v1 or v2). Errors: as ZipReader.
Status read_entries(const codec::RandomSource& payload, const EntrySink& sink);

}  // namespace iapp::seal
