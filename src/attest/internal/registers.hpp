#pragma once
// The registers of each kind of evidence: names, sizes, and which of them a reference value must name.
#include <span>

#include "attest/claims.hpp"

namespace iapp::attest {

struct RegisterInfo {
    std::string_view name;
    std::size_t size;
    bool zero_unless_named = false;  ///< an unnamed register must be zero: it would hold something nobody reviewed
};

/// In the order of the evidence. PCRs are not listed: their names are "pcr00" to "pcr23", 32 bytes each.
std::span<const RegisterInfo> registers_of(EvidenceKind kind);

/// The register's size, or nothing when the kind has no register of this name.
std::optional<std::size_t> register_size(EvidenceKind kind, std::string_view name);

/// "pcr07"
std::string pcr_name(unsigned index);

/// Why these registers do not identify a guest of this kind; empty when they do.
std::string why_incomplete(EvidenceKind kind, const Registers& registers, bool has_least_isv_svn);

}  // namespace iapp::attest
