#include "crypto/aes_cfb.hpp"

#include <gtest/gtest.h>

#include "crypto/internal/testing.hpp"

namespace iapp::crypto {
namespace {

using testing::bytes;
using testing::reason;
using testing::revealed;
using testing::secret;

// NIST SP 800-38A, F.3.13 (CFB128-AES128): the first two blocks.
TEST(AesCfb, KnownAnswer)
{
    const SecretBytes key = secret("2b7e151628aed2a6abf7158809cf4f3c");
    const Bytes iv = bytes("000102030405060708090a0b0c0d0e0f");
    const std::string text = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
    const std::string sealed = "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b";
    const std::span<const std::uint8_t, 16> iv_view = std::span(iv).first<16>();
    EXPECT_EQ(revealed(aes_128_cfb_encrypt(key, iv_view, bytes(text)).value()), sealed);
    EXPECT_EQ(revealed(aes_128_cfb_decrypt(key, iv_view, bytes(sealed)).value()), text);
    EXPECT_EQ(revealed(aes_128_cfb_decrypt(key, iv_view, bytes(sealed.substr(0, 34))).value()), text.substr(0, 34));
    EXPECT_EQ(reason(aes_128_cfb_encrypt(secret("00"), iv_view, {})), "crypto.key_length");
}

}  // namespace
}  // namespace iapp::crypto
