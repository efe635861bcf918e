#pragma once
// The Intel SGX extension of a PCK certificate: which platform signed, at which TCB.
// Not the certificate: crypto/x509.hpp parses that. Source: Intel SGX PCK Certificate and CRL Profile 1.5, section 1.3.5.
#include <optional>

#include "base/fixed_bytes.hpp"

namespace iapp::attest {

inline constexpr std::string_view kSgxExtensionOid = "1.2.840.113741.1.13.1";

enum class SgxType : unsigned char { standard = 0, scalable = 1, scalable_with_integrity = 2 };

using Fmspc = FixedBytes<6, struct FmspcTag>;
using PceId = FixedBytes<2, struct PceIdTag>;
using Ppid = FixedBytes<16, struct PpidTag>;

struct SgxExtension {
    Ppid ppid;
    std::array<std::uint8_t, 16> components;  ///< TCB component SVNs; TCB matching uses these
    std::uint16_t pce_svn;
    std::array<std::uint8_t, 16> cpu_svn;  ///< a different encoding of the same TCB; informative
    PceId pce_id;
    Fmspc fmspc;
    SgxType type;
    std::optional<std::array<std::uint8_t, 16>> platform_instance_id;  ///< Platform CA only
};

/// Parses the DER inside the extension's OCTET STRING: each field once, exact tags and lengths, minimal integers, no rest.
/// Errors: invalid_input "attest.pck".
Result<SgxExtension> parse_sgx_extension(ByteView der);

}  // namespace iapp::attest
