#pragma once
// RTMR2 and RTMR3 of a TD, read and extended through the kernel's measurement files (tsm-mr, Linux 6.16).
// Not a log: measured_log.hpp keeps what the digests mean.
// Source: Linux Documentation/ABI/testing/sysfs-devices-virtual-misc-tdx_guest.
#include <mutex>

#include "crypto/hash.hpp"
#include "tee/pseudo_files.hpp"
#include "tee/retry.hpp"

namespace iapp::tee {

inline constexpr std::string_view kMeasurementsDir = "/sys/devices/virtual/misc/tdx_guest/measurements";

class RuntimeRegisters {
public:
    /// `files` outlives the object.
    explicit RuntimeRegisters(PseudoFiles& files = posix_files(), std::string dir = std::string(kMeasurementsDir),
                              RetryPolicy retry = {})
        : files_(files), dir_(std::move(dir)), retry_(retry)
    {
    }

    /// RTMR[index] as it is now; index 0 to 3. Errors: invalid_input "tee.register"; precondition_failed
    /// "tee.no_runtime_registers" (this kernel has none); corrupt "tee.register_size"; "tee.busy", "tee.transport".
    Result<Hash384> read(int index);

    /// RTMR[index] = SHA-384(RTMR[index] || digest), index 2 or 3, and reads it back. Errors: as read(); corrupt
    /// "tee.extend" (the register does not hold the expected value: somebody else extends it, or the write did not arrive).
    /// After an error other than "tee.register" and "tee.no_runtime_registers" the register's content is not known.
    Status extend(int index, const Hash384& digest);

private:
    std::string path(int index) const;
    Result<Hash384> read_once(int index);

    PseudoFiles& files_;
    std::string dir_;
    RetryPolicy retry_;
    std::mutex turn_;  ///< read, write, read belong together
};

}  // namespace iapp::tee
