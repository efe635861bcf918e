#pragma once
// A simulated AMD PKI of one product: root (ARK), both intermediates (ASK, ASVK), one VCEK and one VLEK, and revocation
// lists. Common names, extensions and algorithms are AMD's, since a verifier checks them; the organization says that it is
// none. Not storage and not a verifier. Everything is plain data, so that tests can bend one thing and sign it again.
#include <memory>

#include "attest/snp_verify.hpp"
#include "crypto/x509_builder.hpp"
#include "simtee/authority.hpp"

namespace iapp::simtee {

inline constexpr std::string_view kSnpOrganization = "SIMULATED - NOT HARDWARE";

/// The processor that every simulated report of this product describes.
struct SnpMachine {
    attest::SnpProduct product;
    attest::SnpCpuId cpu;
    attest::SnpTcb tcb;
    Bytes hardware_id;   ///< 64 bytes, on Turin 8
    std::string csp_id;  ///< of the VLEK
};
SnpMachine simulated_machine(attest::SnpProduct product);

/// What AMD would write into this machine's endorsement key of this kind.
attest::VekExtensions vek_extensions(const SnpMachine& machine, attest::VekKind kind);
std::vector<crypto::X509Extension> encode_vek_extensions(const attest::VekExtensions& extensions);

/// The three RSA keys of a product. AMD's have 4096 bits, which take seconds to make: keep them and share them.
struct SnpRootKeys {
    crypto::SigningKey ark;
    crypto::SigningKey ask;
    crypto::SigningKey asvk;
};
/// Errors: invalid_input "crypto.public_key_rsa".
Result<std::shared_ptr<const SnpRootKeys>> create_snp_root_keys(int bits = 4096);

struct SnpWindows {
    Window ark;
    Window ask;
    Window vcek;
    Window vlek;

    static SnpWindows for_time(UnixSeconds now);
};

struct SnpAuthority {
    SnpMachine machine;
    std::shared_ptr<const SnpRootKeys> keys;
    crypto::SigningKey vek_key;  ///< of the VCEK and of the VLEK: which of them signed is said by the report
    crypto::Certificate ark;
    crypto::Certificate ask;
    crypto::Certificate asvk;
    crypto::Certificate vcek;
    crypto::Certificate vlek;

    /// Intermediate and root, as AMD's service gives them.
    std::string chain(attest::VekKind kind) const;

    /// What attest::AmdTrust::from_pem() takes.
    std::string roots() const { return ark.to_pem() + ask.to_pem() + asvk.to_pem(); }

    const crypto::Certificate& vek(attest::VekKind kind) const { return kind == attest::VekKind::vcek ? vcek : vlek; }
};

/// Errors: those of crypto/x509_builder.hpp.
Result<SnpAuthority> create_snp_authority(const SnpMachine& machine, std::shared_ptr<const SnpRootKeys> keys,
                                          const SnpWindows& windows);

/// Another endorsement key certificate under the same intermediate.
Result<crypto::Certificate> issue_vek(const SnpAuthority& authority, attest::VekKind kind, const Window& window,
                                      std::vector<crypto::X509Extension> extensions);

/// The root's list.
Result<crypto::Crl> issue_snp_crl(const SnpAuthority& authority, const Window& window,
                                  std::vector<Bytes> revoked_serials = {}, std::uint64_t number = 1);

/// Endorsement key, chain and an empty list.
Result<attest::SnpEndorsements> issue_snp_endorsements(const SnpAuthority& authority, attest::VekKind kind,
                                                       const Window& crl_window);

}  // namespace iapp::simtee
