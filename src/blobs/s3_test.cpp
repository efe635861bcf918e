// What is S3's own: signatures, names of objects, credentials, and which refusal means what.
#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>

#include "blobs/internal/remote_batch.hpp"
#include "blobs/internal/s3_error.hpp"
#include "blobs/internal/sigv4.hpp"
#include "blobs/s3_store.hpp"
#include "crypto/hash.hpp"
#include "support/blobs_world.hpp"
#include "support/s3_world.hpp"

namespace iapp::blobs {
namespace {

using test::S3Server;

crypto::SecretBytes secret(std::string_view text) { return crypto::SecretBytes::copy_of(as_bytes(text)); }

/// The example "GET object" of the S3 API reference, "Signature Calculations for the Authorization Header".
TEST(SigV4, SignsTheDocumentedExample)
{
    const auto key = secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    const auto time = *parse_iso8601("2013-05-24T00:00:00Z");
    const Hash256 nothing = crypto::sha256({});
    const std::string signed_by =
        internal::sigv4_authorization("GET", "/test.txt",
                                      {{"x-amz-date", internal::sigv4_time(time)},
                                       {"host", "examplebucket.s3.amazonaws.com"},
                                       {"x-amz-content-sha256", hex(nothing.bytes())},
                                       {"range", "bytes=0-9"}},
                                      nothing, {"AKIAIOSFODNN7EXAMPLE", &key, "us-east-1", "s3"}, time);
    EXPECT_EQ(signed_by,
              "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
              "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
              "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

struct SkewedClock final : Clock {
    UnixMillis now() const override { return system_clock().now() - std::chrono::hours(1); }
};

class S3 : public testing::Test {
protected:
    S3Options options() const { return {server.origin(), S3Server::kRegion, S3Server::kBucket, "", true}; }
    static S3Credentials credentials() { return {S3Server::kAccessKey, secret(S3Server::kSecretKey), ""}; }
    std::string put_and_get(const S3Options& with, S3Credentials by, const Clock& clock = system_clock()) const
    {
        const auto store = S3Store::make(http, with, std::move(by), clock);
        if (!store) return std::string(store.error().reason);
        const Bytes block = pattern(100);
        const Status put = store->put(crypto::sha256(block), block, call());
        const auto got = store->get(crypto::sha256(block), call());
        return reason(put) + "/" + reason(got);
    }

    S3Server& server = S3Server::shared();
    net::HttpClient http;
};

TEST_F(S3, SaysDeniedWhenTheServerDoes)
{
    EXPECT_EQ(put_and_get(options(), credentials()), "/");
    EXPECT_EQ(put_and_get(options(), {S3Server::kAccessKey, secret("other"), ""}), "blobs.denied/blobs.denied");
    EXPECT_EQ(put_and_get(options(), {"other", secret(S3Server::kSecretKey), ""}), "blobs.denied/blobs.denied");
    S3Options elsewhere = options();
    elsewhere.region = "other";
    EXPECT_EQ(put_and_get(elsewhere, credentials()), "blobs.denied/blobs.denied");
    EXPECT_EQ(put_and_get(options(), credentials(), SkewedClock()), "blobs.denied/blobs.denied");
}

TEST_F(S3, SignsTheTokenOfPassingKeys)
{
    EXPECT_EQ(put_and_get(options(), {S3Server::kAccessKey, secret(S3Server::kSecretKey), "token/+="}), "/");
}

TEST_F(S3, AMissingBucketIsNoMissingBlock)
{
    S3Options elsewhere = options();
    elsewhere.bucket = "other";
    EXPECT_EQ(put_and_get(elsewhere, credentials()), "blobs.write/blobs.read");
}

TEST_F(S3, NamesObjectsInBothStyles)
{
    S3Options with{"https://s3.example.com", "r", "b", "p/", true};
    const Hash256 hash = crypto::sha256({});
    const std::string key = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    EXPECT_EQ(S3Store::make(http, with, credentials(), system_clock())->url_of(hash),
              "https://s3.example.com:443/b/p/" + key);
    with.path_style = false;
    EXPECT_EQ(S3Store::make(http, with, credentials(), system_clock())->url_of(hash),
              "https://b.s3.example.com:443/p/" + key);
}

TEST_F(S3, RefusesOptionsThatCannotBeMeant)
{
    for (const S3Options& wrong :
         {S3Options{"http://h/path", "r", "b", "", true}, S3Options{"http://h", "", "b", "", true},
          S3Options{"http://h", "r", "", "", true}, S3Options{"http://h", "r", "a/b", "", true},
          S3Options{"http://h", "r", "b", "/x", true}, S3Options{"http://h", "r", "b", "a/../b", true},
          S3Options{"http://h", "r", "b", "a b", true}, S3Options{"http://h", "r", "b", "a//b", true}})
        EXPECT_EQ(reason(S3Store::make(http, wrong, credentials(), system_clock())), "blobs.s3_options");
    EXPECT_EQ(reason(S3Store::make(http, {"ftp://h", "r", "b", "", true}, credentials(), system_clock())), "url.scheme");
}

TEST(S3Error, IsTheCodeOrNothing)
{
    EXPECT_EQ(internal::s3_error_code("<Error><Code>SlowDown</Code></Error>"), "SlowDown");
    for (const std::string& body : {std::string("<Code>a b</Code>"), std::string("<Code>"), std::string("SlowDown"),
                                    std::string(), "<Code>" + std::string(100, 'a') + "</Code>"})
        EXPECT_EQ(internal::s3_error_code(body), "") << body;
}

struct File {
    const char* name;
    std::string_view text;
    bool is_good;
};
class CredentialFiles : public testing::TestWithParam<File> {};
TEST_P(CredentialFiles, AreReadOrRefused)
{
    const auto read = parse_s3_credentials(GetParam().text);
    EXPECT_EQ(reason(read), GetParam().is_good ? "" : "blobs.s3_credentials");
    if (!read) return;
    EXPECT_EQ(read->access_key, "A");
    EXPECT_EQ(to_text(read->secret_key.reveal(crypto::SecretAccess{})), "S=/+");
}
INSTANTIATE_TEST_SUITE_P(
    S3, CredentialFiles,
    testing::Values(File{"plain", "aws_access_key_id = A\naws_secret_access_key=S=/+\n", true},
                    File{"section", "# mine\r\n[default]\r\n\r\naws_access_key_id=A\r\naws_secret_access_key = S=/+", true},
                    File{"token", "aws_access_key_id=A\naws_secret_access_key=S=/+\naws_session_token=T", true},
                    File{"empty", "", false}, File{"no_secret", "aws_access_key_id=A", false},
                    File{"no_key", "aws_secret_access_key=S", false},
                    File{"twice", "aws_access_key_id=A\naws_access_key_id=B\naws_secret_access_key=S", false},
                    File{"secret_twice", "aws_access_key_id=A\naws_secret_access_key=S\naws_secret_access_key=S", false},
                    File{"unknown", "region=r\naws_access_key_id=A\naws_secret_access_key=S", false},
                    File{"other_section", "[work]\naws_access_key_id=A\naws_secret_access_key=S", false},
                    File{"blank_value", "aws_access_key_id=\naws_secret_access_key=S", false},
                    File{"line_break", "aws_access_key_id=A B\naws_secret_access_key=S", false},
                    File{"no_equals", "aws_access_key_id", false}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(S3Credentials, AreForTheirOwnerOnly)
{
    std::string name = fs::temp_directory_path() / "iapp-s3-XXXXXX";
    const fs::path file = fs::path(::mkdtemp(name.data())) / "credentials";
    EXPECT_EQ(reason(load_s3_credentials(file)), "blobs.s3_credentials");
    std::ofstream(file) << "aws_access_key_id=A\naws_secret_access_key=S\n";
    ::chmod(file.c_str(), 0640);
    const auto open_to_others = load_s3_credentials(file);
    ASSERT_FALSE(open_to_others);
    EXPECT_EQ(open_to_others.error().kind, ErrorKind::permission_denied);
    ::chmod(file.c_str(), 0600);
    EXPECT_TRUE(load_s3_credentials(file));
    fs::remove_all(file.parent_path());
}

TEST(RemoteBatch, SendsTheLastBlockAfterAllOthers)
{
    std::mutex mutex;
    std::vector<Hash256> done;
    internal::RemoteBatch batch([&](const Hash256& hash, ByteView) {
        std::this_thread::sleep_for(1ms);
        const std::lock_guard lock(mutex);
        done.push_back(hash);
        return Status{};
    });
    Hash256 last = Hash256::zero();
    for (std::size_t i = 0; i < 20; ++i) {
        const Bytes block = pattern(i);
        last = crypto::sha256(block);
        ASSERT_TRUE(batch.add(last, block));
    }
    ASSERT_TRUE(batch.commit());
    ASSERT_EQ(done.size(), 20U);
    EXPECT_EQ(done.back(), last);
}

TEST(RemoteBatch, DoesNotSendTheLastBlockWhenAnotherFailed)
{
    const Hash256 bad = crypto::sha256(pattern(1));
    const Hash256 root = crypto::sha256(pattern(2));
    bool is_root_sent = false;
    internal::RemoteBatch batch([&](const Hash256& hash, ByteView) -> Status {
        if (hash == root) is_root_sent = true;
        if (hash == bad) return fail(ErrorKind::unavailable, "blobs.write", "no");
        return {};
    });
    ASSERT_TRUE(batch.add(bad, pattern(1)));
    ASSERT_TRUE(batch.add(root, pattern(2)));
    EXPECT_EQ(reason(batch.commit()), "blobs.write");
    EXPECT_FALSE(is_root_sent);
}

}  // namespace
}  // namespace iapp::blobs
