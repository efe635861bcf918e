// rooms: attest
// Boot logs of firmware. What parses is replayed as both kinds and appraised against the registers it leads to itself, so
// that every rule behind replay is reached.
#include <cstdlib>

#include "attest/boot_log.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp::attest;
    const auto log = parse_boot_log({data, size});
    if (!log) return 0;
    for (const RegisterKind kind : {RegisterKind::pcr, RegisterKind::rtmr}) {
        for (const HashAlgorithm bank : log->algorithms) {
            const auto values = replay(*log, kind, bank);
            if (!values) continue;
            CheckLog checks;
            const auto appraised = appraise_boot_log(*log, {kind, bank, *values}, checks);
            if (!appraised) continue;
            if (appraised->authenticated().size() + appraised->unauthenticated().size() > log->events.size()) std::abort();
            static_cast<void>(application_events(*appraised));
        }
    }
    return 0;
}
