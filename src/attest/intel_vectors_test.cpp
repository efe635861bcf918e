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

Verdict verify(std::string_view quote, const Collateral& collateral, UnixSeconds at)
{
    Verdict out;
    const auto verified =
        verify_intel({EvidenceKind::tdx, to_bytes(quote)}, collateral, TrustAnchor::intel(), at, out.checks);
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

/// The same quote with another PCK chain inside, all lengths right.
std::string with_chain(std::string quote, const std::string& pem)
{
    constexpr std::size_t kPem = 1258;
    const auto put = [&](std::size_t at, std::size_t value) {
        for (unsigned i = 0; i < 4; ++i) quote[at + i] = static_cast<char>(value >> (8 * i));
    };
    quote.replace(kPem, std::string::npos, pem);
    put(632, quote.size() - 636);
    put(766, quote.size() - 770);
    put(1254, pem.size());
    return quote;
}

TEST_F(GenuineQuotes, IntelsOwnTestRootIsNotTheRoot)
{
    const std::string chain = load("qvl-sample-tdx/pckCert.pem") + load("qvl-sample-tdx/pckSignChain.pem");
    const Verdict verdict = verify(with_chain(load(kV4 / "quote.bin"), chain), v4_collateral(), kV4From);
    EXPECT_TRUE(verdict.checks.passed(CheckId::chain)) << verdict.detail;
    EXPECT_EQ(verdict.reason, "attest.root") << verdict.detail;
    EXPECT_FALSE(verify(load("qvl-sample-tdx/quote.dat"), v4_collateral(), kV4From).tcb.has_value());
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

TEST_F(GenuineQuotes, EverySingleBitBeforeTheCertificatesIsCovered)
{
    std::string quote = load(kV4 / "quote.bin");
    const Collateral collateral = v4_collateral();
    constexpr std::size_t kPemOffset = 1258;
    for (std::size_t bit = 0; bit < 8 * kPemOffset; ++bit) {
        quote[bit / 8] = static_cast<char>(quote[bit / 8] ^ (1 << (bit % 8)));
        ASSERT_FALSE(verify(quote, collateral, kV4From).tcb.has_value()) << "bit " << bit;
        quote[bit / 8] = static_cast<char>(quote[bit / 8] ^ (1 << (bit % 8)));
    }
}

}  // namespace
}  // namespace iapp::attest
