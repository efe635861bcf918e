#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/internal/testing.hpp"
#include "crypto/x509_builder.hpp"

namespace iapp::crypto {
namespace {

using testing::bytes;
using testing::reason;
using namespace std::chrono_literals;

const UnixSeconds kNow = parse_iso8601("2026-11-22T10:00:00Z").value();

struct Issuer {
    P256Key key = P256Key::generate();
    Certificate certificate = issue_root({.common_name = "Issuer",
                                          .organization = {},
                                          .serial = {},
                                          .not_before = kNow,
                                          .not_after = kNow + 24h,
                                          .ca = true,
                                          .path_length = {},
                                          .extensions = {}},
                                         key)
                                  .value();
};

const Issuer& issuer()
{
    static const Issuer made;
    return made;
}

CrlProfile good_profile()
{
    return {.this_update = kNow,
            .next_update = kNow + 1h,
            .number = 300,
            .revoked_serials = {{0x7f}, {0x01, 0x00}, {0x05}},
            .extensions = {}};
}

Result<Crl> issue(const CrlProfile& profile) { return issue_crl(profile, issuer().certificate, issuer().key); }
Crl good() { return issue(good_profile()).value(); }

TEST(Crl, ShowsItsFields)
{
    const Crl crl = good();
    EXPECT_EQ(crl.issuer_der(), issuer().certificate.subject_der());
    EXPECT_EQ(crl.this_update(), kNow);
    EXPECT_EQ(crl.next_update(), kNow + 1h);
    EXPECT_EQ(crl.number(), (Bytes{0x01, 0x2c}));
    EXPECT_EQ(crl.size(), 3u);
    EXPECT_EQ(crl.unknown_critical_extension(), "");
    EXPECT_EQ(Crl::from_pem(crl.to_pem())->der(), crl.der());
}

TEST(Crl, ContainsExactSerials)
{
    const Crl crl = good();
    EXPECT_TRUE(crl.contains(Bytes{0x7f}) && crl.contains(Bytes{0x01, 0x00}) && crl.contains(Bytes{0x05}));
    EXPECT_FALSE(crl.contains(Bytes{0x06}) || crl.contains(Bytes{0x01}) || crl.contains(Bytes{}) ||
                 crl.contains(Bytes{0x00, 0x05}));
}

TEST(Crl, EmptyListRevokesNothing)
{
    CrlProfile profile = good_profile();
    profile.revoked_serials.clear();
    EXPECT_EQ(issue(profile)->size(), 0u);
}

TEST(Crl, WindowHasTwoEnds)
{
    const Crl crl = good();
    EXPECT_FALSE(crl.valid_at(kNow - 1s));
    EXPECT_TRUE(crl.valid_at(kNow) && crl.valid_at(kNow + 1h));
    EXPECT_FALSE(crl.valid_at(kNow + 1h + 1s));
}

TEST(Crl, MissingNextUpdateIsVisibleAndNeverValid)
{
    CrlProfile profile = good_profile();
    profile.next_update.reset();
    const Crl crl = issue(profile).value();
    EXPECT_FALSE(crl.next_update());
    EXPECT_FALSE(crl.valid_at(kNow));
}

TEST(Crl, VerifiesItsIssuer)
{
    const P256Key other = P256Key::generate();
    const auto root = [&](const char* name) {
        return issue_root({.common_name = name,
                           .organization = {},
                           .serial = {},
                           .not_before = kNow,
                           .not_after = kNow + 1h,
                           .ca = true,
                           .path_length = {},
                           .extensions = {}},
                          other)
            .value();
    };
    EXPECT_TRUE(good().verify_signed_by(issuer().certificate));
    EXPECT_EQ(reason(good().verify_signed_by(root("Other"))), "crypto.crl_issuer");
    EXPECT_EQ(reason(good().verify_signed_by(root("Issuer"))), "crypto.crl_signature");
    Bytes der = good().der();
    der.back() ^= 1;
    EXPECT_EQ(reason(Crl::from_der(der)->verify_signed_by(issuer().certificate)), "crypto.crl_signature");
}

Bytes patched(Bytes der, std::string_view from, std::string_view to, bool last = false)
{
    const Bytes old = bytes(from);
    const auto found = last ? std::ranges::find_end(der, old) : std::ranges::search(der, old);
    EXPECT_FALSE(found.empty());
    std::ranges::copy(bytes(to), found.begin());
    return der;
}

TEST(Crl, RefusesAnotherAlgorithmInsideOrOutside)
{
    constexpr const char* kSha256 = "06082a8648ce3d040302";
    constexpr const char* kSha384 = "06082a8648ce3d040303";
    for (const bool outside : {false, true}) {
        const Crl bent = Crl::from_der(patched(good().der(), kSha256, kSha384, outside)).value();
        EXPECT_EQ(reason(bent.verify_signed_by(issuer().certificate)), "crypto.crl_algorithm") << outside;
    }
}

struct BytesCase {
    const char* name;
    Bytes (*bend)(Bytes der);
    std::string_view reason;
};
class CrlBytes : public ::testing::TestWithParam<BytesCase> {};

TEST_P(CrlBytes, AnswersWithTheRule) { EXPECT_EQ(reason(Crl::from_der(GetParam().bend(good().der()))), GetParam().reason); }

INSTANTIATE_TEST_SUITE_P(
    X509, CrlBytes,
    ::testing::Values(
        BytesCase{"good", [](Bytes der) { return der; }, ""},
        BytesCase{"empty", [](Bytes) { return Bytes{}; }, "crypto.crl_der"},
        BytesCase{"cut", [](Bytes der) { return der.pop_back(), der; }, "crypto.crl_der"},
        BytesCase{"trailing", [](Bytes der) { return der.push_back(0), der; }, "crypto.crl_der"},
        BytesCase{"version_1", [](Bytes der) { return patched(std::move(der), "020101300a", "020100300a"); },
                  "crypto.crl_version"},
        BytesCase{
            "time",
            [](Bytes der) { return patched(std::move(der), "3236313132323130303030305a", "32363131323231303030303059"); },
            "crypto.crl_time"},
        BytesCase{
            "next_time",
            [](Bytes der) { return patched(std::move(der), "3236313132323131303030305a", "32363131323231313030303059"); },
            "crypto.crl_time"},
        BytesCase{"duplicate_extension", [](Bytes der) { return patched(std::move(der), "0603551d14", "0603551d23"); },
                  "crypto.crl_extension"},
        BytesCase{"number_not_an_integer", [](Bytes der) { return patched(std::move(der), "0202012c", "0402012c"); },
                  "crypto.crl_extension"},
        BytesCase{"number_negative", [](Bytes der) { return patched(std::move(der), "0202012c", "0202812c"); },
                  "crypto.crl_extension"},
        BytesCase{"negative_serial", [](Bytes der) { return patched(std::move(der), "02017f", "0201ff"); },
                  "crypto.crl_entry"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Crl, NamesExtensionsThatChangeItsMeaning)
{
    const auto with = [](const char* oid, bool critical) {
        CrlProfile profile = good_profile();
        profile.extensions = {{oid, critical, {0x02, 0x01, 0x01}}};
        return issue(profile).value().unknown_critical_extension();
    };
    EXPECT_EQ(with("1.2.3.4", true), "1.2.3.4");
    EXPECT_EQ(with("1.2.3.4", false), "");
    EXPECT_EQ(with("2.5.29.27", false), "2.5.29.27");  // delta CRL indicator
}

struct ProfileCase {
    const char* name;
    void (*bend)(CrlProfile&);
    std::string_view reason;
};
class CrlProfileCheck : public ::testing::TestWithParam<ProfileCase> {};

TEST_P(CrlProfileCheck, AnswersWithTheRule)
{
    CrlProfile profile = good_profile();
    GetParam().bend(profile);
    EXPECT_EQ(reason(issue(profile)), GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(
    X509, CrlProfileCheck,
    ::testing::Values(ProfileCase{"good", [](CrlProfile&) {}, ""},
                      ProfileCase{"number_max", [](CrlProfile& p) { p.number = ~std::uint64_t{0}; }, ""},
                      ProfileCase{"window", [](CrlProfile& p) { p.next_update = p.this_update - 1s; }, "crypto.crl_profile"},
                      ProfileCase{"early", [](CrlProfile& p) { p.this_update = UnixSeconds(-1'000'000'000s); },
                                  "crypto.crl_profile"},
                      ProfileCase{"serial_empty", [](CrlProfile& p) { p.revoked_serials = {{}}; }, "crypto.crl_profile"},
                      ProfileCase{"serial_zero", [](CrlProfile& p) { p.revoked_serials = {{0}}; }, "crypto.crl_profile"},
                      ProfileCase{"oid",
                                  [](CrlProfile& p) {
                                      p.extensions = {{"1", false, {}}};
                                  },
                                  "crypto.crl_profile"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(CrlBuilder, SignsOnlyWithTheIssuersKey)
{
    EXPECT_EQ(reason(issue_crl(good_profile(), issuer().certificate, P256Key::generate())), "crypto.x509_issuer_key");
}

}  // namespace
}  // namespace iapp::crypto
