#pragma once
// The numbers that the quote, the TCB info and the QE identity of the simulated machine must agree on.
#include <array>

#include "crypto/hash.hpp"

namespace iapp::simtee {

inline constexpr std::array<std::uint8_t, 16> kTeeTcbSvn{3, 1, 2};  ///< module SVN 3, module version 1, then components
inline constexpr std::uint16_t kQeSvn = 4;
inline constexpr std::uint16_t kQeProduct = 2;
inline constexpr std::uint64_t kQeFlags = 0x11;  ///< INIT, PROVISION_KEY

inline Hash256 qe_signer() { return crypto::sha256(as_bytes("IAPP simulated quoting enclave signer")); }

}  // namespace iapp::simtee
