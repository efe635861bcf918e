// Saves when the head has changed, and spends at most a tenth of the time on it.
#include "localchain/state_keeper.hpp"

#include "base/log.hpp"
#include "localchain/internal/durable_file.hpp"
#include "localchain/internal/mining_pause.hpp"
#include "localchain/internal/unpublished.hpp"

namespace iapp::localchain {
namespace {

constexpr int kIdleFactor = 10;
constexpr int kDumpAttempts = 2;                    ///< before mining is paused for it
constexpr int kPausedAttempts = 6;                  ///< a block that is being made when the pause begins is shown soon
constexpr std::chrono::milliseconds kFirstRest{2};  ///< for a block to be shown; doubles
constexpr std::size_t kMaxState_bytes = std::size_t{4} << 30U;

Result<Bytes> dump(const chain::JsonRpcClient& rpc, const net::CallContext& context)
{
    TRY(const std::string quoted, rpc.call({"anvil_dumpState"}, context));
    if (quoted.size() < 2) return fail(ErrorKind::corrupt, "rpc.response", "anvil_dumpState did not answer text");
    return parse_hex0x(std::string_view(quoted).substr(1, quoted.size() - 2));
}

}  // namespace

StateKeeper::StateKeeper(const chain::JsonRpcClient& rpc, KeeperOptions options)
    : rpc_(&rpc), options_(std::move(options)), thread_([this](const std::stop_token& stop) { run(stop); })
{
}

StateKeeper::~StateKeeper() = default;

Status StateKeeper::save(const net::CallContext& context)
{
    const std::lock_guard lock(mutex_);
    TRY(const bool saved, save_within(kDumpAttempts, context));
    if (saved) return {};
    const internal::MiningPause pause(*rpc_);
    TRY(const bool saved_in_pause, save_within(kPausedAttempts, context));
    if (saved_in_pause) return {};
    return fail(ErrorKind::unavailable, "localchain.busy",
                "the chain made blocks all the time its state was read; the file keeps the last whole one");
}

Result<bool> StateKeeper::save_within(int attempts, const net::CallContext& context)
{
    TRY(Hash256 head, head_hash(context));
    for (int attempt = 0; attempt < attempts; ++attempt) {
        if (saved_ == head) return true;
        TRY(const Bytes state, dump(*rpc_, context));
        TRY(const bool is_ahead, internal::may_have_unpublished_block(*rpc_, context));
        TRY(const Hash256 after, head_hash(context));
        if (after == head && !is_ahead) {
            TRY_OK(internal::replace_file(options_.file, state));
            saved_ = head;
            return true;
        }
        head = after;
        std::this_thread::sleep_for(kFirstRest * (1 << attempt));
    }
    return false;
}

Result<Hash256> StateKeeper::head_hash(const net::CallContext& context) const
{
    TRY(const chain::Block head, rpc_->block(chain::BlockId::latest(), context));
    return head.hash;
}

void StateKeeper::run(const std::stop_token& stop)
{
    std::mutex mutex;
    std::condition_variable_any wake;
    bool reported = false;
    while (!stop.stop_requested()) {
        const auto began = std::chrono::steady_clock::now();
        const auto saved =
            save({.request_id = "state-keeper", .deadline = net::deadline_in(std::chrono::minutes(1)), .stop = stop});
        if (!saved && !reported && !stop.stop_requested())
            log::warning("the chain's state was not saved",
                         {{"reason", saved.error().reason}, {"detail", saved.error().detail}});
        reported = !saved;
        const auto cost = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, std::max(options_.interval, cost * kIdleFactor), [] { return false; });
    }
}

Result<bool> unpack_state(const std::filesystem::path& kept, const std::filesystem::path& json)
{
    std::error_code error;
    if (!std::filesystem::exists(kept, error)) return false;
    TRY(const Bytes packed, internal::read_file(kept));
    TRY(const Bytes state, internal::gunzip(packed, kMaxState_bytes));
    TRY_OK(internal::replace_file(json, state));
    return true;
}

}  // namespace iapp::localchain
