// The block store on disk, and both faces of it over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

#include "blobs/block_store.hpp"
#include "blobs/client.hpp"
#include "blobs/service.hpp"
#include "codec/cid.hpp"
#include "crypto/hash.hpp"

namespace iapp::blobs {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;

std::string reason(const auto& result) { return result ? "" : std::string(result.error().reason); }

net::CallContext call() { return {"", net::deadline_in(60s), {}}; }

Bytes pattern(std::size_t size)
{
    Bytes out(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 31 + (i >> 8) * 7);
    return out;
}

class BlobsTest : public testing::Test {
protected:
    BlobsTest()
    {
        std::string name = fs::temp_directory_path() / "iapp-blobs-XXXXXX";
        directory = ::mkdtemp(name.data());
        store = std::make_unique<BlockStore>(*BlockStore::open(directory / "store"));
        add_rpc_routes(rpc, *store);
        add_gateway_routes(gateway, *store);
        EXPECT_TRUE(rpc.start() && gateway.start());
        client = std::make_unique<BlobClient>(http, rpc.origin(), gateway.origin() + "/");
    }
    ~BlobsTest() override
    {
        rpc.stop();
        gateway.stop();
        fs::remove_all(directory);
    }

    std::string add(ByteView content) const
    {
        const auto cid = client->add(content, call());
        EXPECT_TRUE(cid) << cid.error().detail;
        return cid.value_or("");
    }

    net::Response get(const std::string& path, net::HeaderMap headers = {}, std::string method = "GET") const
    {
        net::Request request;
        request.method = std::move(method);
        request.target = gateway.origin() + path;
        request.headers = std::move(headers);
        return *http.send(request, call());
    }

    net::Response post(const std::string& path, std::string type = "", std::string body = "") const
    {
        net::Request request;
        request.method = "POST";
        request.target = rpc.origin() + path;
        if (!type.empty()) request.headers.set("Content-Type", type);
        request.body = std::move(body);
        return *http.send(request, call());
    }

    std::vector<fs::path> block_files() const
    {
        std::vector<fs::path> out;
        for (const auto& entry : fs::recursive_directory_iterator(directory / "store" / "blocks"))
            if (entry.is_regular_file()) out.push_back(entry.path());
        return out;
    }

    fs::path directory;
    std::unique_ptr<BlockStore> store;
    net::HttpServer rpc{{.cors = true}};
    net::HttpServer gateway{{.cors = true}};
    net::HttpClient http;
    std::unique_ptr<BlobClient> client;
};

// ---- the store -----------------------------------------------------------------------------------------------

TEST_F(BlobsTest, StoreGivesBackWhatWasPut)
{
    const Bytes block = pattern(1000);
    const Hash256 hash = crypto::sha256(block);
    EXPECT_EQ(reason(store->get(hash)), "blobs.not_found");
    ASSERT_TRUE(store->put(hash, block));
    ASSERT_TRUE(store->put(hash, block));
    EXPECT_TRUE(*store->get(hash) == block);
    EXPECT_EQ(block_files().size(), 1U);
}

TEST_F(BlobsTest, StoreNamesADamagedBlockAndHealsItWhenAddedAgain)
{
    const Bytes block = pattern(1000);
    const Hash256 hash = crypto::sha256(block);
    ASSERT_TRUE(store->put(hash, block));
    std::ofstream(block_files().at(0), std::ios::in | std::ios::out).write("X", 1);
    EXPECT_EQ(reason(store->get(hash)), "blobs.block_hash");
    ASSERT_TRUE(store->put(hash, block));
    EXPECT_TRUE(*store->get(hash) == block);
}

TEST_F(BlobsTest, BatchLeavesNothingUnlessCommitted)
{
    {
        BlockBatch batch(*store);
        const Bytes block = pattern(10);
        ASSERT_TRUE(batch.add(crypto::sha256(block), block));
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
    ASSERT_TRUE(BlockStore::open(directory / "store"));
    EXPECT_FALSE(fs::exists(old_file));
    EXPECT_TRUE(fs::exists(new_file));
}

TEST_F(BlobsTest, OpenNamesADirectoryItCannotUse)
{
    std::ofstream(directory / "file") << "x";
    EXPECT_EQ(reason(BlockStore::open(directory / "file" / "store")), "blobs.directory");
}

TEST_F(BlobsTest, KillInTheMiddleOfAddLeavesNoWrongBlock)
{
    for (int round = 0; round < 5; ++round) {
        const pid_t child = ::fork();
        if (child == 0) {
            for (std::uint32_t i = 0;; ++i) {
                Bytes block = pattern(20'000);
                std::memcpy(block.data(), &i, sizeof i);
                BlockBatch batch(*store);
                if (!batch.add(crypto::sha256(block), block) || !batch.commit()) ::_exit(1);
            }
        }
        const auto begun = std::chrono::steady_clock::now();  // a slow disk needs longer for the first block
        do std::this_thread::sleep_for(30ms);
        while (block_files().empty() && std::chrono::steady_clock::now() - begun < 20s);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    ASSERT_FALSE(block_files().empty());
    for (const fs::path& file : block_files()) {
        const auto hash = Hash256::from_hex("0x" + file.filename().string());
        ASSERT_TRUE(hash);
        EXPECT_TRUE(store->get(*hash)) << file;
    }
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

// ---- kubo RPC ------------------------------------------------------------------------------------------------

constexpr const char* kMultipart = "multipart/form-data; boundary=XX";
std::string one_part(std::string_view disposition, std::string_view content)
{
    return "--XX\r\nContent-Disposition: form-data; " + std::string(disposition) +
           "\r\nContent-Type: application/octet-stream\r\n\r\n" + std::string(content) + "\r\n--XX--\r\n";
}

TEST_F(BlobsTest, RpcAddAnswersLikeKubo)
{
    const net::Response unnamed = post("/api/v0/add?stream-channels=true&progress=false", kMultipart,
                                       one_part("name=\"file\"; filename=\"\"", "hello"));
    EXPECT_EQ(unnamed.status, 200);
    EXPECT_EQ(unnamed.headers.find("content-type"), "application/json");
    EXPECT_EQ(unnamed.body,
              "{\"Name\":\"QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX\",\"Hash\":"
              "\"QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX\",\"Size\":\"13\"}\n");
    const net::Response named = post("/api/v0/add", kMultipart, one_part("name=\"file\"; filename=\"a.txt\"", "hello"));
    EXPECT_THAT(named.body, HasSubstr("\"Name\":\"a.txt\""));
}

struct BadAdd {
    const char* name;
    std::string query;
    std::string type;
    std::string body;
};
class BadAdds : public BlobsTest, public testing::WithParamInterface<BadAdd> {};
TEST_P(BadAdds, AreRefusedInKubosShape)
{
    const net::Response response = post("/api/v0/add" + GetParam().query, GetParam().type, GetParam().body);
    EXPECT_EQ(response.status, 400);
    EXPECT_THAT(response.body, HasSubstr("\"Message\":"));
    EXPECT_THAT(response.body, HasSubstr("\"Type\":\"error\""));
}
const std::string kGood = one_part("name=\"file\"; filename=\"\"", "hello");
INSTANTIATE_TEST_SUITE_P(
    Blobs, BadAdds,
    testing::Values(BadAdd{"type", "", "text/plain", kGood}, BadAdd{"no_type", "", "", kGood},
                    BadAdd{"no_parts", "", kMultipart, "--XX--"}, BadAdd{"cut", "", kMultipart, "--XX\r\n\r\nabc"},
                    BadAdd{"cid_version", "?cid-version=1", kMultipart, kGood},
                    BadAdd{"raw_leaves", "?raw-leaves=true", kMultipart, kGood},
                    BadAdd{"chunker", "?chunker=size-1048576", kMultipart, kGood},
                    BadAdd{"wrap", "?wrap-with-directory=true", kMultipart, kGood},
                    BadAdd{"directory", "", kMultipart, "--XX\r\nContent-Type: application/x-directory\r\n\r\n\r\n--XX--"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(BlobsTest, RpcReadsFilesAndBlocks)
{
    const Bytes content = pattern(600'000);
    const std::string cid = add(content);
    EXPECT_TRUE(to_bytes(post("/api/v0/cat?arg=" + cid).body) == content);
    EXPECT_EQ(post("/api/v0/cat?arg=/ipfs/" + cid + "&offset=599998").body.size(), 2U);
    EXPECT_EQ(post("/api/v0/cat?arg=" + cid + "&offset=1&length=7").body.size(), 7U);
    const net::Response block = post("/api/v0/block/get?arg=" + cid);
    EXPECT_EQ(codec::Cid::v0(crypto::sha256(as_bytes(block.body))).text(), cid);
    EXPECT_THAT(post("/api/v0/version").body, HasSubstr("\"Version\":"));
}

TEST_F(BlobsTest, RpcNamesMissingAndMalformed)
{
    const net::Response missing = post("/api/v0/cat?arg=QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX");
    EXPECT_EQ(missing.status, 404);
    EXPECT_THAT(missing.body, HasSubstr("ipld: could not find QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX"));
    for (const char* path : {"/api/v0/cat", "/api/v0/cat?arg=nonsense", "/api/v0/block/get?arg=", "/api/v0/block/get"})
        EXPECT_EQ(post(path).status, 400) << path;
    const std::string cid = add(as_bytes("hello"));
    for (const char* rest : {"&offset=6", "&offset=x", "&length=-1"})
        EXPECT_EQ(post("/api/v0/cat?arg=" + cid + rest).status, 400) << rest;
    EXPECT_EQ(get("/api/v0/version").status, 404);
}

// ---- gateway -------------------------------------------------------------------------------------------------

TEST_F(BlobsTest, GatewayServesFilesWithStableFields)
{
    const std::string cid = add(as_bytes("hello"));
    const net::Response whole = get("/ipfs/" + cid);
    EXPECT_EQ(whole.status, 200);
    EXPECT_EQ(whole.body, "hello");
    EXPECT_EQ(whole.headers.find("content-length"), "5");
    EXPECT_EQ(whole.headers.find("etag"), "\"" + cid + "\"");
    EXPECT_EQ(whole.headers.find("x-ipfs-path"), "/ipfs/" + cid);
    EXPECT_EQ(whole.headers.find("accept-ranges"), "bytes");
    EXPECT_EQ(whole.headers.find("access-control-allow-origin"), "*");
    EXPECT_EQ(get("//ipfs/" + cid).body, "hello");

    const net::Response head = get("/ipfs/" + cid, {}, "HEAD");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.headers.find("content-length"), "5");
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(get("/ipfs/" + cid, {{"If-None-Match", "\"" + cid + "\""}}).status, 304);
}

TEST_F(BlobsTest, GatewayServesRanges)
{
    const Bytes content = pattern(600'000);
    const std::string path = "/ipfs/" + add(content);
    const net::Response part = get(path, {{"Range", "bytes=262140-262150"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.headers.find("content-range"), "bytes 262140-262150/600000");
    EXPECT_TRUE(std::ranges::equal(as_bytes(part.body), ByteView(content).subspan(262'140, 11)));
    EXPECT_EQ(get(path, {{"Range", "bytes=-10"}}).body.size(), 10U);
    EXPECT_EQ(get(path, {{"Range", "bytes=599999-"}}).body.size(), 1U);

    const net::Response outside = get(path, {{"Range", "bytes=600000-"}});
    EXPECT_EQ(outside.status, 416);
    EXPECT_EQ(outside.headers.find("content-range"), "bytes */600000");
    EXPECT_EQ(get(path, {{"Range", "bytes=0-1"}, {"If-Range", "\"other\""}}).status, 200);
}

TEST_F(BlobsTest, GatewayServesRawBlocks)
{
    const std::string cid = add(as_bytes("hello"));
    for (const net::Response& raw :
         {get("/ipfs/" + cid + "?format=raw"), get("/ipfs/" + cid, {{"Accept", "application/vnd.ipld.raw"}})}) {
        EXPECT_EQ(raw.status, 200);
        EXPECT_EQ(raw.headers.find("content-type"), "application/vnd.ipld.raw");
        EXPECT_EQ(hex(as_bytes(raw.body)), "0a0b0802120568656c6c6f1805");
    }
    EXPECT_EQ(get("/ipfs/" + cid + "?format=car").status, 400);
}

TEST_F(BlobsTest, GatewayNamesMissingAndMalformed)
{
    EXPECT_EQ(get("/ipfs/QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX").status, 404);
    EXPECT_EQ(get("/ipfs/QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX", {}, "HEAD").status, 404);
    EXPECT_EQ(get("/ipfs/hello").status, 400);
    EXPECT_EQ(get("/ipfs/").status, 404);
}

}  // namespace
}  // namespace iapp::blobs
