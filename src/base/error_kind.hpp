#pragma once
// The one table that maps an ErrorKind to the outside world.
#include "base/result.hpp"

namespace iapp {

/// Exit codes of `iapp`; printed by `iapp --help`.
enum class ExitCode : int {
    ok = 0,
    failed = 1,
    usage = 2,
    not_found = 3,
    auth = 4,
    denied = 5,
    attestation = 6,
    network = 7,
    timeout = 8,
    interrupted = 130
};

struct ErrorKindInfo {
    std::string_view name;  ///< snake_case, stable, used in JSON
    int http_status;
    ExitCode exit_code;
    bool retryable;
};

const ErrorKindInfo& info(ErrorKind kind);

/// Exit code for a whole error: attestation reasons ("attest.*") exit 6, everything else by its kind.
ExitCode exit_code(const Error& error);

}  // namespace iapp
