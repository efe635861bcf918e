#include <algorithm>
#include <array>
#include <mutex>

#include "seal/internal/ordered.hpp"
#include "seal/internal/v2_format.hpp"

namespace iapp::seal {
namespace {

/// How the body divides: every chunk but the last is full.
struct Layout {
    std::size_t chunk_bytes;
    std::uint64_t chunks;
    std::size_t last_bytes;  ///< plaintext of the last chunk

    std::uint64_t plaintext_bytes() const { return (chunks - 1) * chunk_bytes + last_bytes; }
    std::size_t size_of(std::uint64_t index) const { return index + 1 == chunks ? last_bytes : chunk_bytes; }
    std::uint64_t offset_of(std::uint64_t index) const { return kV2HeaderBytes + index * (chunk_bytes + kV2TagBytes); }
};

std::unexpected<Error> corrupt(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::corrupt, reason, std::move(detail));
}

Result<Layout> layout_of(std::uint64_t file_bytes, const v2::Header& header)
{
    const std::uint64_t body = file_bytes - kV2HeaderBytes;
    const std::size_t chunk = std::size_t{1} << header.chunk_log2;
    const std::uint64_t sealed = chunk + kV2TagBytes;
    const std::uint64_t count = body / sealed + (body % sealed == 0 ? 0 : 1);
    const std::uint64_t rest = count == 0 ? 0 : body - (count - 1) * sealed;
    const std::uint64_t least = count > 1 ? kV2TagBytes + 1 : kV2TagBytes;  // only an empty file has an empty chunk
    if (rest < least || count > kV2MaxChunks)
        return corrupt("seal.v2_size", "the file does not end where a chunk can end; it was cut");
    const Layout layout{chunk, count, static_cast<std::size_t>(rest - kV2TagBytes)};
    if (header.plaintext_bytes && *header.plaintext_bytes != layout.plaintext_bytes())
        return corrupt("seal.v2_size", "the file is longer or shorter than its header says");
    return layout;
}

}  // namespace

struct DatasetV2Reader::State {
    codec::RandomSource sealed;
    Layout layout;
    crypto::SecretBytes chunk_key;
    mutable std::mutex mutex;
    mutable std::vector<crypto::AeadContext> spare;  ///< expanded keys that no thread is using

    Result<crypto::AeadContext> take_context() const
    {
        {
            const std::lock_guard lock(mutex);
            if (!spare.empty()) {
                crypto::AeadContext context = std::move(spare.back());
                spare.pop_back();
                return context;
            }
        }
        return crypto::AeadContext::aes_256_gcm(chunk_key);
    }

    void give_back(crypto::AeadContext context) const
    {
        const std::lock_guard lock(mutex);
        spare.push_back(std::move(context));
    }

    /// Reads and opens chunk `index` in the front of `buffer`, which has room for the tag too; returns the plaintext's
    /// length.
    Result<std::size_t> open_in_place(std::uint64_t index, std::span<std::uint8_t> buffer,
                                      crypto::AeadContext& context) const
    {
        const std::size_t size = layout.size_of(index);
        const std::span<std::uint8_t> chunk = buffer.first(size + kV2TagBytes);
        TRY_OK(sealed.read_at(layout.offset_of(index), chunk));
        const Status opened = context.open(v2::nonce(index, index + 1 == layout.chunks), {}, chunk, chunk.first(size));
        if (!opened)
            return corrupt("seal.v2_chunk", "chunk " + std::to_string(index) + " of " + std::to_string(layout.chunks) +
                                                " was changed, moved, or is not the end of the file it should be");
        return size;
    }
};

DatasetV2Reader::DatasetV2Reader(std::unique_ptr<State> state) : state_(std::move(state)) {}
DatasetV2Reader::~DatasetV2Reader() = default;
DatasetV2Reader::DatasetV2Reader(DatasetV2Reader&&) noexcept = default;
DatasetV2Reader& DatasetV2Reader::operator=(DatasetV2Reader&&) noexcept = default;

bool looks_like_v2(ByteView head) { return as_text(head).starts_with(v2::kMagic); }

Result<DatasetV2Reader> DatasetV2Reader::open(codec::RandomSource sealed, const crypto::SecretBytes& key)
{
    if (sealed.size_bytes < kV2HeaderBytes) return corrupt("seal.v2_magic", "the file is too short for a v2 dataset");
    std::array<std::uint8_t, kV2HeaderBytes> raw;
    TRY_OK(sealed.read_at(0, raw));
    TRY(const v2::Header header, v2::parse(raw));
    TRY(const Layout layout, layout_of(sealed.size_bytes, header));
    TRY(v2::FileKeys keys, v2::derive(header, key));
    if (!crypto::equal_constant_time(keys.commitment.bytes(), header.commitment.bytes()))
        return corrupt("seal.v2_key", "the key does not belong to this file, or the file's header was changed");
    auto state = std::make_unique<State>();
    state->sealed = std::move(sealed);
    state->layout = layout;
    state->chunk_key = std::move(keys.chunk_key);
    DatasetV2Reader reader(std::move(state));
    crypto::SecretBytes last(layout.last_bytes);
    TRY_OK(reader.read_chunk(layout.chunks - 1, last.writable(crypto::SecretAccess{})));
    return reader;
}

std::uint64_t DatasetV2Reader::plaintext_bytes() const { return state_->layout.plaintext_bytes(); }
std::uint64_t DatasetV2Reader::chunk_count() const { return state_->layout.chunks; }
std::size_t DatasetV2Reader::chunk_bytes() const { return state_->layout.chunk_bytes; }

Result<std::size_t> DatasetV2Reader::read_chunk(std::uint64_t index, std::span<std::uint8_t> out) const
{
    const Layout& layout = state_->layout;
    if (index >= layout.chunks || out.size() < layout.size_of(index))
        return fail(ErrorKind::invalid_input, "seal.v2_index", "there is no such chunk, or the buffer is smaller than it");
    TRY(auto context, state_->take_context());
    crypto::SecretBytes buffer(layout.size_of(index) + kV2TagBytes);
    TRY(const std::size_t size, state_->open_in_place(index, buffer.writable(crypto::SecretAccess{}), context));
    state_->give_back(std::move(context));
    copy_bytes(buffer.reveal(crypto::SecretAccess{}).first(size), out);
    return size;
}

Status DatasetV2Reader::read_all(const codec::ByteSink& sink, unsigned threads) const
{
    const State& state = *state_;
    const auto make_opener = [&]() -> Result<std::function<Status(Piece&)>> {
        TRY(auto context, crypto::AeadContext::aes_256_gcm(state.chunk_key));
        const auto shared = std::make_shared<crypto::AeadContext>(std::move(context));
        return std::function<Status(Piece&)>([&state, shared](Piece& piece) -> Status {
            TRY(piece.size, state.open_in_place(piece.index, piece.buffer, *shared));
            return {};
        });
    };
    const OrderedStages stages{[&](Piece& piece) -> Result<bool> { return piece.index < state.layout.chunks; }, make_opener,
                               [&](ByteView opened) { return opened.empty() ? Status{} : sink(opened); },
                               state.layout.chunk_bytes + kV2TagBytes};
    return run_ordered(stages, std::clamp(threads, 1u, 64u));
}

codec::RandomSource DatasetV2Reader::plaintext() const
{
    struct Window {
        std::mutex mutex;
        std::optional<std::uint64_t> index;
        crypto::SecretBytes bytes;
    };
    const auto window = std::make_shared<Window>();
    const auto read_at = [this, window](std::uint64_t offset, std::span<std::uint8_t> out) -> Status {
        if (offset > plaintext_bytes() || plaintext_bytes() - offset < out.size())
            return fail(ErrorKind::corrupt, "stream.range", "asked for bytes behind the end of the plaintext");
        const std::lock_guard lock(window->mutex);
        while (!out.empty()) {
            const std::uint64_t index = offset / chunk_bytes();
            if (window->index != index) {
                window->index.reset();
                window->bytes = crypto::SecretBytes(state_->layout.size_of(index));
                TRY_OK(read_chunk(index, window->bytes.writable(crypto::SecretAccess{})));
                window->index = index;
            }
            const ByteView have =
                window->bytes.reveal(crypto::SecretAccess{}).subspan(static_cast<std::size_t>(offset % chunk_bytes()));
            const ByteView piece = have.first(std::min(have.size(), out.size()));
            copy_bytes(piece, out);
            out = out.subspan(piece.size());
            offset += piece.size();
        }
        return {};
    };
    return {plaintext_bytes(), read_at};
}

}  // namespace iapp::seal
