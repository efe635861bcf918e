#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "crypto/aes_cbc.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "seal/dataset_v1.hpp"

namespace iapp::seal {
namespace {

constexpr std::size_t kBlock = crypto::kAesBlockSize;
constexpr std::size_t kSlotBytes = 256 * 1024;
constexpr std::size_t kSlots = 4;
constexpr std::size_t kGatherBytes = 4 * 1024;  ///< smaller pieces are collected before they are encrypted

/// Sealed bytes on their way from the encrypting thread to the hashing and writing one.
struct Slot {
    std::unique_ptr<std::uint8_t[]> bytes;
    std::size_t size = 0;

    std::span<std::uint8_t> room()
    {
        if (!bytes) bytes = std::make_unique_for_overwrite<std::uint8_t[]>(kSlotBytes);
        return std::span(bytes.get(), kSlotBytes).subspan(size);
    }
    ByteView filled() const { return {bytes.get(), size}; }
};

/// Hashes and writes slots in order: in the caller's thread while all fits in one slot, in a second thread after that.
class Outlet {
public:
    explicit Outlet(codec::ByteSink sink) : sink_(std::move(sink)) {}
    ~Outlet() { stop(); }
    Outlet(const Outlet&) = delete;
    Outlet& operator=(const Outlet&) = delete;

    Slot& current() { return slots_[made_ % kSlots]; }

    /// Hands the current slot over and waits until the next one is free.
    Status advance()
    {
        if (!thread_.joinable()) thread_ = std::thread([this] { drain(); });
        std::unique_lock lock(mutex_);
        ++made_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return made_ - taken_ < kSlots; });
        current().size = 0;
        return status_;
    }

    Result<SealedV1> finish()
    {
        stop();
        if (status_) status_ = write(current());
        if (!status_) return std::unexpected(status_.error());
        return SealedV1{hash_.finish(), total_};
    }

private:
    void drain()
    {
        for (std::unique_lock lock(mutex_);;) {
            changed_.wait(lock, [this] { return made_ != taken_ || closed_; });
            if (made_ == taken_) return;
            const Slot& slot = slots_[taken_ % kSlots];
            const bool good = status_.has_value();
            lock.unlock();
            Status status = good ? write(slot) : Status{};
            lock.lock();
            if (!status) status_ = std::move(status);
            ++taken_;
            changed_.notify_all();
        }
    }

    Status write(const Slot& slot)
    {
        hash_.update(slot.filled());
        total_ += slot.size;
        return sink_(slot.filled());
    }

    void stop()
    {
        if (!thread_.joinable()) return;
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
            changed_.notify_all();
        }
        thread_.join();
    }

    codec::ByteSink sink_;
    crypto::Sha256 hash_;
    std::uint64_t total_ = 0;
    std::array<Slot, kSlots> slots_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t made_ = 0;   ///< slots handed over
    std::uint64_t taken_ = 0;  ///< slots written
    bool closed_ = false;
    Status status_;
    std::thread thread_;
};

}  // namespace

struct DatasetV1Sealer::State {
    State(crypto::Aes256CbcEncryptor cipher, codec::ByteSink sink) : encryptor(std::move(cipher)), outlet(std::move(sink)) {}
    ~State() { crypto::wipe(std::span(gathered).first(gathered_bytes)); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    crypto::Aes256CbcEncryptor encryptor;
    Outlet outlet;
    std::array<std::uint8_t, kGatherBytes> gathered;
    std::size_t gathered_bytes = 0;

    Status encrypt(ByteView plaintext)
    {
        while (!plaintext.empty()) {
            Slot& slot = outlet.current();
            const std::span<std::uint8_t> room = slot.room();
            const ByteView piece = plaintext.first(std::min(plaintext.size(), room.size() - kBlock));
            TRY(const std::size_t written, encryptor.update(piece, room));
            slot.size += written;
            plaintext = plaintext.subspan(piece.size());
            if (kSlotBytes - slot.size < 4 * kBlock) TRY_OK(outlet.advance());
        }
        return {};
    }

    Status flush()
    {
        const ByteView pending = ByteView(gathered).first(gathered_bytes);
        gathered_bytes = 0;
        return encrypt(pending);
    }
};

DatasetV1Sealer::DatasetV1Sealer(std::unique_ptr<State> state) : state_(std::move(state)) {}
DatasetV1Sealer::~DatasetV1Sealer() = default;
DatasetV1Sealer::DatasetV1Sealer(DatasetV1Sealer&&) noexcept = default;
DatasetV1Sealer& DatasetV1Sealer::operator=(DatasetV1Sealer&&) noexcept = default;

Result<DatasetV1Sealer> DatasetV1Sealer::start(const crypto::SecretBytes& key, codec::ByteSink sink)
{
    if (key.size() != 32) return fail(ErrorKind::invalid_input, "seal.key_size", "a dataset key is 32 bytes");
    std::array<std::uint8_t, kBlock> iv;
    crypto::random_fill(iv);
    TRY(auto encryptor, crypto::Aes256CbcEncryptor::create(key, iv));
    auto state = std::make_unique<State>(std::move(encryptor), std::move(sink));
    Slot& first = state->outlet.current();
    copy_bytes(iv, first.room());
    first.size = iv.size();
    return DatasetV1Sealer(std::move(state));
}

Status DatasetV1Sealer::update(ByteView plaintext)
{
    State& state = *state_;
    if (plaintext.size() > kGatherBytes - state.gathered_bytes) {
        TRY_OK(state.flush());
        if (plaintext.size() >= kGatherBytes) return state.encrypt(plaintext);
    }
    copy_bytes(plaintext, std::span(state.gathered).subspan(state.gathered_bytes));
    state.gathered_bytes += plaintext.size();
    return {};
}

Result<SealedV1> DatasetV1Sealer::finish()
{
    TRY_OK(state_->flush());
    Slot& slot = state_->outlet.current();
    TRY(const std::size_t written, state_->encryptor.finish(slot.room()));
    slot.size += written;
    return state_->outlet.finish();
}

Result<SealedV1> seal_v1(const codec::ByteSource& plaintext, const crypto::SecretBytes& key, const codec::ByteSink& sink)
{
    TRY(DatasetV1Sealer sealer, DatasetV1Sealer::start(key, sink));
    crypto::SecretBytes buffer(kSlotBytes);
    const std::span<std::uint8_t> room = buffer.writable(crypto::SecretAccess{});
    for (;;) {
        TRY(const std::size_t size, plaintext(room));
        if (size == 0) return sealer.finish();
        TRY_OK(sealer.update(room.first(size)));
    }
}

Result<SealedV1> seal_object_v1(const DatasetObject& object, const crypto::SecretBytes& key, const codec::ByteSink& sink)
{
    TRY(DatasetV1Sealer sealer, DatasetV1Sealer::start(key, sink));
    codec::ZipWriter archive([&sealer](ByteView bytes) { return sealer.update(bytes); });
    TRY_OK(write_archive(object, archive));
    return sealer.finish();
}

}  // namespace iapp::seal
