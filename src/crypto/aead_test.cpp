#include "crypto/aead.hpp"

#include <gtest/gtest.h>

#include "crypto/internal/testing.hpp"
#include "crypto/random.hpp"

namespace iapp::crypto {
namespace {

using testing::bytes;
using testing::reason;
using testing::secret;

struct Suite {
    const char* name;
    Result<Bytes> (*seal)(const SecretBytes&, AeadNonce, ByteView, ByteView);
    Result<SecretBytes> (*open)(const SecretBytes&, AeadNonce, ByteView, ByteView);
    Result<AeadContext> (*context)(const SecretBytes&);
    const char* key;
    const char* nonce;
    const char* aad;
    const char* text;
    const char* sealed;
};

/// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test case 16.
const Suite kGcm{
    "AesGcm",
    aes_256_gcm_seal,
    aes_256_gcm_open,
    AeadContext::aes_256_gcm,
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
    "cafebabefacedbaddecaf888",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
    "ba637b39",
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
    "bcc9f66276fc6ece0f4e1768cddf8853bb2d551b"};

/// RFC 8439 s.2.8.2.
const Suite kChaCha{
    "ChaCha20Poly1305",
    chacha20_poly1305_seal,
    chacha20_poly1305_open,
    AeadContext::chacha20_poly1305,
    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    "070000004041424344454647",
    "50515253c0c1c2c3c4c5c6c7",
    "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c64206f6666"
    "657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756c642062652069"
    "742e",
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b29"
    "05d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b"
    "61161ae10b594f09e26a7e902ecbd0600691"};

class Aead : public ::testing::TestWithParam<Suite> {
protected:
    const Suite& suite() const { return GetParam(); }
    AeadNonce nonce() const { return ByteView(nonce_).first<kAeadNonceSize>(); }

    const SecretBytes key_ = secret(GetParam().key);
    const Bytes nonce_ = bytes(GetParam().nonce);
    const Bytes aad_ = bytes(GetParam().aad);
    const Bytes text_ = bytes(GetParam().text);
    const Bytes sealed_ = bytes(GetParam().sealed);
};

TEST_P(Aead, AnswersThePublishedVector)
{
    EXPECT_EQ(hex(suite().seal(key_, nonce(), aad_, text_).value()), suite().sealed);
    EXPECT_EQ(testing::revealed(suite().open(key_, nonce(), aad_, sealed_).value()), suite().text);
}

TEST_P(Aead, RefusesEveryChangedByte)
{
    for (std::size_t i = 0; i < sealed_.size(); ++i) {
        Bytes bent = sealed_;
        bent[i] ^= 0x80;
        EXPECT_EQ(reason(suite().open(key_, nonce(), aad_, bent)), "crypto.aead_open") << i;
    }
}

TEST_P(Aead, RefusesAnotherKeyNonceOrAad)
{
    const Bytes other_nonce(kAeadNonceSize);
    EXPECT_EQ(reason(suite().open(random_secret(32), nonce(), aad_, sealed_)), "crypto.aead_open");
    EXPECT_EQ(reason(suite().open(key_, ByteView(other_nonce).first<kAeadNonceSize>(), aad_, sealed_)), "crypto.aead_open");
    EXPECT_EQ(reason(suite().open(key_, nonce(), {}, sealed_)), "crypto.aead_open");
}

TEST_P(Aead, RefusesCutText)
{
    for (std::size_t size = 0; size < sealed_.size(); ++size)
        EXPECT_EQ(reason(suite().open(key_, nonce(), aad_, ByteView(sealed_).first(size))), "crypto.aead_open") << size;
}

TEST_P(Aead, TakesOneKeyLength)
{
    for (const std::size_t size : {0u, 16u, 31u, 33u}) {
        EXPECT_EQ(reason(suite().seal(SecretBytes(size), nonce(), aad_, text_)), "crypto.key_length") << size;
        EXPECT_EQ(reason(suite().open(SecretBytes(size), nonce(), aad_, sealed_)), "crypto.key_length") << size;
        EXPECT_EQ(reason(suite().context(SecretBytes(size))), "crypto.key_length") << size;
    }
}

TEST_P(Aead, SealsTheEmptyMessage)
{
    const Bytes sealed = suite().seal(key_, nonce(), {}, {}).value();
    EXPECT_EQ(sealed.size(), kAeadTagSize);
    EXPECT_TRUE(suite().open(key_, nonce(), {}, sealed).value().empty());
}

TEST_P(Aead, ContextWorksInPlaceManyTimes)
{
    AeadContext context = suite().context(key_).value();
    for (int round = 0; round < 3; ++round) {
        Bytes buffer = text_;
        buffer.resize(text_.size() + kAeadTagSize);
        const std::span<std::uint8_t> text(buffer.data(), text_.size());
        ASSERT_TRUE(context.seal(nonce(), aad_, text, buffer));
        EXPECT_EQ(buffer, sealed_);
        ASSERT_TRUE(context.open(nonce(), aad_, buffer, text));
        EXPECT_EQ(to_bytes(ByteView(text)), text_);
    }
}

TEST_P(Aead, ContextGivesNoUnauthenticatedByteAndRecovers)
{
    AeadContext context = suite().context(key_).value();
    Bytes bent = sealed_;
    bent.back() ^= 1;
    Bytes out(text_.size(), 0xee);
    EXPECT_EQ(reason(context.open(nonce(), aad_, bent, out)), "crypto.aead_open");
    EXPECT_EQ(out, Bytes(text_.size()));
    EXPECT_TRUE(context.open(nonce(), aad_, sealed_, out));
    EXPECT_EQ(out, text_);
}

TEST_P(Aead, ContextTakesExactBuffers)
{
    AeadContext context = suite().context(key_).value();
    Bytes small(text_.size() + kAeadTagSize - 1);
    Bytes large(text_.size() + 1);
    EXPECT_EQ(reason(context.seal(nonce(), aad_, text_, small)), "crypto.buffer_size");
    EXPECT_EQ(reason(context.open(nonce(), aad_, sealed_, large)), "crypto.buffer_size");
}

TEST_P(Aead, RefusesMessagesBeyondTheCountersOfTheLibrary)
{
    AeadContext context = suite().context(key_).value();
    const ByteView never_read(text_.data(), std::size_t{1} << 30);  // the length is checked before the first byte is
    EXPECT_EQ(reason(context.seal(nonce(), {}, never_read, {})), "crypto.aead_length");
}

INSTANTIATE_TEST_SUITE_P(Suites, Aead, ::testing::Values(kGcm, kChaCha),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace iapp::crypto
