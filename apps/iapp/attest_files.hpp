#pragma once
// What `iapp attest verify` is given on its command line, read into values. Chooses and judges nothing.
#include "attest/judge.hpp"
#include "context.hpp"

namespace iapp::cli {

struct AttestRequest {
    attest::Submission submission;
    attest::Trust trust;
    attest::PolicyDocument policy;
    std::optional<Bytes> challenge;
    UnixSeconds at;
};

/// Errors: not_found "cli.file"; invalid_input "attest.policy_format", "attest.root", "cli.time", "cli.hex", "cli.key".
Result<AttestRequest> read_attest_request(const Arguments& arguments, UnixSeconds now);

/// The vendors' roots, or those of --root; the key of --ak. Errors: as read_attest_request().
Result<attest::Trust> read_trust(const Arguments& arguments);

/// A file's bytes as they are. Errors: not_found "cli.file".
Result<Bytes> read_bytes(const std::string& path);

}  // namespace iapp::cli
