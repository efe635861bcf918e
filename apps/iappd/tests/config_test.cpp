// Where services keep what they keep, as the configuration says it.
#include "config.hpp"

#include <gtest/gtest.h>

namespace iapp::daemon {
namespace {

std::string document(std::string_view blobs)
{
    return "schema = \"iappd/1\"\nnetwork = \"/n\"\n[blobs]\napi = \"127.0.0.1:1\"\ngateway = \"127.0.0.1:2\"\n" +
           std::string(blobs);
}

constexpr std::string_view kS3 =
    "[blobs.s3]\nendpoint = \"https://h\"\nregion = \"r\"\nbucket = \"b\"\ncredentials = \"/c\"\n";

TEST(BlobsConfig, NamesADirectoryANodeOrABucket)
{
    const auto directory = parse_config(document("directory = \"/d\""));
    ASSERT_TRUE(directory) << directory.error().detail;
    EXPECT_EQ(std::get<std::filesystem::path>(directory->blobs->backend), "/d");
    const auto node = parse_config(document("ipfs = \"http://127.0.0.1:5001\""));
    ASSERT_TRUE(node) << node.error().detail;
    EXPECT_EQ(std::get<IpfsConfig>(node->blobs->backend).api_url, "http://127.0.0.1:5001");
    const auto bucket = parse_config(document(std::string(kS3) + "prefix = \"p/\"\npath_style = true"));
    ASSERT_TRUE(bucket) << bucket.error().detail;
    const auto& s3 = std::get<S3Config>(bucket->blobs->backend);
    EXPECT_EQ(s3.endpoint + s3.region + s3.bucket + s3.prefix + s3.credentials.string(), "https://hrbp//c");
    EXPECT_TRUE(s3.path_style);
}

struct Wrong {
    const char* name;
    std::string blobs;
    std::string_view says;
};
class WrongBlobs : public testing::TestWithParam<Wrong> {};
TEST_P(WrongBlobs, AreNamed)
{
    const auto config = parse_config(document(GetParam().blobs));
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().reason, "iappd.config");
    EXPECT_NE(config.error().detail.find(GetParam().says), std::string::npos) << config.error().detail;
}
INSTANTIATE_TEST_SUITE_P(
    Iappd, WrongBlobs,
    testing::Values(Wrong{"none", "", "one of directory, ipfs"},
                    Wrong{"two", "directory = \"/d\"\nipfs = \"http://h\"", "one of directory, ipfs"},
                    Wrong{"relative", "directory = \"d\"", "absolute"}, Wrong{"no_table", "s3 = \"b\"", "must be a table"},
                    Wrong{"unknown", std::string(kS3) + "secret = \"s\"", "unknown key blobs.s3.secret"},
                    Wrong{"missing", "[blobs.s3]\nendpoint = \"https://h\"", "blobs.s3.region"},
                    Wrong{"not_text", "ipfs = 1", "blobs.ipfs must be a text"},
                    Wrong{"not_a_flag", std::string(kS3) + "path_style = \"yes\"",
                          "blobs.s3.path_style must be true or false"}),
    [](const auto& test) { return std::string(test.param.name); });

std::string with_database(std::string_view location)
{
    return "schema = \"iappd/1\"\nnetwork = \"/n\"\n[market]\nlisten = \"127.0.0.1:1\"\ndatabase = \"" +
           std::string(location) + "\"\n[index]\nlisten = \"127.0.0.1:2\"\ncompass_listen = \"127.0.0.1:3\"\ndatabase = \"" +
           std::string(location) +
           "\"\n[scheduler]\nlisten = \"127.0.0.1:4\"\nkeystore = \"/k\"\npassword_file = \"/p\"\nworkers = []\ndatabase = "
           "\"" +
           std::string(location) + "\"\n";
}

TEST(Databases, AreFilesOrServers)
{
    for (const std::string_view location : {"/d.db", "postgresql://iapp@db:5432/market", "postgres:///market?host=/run"}) {
        const auto config = parse_config(with_database(location));
        ASSERT_TRUE(config) << config.error().detail;
        EXPECT_EQ(config->market->database, location);
        EXPECT_EQ(config->index->database, location);
        EXPECT_EQ(config->scheduler->database, location);
    }
    for (const std::string_view location : {"", "d.db", "mysql://db/market"}) {
        const auto config = parse_config(with_database(location));
        ASSERT_FALSE(config) << location;
        EXPECT_EQ(config.error().detail, "market.database must be an absolute path or a postgresql:// URL");
    }
}

}  // namespace
}  // namespace iapp::daemon
