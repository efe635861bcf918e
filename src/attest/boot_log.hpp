#pragma once
// Boot logs of firmware: the TCG crypto-agile log of a TPM and its CC form (CCEL) of a TD. Parsed strictly, replayed against
// registers that hardware vouches for, and split into event data that the registers cover and data they do not.
// Not our own measured log (event_log.hpp): here most digests are of something other than the text beside them.
// Source: TCG PC Client Platform Firmware Profile 1.05, section 10; UEFI 2.10, section 38 (CC measurement).
#include <vector>

#include "attest/check.hpp"
#include "attest/digest.hpp"

namespace iapp::attest {

inline constexpr std::size_t kMaxBootLogSize = 1024 * 1024;  ///< padding included
inline constexpr std::size_t kMaxBootEvents = 4096;

/// Event types whose data this room understands. Any other value is legal in a log.
namespace boot_event {
inline constexpr std::uint32_t kNoAction = 0x00000003;
inline constexpr std::uint32_t kSeparator = 0x00000004;
inline constexpr std::uint32_t kEventTag = 0x00000006;
inline constexpr std::uint32_t kCrtmVersion = 0x00000008;
inline constexpr std::uint32_t kIpl = 0x0000000d;
inline constexpr std::uint32_t kNonHostInfo = 0x00000011;
inline constexpr std::uint32_t kEfiVariableDriverConfig = 0x80000001;
inline constexpr std::uint32_t kEfiVariableBoot = 0x80000002;
inline constexpr std::uint32_t kEfiGptEvent = 0x80000006;
inline constexpr std::uint32_t kEfiAction = 0x80000007;
inline constexpr std::uint32_t kEfiVariableAuthority = 0x800000e0;
}  // namespace boot_event

struct BootEventDigest {
    HashAlgorithm algorithm;
    Bytes value;
};

/// One event as the log spells it.
struct BootEvent {
    std::uint32_t index;  ///< PCR, or in a CC log the MrIndex (0 is MRTD, 1..4 are RTMR0..3)
    std::uint32_t type;
    std::vector<BootEventDigest> digests;  ///< one per algorithm of the header
    Bytes data;
};

/// A log that obeys the format. Every word of it may still be a lie.
struct BootLog {
    std::vector<HashAlgorithm> algorithms;  ///< in the order of the header
    std::vector<BootEvent> events;          ///< without the header event
};

/// Reads a whole log: header event, events, then nothing or padding (all 0xFF or all zero).
/// Errors: invalid_input "attest.boot_log_format".
Result<BootLog> parse_boot_log(ByteView bytes);

/// The register values the log leads to: the start value of each register of `kind`, then every event in order.
/// Errors: invalid_input "attest.boot_log_format" (an index outside the registers of `kind`, a bank the log lacks, a startup
/// locality that is malformed, repeated or late).
Result<std::map<std::uint32_t, Bytes>> replay(const BootLog& log, RegisterKind kind, HashAlgorithm bank);

/// Data that hash to the digest which a vouched-for register contains. `type` is only the log's word: no digest covers it.
/// Order is covered inside one register, not between two.
struct AuthenticatedEvent {
    std::uint32_t index;  ///< RTMR or PCR
    std::uint32_t type;
    Bytes data;  ///< the bytes that were hashed; for some types a part of the event's data
};

/// An event whose digest is in a vouched-for register while its text is not: believe the digest only.
struct UnauthenticatedEvent {
    std::uint32_t index;
    std::uint32_t type;
    Bytes digest;
    Bytes unauthenticated_data;
};

/// What a replayed log says. Only appraise_boot_log() makes one.
class AppraisedBootLog {
public:
    const std::vector<AuthenticatedEvent>& authenticated() const { return authenticated_; }
    const std::vector<UnauthenticatedEvent>& unauthenticated() const { return unauthenticated_; }

private:
    friend Result<AppraisedBootLog> appraise_boot_log(const BootLog&, const MeasuredRegisters&, CheckLog&);
    AppraisedBootLog() = default;

    std::vector<AuthenticatedEvent> authenticated_;
    std::vector<UnauthenticatedEvent> unauthenticated_;
};

/// Replays the log to every register of `registers`; events of other registers are left out of the result, because nothing
/// vouches for them. An empty set explains nothing and is refused.
/// Errors: "attest.boot_log_format", "attest.boot_log_replay", "attest.boot_log_event" (data of a type whose digest is
/// always the hash of its data do not hash to it).
Result<AppraisedBootLog> appraise_boot_log(const BootLog& log, const MeasuredRegisters& registers, CheckLog& checks);

/// One entry of CoCo's application event log, which rides in events of type EV_EVENT_TAG: "domain operation content".
struct ApplicationEvent {
    std::uint32_t index;
    std::string domain;
    std::string operation;
    std::string content;
};

/// The application events among authenticated ones. Errors: invalid_input "attest.boot_log_format" (an event with the tag
/// of that log and another form).
Result<std::vector<ApplicationEvent>> application_events(const AppraisedBootLog& log);

}  // namespace iapp::attest
