#pragma once
// A program in sealed anonymous memory: the bytes that are measured are the bytes that run, whatever happens to the file.
#include <string>

#include "base/result.hpp"
#include "crypto/hash.hpp"
#include "runtime/fd.hpp"

namespace iapp::tee_sim {

struct SealedProgram {
    runtime::UniqueFd fd;  ///< close-on-exec, above the descriptors an agent is given
    Hash384 mr_td;         ///< SHA-384 of the sealed bytes
};

/// Errors: not_found / internal "tee_sim.agent".
Result<SealedProgram> seal_program(const std::string& path);

}  // namespace iapp::tee_sim
