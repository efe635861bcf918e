#include "seal/result.hpp"

#include "crypto/rsa.hpp"
#include "seal/internal/test_support.hpp"

namespace iapp::seal {
namespace {

using namespace test;

ResultFile file(std::string path, ByteView content)
{
    return {std::move(path), content.size(), codec::byte_source(content)};
}

TEST(ResultArchive, IsSortedDeflatedAndReproducible)
{
    const Bytes zeros(100'000);
    const auto make = [&] {
        Bytes archive;
        EXPECT_TRUE(
            write_result({file("sub/b.bin", zeros), file("a.txt", as_bytes("hi")), file("computed.json", as_bytes("{}"))},
                         into(archive)));
        return archive;
    };
    const Bytes archive = make();
    const auto reader = codec::ZipReader::open(codec::random_source(archive));
    ASSERT_TRUE(reader);
    std::string paths;
    for (const auto& entry : reader->entries()) paths += entry.path + " ";
    EXPECT_EQ(paths, "a.txt computed.json sub/b.bin ");
    EXPECT_EQ(reader->find("a.txt")->method, codec::ZipMethod::deflate);
    EXPECT_LT(archive.size(), 2'000u);
    EXPECT_EQ(*reader->read(*reader->find("sub/b.bin"), 1 << 20), zeros);
    EXPECT_EQ(make(), archive);
}

TEST(ResultArchive, NamesAndNumbersAreBounded)
{
    EXPECT_TRUE(check_result_path("a/" + std::string(31, 'x')));
    EXPECT_EQ(check_result_path("a/" + std::string(32, 'x')).error().reason, "seal.result_name");
    EXPECT_TRUE(check_result_path(std::string(40, 'd') + "/x"));
    EXPECT_EQ(check_result_path("../x").error().reason, "zip.path");
    EXPECT_EQ(write_result({file(std::string(32, 'x'), {})}, nowhere()).error().reason, "seal.result_name");
    EXPECT_EQ(write_result({file("a", {}), file("a", {})}, nowhere()).error().reason, "zip.duplicate");
    ResultFile grown = file("a", as_bytes("123"));
    grown.size_bytes = 2;
    EXPECT_EQ(write_result({grown}, nowhere()).error().reason, "zip.source_size");
    EXPECT_EQ(write_result(std::vector<ResultFile>(kMaxResultFiles + 1, file("a", {})), nowhere()).error().reason,
              "seal.result_files");
}

class ResultRsa : public testing::Test {
protected:
    static const crypto::RsaKey& key()
    {
        static const crypto::RsaKey made = *crypto::RsaKey::generate(2048);
        return made;
    }
    static Bytes sealed(ByteView archive)
    {
        Bytes out;
        EXPECT_TRUE(seal_result_rsa(codec::random_source(archive), key().public_pem(), into(out)));
        return out;
    }
    static std::string_view reason(ByteView outer, const crypto::SecretBytes& pem)
    {
        const Status status = open_result_rsa(codec::random_source(outer), pem, nowhere());
        return status ? "" : status.error().reason;
    }
    /// An outer archive with these two entries.
    static Bytes outer_of(std::string_view archive_name, ByteView archive, ByteView sealed_key, std::string_view third = "")
    {
        Bytes out;
        codec::ZipWriter writer(into(out));
        EXPECT_TRUE(writer.add_stored(archive_name, archive));
        EXPECT_TRUE(writer.add_stored("aes-key.rsa", sealed_key));
        if (!third.empty()) {
            EXPECT_TRUE(writer.add_stored(third, ByteView{}));
        }
        EXPECT_TRUE(writer.finish());
        return out;
    }
    static Bytes sealed_key(std::size_t size)
    {
        return *crypto::rsa_pkcs1_encrypt(key().public_pem(), counting_key(0, size));
    }
};

TEST_F(ResultRsa, RoundTripsEverySize)
{
    for (const std::size_t size : {0, 1, 15, 16, 17, 65'535, 65'536, 65'537, 300'000}) {
        const Bytes archive = pattern(size);
        Bytes out;
        const Status status = open_result_rsa(codec::random_source(sealed(archive)), key().private_pem(), into(out));
        ASSERT_TRUE(status) << size << status.error().reason;
        EXPECT_EQ(out, archive);
    }
}

TEST_F(ResultRsa, OpensAnOuterArchiveThatIsDeflated)
{
    const Bytes ciphertext = worked_example("docs/formats/dataset-v1.md", "v1");
    const Bytes rsa = sealed_key(32);
    Bytes outer;
    codec::ZipWriter writer(into(outer));
    ASSERT_TRUE(writer.add_deflated("iexec_out.zip.aes", ciphertext.size(), codec::byte_source(ciphertext)));
    ASSERT_TRUE(writer.add_deflated("aes-key.rsa", rsa.size(), codec::byte_source(rsa)));
    ASSERT_TRUE(writer.finish());
    Bytes out;
    ASSERT_TRUE(open_result_rsa(codec::random_source(outer), key().private_pem(), into(out)));
    EXPECT_EQ(to_text(out), kExampleText);
}

TEST_F(ResultRsa, AnswersWithTheCheckThatFailed)
{
    const Bytes ciphertext = worked_example("docs/formats/dataset-v1.md", "v1");
    const Bytes rsa = sealed_key(32);
    const crypto::SecretBytes pem = key().private_pem();
    EXPECT_EQ(reason(outer_of("iexec_out.zip.aes", ciphertext, rsa), pem), "");
    EXPECT_EQ(reason(outer_of("sub/iexec_out.zip.aes", ciphertext, rsa), pem), "seal.result_entry");
    EXPECT_EQ(reason(outer_of("iexec_out.zip.aes", ciphertext, rsa, "more"), pem), "seal.result_entry");
    EXPECT_EQ(reason(outer_of("iexec_out.zip.aes", ciphertext, sealed_key(31)), pem), "seal.result_key");
    EXPECT_EQ(reason(outer_of("iexec_out.zip.aes", ciphertext, Bytes(1001)), pem), "zip.limit");
    EXPECT_EQ(reason(outer_of("iexec_out.zip.aes", ciphertext, rsa), crypto::RsaKey::generate(2048)->private_pem()),
              "seal.result_key");
    EXPECT_EQ(reason(outer_of("iexec_out.zip.aes", ByteView(ciphertext).first(47), rsa), pem), "seal.v1_padding");
    EXPECT_EQ(reason(outer_of("iexec_out.zip.aes", ByteView(ciphertext).first(16), rsa), pem), "seal.v1_padding");
    EXPECT_EQ(reason(outer_of("iexec_out.zip.aes", {}, rsa), pem), "seal.v1_padding");
    EXPECT_EQ(reason(as_bytes("not an archive"), pem), "zip.end");
    EXPECT_EQ(reason(outer_of("iexec_out.zip.aes", ciphertext, rsa), crypto::SecretBytes::copy_of(as_bytes("x"))),
              "crypto.rsa_pem");
}

TEST_F(ResultRsa, FailuresOfTheSinkComeBack)
{
    EXPECT_EQ(seal_result_rsa(codec::random_source(as_bytes("x")), key().public_pem(), failing_after(2)).error().reason,
              "test.full");
    EXPECT_EQ(seal_result_rsa(codec::random_source(as_bytes("x")), "no key", nowhere()).error().reason, "crypto.rsa_pem");
    EXPECT_EQ(
        open_result_rsa(codec::random_source(sealed(pattern(100))), key().private_pem(), failing_after(0)).error().reason,
        "test.full");
}

}  // namespace
}  // namespace iapp::seal
