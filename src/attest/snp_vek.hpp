#pragma once
// What AMD writes into a versioned endorsement key's certificate: product, firmware versions, and whose key it is.
// Not the certificate (crypto/x509.hpp) and not its chain (snp_verify.hpp). Source: AMD 57230, certificate extensions.
#include <optional>
#include <string>

#include "attest/snp_product.hpp"
#include "crypto/x509.hpp"

namespace iapp::attest {

/// Whose key signs reports: the chip's own, or one leased to a cloud provider.
enum class VekKind : unsigned char { vcek, vlek };

/// "SEV-VCEK", "SEV-VLEK": the common name of the certificate.
std::string_view common_name(VekKind kind);

/// "VCEK", "VLEK".
std::string_view name(VekKind kind);

struct VekExtensions {
    SnpProduct product;
    std::string product_name;           ///< as written, with or without a stepping: "Milan-B0"
    std::uint8_t struct_version;        ///< 0, or 1 since Turin
    SnpTcb tcb;                         ///< the firmware versions this key was derived for
    std::optional<Bytes> hardware_id;   ///< VCEK: 64 bytes, on Turin 8
    std::optional<std::string> csp_id;  ///< VLEK: whom the key was leased to
};

/// Reads the extensions under 1.3.6.1.4.1.3704.1: each needed one once, exact DER, no firmware component that is not known
/// here. The caller has made sure that no OID comes twice (crypto::Certificate does).
/// Errors: invalid_input "attest.vek".
Result<VekExtensions> parse_vek_extensions(std::span<const crypto::X509Extension> extensions, VekKind kind);

}  // namespace iapp::attest
