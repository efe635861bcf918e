#pragma once
// A development PKI whose endorsements tests bend and sign again, and a cache that believes only what it vouches for.
// Users link endorse and simtee.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "endorse/accept.hpp"
#include "endorse/cache.hpp"
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

    /// The documents for TDX; `bend` changes what they say before they are signed.
    attest::Collateral issue(const Edition& edition = {}, void (*bend)(simtee::CollateralPlan&) = nullptr,
                             attest::EvidenceKind kind = attest::EvidenceKind::tdx) const
    {
        simtee::CollateralPlan plan = simtee::plan_collateral(kind, {edition.from, edition.to});
        plan.tcb.tcb_evaluation_number = plan.qe.tcb_evaluation_number = edition.evaluation;
        plan.root_crl.number = plan.pck_crl.number = edition.crl_number;
        if (bend != nullptr) bend(plan);
        return made(simtee::sign_collateral(authority, plan));
    }

    attest::TrustAnchor anchor() const { return made(attest::TrustAnchor::from_pem(authority.root.to_pem())); }
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
inline AmdPki strange_amd_pki()
{
    static const auto keys = made(simtee::create_snp_root_keys(2048));  // slow to make
    return AmdPki(keys);
}

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

inline endorse::Accept believer(const IntelPki& intel, const AmdPki& amd)
{
    return endorse::accept_under({.intel = intel.anchor(), .amd = amd.trust()});
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
