// The gateway over real sockets.
#include <fstream>

#include "codec/cid.hpp"
#include "crypto/hash.hpp"
#include "support/blobs_world.hpp"

namespace iapp::blobs {
namespace {

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

    const net::Response several = get(path, {{"Range", "bytes=0-9,599990-"}});
    EXPECT_EQ(several.status, 206);
    const std::string type(several.headers.find("content-type").value_or(""));
    ASSERT_THAT(type, testing::StartsWith("multipart/byteranges; boundary="));
    const std::string delimiter = "\r\n--" + type.substr(type.find('=') + 1);
    const auto part_text = [&](std::size_t first, std::size_t last) {
        return delimiter + "\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes " + std::to_string(first) +
               "-" + std::to_string(last) + "/600000\r\n\r\n" + to_text(ByteView(content).subspan(first, last - first + 1));
    };
    EXPECT_TRUE(several.body == part_text(0, 9) + part_text(599'990, 599'999) + delimiter + "--\r\n");
    EXPECT_EQ(get(path, {{"Range", "bytes=0-9,5-599999"}}).status, 200);  // more than the file: whole is cheaper

    const net::Response outside = get(path, {{"Range", "bytes=600000-"}});
    EXPECT_EQ(outside.status, 416);
    EXPECT_EQ(outside.headers.find("content-range"), "bytes */600000");
    EXPECT_EQ(get(path, {{"Range", "bytes=0-1"}, {"If-Range", "\"other\""}}).status, 200);
}

TEST_F(BlobsTest, GatewayServesEverySpellingOfABlock)
{
    const std::string cid = add(as_bytes("hello"));
    const Hash256 hash = codec::Cid::parse(cid)->digest();
    const codec::Cid v1 = codec::Cid::v1(codec::Multicodec::dag_pb, hash);
    const net::Response file = get("/ipfs/" + v1.text());
    EXPECT_EQ(file.body, "hello");
    EXPECT_EQ(file.headers.find("etag"), "\"" + v1.text() + "\"");
    const codec::Cid raw = codec::Cid::v1(codec::Multicodec::raw, hash);
    EXPECT_EQ(hex(as_bytes(get("/ipfs/" + raw.text()).body)), "0a0b0802120568656c6c6f1805");
}

struct Typed {
    const char* name;
    std::string content;
    std::string_view type;
};
class ContentTypes : public BlobsTest, public testing::WithParamInterface<Typed> {};
TEST_P(ContentTypes, AreReadFromTheFirstBytes)
{
    const std::string path = "/ipfs/" + add(as_bytes(GetParam().content));
    const net::Response whole = get(path);
    EXPECT_EQ(whole.headers.find("content-type"), GetParam().type);
    EXPECT_EQ(whole.headers.find("x-content-type-options"), "nosniff");
    EXPECT_EQ(get(path, {}, "HEAD").headers.find("content-type"), GetParam().type);
}
INSTANTIATE_TEST_SUITE_P(
    Blobs, ContentTypes,
    testing::Values(Typed{"zip", "PK\x03\x04rest", "application/zip"}, Typed{"empty", "", "application/octet-stream"},
                    Typed{"object", "{\"a\":1}", "application/json"}, Typed{"array", " [ {}]", "application/json"},
                    Typed{"note", "[note] hello", "text/plain; charset=utf-8"},
                    Typed{"page", "<script>alert(1)</script>", "text/plain; charset=utf-8"},
                    Typed{"cut_character", std::string(511, 'a') + "\u00e9", "text/plain; charset=utf-8"},
                    Typed{"latin1", "caf\xe9", "application/octet-stream"},
                    Typed{"binary", std::string("a\0b", 3), "application/octet-stream"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(BlobsTest, GatewayNamesDownloads)
{
    const std::string path = "/ipfs/" + add(as_bytes("hello"));
    const auto disposition = [&](const std::string& query) {
        return std::string(get(path + query).headers.find("content-disposition").value_or(""));
    };
    EXPECT_EQ(disposition(""), "");
    EXPECT_EQ(disposition("?filename=a%20%22%0d%0a.zip"), "inline; filename*=UTF-8''a%20%22%0D%0A.zip");
    EXPECT_EQ(disposition("?filename=a&download=true"), "attachment; filename*=UTF-8''a");
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
    const std::string cid = add(as_bytes("hello"));
    EXPECT_EQ(get("/ipfs/" + cid + "/below").status, 404);
    EXPECT_EQ(get("/ipfs/" + cid, {{"If-None-Match", "\"x\", W/\"" + cid + "\""}}).status, 304);
}

TEST_F(BlobsTest, GatewayRefusesPathsThatAreNoCid)
{
    std::ofstream(directory / "secret") << "secret";
    for (const std::string& path : std::vector<std::string>{
             "/ipfs/../secret", "/ipfs/..%2f..%2fsecret", "/ipfs/%2e%2e/secret", "/ipfs/%2fetc%2fpasswd",
             "/ipfs/Qm/../../secret", "/ipfs/%00", "/ipfs/b", "/ipfs/bafybei", "/ipfs/zzzz", "/ipfs/Qm%ff%fe",
             "/ipfs/" + std::string(10'000, 'Q'), "/ipfs/b" + std::string(5'000, 'a'),
             "/ipfs/QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX%00"}) {
        const net::Response response = get(path);
        EXPECT_TRUE(response.status == 400 || response.status == 404) << path << " " << response.status;
        EXPECT_THAT(response.body, testing::Not(HasSubstr("secret\n"))) << path;
    }
}

}  // namespace
}  // namespace iapp::blobs
