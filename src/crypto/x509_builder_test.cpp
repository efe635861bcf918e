#include "crypto/x509_builder.hpp"

#include <gtest/gtest.h>

#include "crypto/internal/testing.hpp"

namespace iapp::crypto {
namespace {

using testing::reason;
using namespace std::chrono_literals;

const UnixSeconds kNow = parse_iso8601("2026-11-22T10:00:00Z").value();

const P256Key& key()
{
    static const P256Key made = P256Key::generate();
    return made;
}

CertificateProfile good_profile()
{
    return {.common_name = "Name",
            .organization = {},
            .serial = {},
            .not_before = kNow,
            .not_after = kNow + 1h,
            .ca = true,
            .path_length = {},
            .extensions = {}};
}

struct ProfileCase {
    const char* name;
    void (*bend)(CertificateProfile&);
    std::string_view reason;
};
class Profile : public ::testing::TestWithParam<ProfileCase> {};

TEST_P(Profile, AnswersWithTheRule)
{
    CertificateProfile profile = good_profile();
    GetParam().bend(profile);
    EXPECT_EQ(reason(issue_root(profile, key())), GetParam().reason);
}
using Given = CertificateProfile;
INSTANTIATE_TEST_SUITE_P(
    X509, Profile,
    ::testing::Values(ProfileCase{"good", [](Given&) {}, ""},
                      ProfileCase{"path_length_255", [](Given& p) { p.path_length = 255; }, ""},
                      ProfileCase{"year_2050", [](Given& p) { p.not_after = kNow + std::chrono::years(40); }, ""},
                      ProfileCase{"no_name", [](Given& p) { p.common_name.clear(); }, "crypto.x509_profile"},
                      ProfileCase{"long_name", [](Given& p) { p.common_name.assign(65, 'x'); }, "crypto.x509_profile"},
                      ProfileCase{"serial_zero", [](Given& p) { p.serial = {0}; }, "crypto.x509_profile"},
                      ProfileCase{"serial_negative", [](Given& p) { p.serial = {0x80}; }, "crypto.x509_profile"},
                      ProfileCase{"serial_long", [](Given& p) { p.serial.assign(21, 1); }, "crypto.x509_profile"},
                      ProfileCase{"window", [](Given& p) { p.not_after = p.not_before - 1s; }, "crypto.x509_profile"},
                      ProfileCase{"year_10000", [](Given& p) { p.not_after += std::chrono::years(8000); },
                                  "crypto.x509_profile"},
                      ProfileCase{"leaf_path_length",
                                  [](Given& p) {
                                      p.ca = false;
                                      p.path_length = 0;
                                  },
                                  "crypto.x509_profile"},
                      ProfileCase{"oid",
                                  [](Given& p) {
                                      p.extensions = {{"not an oid", false, {}}};
                                  },
                                  "crypto.x509_profile"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Builder, KeepsDatesAfter2049)
{
    CertificateProfile profile = good_profile();
    profile.not_after = parse_iso8601("2099-12-31T23:59:59Z").value();
    EXPECT_EQ(issue_root(profile, key())->not_after(), profile.not_after);
}

TEST(Builder, SignsOnlyWithTheIssuersKey)
{
    const P256Key other = P256Key::generate();
    const Certificate root = issue_root(good_profile(), key()).value();
    EXPECT_EQ(reason(issue_certificate(good_profile(), other.public_key(), root, other)), "crypto.x509_issuer_key");
    EXPECT_EQ(reason(issue_certificate(good_profile(), P256PublicKey::zero(), root, key())), "crypto.p256_point");
}

}  // namespace
}  // namespace iapp::crypto
