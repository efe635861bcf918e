// rooms: attest
// The measured log as it arrives. Appraised against the register it claims itself, so that every rule behind replay is
// reached.
#include <cstdlib>

#include "attest/event_log.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    auto log = attest::parse_event_log(as_text({data, size}));
    if (!log) return 0;
    const std::string once = attest::encode_event_log(*log);
    if (attest::encode_event_log(*attest::parse_event_log(once)) != once) std::abort();

    for (std::size_t i = 0; i < log->size(); ++i) {
        attest::LogEntry& entry = (*log)[i];
        entry.seq = i;
        entry.digest = attest::entry_digest(i, entry.domain, entry.op, entry.payload);
    }
    attest::CheckLog checks;
    const auto identity = attest::appraise_event_log(*log, attest::replay(*log), checks);
    if (identity && log->size() != 6) std::abort();
    return 0;
}
