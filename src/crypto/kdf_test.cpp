#include "crypto/kdf.hpp"

#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "crypto/internal/testing.hpp"

namespace iapp::crypto {
namespace {

using testing::bytes;
using testing::reason;
using testing::revealed;
using testing::secret;
using testing::secret_text;

TEST(Hmac, AnswersRfc4231)
{
    EXPECT_EQ(hex(hmac_sha256(secret_text("Jefe"), as_bytes("what do ya want for nothing?")).bytes()),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex(hmac_sha256(SecretBytes{}, {}).bytes()),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

struct HkdfCase {
    const char* name;
    const char* input;
    const char* salt;
    const char* info;
    const char* prk;
    const char* out;
};
class Hkdf : public ::testing::TestWithParam<HkdfCase> {};

TEST_P(Hkdf, AnswersRfc5869)
{
    const HkdfCase& c = GetParam();
    const SecretBytes prk = hkdf_sha256_extract(bytes(c.salt), secret(c.input));
    const std::size_t length = std::string_view(c.out).size() / 2;
    EXPECT_EQ(revealed(prk), c.prk);
    EXPECT_EQ(revealed(hkdf_sha256_expand(prk, bytes(c.info), length).value()), c.out);
    EXPECT_EQ(revealed(hkdf_sha256(secret(c.input), bytes(c.salt), bytes(c.info), length).value()), c.out);
}
INSTANTIATE_TEST_SUITE_P(
    Rfc5869, Hkdf,
    ::testing::Values(HkdfCase{"A1", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
                               "f0f1f2f3f4f5f6f7f8f9", "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
                               "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
                      HkdfCase{"A2_long",
                               "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d"
                               "2e2f3031323334353637"
                               "38393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
                               "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d"
                               "8e8f9091929394959697"
                               "98999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
                               "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdd"
                               "dedfe0e1e2e3e4e5e6e7"
                               "e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
                               "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
                               "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e59"
                               "0e09da3275600c2f09b8"
                               "367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
                      HkdfCase{"A3_no_salt_no_info", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
                               "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
                               "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(HkdfExpand, LimitsTheLength)
{
    const SecretBytes prk(32);
    EXPECT_EQ(reason(hkdf_sha256_expand(prk, {}, 0)), "crypto.kdf_length");
    EXPECT_EQ(reason(hkdf_sha256_expand(prk, {}, 8161)), "crypto.kdf_length");
    EXPECT_EQ(hkdf_sha256_expand(prk, {}, 8160).value().size(), 8160u);
}

TEST(Scrypt, AnswersRfc7914)  // s.12; the fourth vector takes 1 GiB and is left out
{
    EXPECT_EQ(revealed(scrypt(SecretBytes{}, {}, {16, 1, 1}, 64).value()),
              "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3"
              "628cf35e20c38d18906");
    EXPECT_EQ(revealed(scrypt(secret_text("password"), as_bytes("NaCl"), {1024, 8, 16}, 64).value()),
              "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83e"
              "e6d8360cbdfa2cc0640");
    EXPECT_EQ(revealed(scrypt(secret_text("pleaseletmein"), as_bytes("SodiumChloride"), {16384, 8, 1}, 64).value()),
              "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651"
              "e40dfcf017b45575887");
}

struct CostCase {
    const char* name;
    ScryptCost cost;
    std::size_t length;
    std::string_view reason;
};
class ScryptCostCheck : public ::testing::TestWithParam<CostCase> {};

TEST_P(ScryptCostCheck, RefusesBeforeItWorks)
{
    EXPECT_EQ(reason(scrypt(SecretBytes{}, {}, GetParam().cost, GetParam().length)), GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(
    Scrypt, ScryptCostCheck,
    ::testing::Values(CostCase{"good", {2, 1, 1}, 32, ""},  //
                      CostCase{"n_zero", {0, 1, 1}, 32, "crypto.scrypt_cost"},
                      CostCase{"n_one", {1, 1, 1}, 32, "crypto.scrypt_cost"},
                      CostCase{"n_not_a_power", {24, 1, 1}, 32, "crypto.scrypt_cost"},
                      CostCase{"r_zero", {16, 0, 1}, 32, "crypto.scrypt_cost"},
                      CostCase{"p_zero", {16, 1, 0}, 32, "crypto.scrypt_cost"},
                      CostCase{"memory", {1 << 21, 8, 1}, 32, "crypto.scrypt_limit"},
                      CostCase{"memory_overflow", {std::uint64_t{1} << 63, 0xffffffff, 1}, 32, "crypto.scrypt_limit"},
                      CostCase{"work", {1 << 18, 8, 17}, 32, "crypto.scrypt_limit"},
                      CostCase{"work_overflow", {2, 1, 0xffffffff}, 32, "crypto.scrypt_limit"},
                      CostCase{"length", {16, 1, 1}, 0, "crypto.kdf_length"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Pbkdf2, AnswersRfc7914)  // s.11
{
    EXPECT_EQ(revealed(pbkdf2_sha256(secret_text("passwd"), as_bytes("salt"), 1, 64).value()),
              "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30"
              "bd509112041d3a19783");
}

TEST(Pbkdf2, LimitsItsCost)
{
    EXPECT_EQ(reason(pbkdf2_sha256(SecretBytes{}, {}, 0, 32)), "crypto.pbkdf2_cost");
    EXPECT_EQ(reason(pbkdf2_sha256(SecretBytes{}, {}, 50'000'001, 32)), "crypto.pbkdf2_limit");
    EXPECT_EQ(reason(pbkdf2_sha256(SecretBytes{}, {}, 1, 0)), "crypto.kdf_length");
}

// Both functions against their definitions, block by block.
TEST(TpmKdfs, AreCounterAndOneStepConstructions)
{
    const SecretBytes key = secret("000102030405060708090a0b0c0d0e0f");
    const Bytes context = bytes("a0a1a2");
    std::string expected;
    for (const char* counter : {"00000001", "00000002"}) {
        Bytes text = bytes(counter);
        append(text, as_bytes("LABEL"));
        text.push_back(0);
        append(text, context);
        append(text, bytes("00000140"));  // 320 bits
        expected += hex(hmac_sha256(key, text).bytes());
    }
    EXPECT_EQ(revealed(counter_kdf_sha256(key, "LABEL", context, 40).value()), expected.substr(0, 80));

    expected.clear();
    for (const char* counter : {"00000001", "00000002"}) {
        Bytes text = bytes(counter);
        append(text, key.reveal(SecretAccess{}));
        append(text, context);
        expected += hex(sha256(text).bytes());
    }
    EXPECT_EQ(revealed(one_step_kdf_sha256(key, context, 40).value()), expected.substr(0, 80));
    EXPECT_EQ(reason(counter_kdf_sha256(key, "LABEL", context, 0)), "crypto.kdf_length");
    EXPECT_EQ(reason(one_step_kdf_sha256(key, context, 8161)), "crypto.kdf_length");
}

}  // namespace
}  // namespace iapp::crypto
