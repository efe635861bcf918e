// rooms: attest
// Runtime logs of dstack guests. What parses is read back from its own writer, and appraised against the registers it leads
// to itself, so that every rule behind replay is reached.
#include <cstdlib>

#include "attest/runtime_log.hpp"

namespace {

using namespace iapp;
using namespace iapp::attest;

MeasuredRegisters registers_of(RuntimeLog& log)
{
    MeasuredRegisters out{RegisterKind::rtmr, HashAlgorithm::sha384, {}};
    for (std::uint32_t i = 0; i < 4; ++i) out.values[i] = Bytes(48, 0);
    for (RuntimeEvent& event : log) {
        event.hash_input.reset();
        const bool named = event.imr == kRuntimeRegister;
        event.type = named ? kRuntimeEventType : 4;
        const auto input = runtime_hash_input(event);
        event.digest = named && input ? crypto::sha384(*input) : event.digest.value_or(Hash384::zero());
        out.values[event.imr] = extend(HashAlgorithm::sha384, out.values[event.imr], event.digest->bytes());
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    auto log = parse_runtime_log(as_text({data, size}));
    if (!log) return 0;
    const std::string once = encode_runtime_log(*log);
    const auto again = parse_runtime_log(once);
    if (!again || encode_runtime_log(*again) != once) std::abort();

    const MeasuredRegisters registers = registers_of(*log);
    CheckLog checks;
    const auto facts = appraise_runtime_log(*log, registers, {}, checks);
    if (facts && facts->launch().size() >= log->size()) std::abort();
    return 0;
}
