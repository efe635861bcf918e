#pragma once
// Where endorsements come from: configuration values, checked once. No URL is ever taken from a certificate or an answer, so
// whoever writes evidence cannot choose whom we talk to. Nothing here opens a connection.
#include <optional>
#include <string>

#include "endorse/entry.hpp"

namespace iapp::endorse {

/// Which of Intel's two release trains for TCB info and QE identity: early is published weeks before standard.
enum class TcbUpdate : unsigned char { standard, early };

/// Intel's Provisioning Certification Service, version 4, or any cache that mirrors its paths (a PCCS).
struct IntelSource {
    std::string base_url;  ///< without trailing slash: "https://pccs.example.net:8081"

    /// The root CA's list in DER. Absent: this is a PCCS, which serves it in hex at /sgx/certification/v4/rootcacrl.
    std::optional<std::string> root_crl_url{};

    TcbUpdate update = TcbUpdate::standard;
    std::optional<std::string> ca_pem{};  ///< trusted for TLS instead of the system's store: a PCCS is often self-signed
};

/// AMD's Key Distribution Service, or a mirror of its paths.
struct AmdSource {
    std::string base_url;
    std::optional<std::string> ca_pem{};
};

/// A vendor that is not configured is not asked: its endorsements come from bundles.
struct Sources {
    std::optional<IntelSource> intel{};
    std::optional<AmdSource> amd{};
};

/// The vendors' own services, as configuration that a program may start from.
IntelSource intel_pcs();
AmdSource amd_kds();

/// https, or http on a loopback address; no query, no trailing slash. Errors: invalid_input "endorse.source".
Status check(const Sources& sources);

struct IntelUrls {
    std::string tcb_info;
    std::string qe_identity;
    std::string pck_crl;
    std::string root_crl;
    bool root_crl_is_hex;
};
IntelUrls urls(const IntelSource& source, const IntelKey& key);

/// Turin chips are named by 8 bytes and have a fifth firmware part. Errors: invalid_input "endorse.key" (a chip id that is
/// all zero: the report masks it; or a Turin id longer than 8 bytes).
Result<std::string> vcek_url(const AmdSource& source, const VcekKey& key);

std::string cert_chain_url(const AmdSource& source, const AmdIssuerKey& key);
std::string crl_url(const AmdSource& source, const AmdIssuerKey& key);

}  // namespace iapp::endorse
