#pragma once
// The permutation Keccak-f[1600], twice: as this processor likes it best, and as every processor runs it.
#include <array>
#include <cstdint>

namespace iapp::crypto::internal {

using KeccakState = std::array<std::uint64_t, 25>;  ///< lane (x, y) at x + 5 * y

void keccak_f(KeccakState& state);
void keccak_f_portable(KeccakState& state);

}  // namespace iapp::crypto::internal
