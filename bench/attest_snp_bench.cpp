// rooms: attest simtee
// SEV-SNP verification against its limit, the public key operations that no verifier can leave out: one P-384 signature for
// a report of a known platform, and four RSA-4096 signatures more when everything starts from text. Counts allocations too.
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <cstdlib>
#include <new>

#include "crypto/internal/key_native.hpp"
#include "ratio.hpp"
#include "simtee/snp_report.hpp"

namespace {

std::size_t allocations = 0;  ///< by operator new; this program has one thread

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size)
{
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    std::abort();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using namespace iapp;

constexpr int kTimes = 100;
constexpr int kColdTimes = 40;
constexpr std::size_t kMostAllocations = 20;
constexpr int kRsaOperations = 4;  ///< VEK, intermediate, root and revocation list

void check(bool ok)
{
    if (!ok) std::abort();
}

template <class T>
T must(Result<T> result)
{
    check(result.has_value());
    return *std::move(result);
}

/// OpenSSL alone, with key, digest and signature prepared.
class Bare {
public:
    Bare(const crypto::SigningKey& key, crypto::SignatureScheme scheme)
        : context_(EVP_PKEY_CTX_new_from_pkey(nullptr, key.native(), nullptr))
    {
        const Bytes message(attest::kSnpSignedSize, 0x5a);
        const Hash384 digest = crypto::sha384(message);
        digest_ = to_bytes(digest.bytes());
        signature_ = must(key.sign(scheme, message));
        const auto parts = crypto::internal::parts_of(scheme);
        check(EVP_PKEY_verify_init(context_) == 1);
        if (parts.kind == crypto::KeyKind::rsa) {
            crypto::internal::set_padding(context_, parts);
        } else {
            const crypto::internal::DerSignature der(signature_);
            signature_.assign(der.data(), der.data() + der.size());
        }
    }
    ~Bare() { EVP_PKEY_CTX_free(context_); }
    Bare(const Bare&) = delete;
    Bare& operator=(const Bare&) = delete;

    void verify() const
    {
        check(EVP_PKEY_verify(context_, signature_.data(), signature_.size(), digest_.data(), digest_.size()) == 1);
    }

private:
    EVP_PKEY_CTX* context_;
    Bytes digest_;
    Bytes signature_;
};

struct Platform {
    UnixSeconds now = must(parse_iso8601("2026-11-22T10:00:00Z"));
    simtee::SnpAuthority authority =
        must(simtee::create_snp_authority(simtee::simulated_machine(attest::SnpProduct::genoa),
                                          must(simtee::create_snp_root_keys()), simtee::SnpWindows::for_time(now)));
    attest::SnpEndorsements endorsements = must(simtee::issue_snp_endorsements(
        authority, attest::VekKind::vcek, {now - std::chrono::days(1), now + std::chrono::days(30)}));
    attest::AmdTrust trust = must(attest::AmdTrust::from_pem(authority.roots()));
    attest::Evidence evidence{
        attest::EvidenceKind::snp,
        simtee::encode_snp_report(simtee::simulated_report(authority.machine, attest::VekKind::vcek, 5,
                                                           crypto::sha384(as_bytes("guest")), attest::ReportData::zero()),
                                  authority.vek_key)};
};

attest::SnpEndorser endorser_of(const Platform& platform)
{
    attest::CheckLog checks;
    return must(attest::SnpEndorser::create(platform.endorsements, platform.trust, attest::Revocation::required, checks));
}

}  // namespace

int main()
{
    const Platform platform;
    const attest::SnpEndorser endorser = endorser_of(platform);
    const auto known = [&] {
        attest::CheckLog checks;
        check(endorser.verify(platform.evidence.bytes, platform.now, checks).has_value());
    };
    const auto cold = [&] {
        attest::CheckLog checks;
        check(attest::verify_snp(platform.evidence, platform.endorsements, platform.trust, attest::Revocation::required,
                                 platform.now, checks)
                  .has_value());
    };
    const Bare p384(platform.authority.vek_key, crypto::SignatureScheme::ecdsa_p384_sha384);
    const Bare rsa(platform.authority.keys->ark, crypto::SignatureScheme::rsa_pss_sha384);
    const auto times = [](int n, auto step) {
        return [n, step] {
            for (int i = 0; i < n; ++i) step();
        };
    };
    const std::vector<bench::Case> cases = {
        {"OpenSSL: one P-384 verify", times(kTimes, [&] { p384.verify(); }), bench::Meter::process_cpu, kTimes},
        {"SNP report of a known platform", times(kTimes, known), bench::Meter::process_cpu, kTimes},
        {"OpenSSL: one P-384 and four RSA-4096 verifies",
         times(kColdTimes,
               [&] {
                   p384.verify();
                   for (int i = 0; i < kRsaOperations; ++i) rsa.verify();
               }),
         bench::Meter::process_cpu, kColdTimes},
        {"SNP report and endorsements from text", times(kColdTimes, cold), bench::Meter::process_cpu, kColdTimes},
    };
    int missed = bench::report(cases, {{"known platform / its limit", 1, 0, 0.70}, {"from text / its limit", 3, 2, 0.60}},
                               "report/s", 9);
    const std::size_t before = allocations;
    known();
    const std::size_t used = allocations - before;
    std::printf("  %-44s %6zu             target <= %zu    %s\n", "allocations per report of a known platform", used,
                kMostAllocations, used <= kMostAllocations ? "met" : "MISSED");
    if (used > kMostAllocations) ++missed;
    return missed;
}
