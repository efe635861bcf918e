// The kubo RPC over real sockets: what the npm clients send and what they must get.
#include "blobs/internal/kubo.hpp"
#include "blobs/internal/multipart.hpp"
#include "codec/cid.hpp"
#include "codec/varint.hpp"
#include "crypto/hash.hpp"
#include "support/blobs_world.hpp"

namespace iapp::blobs {
namespace {

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
    const net::Response watched = post("/api/v0/add?progress=true&pin=true&cid-version=0&raw-leaves=false&hash=sha2-256",
                                       kMultipart, one_part("name=\"file\"; filename=\"blob\"", "hello"));
    EXPECT_THAT(watched.body, testing::StartsWith("{\"Name\":\"blob\",\"Bytes\":5}\n{\"Name\":\"blob\",\"Hash\":"));
}

TEST_F(BlobsTest, RpcAddTakesChunksAndKnownLengths)
{
    const std::string body = one_part("name=\"file\"; filename=\"\"", std::string(600'000, 'a'));
    const net::Response whole = post("/api/v0/add", kMultipart, body);
    net::MemoryReader reader(as_bytes(body));
    net::Request chunked;
    chunked.method = "POST";
    chunked.target = rpc.origin() + "/api/v0/add";
    chunked.headers.set("Content-Type", kMultipart);
    chunked.body_reader = &reader;
    EXPECT_EQ(whole.status, 200);
    EXPECT_EQ(http.send(chunked, call())->body, whole.body);
}

TEST_F(BlobsTest, RpcAddTakesPagesFilesAndFieldsOfAnyName)
{
    const auto hash = [&](std::string_view disposition) {
        const net::Response answer = post("/api/v0/add", kMultipart, one_part(disposition, "hello"));
        EXPECT_EQ(answer.status, 200) << disposition;
        return answer.body.find("\"Hash\":\"QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX\"") != std::string::npos;
    };
    for (const char* disposition : {"name=\"file\"; filename=\"\"", "name=\"file\"; filename=\"blob\"", "name=\"file\"",
                                    "name=\"data\"; filename=\"\"", "name=\"file-0\"; filename=\"a%20b\""})
        EXPECT_TRUE(hash(disposition)) << disposition;
}

TEST_F(BlobsTest, RpcAddAnswersOneLineForEachFile)
{
    const std::string part = "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"";
    const net::Response both =
        post("/api/v0/add", kMultipart, part + "a\"\r\n\r\n1\r\n" + part + "b\"\r\n\r\n2\r\n--XX--\r\n");
    EXPECT_EQ(std::ranges::count(both.body, '\n'), 2);
    EXPECT_THAT(both.body, HasSubstr("\"Name\":\"b\""));
}

/// Of a request with `parts` empty parts, each answered with `line`.
std::string answer_to_parts(int parts, const std::string& line)
{
    std::string body;
    for (int i = 0; i < parts; ++i) body += "--XX\r\n\r\n\r\n";
    body += "--XX--";
    net::MemoryReader reader(as_bytes(body));
    net::Request request;
    request.headers.set("Content-Type", kMultipart);
    request.body_reader = &reader;
    const auto take = [&](const internal::Part&, net::BodyReader&) { return Result<std::string>(line); };
    const auto lines = internal::lines_of_parts(request, take);
    return lines ? std::to_string(lines->size()) : reason(lines);
}

TEST(Parts, AreTenThousandAtMostAndTheirAnswersEightMebibytes)
{
    EXPECT_EQ(answer_to_parts(10'000, "x"), "10000");
    EXPECT_EQ(answer_to_parts(10'001, "x"), "blobs.parts");
    EXPECT_EQ(answer_to_parts(9, std::string(1 << 20, 'x')), std::to_string(9 << 20));
    EXPECT_EQ(answer_to_parts(10, std::string(1 << 20, 'x')), "blobs.parts");
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
    EXPECT_EQ(response.headers.find("content-type"), "application/json");
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
    EXPECT_THAT(post("/api/v0/id").body, HasSubstr("\"ID\":\"Qm"));
}

TEST_F(BlobsTest, RpcPutsBlocksUnderTheCodecTheCallerNames)
{
    const std::string body = one_part("name=\"data\"; filename=\"\"", "hello");
    const Hash256 hash = crypto::sha256(as_bytes("hello"));
    const std::string raw = codec::Cid::v1(codec::Multicodec::raw, hash).text();
    EXPECT_EQ(post("/api/v0/block/put", kMultipart, body).body, "{\"Key\":\"" + raw + "\",\"Size\":5}\n");
    EXPECT_THAT(post("/api/v0/block/put?format=v0&mhtype=sha2-256&mhlen=-1", kMultipart, body).body,
                HasSubstr(codec::Cid::v0(hash).text()));
    EXPECT_THAT(post("/api/v0/block/put?cid-codec=dag-pb&mhlen=32", kMultipart, body).body,
                HasSubstr(codec::Cid::v1(codec::Multicodec::dag_pb, hash).text()));
    EXPECT_EQ(post("/api/v0/block/stat?arg=" + raw).body, "{\"Key\":\"" + raw + "\",\"Size\":5}\n");
    EXPECT_EQ(post("/api/v0/cat?arg=" + raw).body, "hello");

    for (const char* option : {"cid-codec=dag-cbor", "mhtype=sha2-512", "mhlen=20"})
        EXPECT_EQ(post(std::string("/api/v0/block/put?") + option, kMultipart, body).status, 400) << option;
    const std::string large = one_part("name=\"data\"; filename=\"\"", std::string((2 << 20) + 1, 'x'));
    EXPECT_EQ(post("/api/v0/block/put", kMultipart, large).status, 400);
    EXPECT_EQ(post("/api/v0/block/put", "", body).status, 400);
}

TEST_F(BlobsTest, RpcPinsWhatIsWhole)
{
    const std::string cid = add(pattern(600'000));
    EXPECT_EQ(post("/api/v0/pin/add?recursive=true&arg=" + cid).body, "{\"Pins\":[\"" + cid + "\"]}\n");
    EXPECT_EQ(post("/api/v0/pin/ls?stream=true&arg=" + cid).body, "{\"Keys\":{\"" + cid + "\":{\"Type\":\"recursive\"}}}\n");
    EXPECT_EQ(post("/api/v0/pin/rm?arg=" + cid).status, 400);
    EXPECT_EQ(post("/api/v0/pin/ls").status, 400);
    fs::remove(block_files().front());
    EXPECT_EQ(post("/api/v0/pin/add?arg=" + cid).status, 404);
    EXPECT_EQ(post("/api/v0/pin/ls?arg=" + cid).status, 404);
}

/// Four blocks that describe 8 * 10^12 bytes.
std::string add_immense_file(const BlockStore& store)
{
    const auto number = [](Bytes& out, std::uint8_t key, std::uint64_t value) {
        out.push_back(key);
        codec::append_varint(out, value);
    };
    const auto bytes = [&](Bytes& out, std::uint8_t key, ByteView value) {
        number(out, key, value.size());
        append(out, value);
    };
    const auto put = [&](const Bytes& block) {
        EXPECT_TRUE(store.put(crypto::sha256(block), block, call()));
        return codec::Cid::v0(crypto::sha256(block));
    };
    codec::Cid cid = put(Bytes{0x0a, 0x05, 0x08, 0x02, 0x12, 0x01, 'x'});
    constexpr std::uint64_t kLinks = 20'000;
    for (std::uint64_t size = 1; size < 8'000'000'000'000; size *= kLinks) {
        Bytes node, file;
        number(file, 0x08, 2);
        for (std::uint64_t i = 0; i < kLinks; ++i) {
            Bytes link;
            bytes(link, 0x0a, cid.bytes());
            bytes(node, 0x12, link);
            number(file, 0x20, size);
        }
        bytes(node, 0x0a, file);
        cid = put(node);
    }
    return cid.text();
}

TEST_F(BlobsTest, RpcPinsWithoutReadingABlockTwice)
{
    const std::string cid = add_immense_file(*store);
    EXPECT_EQ(post("/api/v0/pin/add?arg=" + cid).status, 200);
    EXPECT_EQ(post("/api/v0/pin/ls?arg=" + cid).status, 200);
}

TEST_F(BlobsTest, RpcNamesCommandsItDoesNotHave)
{
    const net::Response unknown = post("/api/v0/files/ls");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(unknown.body, R"({"Message":"this store has no command files/ls","Code":0,"Type":"error"})");
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

}  // namespace
}  // namespace iapp::blobs
