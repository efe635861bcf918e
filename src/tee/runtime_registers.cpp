#include "tee/runtime_registers.hpp"

#include "attest/event_log.hpp"
#include "tee/internal/attempts.hpp"

namespace iapp::tee {
namespace {

std::unexpected<Error> no_registers()
{
    return fail(ErrorKind::precondition_failed, "tee.no_runtime_registers",
                "this kernel offers no runtime measurement registers, so a run cannot be measured; use Linux 6.16 or newer "
                "with TDX guest support (CONFIG_TDX_GUEST_DRIVER, CONFIG_TSM_MEASUREMENTS)");
}

std::unexpected<Error> wrong_index(std::string_view rule)
{
    return fail(ErrorKind::invalid_input, "tee.register", std::string(rule));
}

}  // namespace

std::string RuntimeRegisters::path(int index) const { return dir_ + "/rtmr" + std::to_string(index) + ":sha384"; }

Result<Hash384> RuntimeRegisters::read_once(int index)
{
    const auto value = files_.read(path(index), Hash384::kSize);
    if (!value && value.error() == std::errc::no_such_file_or_directory) return no_registers();
    if (!value && value.error() != std::errc::file_too_large)
        return internal::system_failure(value.error(), "cannot read RTMR" + std::to_string(index));
    if (!value || value->size() != Hash384::kSize)
        return fail(ErrorKind::corrupt, "tee.register_size",
                    "RTMR" + std::to_string(index) + " does not read as 48 bytes: this is no tsm-mr file");
    return Hash384::from_bytes(*value);
}

Result<Hash384> RuntimeRegisters::read(int index)
{
    if (index < 0 || index > 3) return wrong_index("a TD has RTMR0 to RTMR3");
    return internal::try_repeatedly(retry_, [&] { return read_once(index); });
}

Status RuntimeRegisters::extend(int index, const Hash384& digest)
{
    if (index != 2 && index != 3) return wrong_index("only RTMR2 and RTMR3 can be extended from inside a TD");
    const std::scoped_lock lock(turn_);
    TRY(const Hash384 before, read(index));
    const Hash384 expected = attest::extend(before, digest);
    return internal::try_repeatedly(retry_, [&]() -> Status {
        const auto written = files_.write(path(index), digest.bytes());
        TRY(const Hash384 after, read(index));
        if (after == expected) return {};  // whatever the write said
        // Only an untouched register may be written again: a second extension would be measured too.
        if (!written && after == before)
            return internal::system_failure(written.error(), "cannot extend RTMR" + std::to_string(index));
        return fail(ErrorKind::corrupt, "tee.extend",
                    "RTMR" + std::to_string(index) + " does not hold what was extended into it; nothing else may extend it");
    });
}

}  // namespace iapp::tee
