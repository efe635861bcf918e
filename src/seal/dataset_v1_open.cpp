#include <algorithm>
#include <array>
#include <mutex>

#include "crypto/aes_cbc.hpp"
#include "crypto/hash.hpp"
#include "seal/dataset_v1.hpp"

namespace iapp::seal {
namespace {

constexpr std::size_t kBlock = crypto::kAesBlockSize;
constexpr std::size_t kWindowBytes = 64 * 1024;

Status check_shape(const codec::RandomSource& sealed, const crypto::SecretBytes& key)
{
    if (key.size() != 32) return fail(ErrorKind::invalid_input, "seal.key_size", "a dataset key is 32 bytes");
    if (sealed.size_bytes < 2 * kBlock || sealed.size_bytes % kBlock != 0)
        return fail(ErrorKind::corrupt, "seal.v1_size",
                    "a v1 dataset is 32 bytes or more, in whole blocks of 16; this file was cut");
    return {};
}

Status check_checksum(const codec::RandomSource& sealed, const Hash256& expected)
{
    crypto::Sha256 hash;
    Bytes buffer(kWindowBytes);
    const codec::ByteSource source = byte_source(sealed, 0, sealed.size_bytes);
    for (;;) {
        TRY(const std::size_t size, source(buffer));
        if (size == 0) break;
        hash.update(ByteView(buffer).first(size));
    }
    if (hash.finish() != expected)
        return fail(ErrorKind::corrupt, "seal.checksum", "the file's SHA-256 is not the dataset's checksum; fetch it again");
    return {};
}

std::unexpected<Error> wrong_padding()
{
    return fail(ErrorKind::corrupt, "seal.v1_padding", "the file is the right one, the key does not open it");
}

Result<crypto::Aes256CbcDecryptor> decryptor_at(const codec::RandomSource& sealed, const crypto::SecretBytes& key,
                                                std::uint64_t block)
{
    std::array<std::uint8_t, kBlock> iv;
    TRY_OK(sealed.read_at(block * kBlock, iv));
    return crypto::Aes256CbcDecryptor::create(key, iv);
}

/// CBC plaintext at any offset: block n needs only ciphertext blocks n and n-1. Keeps one decrypted window.
class PlaintextV1 {
public:
    PlaintextV1(codec::RandomSource sealed, crypto::SecretBytes key) : sealed_(std::move(sealed)), key_(std::move(key)) {}

    /// The padding of the last block; everything before it is plaintext.
    Result<std::uint64_t> plaintext_bytes()
    {
        const std::uint64_t padded = sealed_.size_bytes - kBlock;
        TRY(const crypto::SecretBytes last, decrypt(padded - kBlock, kBlock));
        const ByteView block = last.reveal(crypto::SecretAccess{});
        const std::uint8_t pad = block.back();
        if (pad == 0 || pad > kBlock) return wrong_padding();
        if (std::ranges::any_of(block.last(pad), [pad](std::uint8_t byte) { return byte != pad; })) return wrong_padding();
        size_ = padded - pad;
        return size_;
    }

    Status read_at(std::uint64_t offset, std::span<std::uint8_t> out)
    {
        if (offset > size_ || size_ - offset < out.size())
            return fail(ErrorKind::corrupt, "stream.range", "asked for bytes behind the end of the plaintext");
        const std::lock_guard lock(mutex_);
        while (!out.empty()) {
            TRY_OK(load(offset));
            const ByteView have = window_.reveal(crypto::SecretAccess{}).subspan(static_cast<std::size_t>(offset - start_));
            const ByteView piece = have.first(std::min(have.size(), out.size()));
            copy_bytes(piece, out);
            out = out.subspan(piece.size());
            offset += piece.size();
        }
        return {};
    }

private:
    Status load(std::uint64_t offset)
    {
        if (offset >= start_ && offset - start_ < window_.size()) return {};
        start_ = offset / kBlock * kBlock;
        const std::uint64_t size = std::min<std::uint64_t>(kWindowBytes, sealed_.size_bytes - kBlock - start_);
        TRY(window_, decrypt(start_, static_cast<std::size_t>(size)));
        return {};
    }

    /// Whole blocks. The decryptor holds its last block back as possible padding, so one block of filler follows the real
    /// ones.
    Result<crypto::SecretBytes> decrypt(std::uint64_t start, std::size_t size) const
    {
        TRY(auto decryptor, decryptor_at(sealed_, key_, start / kBlock));
        Bytes ciphertext(size + kBlock);
        TRY_OK(sealed_.read_at(start + kBlock, std::span(ciphertext).first(size)));
        crypto::SecretBytes plaintext(crypto::Aes256CbcDecryptor::output_bound(ciphertext.size()));
        TRY(const std::size_t written, decryptor.update(ciphertext, plaintext.writable(crypto::SecretAccess{})));
        plaintext.shrink(written);
        return plaintext;
    }

    codec::RandomSource sealed_;
    crypto::SecretBytes key_;
    std::uint64_t size_ = 0;
    std::mutex mutex_;
    std::uint64_t start_ = 0;
    crypto::SecretBytes window_;
};

}  // namespace

Status open_v1(const codec::RandomSource& sealed, const crypto::SecretBytes& key, const Hash256& checksum,
               const codec::ByteSink& sink)
{
    TRY_OK(check_shape(sealed, key));
    TRY_OK(check_checksum(sealed, checksum));
    TRY(auto decryptor, decryptor_at(sealed, key, 0));
    Bytes ciphertext(kWindowBytes);
    crypto::SecretBytes plaintext(crypto::Aes256CbcDecryptor::output_bound(kWindowBytes));
    const std::span<std::uint8_t> room = plaintext.writable(crypto::SecretAccess{});
    const codec::ByteSource source = byte_source(sealed, kBlock, sealed.size_bytes - kBlock);
    for (;;) {
        TRY(const std::size_t size, source(ciphertext));
        if (size == 0) break;
        TRY(const std::size_t written, decryptor.update(ByteView(ciphertext).first(size), room));
        if (written != 0) TRY_OK(sink(room.first(written)));
    }
    const auto written = decryptor.finish(room);
    if (!written) return wrong_padding();
    return *written == 0 ? Status{} : sink(room.first(*written));
}

Result<codec::RandomSource> plaintext_v1(const codec::RandomSource& sealed, const crypto::SecretBytes& key,
                                         const Hash256& checksum)
{
    TRY_OK(check_shape(sealed, key));
    TRY_OK(check_checksum(sealed, checksum));
    const auto plaintext = std::make_shared<PlaintextV1>(sealed, key.clone(crypto::SecretAccess{}));
    TRY(const std::uint64_t size, plaintext->plaintext_bytes());
    return codec::RandomSource{
        size, [plaintext](std::uint64_t offset, std::span<std::uint8_t> out) { return plaintext->read_at(offset, out); }};
}

Status open_object_v1(const codec::RandomSource& sealed, const crypto::SecretBytes& key, const Hash256& checksum,
                      const EntrySink& sink)
{
    TRY(const codec::RandomSource payload, plaintext_v1(sealed, key, checksum));
    return read_entries(payload, sink);
}

Status read_entries(const codec::RandomSource& payload, const EntrySink& sink)
{
    TRY(const codec::ZipReader archive, codec::ZipReader::open(payload));
    for (const codec::ZipEntry& entry : archive.entries()) {
        TRY_OK(sink(entry, {}));
        if (!entry.directory) TRY_OK(archive.extract(entry, [&](ByteView content) { return sink(entry, content); }));
    }
    return {};
}

}  // namespace iapp::seal
