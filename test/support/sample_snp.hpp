#pragma once
// One good SNP verification per product in memory: simulated AMD PKI, endorsements and report. Tests bend one thing of it
// and sign again. The RSA keys have 2048 bits, where AMD's have 4096: they are made once per process and product. Users link
// simtee.
#include <map>
#include <stdexcept>

#include "simtee/snp_report.hpp"

namespace iapp::test {

template <class T>
T must_have(Result<T> result)
{
    if (!result) throw std::logic_error(std::string(result.error().reason) + ": " + result.error().detail);
    return *std::move(result);
}

inline std::shared_ptr<const simtee::SnpRootKeys> snp_root_keys(attest::SnpProduct product)
{
    static std::map<attest::SnpProduct, std::shared_ptr<const simtee::SnpRootKeys>> keys;
    auto& found = keys[product];
    if (!found) found = must_have(simtee::create_snp_root_keys(2048));
    return found;
}

struct SampleSnp {
    UnixSeconds now;
    simtee::SnpAuthority authority;
    attest::SnpEndorsements endorsements;
    attest::UnverifiedSnpReport fields;  ///< bend them; report() signs what they are

    Bytes report() const { return simtee::encode_snp_report(fields, authority.vek_key); }
    attest::Evidence evidence() const { return {attest::EvidenceKind::snp, report()}; }
    attest::AmdTrust trust() const { return must_have(attest::AmdTrust::from_pem(authority.roots())); }
};

inline simtee::Window open_window(UnixSeconds now) { return {now - std::chrono::days(1), now + std::chrono::days(30)}; }

inline SampleSnp make_sample_snp(UnixSeconds now, attest::SnpProduct product = attest::SnpProduct::milan,
                                 attest::VekKind kind = attest::VekKind::vcek, std::uint32_t version = 3)
{
    const simtee::SnpMachine machine = simtee::simulated_machine(product);
    auto authority =
        must_have(simtee::create_snp_authority(machine, snp_root_keys(product), simtee::SnpWindows::for_time(now)));
    auto endorsements = must_have(simtee::issue_snp_endorsements(authority, kind, open_window(now)));
    std::array<std::uint8_t, 64> data{};
    std::ranges::copy(as_bytes("sample report data"), data.begin());
    auto fields =
        simtee::simulated_report(machine, kind, version, crypto::sha384(as_bytes("sample guest")), attest::ReportData{data});
    return {now, std::move(authority), std::move(endorsements), fields};
}

}  // namespace iapp::test
