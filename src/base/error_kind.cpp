#include "base/error_kind.hpp"

#include <array>

namespace iapp {

const ErrorKindInfo& info(ErrorKind kind)
{
    using enum ExitCode;
    static constexpr std::array<ErrorKindInfo, 12> kTable{{
        {"invalid_input", 400, usage, false},
        {"unauthenticated", 401, auth, false},
        {"permission_denied", 403, denied, false},
        {"not_found", 404, not_found, false},
        {"conflict", 409, failed, false},
        {"precondition_failed", 412, failed, false},
        {"resource_exhausted", 429, failed, true},
        {"unavailable", 503, network, true},
        {"deadline_exceeded", 504, timeout, true},
        {"cancelled", 499, interrupted, false},
        {"corrupt", 422, failed, false},
        {"internal", 500, failed, false},
    }};
    return kTable[static_cast<std::size_t>(kind)];
}

ExitCode exit_code(const Error& error)
{
    if (error.reason.starts_with("attest.")) return ExitCode::attestation;
    return info(error.kind).exit_code;
}

}  // namespace iapp
