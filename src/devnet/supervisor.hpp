#pragma once
// Keeps the programs of one development network running: starts them in order, waits until they answer, restarts what dies,
// stops all. One supervisor per folder; everything it starts dies with it.
#include <memory>
#include <optional>

#include "devnet/bootstrap.hpp"
#include "localchain/anvil.hpp"

namespace iapp::devnet {

struct UpOptions {
    Layout layout;
    Settings settings;
    Origin origin = {};  ///< of a network that is not there yet
};

/// What run.json says.
struct RunState {
    runtime::ProcessIdentity supervisor;
    bool ready;
    std::vector<std::string> notes;  ///< what the user should know
};
/// Nothing when no supervisor runs in this folder.
std::optional<RunState> read_run_state(const Layout& layout);

class Supervisor {
public:
    /// Starts everything and waits until every port answers.
    /// Errors: conflict "devnet.running" (the folder has a supervisor), "devnet.port_taken", "devnet.ports"; unavailable
    /// "devnet.start" (which program, and its last line); those of bootstrap() and AnvilProcess.
    static Result<std::unique_ptr<Supervisor>> start(const UpOptions& options, const Programs& programs, const Clock& clock);
    ~Supervisor();  ///< stop()

    /// Restarts what has died; call it a few times a second, from the thread that called start().
    void tend();

    /// Marks the network ready for those who wait for it. Call it after the last thing a user needs is there.
    Status announce_ready();

    /// Something the user should know, for those who read run.json.
    void note(std::string text) { notes_.push_back(std::move(text)); }
    const std::vector<std::string>& notes() const { return notes_; }

    void stop();
    const wire::Network& network() const { return *network_; }

private:
    struct Child;
    struct ForeignNode;
    Supervisor(UpOptions options, const Clock& clock);

    Status start_chain();
    void meet_foreign_node();
    const chain::JsonRpcClient& rpc() const;
    Status start_children(const Programs& programs);
    Status wait_until_ready(std::chrono::milliseconds time);
    bool tend_chain();     ///< true when it was started again
    bool tend_children();  ///< true when one was started again
    Status write_state(bool ready) const;

    UpOptions options_;
    const Clock& clock_;
    int lock_fd_ = -1;
    net::HttpClient http_;
    std::optional<localchain::AnvilProcess> anvil_;  ///< the chain, when it is ours
    std::unique_ptr<ForeignNode> foreign_node_;      ///< the chain, when it is not
    std::vector<Child> children_;
    std::optional<wire::Network> network_;
    std::vector<std::string> notes_;
};

/// Asks the supervisor of the folder to end and waits until it has. False when none ran.
Result<bool> bring_down(const Layout& layout, std::chrono::milliseconds patience);

}  // namespace iapp::devnet
