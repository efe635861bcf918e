// The block store on disk, and a client of it over real sockets.
#include <fstream>

#include "crypto/hash.hpp"
#include "support/blobs_world.hpp"

namespace iapp::blobs {
namespace {

// ---- the store -----------------------------------------------------------------------------------------------

TEST_F(BlobsTest, StoreGivesBackWhatWasPut)
{
    const Bytes block = pattern(1000);
    const Hash256 hash = crypto::sha256(block);
    EXPECT_EQ(reason(store->get(hash, call())), "blobs.not_found");
    ASSERT_TRUE(store->put(hash, block, call()));
    ASSERT_TRUE(store->put(hash, block, call()));
    EXPECT_TRUE(*store->get(hash, call()) == block);
    EXPECT_EQ(block_files().size(), 1U);
}

TEST_F(BlobsTest, StoreNamesADamagedBlockAndHealsItWhenAddedAgain)
{
    const Bytes block = pattern(1000);
    const Hash256 hash = crypto::sha256(block);
    ASSERT_TRUE(store->put(hash, block, call()));
    std::ofstream(block_files().at(0), std::ios::in | std::ios::out).write("X", 1);
    EXPECT_EQ(reason(store->get(hash, call())), "blobs.block_hash");
    ASSERT_TRUE(store->put(hash, block, call()));
    EXPECT_TRUE(*store->get(hash, call()) == block);
}

TEST_F(BlobsTest, BatchLeavesNothingUnlessCommitted)
{
    {
        const auto context = call();
        const auto batch = store->start_batch(context);
        const Bytes block = pattern(10);
        ASSERT_TRUE(batch->add(crypto::sha256(block), block));
    }
    EXPECT_TRUE(block_files().empty());
    EXPECT_TRUE(fs::is_empty(directory / "store" / "tmp"));
}

TEST_F(BlobsTest, OpenSweepsWhatOldWritersLeft)
{
    const fs::path old_file = directory / "store" / "tmp" / "old";
    const fs::path new_file = directory / "store" / "tmp" / "new";
    std::ofstream(old_file) << "x";
    std::ofstream(new_file) << "x";
    fs::last_write_time(old_file, fs::last_write_time(new_file) - 2h);
    ASSERT_TRUE(DirectoryStore::open(directory / "store"));
    EXPECT_FALSE(fs::exists(old_file));
    EXPECT_TRUE(fs::exists(new_file));
}

TEST_F(BlobsTest, OpenNamesADirectoryItCannotUse)
{
    std::ofstream(directory / "file") << "x";
    EXPECT_EQ(reason(DirectoryStore::open(directory / "file" / "store")), "blobs.directory");
}

// ---- add and fetch -------------------------------------------------------------------------------------------

TEST_F(BlobsTest, AddAnswersTheCidOfKubo)
{
    EXPECT_EQ(add(as_bytes("hello")), "QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX");
    EXPECT_EQ(add({}), "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH");
    EXPECT_EQ(add(pattern(262'145)), "QmUeViBXjU2gAQjPhgfnkggXv2z9Fmc7bcyPURAQuVb5nr");
}

TEST_F(BlobsTest, FetchGivesBackWhatWasAdded)
{
    for (const std::size_t size : {0UL, 5UL, 262'144UL, 1'000'000UL, 50'000'000UL}) {
        const Bytes content = pattern(size);
        const auto back = client->fetch_bytes("/ipfs/" + add(content), size, call());
        ASSERT_TRUE(back) << back.error().detail;
        EXPECT_TRUE(*back == content) << size;
    }
}

TEST_F(BlobsTest, FetchKeepsItsLimitBeforeTheFirstByte)
{
    const std::string cid = add(pattern(300'000));
    bool has_seen = false;
    const net::BodySink sink = [&](ByteView) {
        has_seen = true;
        return Status{};
    };
    EXPECT_EQ(reason(client->fetch(cid, sink, 299'999, call())), "blobs.too_large");
    EXPECT_FALSE(has_seen);
}

TEST_F(BlobsTest, FetchNamesWhatIsMissingOrMalformed)
{
    EXPECT_EQ(reason(client->fetch_text("QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX", 10, call())), "blobs.not_found");
    EXPECT_EQ(reason(client->fetch_text("hello", 10, call())), "blobs.cid");
}

/// A store that lies in one way.
struct Liar {
    const char* name;
    std::string answer;  ///< to everything
    std::string_view add_reason;
    std::string_view fetch_reason;
};
class Liars : public testing::TestWithParam<Liar> {};
TEST_P(Liars, AreFoundOut)
{
    net::HttpServer server;
    const auto handler = [](const net::Request&, const net::CallContext&) {
        return net::json_response(200, GetParam().answer);
    };
    server.route("GET", "/ipfs/{cid}", handler);
    server.route("POST", "/api/v0/add", handler, {.max_body_bytes = {}, .timeout = {}, .stream_request = false});
    ASSERT_TRUE(server.start());
    const net::HttpClient http;
    const BlobClient client(http, server.origin(), server.origin());
    EXPECT_EQ(reason(client.add(as_bytes("hello"), call())), GetParam().add_reason);
    EXPECT_EQ(reason(client.fetch_text("QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX", 10, call())),
              GetParam().fetch_reason);
}
INSTANTIATE_TEST_SUITE_P(Blobs, Liars,
                         testing::Values(Liar{"other_cid", R"({"Hash":"QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"})",
                                              "blobs.cid_mismatch", "unixfs.hash"},
                                         Liar{"no_hash", R"({"Name":"x"})", "blobs.answer", "unixfs.hash"},
                                         Liar{"no_json", "hello", "blobs.answer", "unixfs.hash"},
                                         Liar{"nothing", "", "blobs.answer", "unixfs.hash"},
                                         Liar{"huge", std::string(3 << 20, 'x'), "blobs.answer", "unixfs.hash"}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(BlobsTest, ServesEveryBlockOrNone)
{
    const std::string cid = add(pattern(600'000));
    for (const fs::path& file : block_files()) {
        const auto back = client->fetch_bytes(cid, 1 << 20, call());
        ASSERT_TRUE(back);
        std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(100).write("damage", 6);
        EXPECT_FALSE(client->fetch_bytes(cid, 1 << 20, call())) << file;
        fs::remove(file);
        EXPECT_EQ(reason(client->fetch_bytes(cid, 1 << 20, call())), "blobs.not_found");
        add(pattern(600'000));
    }
}

}  // namespace
}  // namespace iapp::blobs
