#pragma once
// Writes TCG crypto-agile boot logs, also wrong ones: the inverse of attest/boot_log.hpp.
#include "attest/boot_log.hpp"

namespace iapp::simtee {

/// An event whose digests are those of its data. Algorithms that this tree does not compute get zero digests.
attest::BootEvent boot_event(std::uint32_t index, std::uint32_t type, ByteView data,
                             const std::vector<attest::HashAlgorithm>& algorithms);

/// EV_NO_ACTION "StartupLocality".
attest::BootEvent startup_locality(std::uint8_t locality, const std::vector<attest::HashAlgorithm>& algorithms);

/// UEFI_VARIABLE_DATA with an ASCII name.
Bytes variable_data(std::string_view name, ByteView data);

/// The header event alone.
Bytes encode_boot_log_header(const std::vector<attest::HashAlgorithm>& algorithms, std::string_view vendor = {});

/// Header event and events, no padding.
Bytes encode_boot_log(const attest::BootLog& log);

/// The boot of a machine with a TPM (SHA-1 and SHA-256 banks, started from locality 3), or of a TD.
attest::BootLog sample_tpm_log();
attest::BootLog sample_td_log();

}  // namespace iapp::simtee
