#pragma once
// A development PKI whose endorsements tests bend and sign again, and a cache that believes only what it vouches for.
// Users link endorse and simtee.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "attest/evidence.hpp"
#include "attest/verify.hpp"
#include "endorse/cache.hpp"
#include "simtee/quote.hpp"
#include "support/fake_vendor.hpp"

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

/// A product line of AMD's shape; the keys are P-256, so only believe_amd() below believes it.
struct AmdPki {
    AmdPki()
    {
        const auto profile = [](std::string name, std::uint32_t below) {
            return crypto::CertificateProfile{.common_name = std::move(name),
                                              .organization = "IAPP",
                                              .serial = {},
                                              .not_before = kToday - std::chrono::days(100),
                                              .not_after = kToday + std::chrono::days(5000),
                                              .ca = true,
                                              .path_length = below,
                                              .extensions = {}};
        };
        ark = made(crypto::issue_root(profile("ARK-Milan", 1), ark_key));
        ask = made(crypto::issue_certificate(profile("SEV-Milan", 0), ask_key.public_key(), *ark, ark_key));
    }

    std::string chain() const { return ask->to_pem() + ark->to_pem(); }

    Bytes vcek() const
    {
        const crypto::CertificateProfile leaf{.common_name = "SEV-VCEK",
                                              .organization = "IAPP",
                                              .serial = {},
                                              .not_before = kToday - std::chrono::days(100),
                                              .not_after = kToday + std::chrono::days(2500),
                                              .path_length = {},
                                              .extensions = {}};
        return made(crypto::issue_certificate(leaf, crypto::P256Key::generate().public_key(), *ask, ask_key)).der();
    }

    Bytes crl(std::uint64_t number = 1, std::chrono::days lasts = kLasts) const
    {
        return made(crypto::issue_crl({.this_update = kToday - kBefore,
                                       .next_update = kToday - kBefore + lasts,
                                       .number = number,
                                       .revoked_serials = {},
                                       .extensions = {}},
                                      *ark, ark_key))
            .der();
    }

    crypto::P256Key ark_key = crypto::P256Key::generate();
    crypto::P256Key ask_key = crypto::P256Key::generate();
    std::optional<crypto::Certificate> ark;
    std::optional<crypto::Certificate> ask;
};

inline endorse::VcekKey vcek_key(std::uint8_t chip = 1)
{
    std::array<std::uint8_t, endorse::SnpChipId::kSize> id{};
    id.fill(chip);
    return {endorse::SnpProduct::milan, endorse::SnpChipId{id}, {3, 0, 0, 0, 0, 0, 0x16, 0xd7}};
}

inline std::string vcek_target(std::uint8_t chip = 1)
{
    return "/vcek/v1/Milan/" + hex(vcek_key(chip).chip.bytes()) + "?blSPL=3&teeSPL=0&snpSPL=22&ucodeSPL=215";
}
inline constexpr const char* kAmdChainTarget = "/vcek/v1/Milan/cert_chain";
inline constexpr const char* kAmdCrlTarget = "/vcek/v1/Milan/crl";

inline void serve_amd(FakeVendor& vendor, const AmdPki& pki)
{
    vendor.serve(kAmdChainTarget, document(pki.chain()));
    vendor.serve(kAmdCrlTarget, document(to_text(pki.crl())));
    vendor.serve(vcek_target(), document(to_text(pki.vcek())));
}

/// The chain, the signatures and the windows of AmdPki's endorsements.
inline Result<endorse::Facts> believe_amd(const AmdPki& pki, const std::string& chain, const endorse::Entry& entry)
{
    if (chain != pki.chain()) return fail(ErrorKind::unauthenticated, "attest.root", "another chain");
    if (const auto* vcek = std::get_if<endorse::VcekEntry>(&entry)) {
        TRY(const crypto::Certificate leaf, crypto::Certificate::from_der(vcek->vek));
        TRY_OK(leaf.verify_signed_by(*pki.ask));
        return endorse::Facts{leaf.not_before(), leaf.not_after(), {}};
    }
    TRY(const crypto::Crl list, crypto::Crl::from_der(std::get<endorse::AmdIssuerEntry>(entry).crl));
    TRY_OK(list.verify_signed_by(*pki.ark));
    return endorse::Facts{list.this_update(), *list.next_update(), {{"crl", *list.number()}}};
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
    TRY(const attest::VerifiedQuote verified, attest::verify_tdx(evidence, c, anchor, from, checks));
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
        if (const auto* e = std::get_if<endorse::VcekEntry>(&entry)) return believe_amd(amd, e->cert_chain, entry);
        return believe_amd(amd, std::get<endorse::AmdIssuerEntry>(entry).cert_chain, entry);
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
