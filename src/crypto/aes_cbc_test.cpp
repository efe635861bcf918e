#include "crypto/aes_cbc.hpp"

#include <gtest/gtest.h>

#include "crypto/internal/testing.hpp"
#include "crypto/random.hpp"

namespace iapp::crypto {
namespace {

using testing::bytes;
using testing::reason;
using testing::secret;

constexpr const char* kKey = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
const Bytes kIv = bytes("000102030405060708090a0b0c0d0e0f");

AesIv iv() { return ByteView(kIv).first<kAesBlockSize>(); }
Aes256CbcEncryptor encryptor() { return Aes256CbcEncryptor::create(secret(kKey), iv()).value(); }
Aes256CbcDecryptor decryptor() { return Aes256CbcDecryptor::create(secret(kKey), iv()).value(); }

/// Runs `data` through a cipher in pieces of `piece` bytes.
Result<Bytes> run(auto cipher, ByteView data, std::size_t piece)
{
    Bytes out;
    Bytes buffer(cipher.output_bound(piece));
    for (; !data.empty(); data = data.subspan(std::min(piece, data.size()))) {
        TRY(const std::size_t written, cipher.update(data.first(std::min(piece, data.size())), buffer));
        append(out, ByteView(buffer).first(written));
    }
    TRY(const std::size_t written, cipher.finish(buffer));
    append(out, ByteView(buffer).first(written));
    return out;
}

TEST(AesCbc, AnswersTheVectorOfSp80038a)  // F.2.5; the padding block is ours
{
    const Bytes text = bytes(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
    const Bytes sealed = run(encryptor(), text, 64).value();
    ASSERT_EQ(sealed.size(), 80u);
    EXPECT_EQ(hex(ByteView(sealed).first(64)),
              "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
              "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b");
    EXPECT_EQ(run(decryptor(), sealed, 64).value(), text);
}

TEST(AesCbc, DoesNotDependOnThePieces)
{
    for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 31u, 32u, 100u}) {
        const Bytes text = random_bytes(size);
        const Bytes sealed = run(encryptor(), text, 1000).value();
        EXPECT_EQ(sealed.size(), size / 16 * 16 + 16) << size;
        for (std::size_t piece = 1; piece <= 40; ++piece) {
            EXPECT_EQ(run(encryptor(), text, piece).value(), sealed) << size << " " << piece;
            EXPECT_EQ(run(decryptor(), sealed, piece).value(), text) << size << " " << piece;
        }
    }
}

TEST(AesCbc, NamesBadPadding)
{
    const Bytes sealed = run(encryptor(), as_bytes("sixteen bytes :)"), 64).value();
    EXPECT_EQ(reason(run(decryptor(), ByteView(sealed).first(16), 64)), "crypto.aes_cbc_padding");
    EXPECT_EQ(reason(run(decryptor(), ByteView(sealed).first(31), 64)), "crypto.aes_cbc_padding");
    EXPECT_EQ(reason(run(decryptor(), {}, 64)), "crypto.aes_cbc_padding");
}

TEST(AesCbc, TakesOneKeyLength)
{
    EXPECT_EQ(reason(Aes256CbcEncryptor::create(SecretBytes(16), iv())), "crypto.key_length");
    EXPECT_EQ(reason(Aes256CbcDecryptor::create(SecretBytes(33), iv())), "crypto.key_length");
}

TEST(AesCbc, ChecksBuffers)
{
    Bytes small(15);
    auto cipher = encryptor();
    EXPECT_EQ(reason(cipher.update(as_bytes("x"), small)), "crypto.buffer_size");
    EXPECT_EQ(reason(cipher.finish(small)), "crypto.buffer_size");
    auto back = decryptor();
    EXPECT_EQ(reason(back.update(as_bytes("x"), small)), "crypto.buffer_size");
    EXPECT_EQ(reason(back.finish(small)), "crypto.buffer_size");
}

TEST(AesCbc, EndsOnce)
{
    Bytes out(64);
    auto cipher = encryptor();
    ASSERT_TRUE(cipher.finish(out));
    EXPECT_EQ(reason(cipher.update(as_bytes("x"), out)), "crypto.finished");
    EXPECT_EQ(reason(cipher.finish(out)), "crypto.finished");
    auto back = decryptor();
    ASSERT_FALSE(back.finish(out));
    EXPECT_EQ(reason(back.finish(out)), "crypto.finished");
}

}  // namespace
}  // namespace iapp::crypto
