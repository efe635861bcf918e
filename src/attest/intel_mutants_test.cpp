// Whole quotes with one thing changed, through the whole verifier: every single bit, every truncation, every length field at
// its edges, and the few changes that survive because nobody signs what they change. These leave the evidence's identity as
// it was. SEV-SNP and TPM have theirs in snp_signature_test.cpp and tpm_quote_test.cpp.
#include <gmock/gmock.h>

#include "attest/intel_verify.hpp"
#include "support/check_coverage.hpp"
#include "support/intel_forms.hpp"

namespace iapp::attest {
namespace {

using test::IntelForm;
using test::IntelLayout;
using test::SampleRun;

constexpr UnixSeconds kNow{std::chrono::seconds(1'790'000'000)};

template <class T>
T must(Result<T> result)
{
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().detail);
    return *std::move(result);
}

/// One good quote and a verifier that has met its platform, so that a mutant costs what changed.
struct Subject {
    SampleRun run;
    Evidence evidence = run.evidence();
    IntelVerifier verifier = make_verifier(run);
    Hash256 identity = identity_of(evidence);

    static IntelVerifier make_verifier(const SampleRun& run)
    {
        CheckLog opening;
        return {must(IntelEndorsements::open(run.collateral, run.anchor(), opening)), std::make_shared<PckCache>()};
    }

    Hash256 identity_of(const Evidence& some) const
    {
        CheckLog checks;
        return must(verifier.verify(some, kNow, checks)).evidence_id();
    }

    /// True when `mutant` still verifies; its identity must then be the original's. Otherwise one check failed, and counts.
    bool survives(const Evidence& mutant, const std::string& what = {}) const
    {
        CheckLog checks;
        const auto verified = verifier.verify(mutant, kNow, checks);
        if (verified) EXPECT_EQ(verified->evidence_id(), identity) << what;
        else test::expect_only_failure(checks, find_check(verified.error().reason)->id, what);
        return verified.has_value();
    }

    /// The bits in bytes [from, to) that may be turned without anybody noticing.
    std::vector<std::size_t> surviving_bits(std::size_t from, std::size_t to) const
    {
        std::vector<std::size_t> out;
        Evidence mutant = evidence;
        for (std::size_t bit = 8 * from; bit < 8 * to; ++bit) {
            const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
            mutant.bytes[bit / 8] ^= mask;
            if (survives(mutant)) out.push_back(bit);
            mutant.bytes[bit / 8] ^= mask;
        }
        return out;
    }
};

class Mutants : public testing::TestWithParam<IntelForm> {
protected:
    Subject subject{test::make_sample_run(kNow, GetParam())};
    IntelLayout at = test::layout(GetParam());
};

std::string form_name(const testing::TestParamInfo<IntelForm>& form) { return test::name(form.param); }
INSTANTIATE_TEST_SUITE_P(Intel, Mutants, testing::ValuesIn(test::kIntelForms), form_name);

TEST_P(Mutants, NoSingleBitOfQuoteOrCertificatesSurvives)
{
    EXPECT_THAT(subject.surviving_bits(0, at.certificates()), testing::IsEmpty());
}

/// The rest, in the forms that platforms produce: each of these bits costs a chain.
class CertificateMutants : public Mutants {};
INSTANTIATE_TEST_SUITE_P(Intel, CertificateMutants,
                         testing::Values(IntelForm::sgx3, IntelForm::td4, IntelForm::td5_10, IntelForm::td5_15), form_name);

TEST_P(CertificateMutants, NoSingleBitSurvivesSlow)
{
    EXPECT_THAT(subject.surviving_bits(at.certificates(), subject.evidence.bytes.size()), testing::IsEmpty());
}

TEST_P(Mutants, NoTruncationSurvives)
{
    Evidence mutant = subject.evidence;
    while (!mutant.bytes.empty()) {
        mutant.bytes.pop_back();
        CheckLog checks;
        ASSERT_FALSE(subject.verifier.verify(mutant, kNow, checks).has_value()) << mutant.bytes.size();
        test::expect_only_failure(checks, CheckId::quote_format);
    }
}

// --- length fields
// --------------------------------------------------------------------------------------------------------

struct LengthField {
    const char* name;
    std::size_t offset;
    unsigned size;  ///< bytes
};

std::vector<LengthField> length_fields(IntelForm form)
{
    const IntelLayout at = test::layout(form);
    std::vector<LengthField> out{
        {"auth_size", at.auth_size, 4}, {"qe_auth_size", at.qe_auth_size(), 2}, {"certificates_size", at.inner_size(), 4}};
    if (at.nested) out.push_back({"qe_data_size", at.outer_size(), 4});
    if (form == IntelForm::sgx5 || form >= IntelForm::td5_10) out.push_back({"body_size", 50, 4});
    return out;
}

std::vector<std::uint64_t> wrong_lengths(std::uint64_t right, unsigned size)
{
    if (size == 2) return {0, 1, right - 1, right + 1, 0x7fff, 0x8000, 0xffff};
    return {0, 1, right - 1, right + 1, 0x7fffffff, 0x80000000, 0xffffffff};
}

TEST_P(Mutants, NoWrongLengthSurvives)
{
    for (const LengthField& field : length_fields(GetParam()))
        for (const std::uint64_t wrong :
             wrong_lengths(test::get_little_endian(subject.evidence.bytes, field.offset, field.size), field.size))
            for (const std::size_t padding : {0, 1, 4096}) {  // room for a length that is too large
                Evidence mutant = subject.evidence;
                test::put_little_endian(mutant.bytes, field.offset, wrong, field.size);
                mutant.bytes.resize(mutant.bytes.size() + padding);
                EXPECT_FALSE(subject.survives(mutant, field.name + std::to_string(wrong)));
            }
}

TEST_P(Mutants, NoOtherCertificationTypeSurvives)
{
    for (const std::uint16_t type : {0, 1, 2, 3, 4, 6, 7, 0x0105, 0xffff}) {
        Evidence mutant = subject.evidence;
        test::put_little_endian(mutant.bytes, at.inner_type(), type, 2);
        EXPECT_FALSE(subject.survives(mutant, "inner type " + std::to_string(type)));
        if (!at.nested || type == 6) continue;
        mutant = subject.evidence;
        test::put_little_endian(mutant.bytes, at.qe - 6, type, 2);
        EXPECT_FALSE(subject.survives(mutant, "outer type " + std::to_string(type)));
    }
}

// --- what survives, all of it
// -----------------------------------------------------------------------------------------------

/// Puts `text` in place of the certificates and corrects every length around them.
void set_certificates(Bytes& quote, const IntelLayout& at, std::string_view text)
{
    quote.resize(at.certificates());
    append(quote, as_bytes(text));
    test::put_little_endian(quote, at.inner_size(), text.size(), 4);
    if (at.nested) test::put_little_endian(quote, at.outer_size(), quote.size() - at.qe, 4);
    test::put_little_endian(quote, at.auth_size, quote.size() - at.signature(), 4);
}

TEST_P(Mutants, WhatSurvivesKeepsItsIdentity)
{
    const simtee::Authority& pki = subject.run.authority;
    const std::string pem = subject.run.parts.pck_chain_pem;
    const auto survives = [&](auto&& bend) {
        Evidence mutant = subject.evidence;
        bend(mutant.bytes);
        EXPECT_NE(mutant.bytes, subject.evidence.bytes);
        return subject.survives(mutant);
    };
    const auto with_certificates = [&](const std::string& text) {
        return survives([&](Bytes& quote) { set_certificates(quote, at, text); });
    };
    EXPECT_TRUE(survives([&](Bytes& quote) { test::turn_into_twin(quote, at.signature()); }));
    EXPECT_TRUE(survives([&](Bytes& quote) { test::turn_into_twin(quote, at.qe_signature()); }));
    EXPECT_TRUE(survives([](Bytes& quote) { quote.resize(quote.size() + 1); }));
    EXPECT_TRUE(survives([](Bytes& quote) { quote.resize(kMaxQuoteSize); }));
    EXPECT_TRUE(with_certificates(pem + '\0'));
    EXPECT_TRUE(with_certificates(pem + "\n"));
    EXPECT_TRUE(with_certificates(pki.root.to_pem() + pki.ca.to_pem() + pki.pck.to_pem()));

    EXPECT_FALSE(survives([](Bytes& quote) { quote.resize(kMaxQuoteSize + 1); }));
    EXPECT_FALSE(survives([](Bytes& quote) { quote.push_back(' '); }));
    EXPECT_FALSE(survives([](Bytes& quote) {
        quote.resize(quote.size() + 8);
        quote.back() = 1;
    }));
    EXPECT_FALSE(with_certificates(pem + std::string(2, '\0')));
    EXPECT_FALSE(with_certificates("x" + pem));
    EXPECT_FALSE(with_certificates(pem + pki.root.to_pem()));
}

// --- quotes that only name their PCK certificate
// ----------------------------------------------------------------------------

Subject naming(IntelForm form, std::uint16_t type)
{
    SampleRun run = test::make_sample_run(kNow, form);
    const SgxExtension pck = simtee::simulated_platform();
    run.parts.reference = PckReference{pck.ppid, pck.cpu_svn, pck.pce_svn, pck.pce_id};
    run.parts.reference_type = type;
    run.collateral.pck_certificate_chain = run.authority.pck_chain();
    return {std::move(run)};
}

constexpr std::array kBothTees{IntelForm::sgx3, IntelForm::td4};

TEST(NamedPck, NoSingleBitOfAClearNameSurvives)
{
    for (const IntelForm form : kBothTees) {
        const Subject subject = naming(form, 1);
        EXPECT_THAT(subject.surviving_bits(test::layout(form).inner_type(), subject.evidence.bytes.size()),
                    testing::IsEmpty());
    }
}

TEST(NamedPck, OnlyTheCiphertextForIntelSurvives)
{
    constexpr std::array<std::size_t, 4> kCiphertextSizes{0, 0, 256, 384};
    for (const IntelForm form : kBothTees)
        for (const std::uint16_t type : {2, 3}) {
            const Subject subject = naming(form, type);
            const std::size_t name = test::layout(form).certificates(), rest = name + kCiphertextSizes[type];
            EXPECT_THAT(subject.surviving_bits(test::layout(form).inner_type(), name), testing::IsEmpty());
            EXPECT_EQ(subject.surviving_bits(name, rest).size(), 8 * kCiphertextSizes[type]);
            EXPECT_THAT(subject.surviving_bits(rest, subject.evidence.bytes.size()), testing::IsEmpty());
        }
}

struct OtherName {
    const char* name;
    void (*bend)(PckReference&);
};
class OtherPck : public testing::TestWithParam<OtherName> {};

TEST_P(OtherPck, IsNotTheOneTheQuoteNames)  // "attest.pck_match"
{
    Subject subject = naming(IntelForm::sgx3, 1);
    GetParam().bend(*subject.run.parts.reference);
    CheckLog checks;
    EXPECT_FALSE(subject.verifier.verify(subject.run.evidence(), kNow, checks).has_value());
    test::expect_only_failure(checks, CheckId::pck_match);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Fields, OtherPck, testing::Values(
    OtherName{"ppid",    [](PckReference& r) { r.ppid = Ppid::zero(); }},
    OtherName{"cpu_svn", [](PckReference& r) { r.cpu_svn[15] ^= 1; }},
    OtherName{"pce_svn", [](PckReference& r) { r.pce_svn ^= 1; }},
    OtherName{"pce_id",  [](PckReference& r) { r.pce_id = PceId{std::array<std::uint8_t, 2>{1, 0}}; }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

}  // namespace
}  // namespace iapp::attest
