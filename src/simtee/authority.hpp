#pragma once
// A whole development PKI in memory: five keys, four certificates, and the collateral they endorse.
// Not storage (pki.hpp) and not a verifier. Everything is plain data, so that tests can bend one thing and sign it again.
#include <string>

#include "attest/collateral.hpp"
#include "attest/pck.hpp"
#include "base/clock.hpp"
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

/// The machine every simulated PCK certificate describes: FMSPC "SIM", fixed SVNs.
attest::SgxExtension simulated_platform();

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
                                   const Bytes& extension = encode_sgx_extension(simulated_platform()));

/// TCB info (TDX, version 3) and QE identity (TD_QE, version 2) of the simulated machine: up to date at its own SVNs.
std::string tcb_info_json(const Window& window);
std::string qe_identity_json(const Window& window);

/// Empty revocation lists and both documents, signed, with one window for all.
Result<attest::Collateral> issue_collateral(const Authority& authority, const Window& window);

}  // namespace iapp::simtee
