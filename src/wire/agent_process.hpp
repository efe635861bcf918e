#pragma once
// Worker <-> agent process: one JSON line in on standard input, JSON lines out on standard output. Nothing secret on either.
// The exact bytes of the configuration line, without its newline, are measured as `agent-config` before any key is asked
// for. Format: docs/formats/agent-process.md.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.hpp"
#include "crypto/secp256k1.hpp"
#include "eth/address.hpp"
#include "poco/ids.hpp"

namespace iapp::wire {

inline constexpr std::string_view kAgentConfigSchema = "iapp-agent-config/1";
inline constexpr std::size_t kMaxAgentLineBytes = 64 * 1024;
inline constexpr std::size_t kMaxAgentLogBytes = 8 * 1024;  ///< JSON makes at most six times as much of it

struct AgentConfig {
    std::uint64_t chain_id;
    eth::Address hub;
    poco::DealId deal;
    poco::TaskId task;
    std::uint64_t index;
    eth::Address worker;
    std::string image;         ///< reference to pull from
    std::string image_digest;  ///< "sha256:<64 hex>": what must arrive
    std::string sms_url;
    std::string ipfs_gateway_url;
    std::string ipfs_api_url;
    std::string work_dir;        ///< absolute; the agent makes its tmpfs below it
    UnixSeconds deadline;        ///< the worker kills the agent then
    eth::Address ledger_signer;  ///< whose releases the agent believes; the secret service demands its own address here
    std::string evidence;  ///< where the agent gets its evidence: "simulated", "configfs-tsm", ... (tee/source_choice.hpp)
};

/// One line without a newline.
std::string encode(const AgentConfig& config);
/// Errors: invalid_input "agent_config.json", "agent_config.schema", "agent_config.field".
Result<AgentConfig> parse_agent_config(std::string_view line);

/// A phase of the run has ended.
struct AgentPhase {
    std::string name;  ///< "attest", "fetch", "run", ...
    std::chrono::milliseconds took;
};

enum class AppStream : unsigned char { out, err };

/// Some of what the app wrote: only of a run in which nothing was protected (adr/0010). Text goes on in the next one.
struct AgentLog {
    AppStream stream;
    std::string text;  ///< UTF-8, at most kMaxAgentLogBytes
};

/// The run is over and its result is stored: everything the contribution needs.
struct AgentResult {
    Hash256 digest;
    eth::Address enclave_address;
    crypto::Signature65 enclave_signature;  ///< over poco::enclave_message
    std::string result_link;                ///< text of the link, as it goes on chain
    Bytes callback_data;                    ///< empty without a callback
    std::string receipt_cid;
    std::optional<std::uint8_t> exit_code = {};  ///< of the app; set when everybody can read it in the receipt
};

/// The run is over and there is nothing to contribute.
struct AgentFailure {
    std::string id;       ///< stable reason id
    std::string message;  ///< says nothing about data
};

using AgentEvent = std::variant<AgentPhase, AgentLog, AgentResult, AgentFailure>;

std::string encode(const AgentEvent& event);
/// Errors: invalid_input "agent_event.json", "agent_event.field".
Result<AgentEvent> parse_agent_event(std::string_view line);

}  // namespace iapp::wire
