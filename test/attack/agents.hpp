#pragma once
// Two agents an attacker can hold: one written by hand, whose every claim can be bent before or after it is quoted, and the
// real program under the simulated TEE. Tests only.
#include "attack/world.hpp"
#include "attest/report_data.hpp"
#include "crypto/hpke.hpp"
#include "wire/agent_api.hpp"
#include "worker/agent_runner.hpp"

namespace iapp::attack {

/// What a quote will say; an honest agent's values unless changed.
struct Claims {
    Hash384 mr_td;
    Hash256 image;
    std::string manifest;
    std::optional<Hash384> rtmr3;          ///< absent: what the log replays to
    std::optional<eth::Address> believes;  ///< the ledger signer in its configuration; absent: the network's
};

class HandmadeAgent {
public:
    explicit HandmadeAgent(const World& world);

    /// A complete request with evidence, over a nonce asked for now.
    wire::ReleaseRequest request(const Task& task);
    /// The same over a given nonce.
    wire::ReleaseRequest request(const Task& task, const wire::ReleaseNonce& nonce);

    wire::ReleaseNonce nonce(const Task& task) const;
    net::Response post(const wire::ReleaseRequest& request) const;

    Claims claims;

private:
    attest::EventLog measure(const Task& task) const;

    const World& world_;
    simtee::Platform platform_;
    crypto::HpkeKeyPair hpke_ = crypto::HpkeKeyPair::generate();
    eth::Wallet enclave_ = eth::Wallet::generate();
};

using AgentAnswer = std::variant<wire::AgentResult, wire::AgentFailure>;

/// Runs the agent program `agent` in the simulated TEE until it ends.
AgentAnswer run_real_agent(const World& world, const wire::AgentConfig& config, const std::string& agent = IAPP_AGENT);

/// The text of one file of an unsealed result; empty when there is none.
std::string result_file(const World& world, const wire::AgentResult& result, const std::string& name);

}  // namespace iapp::attack
