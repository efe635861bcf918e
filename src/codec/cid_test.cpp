// Content identifiers and the multiaddr member of on-chain entries.
#include "codec/cid.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "codec/base58.hpp"
#include "codec/multiaddr.hpp"

namespace iapp::codec {
namespace {

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

// The empty UnixFS file and directory, as every IPFS node names them, and the specification's version 1 spelling.
constexpr std::string_view kEmptyDirectory = "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn";
constexpr std::string_view kEmptyDirectoryV1 = "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354";

TEST(Cid, ReadsAndWritesBothVersions)
{
    const auto v0 = Cid::parse(kEmptyDirectory);
    const auto v1 = Cid::parse(kEmptyDirectoryV1);
    ASSERT_TRUE(v0 && v1);
    EXPECT_EQ(v0->digest(), v1->digest());
    EXPECT_EQ(v0->version(), 0);
    EXPECT_EQ(v1->codec(), Multicodec::dag_pb);
    EXPECT_EQ(v0->text(), kEmptyDirectory);
    EXPECT_EQ(v1->text(), kEmptyDirectoryV1);
    EXPECT_EQ(Cid::v1(Multicodec::dag_pb, v0->digest()).text(), kEmptyDirectoryV1);
    EXPECT_EQ(*Cid::parse("z" + base58(v1->bytes())), *v1);
}

struct BadBytes {
    const char* name;
    void (*bend)(Bytes&);
    std::string_view reason;
};

TEST(Cid, NamesTheBrokenRule)
{
    const BadBytes cases[] = {
        {"good", [](Bytes&) {}, ""},
        {"version 2", [](Bytes& b) { b[0] = 2; }, "cid.version"},
        {"empty", [](Bytes& b) { b.clear(); }, "cid.version"},
        {"codec dag-cbor", [](Bytes& b) { b[1] = 0x71; }, "cid.codec"},
        {"codec missing", [](Bytes& b) { b.resize(1); }, "cid.codec"},
        {"hash sha2-512", [](Bytes& b) { b[2] = 0x13; }, "cid.hash"},
        {"hash length", [](Bytes& b) { b[3] = 0x1f; }, "cid.hash"},
        {"one byte short", [](Bytes& b) { b.pop_back(); }, "cid.hash"},
        {"one byte more", [](Bytes& b) { b.push_back(0); }, "cid.length"},
    };
    for (const auto& test : cases) {
        Bytes bytes = Cid::v1(Multicodec::raw, Hash256::zero()).bytes();
        test.bend(bytes);
        EXPECT_EQ(reason(Cid::from_bytes(bytes)), test.reason) << test.name;
    }
    EXPECT_EQ(reason(Cid::parse("Q")), "cid.text");
    EXPECT_EQ(reason(Cid::parse("Qm0")), "cid.text");
    EXPECT_EQ(reason(Cid::parse("Qmabc")), "cid.version");
    EXPECT_EQ(reason(Cid::parse("f01551220")), "cid.multibase");
    EXPECT_EQ(reason(Cid::parse("z" + std::string(kEmptyDirectory))), "cid.version");
}

TEST(Cid, RoundTripsAnyDigest)
{
    EXPECT_TRUE(rc::check([](const std::array<std::uint8_t, 32>& raw, bool is_raw) {
        const Hash256 digest{raw};
        const Cid v1 = Cid::v1(is_raw ? Multicodec::raw : Multicodec::dag_pb, digest);
        RC_ASSERT(*Cid::parse(v1.text()) == v1);
        RC_ASSERT(*Cid::parse(Cid::v0(digest).text()) == Cid::v0(digest));
        RC_ASSERT(*print_multiaddr(*encode_multiaddr("/p2p/" + Cid::v0(digest).text())) ==
                  "/ipfs/" + Cid::v0(digest).text());
    }));
}

TEST(Multiaddr, WritesWhatTheClientsWrite)
{
    constexpr std::string_view kCid = "QmSAY4mYRkCvdDzcD3A3sDeN5nChyn82p88xt7HhYHqXfi";
    constexpr std::string_view kBytes = "0xa50322122038d76d7059153e707cd0951cf2ff64d17f69352a285503800c7787c3af0c63dd";
    for (const char* prefix : {"/ipfs/", "/p2p/"}) EXPECT_EQ(hex0x(*encode_multiaddr(prefix + std::string(kCid))), kBytes);
    EXPECT_EQ(*print_multiaddr(*parse_hex0x(kBytes)), "/ipfs/" + std::string(kCid));
    for (const char* text : {"docker.io/user/img:1.0", "https://example.com/data", "127.0.0.1:5000/app@sha256:00"}) {
        EXPECT_EQ(to_text(*encode_multiaddr(text)), text);
        EXPECT_EQ(*print_multiaddr(as_bytes(text)), text);
    }
}

TEST(Multiaddr, RefusesWhatWouldNotComeBack)
{
    EXPECT_EQ(reason(encode_multiaddr("")), "multiaddr.empty");
    EXPECT_EQ(reason(encode_multiaddr("/dns4/example.com/tcp/443")), "multiaddr.protocol");
    EXPECT_EQ(reason(encode_multiaddr("/ipfs/nonsense")), "multiaddr.cid");
    EXPECT_EQ(reason(encode_multiaddr("/ipfs/" + Cid::v1(Multicodec::raw, Hash256::zero()).text())), "multiaddr.cid");
    EXPECT_EQ(reason(encode_multiaddr("img:\xff")), "multiaddr.utf8");
    EXPECT_EQ(reason(print_multiaddr({})), "multiaddr.empty");
    EXPECT_EQ(reason(print_multiaddr(Bytes{0xa5, 0x03, 0x22, 0x12, 0x20})), "multiaddr.utf8");
}

}  // namespace
}  // namespace iapp::codec
