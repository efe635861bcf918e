// Key stores: vectors of the Web3 Secret Storage definition and of ethers 6, our own writing, and each way to be refused.
#include "eth/keystore.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace iapp::eth {
namespace {

constexpr std::string_view kPbkdf2 =
    R"({"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
 "ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2",
 "kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256","salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
 "mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3})";

// The same definition's scrypt vector: n=262144 with r=1 is outside RFC 7914, so it is refused with words.
constexpr std::string_view kScryptOutsideRfc =
    R"({"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"83dbcc02d8ccb40e466191a123791e0e"},
 "ciphertext":"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c","kdf":"scrypt",
 "kdfparams":{"dklen":32,"n":262144,"p":8,"r":1,"salt":"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
 "mac":"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3})";

constexpr std::string_view kEthers =
    R"({"address":"9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f","id":"33333333-3333-4333-b333-333333333333",
 "version":3,"Crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"22222222222222222222222222222222"},
 "ciphertext":"f44de1ae98818d4377be21053239ec5afc6141dce0b4f6185af537fb557f7e5d","kdf":"scrypt",
 "kdfparams":{"salt":"1111111111111111111111111111111111111111111111111111111111111111","n":4096,"dklen":32,"p":6,"r":8},
 "mac":"e291b23b72f168513faf339ec0b6d80aec5a3a0dc0b69c3769478c3fde168083"}})";

constexpr ScryptCost kCheap{.n = 16, .r = 8, .p = 1};

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

TEST(Keystore, OpensTheVectorsOfTheDefinitionAndOfEthers)
{
    const auto pbkdf2 = open_keystore(kPbkdf2, "testpassword");
    ASSERT_TRUE(pbkdf2) << pbkdf2.error().detail;
    EXPECT_EQ(pbkdf2->address(),
              Wallet::from_private_key_hex("0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d")->address());
    const auto scrypt = open_keystore(kEthers, "testpassword");
    ASSERT_TRUE(scrypt) << scrypt.error().detail;
    EXPECT_EQ(scrypt->address(), *parse_address("0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f"));
    EXPECT_EQ(reason(open_keystore(kScryptOutsideRfc, "testpassword")), "keystore.unsupported");
}

TEST(Keystore, OpensWhatItWrote)
{
    const Wallet wallet = Wallet::generate();
    const auto text = seal_keystore(wallet, "p\xc3\xa4ss", kCheap);
    EXPECT_EQ(*keystore_address(*text), wallet.address());
    EXPECT_EQ(open_keystore(*text, "p\xc3\xa4ss")->address(), wallet.address());
    EXPECT_NE(*text, *seal_keystore(wallet, "p\xc3\xa4ss", kCheap));
}

struct Case {
    const char* name;
    void (*bend)(boost::json::object& document, boost::json::object& section);
    std::string_view reason;
};

class Opening : public testing::TestWithParam<Case> {};

TEST_P(Opening, AnswersWithTheRuleThatFailed)
{
    const auto text =
        seal_keystore(*Wallet::from_private_key_hex("0x4646464646464646464646464646464646464646464646464646464646464646"),
                      "right", kCheap);
    boost::json::value document = boost::json::parse(*text);
    GetParam().bend(document.as_object(), document.as_object()["crypto"].as_object());
    EXPECT_EQ(reason(open_keystore(boost::json::serialize(document), "right")), GetParam().reason);
}

using Object = boost::json::object;
INSTANTIATE_TEST_SUITE_P(
    Keystore, Opening,
    testing::Values(
        Case{"good", [](Object&, Object&) {}, ""},
        Case{"foreign_members", [](Object& d, Object&) { d["x-ethers"] = 1; }, ""},
        Case{"no_address", [](Object& d, Object&) { d.erase("address"); }, ""},
        Case{"address_with_prefix", [](Object& d, Object&) { d["address"] = "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f"; },
             ""},
        Case{"capital_crypto",
             [](Object& d, Object& s) {
                 d["Crypto"] = Object(s);
                 d.erase("crypto");
             },
             ""},
        Case{"other_address", [](Object& d, Object&) { d["address"] = "0000000000000000000000000000000000000001"; },
             "keystore.address"},
        Case{"short_address", [](Object& d, Object&) { d["address"] = "00"; }, "keystore.format"},
        Case{"version_1", [](Object& d, Object&) { d["version"] = 1; }, "keystore.unsupported"},
        Case{"no_version", [](Object& d, Object&) { d.erase("version"); }, "keystore.format"},
        Case{"no_crypto", [](Object& d, Object&) { d.erase("crypto"); }, "keystore.format"},
        Case{"other_cipher", [](Object&, Object& s) { s["cipher"] = "aes-128-cbc"; }, "keystore.unsupported"},
        Case{"short_iv", [](Object&, Object& s) { s["cipherparams"].as_object()["iv"] = "00"; }, "keystore.format"},
        Case{"short_ciphertext", [](Object&, Object& s) { s["ciphertext"] = "00"; }, "keystore.format"},
        Case{"damaged_ciphertext", [](Object&, Object& s) { s["ciphertext"] = std::string(64, '0'); }, "keystore.password"},
        Case{"other_mac", [](Object&, Object& s) { s["mac"] = std::string(64, '0'); }, "keystore.password"},
        Case{"short_mac", [](Object&, Object& s) { s["mac"] = "00"; }, "keystore.format"},
        Case{"other_kdf", [](Object&, Object& s) { s["kdf"] = "argon2id"; }, "keystore.unsupported"},
        Case{"other_key_length", [](Object&, Object& s) { s["kdfparams"].as_object()["dklen"] = 64; },
             "keystore.unsupported"},
        Case{"n_no_power_of_two", [](Object&, Object& s) { s["kdfparams"].as_object()["n"] = 15; }, "keystore.format"},
        Case{"n_too_costly", [](Object&, Object& s) { s["kdfparams"].as_object()["n"] = 1U << 28U; }, "keystore.cost"},
        Case{"r_zero", [](Object&, Object& s) { s["kdfparams"].as_object()["r"] = 0; }, "keystore.cost"},
        Case{"salt_not_hex", [](Object&, Object& s) { s["kdfparams"].as_object()["salt"] = "zz"; }, "keystore.format"},
        Case{"other_prf",
             [](Object&, Object& s) {
                 s["kdf"] = "pbkdf2";
                 s["kdfparams"] = {{"c", 1}, {"dklen", 32}, {"prf", "hmac-sha512"}, {"salt", "00"}};
             },
             "keystore.unsupported"},
        Case{"too_many_rounds",
             [](Object&, Object& s) {
                 s["kdf"] = "pbkdf2";
                 s["kdfparams"] = {{"c", 1U << 30U}, {"dklen", 32}, {"prf", "hmac-sha256"}, {"salt", "00"}};
             },
             "keystore.cost"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Keystore, TellsAWrongPasswordFromARuinedFile)
{
    const auto text = seal_keystore(Wallet::generate(), "right", kCheap);
    EXPECT_EQ(reason(open_keystore(*text, "wrong")), "keystore.password");
    EXPECT_EQ(open_keystore(*text, "wrong").error().kind, ErrorKind::unauthenticated);
    EXPECT_EQ(reason(open_keystore(text->substr(1), "right")), "keystore.format");
    EXPECT_EQ(reason(open_keystore("[]", "right")), "keystore.format");
    EXPECT_EQ(reason(keystore_address("{}")), "keystore.format");
    EXPECT_EQ(reason(keystore_address("nonsense")), "keystore.format");
}

}  // namespace
}  // namespace iapp::eth
