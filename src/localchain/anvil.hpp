#pragma once
// An anvil node as a child process: on loopback only, on its own port, with a state that survives a restart.
// Used by `iapp devnet` and by tests.
#include <memory>

#include "base/clock.hpp"
#include "localchain/state_keeper.hpp"
#include "net/client.hpp"
#include "runtime/process.hpp"

namespace iapp::localchain {

struct AnvilOptions {
    std::filesystem::path program;         ///< see find_chain_files()
    std::filesystem::path state_dir = {};  ///< holds chain.state.gz and anvil.log; empty: nothing is kept
    std::uint16_t port = 0;                ///< 0: a free one
    std::uint64_t chain_id = 421614;
    /// Ends with the thread that called start(); without it the node outlives a crash of ours.
    bool die_with_spawner = true;
    std::vector<std::string> extra_args = {};
};

/// A running node. Destroying it saves the state and ends the process.
class AnvilProcess {
public:
    /// Starts from the kept state if there is one, waits until the node answers, and sets its clock forward to its last
    /// block. Errors: those of runtime::Process; unavailable "localchain.anvil" (it ended or did not answer; with the last
    /// line it wrote);
    ///         corrupt "localchain.state".
    static Result<AnvilProcess> start(const AnvilOptions& options, const Clock& clock, const net::CallContext& context);

    AnvilProcess(AnvilProcess&&) noexcept;
    AnvilProcess& operator=(AnvilProcess&&) noexcept;
    ~AnvilProcess();

    const chain::JsonRpcClient& rpc() const;
    const std::string& url() const;
    std::uint16_t port() const;
    runtime::ProcessIdentity identity() const;

    /// Makes what is on the chain now durable. Without a state_dir this does nothing.
    Status save(const net::CallContext& context);

    /// Saves, then ends the process.
    Status stop(const net::CallContext& context);

    /// Leaves the node running without us and stops keeping its state. Save first.
    runtime::ProcessIdentity release();

private:
    struct Impl;
    explicit AnvilProcess(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// The private keys of anvil's default mnemonic, published with it: worth nothing anywhere else. `index` below 10.
std::string_view dev_private_key(std::size_t index);

}  // namespace iapp::localchain
