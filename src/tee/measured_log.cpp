#include "tee/measured_log.hpp"

namespace iapp::tee {

Status MeasuredLog::record(std::string_view op, Bytes payload)
{
    if (closed_)
        return fail(ErrorKind::conflict, "tee.log_closed",
                    "the measured log is closed: " + std::string(op) + " comes too late");
    attest::LogEntry entry = attest::make_entry(entries_.size(), op, std::move(payload));
    const Hash384 digest = entry.digest;
    entries_.push_back(std::move(entry));
    if (const auto extended = source_.extend(attest::kLogRegister, digest); !extended) {
        closed_ = true;  // the register may or may not hold the digest: nothing after this could be believed
        return extended;
    }
    closed_ = op == attest::op::kReady;
    return {};
}

}  // namespace iapp::tee
