// Genuine quotes of Intel platforms with the collateral of their time, under Intel's production root. The vectors are not
// part of the tree: set IAPP_VECTORS, or keep them in ../shared/vectors. Without them these tests say SKIPPED.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "attest/intel_verify.hpp"

namespace iapp::attest {
namespace {

using std::chrono::seconds;
namespace fs = std::filesystem;

fs::path vectors()
{
    constexpr std::string_view kName = "IAPP_VECTORS=";
    for (char** variable = environ; *variable != nullptr; ++variable)
        if (std::string_view(*variable).starts_with(kName)) return std::string_view(*variable).substr(kName.size());
    return "../shared/vectors";
}

std::string load(const fs::path& file)
{
    std::ifstream in(vectors() / "intel" / file, std::ios::binary);
    EXPECT_TRUE(in.good()) << file;
    return {std::istreambuf_iterator<char>(in), {}};
}

class GenuineQuotes : public testing::Test {
protected:
    void SetUp() override
    {
        if (fs::exists(vectors() / "intel")) return;
        std::fprintf(stderr, "\n*** SKIPPED: no genuine attestation vectors at %s; set IAPP_VECTORS ***\n\n",
                     vectors().c_str());
        GTEST_SKIP();
    }
};

struct Verdict {
    std::string_view reason;
    std::string detail;
    std::optional<TcbVerdict> tcb;
    bool simulated = true;
    CheckLog checks;
};

Verdict verify(std::string_view quote, const Collateral& collateral, UnixSeconds at, EvidenceKind kind = EvidenceKind::tdx,
               const TrustAnchor& anchor = TrustAnchor::intel())
{
    Verdict out;
    const auto verified = verify_intel({kind, to_bytes(quote)}, collateral, anchor, at, out.checks);
    if (verified) {
        out.tcb = verified->tcb();
        out.simulated = verified->simulated();
    } else {
        out.reason = verified.error().reason;
        out.detail = verified.error().detail;
    }
    return out;
}

void set_signed(const fs::path& file, std::string_view member, std::string& document, Bytes& signature)
{
    const auto sliced = slice_signed_object(load(file), member);
    ASSERT_TRUE(sliced.has_value()) << sliced.error().detail;
    document = sliced->bytes;
    signature = sliced->signature;
}

/// PCK CA and root, as the quote itself carries them.
std::string ca_chain_of(std::string_view quote)
{
    const auto parsed = parse_intel_quote(as_bytes(quote));
    EXPECT_TRUE(parsed.has_value());
    const std::string_view pem = parsed->pck_chain_pem;
    return std::string(pem.substr(pem.find("-----BEGIN", 1)));
}

const fs::path kV4 = "tdx-v4-fmspc-B0C06F000000";
constexpr UnixSeconds kV4From{seconds(1750329147)}, kV4To{seconds(1752919235)};

Collateral v4_collateral()
{
    const auto parsed = parse_collateral(load(kV4 / "collateral.json"));
    EXPECT_TRUE(parsed.has_value()) << parsed.error().detail;
    return *parsed;
}

TEST_F(GenuineQuotes, Version4IsUpToDateInsideItsWindowOnly)
{
    const std::string quote = load(kV4 / "quote.bin");
    const Collateral collateral = v4_collateral();
    for (const UnixSeconds at : {kV4From, kV4From + (kV4To - kV4From) / 2, kV4To}) {
        const Verdict verdict = verify(quote, collateral, at);
        ASSERT_TRUE(verdict.tcb.has_value()) << verdict.reason << ": " << verdict.detail;
        EXPECT_EQ(verdict.tcb->status, TcbStatus::up_to_date);
        EXPECT_TRUE(verdict.tcb->advisories.empty());
        EXPECT_FALSE(verdict.simulated);
    }
    EXPECT_EQ(verify(quote, collateral, kV4From - seconds(1)).reason, "attest.collateral_expired");
    EXPECT_EQ(verify(quote, collateral, kV4To + seconds(1)).reason, "attest.collateral_expired");
}

TEST_F(GenuineQuotes, Version5IsUpToDate)
{
    const fs::path dir = "tdx-v5-fmspc-90C06F000000";
    const std::string quote = load(dir / "quote.bin");
    Collateral c;
    c.pck_crl_issuer_chain = ca_chain_of(quote);
    c.root_ca_crl = to_bytes(load(dir / "root_crl.der"));
    c.pck_crl = to_bytes(load(dir / "pck_crl.der"));
    c.tcb_info_issuer_chain = c.qe_identity_issuer_chain = load(dir / "qe_signing_chain.pem");
    set_signed(dir / "tcbinfo-2.json", "tcbInfo", c.tcb_info, c.tcb_info_signature);
    set_signed(dir / "qeidentity.json", "enclaveIdentity", c.qe_identity, c.qe_identity_signature);

    const Verdict verdict = verify(quote, c, *parse_iso8601("2026-04-01T01:00:00Z"));
    ASSERT_TRUE(verdict.tcb.has_value()) << verdict.reason << ": " << verdict.detail;
    EXPECT_EQ(verdict.tcb->status, TcbStatus::up_to_date);
    EXPECT_EQ(verify(quote, c, *parse_iso8601("2026-03-16T22:16:02Z")).reason, "attest.collateral_expired");
    EXPECT_EQ(verify(quote, c, *parse_iso8601("2026-04-15T22:16:04Z")).reason, "attest.collateral_expired");
}

TEST_F(GenuineQuotes, APlatformBelowEveryLevelIsNotSupported)
{
    const fs::path dir = "tdx-v4-fmspc-50806F000000";
    std::string quote = load(dir / "quote.bin");
    Collateral c;
    c.pck_crl_issuer_chain = load(dir / "pck_crl_issuer_chain.pem");
    c.root_ca_crl = to_bytes(load(dir / "root_crl.der"));
    c.pck_crl = to_bytes(load(dir / "pck_crl.der"));
    c.tcb_info_issuer_chain = load(dir / "tcb_issuer_chain.pem");
    c.qe_identity_issuer_chain = load(dir / "qe_issuer_chain.pem");
    set_signed(dir / "tcbinfo.json", "tcbInfo", c.tcb_info, c.tcb_info_signature);
    set_signed(dir / "qeidentity.json", "enclaveIdentity", c.qe_identity, c.qe_identity_signature);
    const UnixSeconds at = *parse_iso8601("2023-07-01T00:00:00Z");

    EXPECT_EQ(verify(quote, c, at).reason, "attest.quote_format") << "text follows this quote";
    quote.resize(4935);
    EXPECT_EQ(verify(quote, c, at).reason, "attest.tcb_level");

    // A later TCB info, whose signing certificate is younger than the revocation lists: no time suits both.
    c.tcb_info_issuer_chain = load(dir / "tcb_signing_chain.pem");
    set_signed(dir / "tcbinfo-2.json", "tcbInfo", c.tcb_info, c.tcb_info_signature);
    EXPECT_EQ(verify(quote, c, at).reason, "attest.certificate_expired");
    const auto later = parse_tcb_info(c.tcb_info);
    ASSERT_TRUE(later.has_value()) << later.error().detail;
    const auto parsed = parse_intel_quote(as_bytes(quote));
    SgxExtension pck{Ppid::zero(), {3, 3}, 11, {}, later->pce_id, later->fmspc, SgxType::standard, std::nullopt};
    EXPECT_FALSE(match_platform(*later, pck, parsed->td()->tee_tcb_svn).has_value());
}

TEST_F(GenuineQuotes, ADebugTdHasPerfectSignaturesAndShowsItsBit)
{
    const std::string quote = load("more-quotes/trustee-tdx-v4.dat");
    const auto parsed = parse_intel_quote(as_bytes(quote));
    ASSERT_TRUE(parsed.has_value()) << parsed.error().detail;
    EXPECT_NE(parsed->td()->td_attributes & 0xff, 0U);

    const Verdict verdict = verify(quote, v4_collateral(), kV4From);
    EXPECT_TRUE(verdict.checks.passed(CheckId::signature)) << verdict.reason << ": " << verdict.detail;
    EXPECT_FALSE(verdict.tcb.has_value()) << "this collateral belongs to another platform";
}

TEST_F(GenuineQuotes, ZeroPaddingIsTrimmedAndReportDataIsTheNonce)
{
    const std::string quote = load("ccel/cos-113-quote.dat");
    const auto parsed = parse_intel_quote(as_bytes(quote));
    ASSERT_TRUE(parsed.has_value()) << parsed.error().detail;
    EXPECT_LT(parsed->quote_size, quote.size());
    EXPECT_EQ(to_text(parsed->report_data().bytes()), load("ccel/cos-113-nonce.dat"));
    EXPECT_TRUE(verify(quote, v4_collateral(), kV4From).checks.passed(CheckId::signature));
}

Collateral collateral_of(const fs::path& file)
{
    const auto parsed = parse_collateral(load(file));
    EXPECT_TRUE(parsed.has_value()) << parsed.error().detail;
    return *parsed;
}

TEST_F(GenuineQuotes, SgxVersion3NeedsConfigurationAndSoftwareHardening)
{
    const fs::path dir = "sgx-v3-fmspc-00A067110000";
    const std::string quote = load(dir / "quote.bin");
    const Collateral collateral = collateral_of(dir / "collateral.json");
    constexpr UnixSeconds kFrom{seconds(1750330571)}, kTo{seconds(1752919278)};  // to 2025-07-19T10:01:18Z
    for (const UnixSeconds at : {kFrom, kFrom + (kTo - kFrom) / 2, kTo - seconds(1)}) {
        const Verdict verdict = verify(quote, collateral, at, EvidenceKind::sgx);
        ASSERT_TRUE(verdict.tcb.has_value()) << verdict.reason << ": " << verdict.detail;
        EXPECT_EQ(verdict.tcb->status, TcbStatus::configuration_and_sw_hardening_needed);
        EXPECT_EQ(verdict.tcb->advisories, (std::vector<std::string>{"INTEL-SA-00289", "INTEL-SA-00615"}));
        EXPECT_FALSE(verdict.simulated);
    }
    EXPECT_EQ(verify(quote, collateral, kFrom - seconds(1), EvidenceKind::sgx).reason, "attest.collateral_expired");
    EXPECT_EQ(verify(quote, collateral, kTo + seconds(1), EvidenceKind::sgx).reason, "attest.collateral_expired");
    EXPECT_EQ(verify(quote, collateral, kFrom, EvidenceKind::tdx).reason, "attest.quote_format");
    EXPECT_EQ(verify(quote, v4_collateral(), kV4From, EvidenceKind::sgx).reason, "attest.crl") << "another PCK CA's list";
}

TEST_F(GenuineQuotes, ADebugEnclaveHasPerfectSignaturesAndShowsItsBit)
{
    const std::string quote = load("more-quotes/trustee-occlum-sgx-v3.dat");
    const auto parsed = parse_intel_quote(as_bytes(quote));
    ASSERT_TRUE(parsed.has_value()) << parsed.error().detail;
    EXPECT_NE(parsed->sgx()->flags & kSgxDebug, 0U);
    const Verdict verdict = verify(quote, v4_collateral(), kV4From, EvidenceKind::sgx);
    EXPECT_TRUE(verdict.checks.passed(CheckId::signature)) << verdict.reason << ": " << verdict.detail;
}

/// A version 4 TDX quote without QE authentication data, with a PEM chain in place of its certification data.
std::string with_chain(std::string quote, const std::string& pem)
{
    constexpr std::size_t kCertification = 1220;  // type u16, size u32, data
    const auto put = [&](std::size_t at, std::size_t value) {
        for (unsigned i = 0; i < 4; ++i) quote[at + i] = static_cast<char>(value >> (8 * i));
    };
    quote.replace(kCertification + 6, std::string::npos, pem);
    put(632, quote.size() - 636);
    put(766, quote.size() - 770);
    put(kCertification + 2, pem.size());
    return quote;
}

/// A sample of the vendor's library: everything signed under a test root of its own.
struct Sample {
    fs::path dir;
    EvidenceKind kind;

    std::string quote() const { return load(dir / "quote.dat"); }
    std::string root() const { return load(dir / "trustedRootCaCert.pem"); }
    Collateral collateral() const
    {
        const auto parts =
            collateral_from_parts({.tcb_info = load(dir / "tcbInfo.json"),
                                   .tcb_info_issuer_chain = load(dir / "tcbSignChain.pem"),
                                   .qe_identity = load(dir / "qeIdentity.json"),
                                   .qe_identity_issuer_chain = load(dir / "tcbSignChain.pem"),
                                   .root_ca_crl = to_bytes(load(dir / "rootCaCrl.der")),
                                   .pck_crl = to_bytes(load(dir / "intermediateCaCrl.der")),
                                   .pck_crl_issuer_chain = load(dir / "pckSignChain.pem"),
                                   .pck_certificate_chain = load(dir / "pckCert.pem") + load(dir / "pckSignChain.pem")});
        EXPECT_TRUE(parts.has_value()) << parts.error().detail;
        return *parts;
    }
};
const Sample kSgxSample{"qvl-sample-sgx", EvidenceKind::sgx};
const Sample kTdxSample{"qvl-sample-tdx", EvidenceKind::tdx};

TEST_F(GenuineQuotes, TheVendorsSampleQuotesAreRefusedUnderTheProductionRoot)
{
    const UnixSeconds at = *parse_iso8601("2022-01-01T00:00:00Z");
    EXPECT_EQ(verify(kSgxSample.quote(), kSgxSample.collateral(), at, EvidenceKind::sgx).reason, "attest.root");
    // The TDX sample calls three DER certificates in a row a PEM chain. With PEM in their place it is well formed.
    const std::string quote = kTdxSample.quote();
    EXPECT_EQ(verify(quote, kTdxSample.collateral(), at).reason, "attest.chain");
    const std::string chain = *kTdxSample.collateral().pck_certificate_chain;
    EXPECT_EQ(verify(with_chain(quote, chain), kTdxSample.collateral(), at).reason, "attest.root");
}

TEST_F(GenuineQuotes, TheVendorsSgxSampleVerifiesUnderItsOwnRoot)
{
    // Version 2 TCB info, a quote that only names its PCK certificate (type 1) and no QE authentication data.
    const UnixSeconds at = *parse_iso8601("2019-10-01T00:00:00Z");
    const Verdict verdict = verify(kSgxSample.quote(), kSgxSample.collateral(), at, EvidenceKind::sgx,
                                   *TrustAnchor::from_pem(kSgxSample.root()));
    EXPECT_TRUE(verdict.checks.passed(CheckId::signature)) << verdict.reason << ": " << verdict.detail;
    ASSERT_TRUE(verdict.tcb.has_value()) << verdict.reason << ": " << verdict.detail;
    EXPECT_EQ(verdict.tcb->status, TcbStatus::up_to_date);
    EXPECT_TRUE(verdict.simulated);
}

TEST_F(GenuineQuotes, TheVendorsTdxSampleHasGenuineSignaturesAndComponentsThatAreNotBytes)
{
    const UnixSeconds at = *parse_iso8601("2022-01-01T00:00:00Z");
    const std::string quote = with_chain(kTdxSample.quote(), *kTdxSample.collateral().pck_certificate_chain);
    const Verdict verdict =
        verify(quote, kTdxSample.collateral(), at, EvidenceKind::tdx, *TrustAnchor::from_pem(kTdxSample.root()));
    EXPECT_TRUE(verdict.checks.passed(CheckId::chain)) << verdict.detail;
    EXPECT_TRUE(verdict.checks.passed(CheckId::signature)) << verdict.detail;
    EXPECT_EQ(verdict.reason, "attest.collateral_format") << verdict.detail;  // component SVNs above 255: made up
}

TEST_F(GenuineQuotes, PeersMistakesAreNotOurs)
{
    const std::string quote = load(kV4 / "quote.bin");
    const Collateral good = v4_collateral();
    const auto reason = [&](void (*bend)(Collateral&)) {
        Collateral bent = good;
        bend(bent);
        return verify(quote, bent, kV4From).reason;
    };
    EXPECT_EQ(reason([](Collateral& c) { c.qe_identity_signature.assign(64, 0); }), "attest.collateral_signature");
    EXPECT_EQ(reason([](Collateral& c) { c.qe_identity[c.qe_identity.find("mrsigner") + 12] ^= 1; }),
              "attest.collateral_signature");
    EXPECT_EQ(reason([](Collateral& c) { c.pck_crl = c.root_ca_crl; }), "attest.crl");
    EXPECT_EQ(reason([](Collateral& c) { c.pck_crl.clear(); }), "attest.crl");
    EXPECT_EQ(reason([](Collateral& c) { c.tcb_info_signature.back() ^= 1; }), "attest.collateral_signature");
}

TEST_F(GenuineQuotes, ACachedVerifierGivesTheSameVerdicts)
{
    CheckLog opening;
    const auto endorsements = IntelEndorsements::open(v4_collateral(), TrustAnchor::intel(), opening);
    ASSERT_TRUE(endorsements.has_value()) << endorsements.error().detail;
    EXPECT_EQ((*endorsements)->valid_from(), kV4From);
    EXPECT_EQ((*endorsements)->valid_until(), kV4To);
    const IntelVerifier verifier(*endorsements, std::make_shared<PckCache>());
    const Evidence evidence{EvidenceKind::tdx, to_bytes(load(kV4 / "quote.bin"))};
    for (int again = 0; again < 3; ++again) {
        CheckLog checks, late;
        const auto verified = verifier.verify(evidence, kV4From, checks);
        ASSERT_TRUE(verified.has_value()) << verified.error().detail;
        EXPECT_EQ(verified->tcb().status, TcbStatus::up_to_date);
        EXPECT_FALSE(verified->simulated());
        EXPECT_EQ(verifier.verify(evidence, kV4To + seconds(1), late).error().reason, "attest.collateral_expired");
    }
}

TEST_F(GenuineQuotes, EverySingleBitBeforeTheCertificatesIsCovered)
{
    CheckLog opening;
    const IntelVerifier verifier(*IntelEndorsements::open(v4_collateral(), TrustAnchor::intel(), opening),
                                 std::make_shared<PckCache>());
    Evidence evidence{EvidenceKind::tdx, to_bytes(load(kV4 / "quote.bin"))};
    constexpr std::size_t kPemOffset = 1258;
    for (std::size_t bit = 0; bit < 8 * kPemOffset; ++bit) {
        evidence.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        CheckLog checks;
        ASSERT_FALSE(verifier.verify(evidence, kV4From, checks).has_value()) << "bit " << bit;
        evidence.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
}

}  // namespace
}  // namespace iapp::attest
