#pragma once
// The agent's side of the measured log: write the entry down, then extend the register, in one order, once.
// Not the verifier's side: attest/event_log.hpp replays and judges.
#include "attest/event_log.hpp"
#include "tee/evidence_source.hpp"

namespace iapp::tee {

class MeasuredLog {
public:
    explicit MeasuredLog(EvidenceSource& source) : source_(source) {}

    /// Appends one operation and extends RTMR3 with its digest. After a failure the log is broken and refuses more.
    /// Errors: those of EvidenceSource::extend(), conflict "tee.log_closed".
    Status record(std::string_view op, Bytes payload);

    const attest::EventLog& entries() const { return entries_; }

private:
    EvidenceSource& source_;
    attest::EventLog entries_;
    bool closed_ = false;  ///< after `ready`, or after an extension failed
};

}  // namespace iapp::tee
