#pragma once
// A development PKI whose endorsements tests bend and sign again, and a cache that believes only what it vouches for.
// Users link endorse and simtee.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "attest/evidence.hpp"
#include "attest/intel_verify.hpp"
#include "endorse/accept.hpp"
#include "endorse/cache.hpp"
#include "simtee/quote.hpp"
#include "support/fake_vendor.hpp"
#include "support/sample_snp.hpp"

namespace iapp::test {

/// A sample that cannot be made is a defect of the test.
template <class T>
T made(Result<T> result)
{
    if (!result) throw std::logic_error(std::string(result.error().reason) + ": " + result.error().detail);
    return *std::move(result);
}

inline std::string reason(const auto& result) { return result ? "" : std::string(result.error().reason); }
inline std::string detail(const auto& result) { return result ? "" : result.error().detail; }

inline constexpr UnixSeconds kToday{std::chrono::sys_days{std::chrono::year{2026} / 11 / 29}};
inline constexpr std::chrono::days kBefore{1};  ///< documents were issued yesterday
inline constexpr std::chrono::days kLasts{30};  ///< and last this long

/// What one set of Intel's documents says.
struct Edition {
    UnixSeconds from = kToday - kBefore;
    UnixSeconds to = kToday - kBefore + kLasts;
    unsigned evaluation = 20;
    std::uint64_t crl_number = 1;
};

struct IntelPki {
    simtee::Authority authority = made(simtee::create_authority(simtee::CertificateWindows::for_time(kToday)));

    attest::Collateral issue(const Edition& edition = {}) const
    {
        const auto numbered = [&](std::string text) {
            const std::string_view old = "\"tcbEvaluationDataNumber\":20";
            return text.replace(text.find(old), old.size(),
                                "\"tcbEvaluationDataNumber\":" + std::to_string(edition.evaluation));
        };
        const crypto::CrlProfile list{.this_update = edition.from,
                                      .next_update = edition.to,
                                      .number = edition.crl_number,
                                      .revoked_serials = {},
                                      .extensions = {}};
        const simtee::Window window{edition.from, edition.to};
        attest::Collateral out = made(simtee::issue_collateral(authority, window));
        out.root_ca_crl = made(crypto::issue_crl(list, authority.root, authority.root_key)).der();
        out.pck_crl = made(crypto::issue_crl(list, authority.ca, authority.ca_key)).der();
        out.tcb_info = numbered(out.tcb_info);
        out.tcb_info_signature = to_bytes(authority.tcb_key.sign(as_bytes(out.tcb_info)).bytes());
        out.qe_identity = numbered(out.qe_identity);
        out.qe_identity_signature = to_bytes(authority.tcb_key.sign(as_bytes(out.qe_identity)).bytes());
        return out;
    }
};

inline endorse::IntelKey intel_key()
{
    return {endorse::IntelTee::tdx, simtee::simulated_platform().fmspc, endorse::PckCa::platform};
}

/// Milan as AMD serves it.
struct AmdPki {
    explicit AmdPki(std::shared_ptr<const simtee::SnpRootKeys> keys = snp_root_keys(attest::SnpProduct::milan))
        : authority(made(simtee::create_snp_authority(simtee::simulated_machine(attest::SnpProduct::milan), std::move(keys),
                                                      simtee::SnpWindows::for_time(kToday))))
    {
    }

    std::string chain() const { return authority.chain(attest::VekKind::vcek); }
    Bytes vcek() const { return authority.vcek.der(); }
    attest::AmdTrust trust() const { return made(attest::AmdTrust::from_pem(authority.roots())); }

    Bytes crl(std::uint64_t number = 1, std::chrono::days lasts = kLasts) const
    {
        const simtee::Window window{kToday - kBefore, kToday - kBefore + lasts};
        return made(simtee::issue_snp_crl(authority, window, {}, number)).der();
    }

    simtee::SnpAuthority authority;
};

/// Keys of nobody we trust.
inline AmdPki strange_amd_pki() { return AmdPki(made(simtee::create_snp_root_keys(2048))); }

inline endorse::VcekKey vcek_key()
{
    const simtee::SnpMachine machine = simtee::simulated_machine(attest::SnpProduct::milan);
    return {machine.product, made(attest::SnpChipId::from_bytes(machine.hardware_id)),
            attest::encode_tcb(machine.product, machine.tcb)};
}

inline endorse::VcekKey unknown_vcek_key()
{
    endorse::VcekKey key = vcek_key();
    std::array<std::uint8_t, attest::SnpChipId::kSize> chip = key.chip.array();
    chip[0] ^= 1;
    key.chip = attest::SnpChipId{chip};
    return key;
}

inline std::string vcek_target() { return made(endorse::vcek_url({.base_url = ""}, vcek_key())); }
inline constexpr const char* kAmdChainTarget = "/vcek/v1/Milan/cert_chain";
inline constexpr const char* kAmdCrlTarget = "/vcek/v1/Milan/crl";

inline void serve_amd(FakeVendor& vendor, const AmdPki& pki)
{
    vendor.serve(kAmdChainTarget, document(pki.chain()));
    vendor.serve(kAmdCrlTarget, document(to_text(pki.crl())));
    vendor.serve(vcek_target(), document(to_text(pki.vcek())));
}

/// Intel's endorsements by the tree's own verifier, over a quote that the PKI signs for the purpose.
inline Result<endorse::Facts> believe_intel(const IntelPki& pki, const endorse::IntelEntry& entry)
{
    const attest::Collateral& c = entry.collateral;
    TRY(const attest::TcbInfo tcb, attest::parse_tcb_info(c.tcb_info));
    TRY(const attest::QeIdentity qe, attest::parse_qe_identity(c.qe_identity));
    TRY(const crypto::Crl pck, crypto::Crl::from_der(c.pck_crl));
    TRY(const crypto::Crl root, crypto::Crl::from_der(c.root_ca_crl));
    const UnixSeconds from = std::max({tcb.issue_date, qe.issue_date, pck.this_update(), root.this_update()});
    const UnixSeconds until = std::min({tcb.next_update, qe.next_update, *pck.next_update(), *root.next_update()});

    const simtee::Authority& a = pki.authority;
    const auto body = simtee::simulated_body(
        Hash384::zero(), {Hash384::zero(), Hash384::zero(), Hash384::zero(), Hash384::zero()}, attest::ReportData::zero());
    const Bytes auth = simtee::simulated_qe_auth();
    const simtee::QuoteParts parts{body, simtee::simulated_qe_report(a.attestation_key.public_key(), auth), auth,
                                   a.pck_chain()};
    const attest::Evidence evidence{attest::EvidenceKind::tdx, simtee::encode_quote(parts, a.pck_key, a.attestation_key)};
    attest::CheckLog checks;
    TRY(const attest::TrustAnchor anchor, attest::TrustAnchor::from_pem(a.root.to_pem()));
    TRY(const attest::VerifiedQuote verified, attest::verify_intel(evidence, c, anchor, from, checks));
    (void)verified;
    if (tcb.fmspc != entry.key.fmspc) return fail(ErrorKind::unauthenticated, "attest.platform", "another FMSPC");
    const auto number = [](std::uint32_t n) { return Bytes{static_cast<std::uint8_t>(n)}; };
    return endorse::Facts{from,
                          until,
                          {{"tcb_info", number(tcb.tcb_evaluation_number)},
                           {"qe_identity", number(qe.tcb_evaluation_number)},
                           {"pck_crl", *pck.number()},
                           {"root_crl", *root.number()}}};
}

inline endorse::Accept believer(const IntelPki& intel, const AmdPki& amd)
{
    return [&](const endorse::Entry& entry) -> Result<endorse::Facts> {
        if (const auto* e = std::get_if<endorse::IntelEntry>(&entry)) return believe_intel(intel, *e);
        if (const auto* e = std::get_if<endorse::VcekEntry>(&entry)) return endorse::accept_vcek(*e, amd.trust());
        return endorse::accept_amd_issuer(std::get<endorse::AmdIssuerEntry>(entry), amd.trust());
    };
}

/// A folder that ends with the test.
class ScratchFolder {
public:
    ScratchFolder()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "iapp-endorse-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = pattern;
    }
    ~ScratchFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchFolder(ScratchFolder&&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace iapp::test
