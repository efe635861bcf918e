#pragma once
// A whole development PKI in memory: five keys, four certificates, and the collateral they endorse.
// Not storage (pki.hpp) and not a verifier. Everything is plain data, so that tests can bend one thing and sign it again.
#include <string>

#include "attest/intel_collateral.hpp"
#include "attest/intel_tcb.hpp"
#include "crypto/x509_builder.hpp"

namespace iapp::simtee {

inline constexpr std::string_view kRootName = "IAPP SIMULATED ROOT - NOT HARDWARE";

struct Window {
    UnixSeconds from;
    UnixSeconds to;
};

/// How long each certificate lives. for_time() gives windows of years around `now`, so that only collateral ages.
struct CertificateWindows {
    Window root;
    Window ca;
    Window pck;
    Window tcb_signer;

    static CertificateWindows for_time(UnixSeconds now);
};

/// The two CAs that issue PCK certificates: one for multi-package platforms, one for single processors.
enum class PckCa : unsigned char { platform, processor };

/// The machine every simulated PCK certificate describes: FMSPC "SIM", fixed SVNs. Under the Processor CA the same machine
/// without what only the Platform CA states.
attest::SgxExtension simulated_platform(PckCa ca = PckCa::platform);

/// DER of the SGX extension, as attest::parse_sgx_extension() reads it.
Bytes encode_sgx_extension(const attest::SgxExtension& platform);

struct Authority {
    crypto::P256Key root_key;
    crypto::P256Key ca_key;
    crypto::P256Key pck_key;
    crypto::P256Key tcb_key;          ///< signs TCB info and QE identity
    crypto::P256Key attestation_key;  ///< signs quotes; certified by the quoting enclave's report
    crypto::Certificate root;
    crypto::Certificate ca;
    crypto::Certificate pck;
    crypto::Certificate tcb_signer;

    std::string pck_chain() const { return pck.to_pem() + ca.to_pem() + root.to_pem(); }
    std::string ca_chain() const { return ca.to_pem() + root.to_pem(); }
    std::string tcb_chain() const { return tcb_signer.to_pem() + root.to_pem(); }
};

/// New keys and certificates. `extension` is the DER put into the PCK certificate.
/// Errors: those of crypto/x509_builder.hpp.
Result<Authority> create_authority(const CertificateWindows& windows,
                                   const Bytes& extension = encode_sgx_extension(simulated_platform()),
                                   PckCa ca = PckCa::platform);

/// What collateral says, before it is spelled and signed: bend it, then sign_collateral().
struct CollateralPlan {
    attest::TcbInfo tcb;
    std::uint32_t tcb_version;  ///< 3, or 2 for the older spelling of SGX TCB info
    attest::QeIdentity qe;
    crypto::CrlProfile root_crl;
    crypto::CrlProfile pck_crl;
};

/// Collateral of the simulated machine for one TEE: up to date at its own SVNs, out of date below PCE SVN 13, nothing
/// revoked, one window for everything. `kind`  tdx or sgx.
CollateralPlan plan_collateral(attest::EvidenceKind kind, const Window& window);

/// The documents as Intel's service spells them, without white space.
std::string encode_tcb_info(const attest::TcbInfo& info, std::uint32_t version = 3);
std::string encode_qe_identity(const attest::QeIdentity& identity);

/// Spells and signs all of it. Errors: those of crypto/x509_builder.hpp.
Result<attest::Collateral> sign_collateral(const Authority& authority, const CollateralPlan& plan);

/// TDX collateral, as planned.
Result<attest::Collateral> issue_collateral(const Authority& authority, const Window& window);

}  // namespace iapp::simtee
