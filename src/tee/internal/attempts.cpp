#include "tee/internal/attempts.hpp"

namespace iapp::tee::internal {

std::unexpected<Error> system_failure(std::errc code, const std::string& what)
{
    std::string detail = what + ": " + words(code);
    switch (code) {
        case std::errc::device_or_resource_busy:
        case std::errc::timed_out:
        case std::errc::interrupted:
        case std::errc::resource_unavailable_try_again:  // the kernel: inputs changed since the report was made
            return fail(ErrorKind::unavailable, kBusy, std::move(detail));
        case std::errc::file_too_large:
            return fail(ErrorKind::corrupt, "tee.too_large", std::move(detail));
        default:
            return fail(ErrorKind::unavailable, "tee.transport", std::move(detail));
    }
}

}  // namespace iapp::tee::internal
