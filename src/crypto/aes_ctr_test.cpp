// AES-128-CTR against NIST SP 800-38A, section F.5.1.
#include "crypto/aes_ctr.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"

namespace iapp::crypto {
namespace {

TEST(Aes128Ctr, MatchesSp80038a)
{
    const SecretBytes key(*parse_hex("2b7e151628aed2a6abf7158809cf4f3c"));
    const Bytes counter = *parse_hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    const Bytes plain = *parse_hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
    const auto sealed = aes_128_ctr(key, std::span(counter).first<16>(), plain);
    EXPECT_EQ(hex(sealed->reveal(SecretAccess{})), "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
    const auto opened = aes_128_ctr(key, std::span(counter).first<16>(), sealed->reveal(SecretAccess{}));
    EXPECT_EQ(hex(opened->reveal(SecretAccess{})), hex(plain));
}

TEST(Aes128Ctr, TakesOneKeyLength)
{
    const Bytes counter(16);
    EXPECT_EQ(aes_128_ctr(SecretBytes(std::size_t{32}), std::span(counter).first<16>(), {}).error().reason,
              "crypto.key_length");
}

}  // namespace
}  // namespace iapp::crypto
