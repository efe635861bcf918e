#include "localchain/automine_nudge.hpp"

#include <condition_variable>
#include <mutex>

#include "localchain/internal/mining_pause.hpp"

namespace iapp::localchain {
namespace {

using namespace std::chrono_literals;

constexpr auto kInterval = 250ms;
constexpr auto kPatience = 2s;

/// Whether executable transactions wait although every one should have had its block.
bool is_waiting(const chain::JsonRpcClient& rpc, const net::CallContext& context)
{
    return internal::has_executable(rpc, context).value_or(false) && internal::is_automining(rpc, context).value_or(false);
}

/// A transaction that is in the pool at two looks in a row is stuck: a block takes anvil milliseconds.
void watch(const chain::JsonRpcClient& rpc, const std::stop_token& stop)
{
    std::mutex mutex;
    std::condition_variable_any bell;
    std::unique_lock lock(mutex);
    bool waited_before = false;
    while (!bell.wait_for(lock, stop, kInterval, [&] { return stop.stop_requested(); })) {
        const net::CallContext context{"automine", net::deadline_in(kPatience), stop};
        const bool waits = is_waiting(rpc, context);
        if (waits && waited_before) (void)rpc.call({"evm_mine"}, context);
        waited_before = waits;
    }
}

}  // namespace

AutomineNudge::AutomineNudge(const chain::JsonRpcClient& rpc)
    : thread_([&rpc](const std::stop_token& stop) { watch(rpc, stop); })
{
}

}  // namespace iapp::localchain
