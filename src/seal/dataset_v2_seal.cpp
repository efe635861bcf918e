#include <thread>

#include "codec/zip.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "seal/internal/ordered.hpp"
#include "seal/internal/pipe.hpp"
#include "seal/internal/v2_format.hpp"

namespace iapp::seal {
namespace {

Status check_options(const V2Options& options)
{
    if (options.chunk_log2 < v2::kMinChunkLog2 || options.chunk_log2 > v2::kMaxChunkLog2 || options.threads == 0 ||
        options.threads > 64)
        return fail(ErrorKind::invalid_input, "seal.v2_options", "chunk_log2 is 12 to 24 and threads 1 to 64");
    return {};
}

/// Cuts a stream into chunks, one byte ahead of itself so that it knows which chunk is the last.
class ChunkSource {
public:
    ChunkSource(const codec::ByteSource& plaintext, const V2Options& options)
        : plaintext_(plaintext), chunk_bytes_(std::size_t{1} << options.chunk_log2), expected_(options.plaintext_bytes)
    {
    }

    Result<bool> next(Piece& piece)
    {
        if (ended_) return false;
        if (piece.index >= kV2MaxChunks)
            return fail(ErrorKind::resource_exhausted, "seal.v2_length", "the file has too many chunks; use larger ones");
        const std::size_t carried = piece.index == 0 ? 0 : 1;
        if (carried != 0) piece.buffer[0] = ahead_;
        TRY(const std::size_t more,
            codec::read_up_to(plaintext_, std::span(piece.buffer).subspan(carried, chunk_bytes_ + 1 - carried)));
        const std::size_t have = carried + more;
        piece.last = ended_ = have <= chunk_bytes_;
        piece.size = piece.last ? have : chunk_bytes_;
        if (!piece.last) ahead_ = piece.buffer[chunk_bytes_];
        total_ += piece.size;
        if (ended_ && expected_ && *expected_ != total_)
            return fail(ErrorKind::invalid_input, "seal.v2_length",
                        "the plaintext is " + std::to_string(total_) + " bytes long, " + std::to_string(*expected_) +
                            " were announced");
        return true;
    }

private:
    const codec::ByteSource& plaintext_;
    std::size_t chunk_bytes_;
    std::optional<std::uint64_t> expected_;
    std::uint64_t total_ = 0;
    std::uint8_t ahead_ = 0;
    bool ended_ = false;
};

/// What leaves: counted, hashed when asked for, written.
class SealedOut {
public:
    SealedOut(const codec::ByteSink& sink, bool checksum) : sink_(sink)
    {
        if (checksum) hash_.emplace();
    }

    Status write(ByteView bytes)
    {
        out_.size_bytes += bytes.size();
        if (hash_) hash_->update(bytes);
        return sink_(bytes);
    }

    SealedV2 finish()
    {
        if (hash_) out_.checksum = hash_->finish();
        return out_;
    }

private:
    const codec::ByteSink& sink_;
    std::optional<crypto::Sha256> hash_;
    SealedV2 out_{0, std::nullopt};
};

Result<std::function<Status(Piece&)>> make_sealer(const crypto::SecretBytes& chunk_key)
{
    TRY(auto context, crypto::AeadContext::aes_256_gcm(chunk_key));
    const auto shared = std::make_shared<crypto::AeadContext>(std::move(context));
    return std::function<Status(Piece&)>([shared](Piece& piece) -> Status {
        const std::size_t sealed = piece.size + kV2TagBytes;
        const std::span<std::uint8_t> buffer = piece.buffer;
        TRY_OK(shared->seal(v2::nonce(piece.index, piece.last), {}, buffer.first(piece.size), buffer.first(sealed)));
        piece.size = sealed;
        return {};
    });
}

}  // namespace

Result<SealedV2> seal_v2(const codec::ByteSource& plaintext, const crypto::SecretBytes& key, const codec::ByteSink& sink,
                         const V2Options& options)
{
    TRY_OK(check_options(options));
    v2::Header header{options.chunk_log2, options.plaintext_bytes, {}, Hash256::zero()};
    crypto::random_fill(header.salt);
    TRY(const v2::FileKeys keys, v2::derive(header, key));
    header.commitment = keys.commitment;

    SealedOut out(sink, options.checksum);
    TRY_OK(out.write(v2::encode(header)));
    ChunkSource chunks(plaintext, options);
    const OrderedStages stages{[&](Piece& piece) { return chunks.next(piece); }, [&] { return make_sealer(keys.chunk_key); },
                               [&](ByteView sealed) { return out.write(sealed); },
                               (std::size_t{1} << options.chunk_log2) + kV2TagBytes};
    TRY_OK(run_ordered(stages, options.threads));
    return out.finish();
}

Result<SealedV2> seal_object_v2(const DatasetObject& object, const crypto::SecretBytes& key, const codec::ByteSink& sink,
                                const V2Options& options)
{
    if (options.plaintext_bytes)
        return fail(ErrorKind::invalid_input, "seal.v2_options",
                    "the length of an object's archive is not known beforehand");
    Pipe pipe;
    std::jthread archiver([&] {
        codec::ZipWriter archive([&](ByteView bytes) { return pipe.write(bytes); });
        pipe.close(write_archive(object, archive));
    });
    auto sealed = seal_v2([&](std::span<std::uint8_t> out) { return pipe.read(out); }, key, sink, options);
    pipe.abandon();
    return sealed;
}

}  // namespace iapp::seal
