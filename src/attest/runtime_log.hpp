#pragma once
// Runtime logs of dstack guests: a JSON array of boot events (digest only) and named events that the guest extended into
// RTMR3 after boot. Replayed to the registers of a verified quote; identity is taken only from before the sentinel.
// Not our own measured log (event_log.hpp) and not a firmware's boot log (boot_log.hpp).
#include <optional>
#include <vector>

#include "attest/check.hpp"
#include "attest/digest.hpp"

namespace iapp::attest {

inline constexpr std::uint32_t kRuntimeEventType = 0x08000001;
inline constexpr std::uint32_t kRuntimeRegister = 3;  ///< RTMR3

/// How the digest of a runtime event is made.
enum class RuntimeDigestVersion : unsigned char {
    v1 = 1,  ///< SHA-384(LE32 type || ":" || name || ":" || payload); ambiguous unless names have no ':'
    v2 = 2,  ///< SHA-384 of canonical JSON {"name","payload","type"}
};

struct RuntimeEvent {
    std::uint32_t imr;  ///< RTMR, 0..3
    std::uint32_t type;
    std::optional<Hash384> digest;  ///< senders leave it out where it can be recomputed
    std::string name;
    Bytes payload;
    RuntimeDigestVersion version = RuntimeDigestVersion::v1;
    std::optional<Bytes> hash_input;  ///< what the sender says it hashed
};
using RuntimeLog = std::vector<RuntimeEvent>;

/// What is hashed for a runtime event. Errors: invalid_input "attest.runtime_log_event" (empty name, a ':' in a version 1
/// name, a name that is not UTF-8).
Result<Bytes> runtime_hash_input(const RuntimeEvent& event);

/// Reads the JSON array: lower-case hex, no unknown or repeated member, at most 1024 events and 1 MiB.
/// Errors: invalid_input "attest.runtime_log_format".
Result<RuntimeLog> parse_runtime_log(std::string_view json);

/// Compact JSON of the same form. Names must be UTF-8.
std::string encode_runtime_log(const RuntimeLog& log);

/// Which names are identity, and which event ends the start of the guest.
struct RuntimeLogPolicy {
    std::string sentinel = "system-ready";
    std::vector<std::string> identity{"app-id", "compose-hash", "instance-id", "os-image-hash", "key-provider", "mr-kms"};
};

/// What a replayed log says about the start of a guest. Only appraise_runtime_log() makes one.
class RuntimeFacts {
public:
    struct Named {
        std::string name;
        Bytes payload;
    };

    /// Everything before the sentinel, in order. What an application extended later is not in here.
    const std::vector<Named>& launch() const { return launch_; }

    /// The identity event of this name; null when the log has none.
    const Bytes* identity(std::string_view name) const;

private:
    friend Result<RuntimeFacts> appraise_runtime_log(const RuntimeLog&, const MeasuredRegisters&, const RuntimeLogPolicy&,
                                                     CheckLog&);
    RuntimeFacts() = default;

    std::vector<Named> launch_;
    std::vector<std::string> identity_names_;
};

/// Recomputes every digest, replays to `registers` (RTMRs, RTMR3 among them), then demands one sentinel, each identity event
/// at most once, and none after the sentinel.
/// Errors: "attest.runtime_log_event", "..._replay", "..._duplicate", "..._sentinel".
Result<RuntimeFacts> appraise_runtime_log(const RuntimeLog& log, const MeasuredRegisters& registers,
                                          const RuntimeLogPolicy& policy, CheckLog& checks);

}  // namespace iapp::attest
