#pragma once
// The measured log of one agent: what it extended into RTMR3, in order, and the identity that log proves.
// Not a boot log (CCEL): each payload is covered by its digest, so a replayed entry can be believed.
// docs/formats/event-log.md
#include <vector>

#include "attest/check.hpp"
#include "crypto/hash.hpp"
#include "eth/address.hpp"

namespace iapp::attest {

inline constexpr std::string_view kLogDomain = "iapp";
inline constexpr int kLogRegister = 3;  ///< RTMR3

namespace op {
inline constexpr std::string_view kAgentConfig = "agent-config";  ///< payload: exact bytes of the agent's config
inline constexpr std::string_view kAppImage = "app-image";        ///< payload: "sha256:<64 hex>" of the image manifest
inline constexpr std::string_view kAppManifest = "app-manifest";  ///< payload: exact label bytes, empty when absent
inline constexpr std::string_view kDeal = "deal";                 ///< payload: chain id u64be || hub 20 || deal id 32
inline constexpr std::string_view kTask = "task";                 ///< payload: task id 32
inline constexpr std::string_view kReady = "ready";               ///< payload: empty; nothing may follow
}  // namespace op

struct LogEntry {
    std::uint64_t seq;
    std::string domain;
    std::string op;
    Hash384 digest;
    Bytes payload;
};
using EventLog = std::vector<LogEntry>;

/// SHA-384("iapp-rt/1" || LE64 seq || u16be len||domain || u16be len||op || SHA-384(payload)).
Hash384 entry_digest(std::uint64_t seq, std::string_view domain, std::string_view op, ByteView payload);

/// A well-formed entry at position `seq` in our domain.
LogEntry make_entry(std::uint64_t seq, std::string_view op, Bytes payload);

/// One extension: SHA-384(rtmr || digest).
Hash384 extend(const Hash384& rtmr, const Hash384& digest);

/// The register after the whole log, from zero. Uses the entries' own digests: appraise_event_log() recomputes them.
Hash384 replay(const EventLog& log);

Bytes deal_payload(std::uint64_t chain_id, const eth::Address& hub, const Hash256& deal);
Bytes image_payload(const Hash256& manifest_digest);

/// JSON array of {"seq","domain","op","digest","payload"}; digest is 96 lower-case hex digits, payload is base64.
std::string encode_event_log(const EventLog& log);

/// Strict: no unknown or duplicate members, at most 64 entries. Says nothing about truth. Errors: "attest.event_log_format".
Result<EventLog> parse_event_log(std::string_view json);

/// What the log of a ready agent says it is and does. Only appraise_event_log() makes one from a log.
struct RunIdentity {
    Bytes agent_config;
    Hash256 image_digest;  ///< SHA-256 of the image manifest the agent committed to run
    Bytes app_manifest;    ///< empty: the image has no manifest label
    std::uint64_t chain_id;
    eth::Address hub;
    Hash256 deal;
    Hash256 task;
};

/// Recomputes every digest, replays to `rtmr3`, then demands exactly the six operations, in order, `ready` last.
/// Errors (one per rule): "attest.event_log_replay", "..._unknown", "..._duplicate", "..._after_ready", "..._order",
/// "..._missing", "..._payload".
Result<RunIdentity> appraise_event_log(const EventLog& log, const Hash384& rtmr3, CheckLog& checks);

}  // namespace iapp::attest
