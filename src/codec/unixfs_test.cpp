// CIDs of kubo and of the npm importer with kubo's defaults; every rule of the decoder broken once.
#include "codec/unixfs.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/hex.hpp"
#include "codec/varint.hpp"
#include "crypto/hash.hpp"

namespace iapp::codec {
namespace {

std::string reason(const auto& result) { return result ? "" : std::string(result.error().reason); }

Bytes pattern(std::size_t size)
{
    Bytes out(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 31 + (i >> 8) * 7);
    return out;
}

struct Blocks {
    std::map<Cid, Bytes> all;
    BlockSink sink = [this](const Cid& cid, ByteView block) {
        all.insert_or_assign(cid, to_bytes(block));
        return Status{};
    };
    BlockSource source = [this](const Cid& cid) -> Result<Bytes> {
        const auto at = all.find(cid);
        if (at == all.end()) return fail(ErrorKind::not_found, "test.missing", cid.text());
        return at->second;
    };
};

UnixfsFile import(Blocks& blocks, ByteView content, std::size_t piece = 100'000)
{
    UnixfsImporter importer(crypto::sha256, blocks.sink);
    for (std::size_t at = 0; at < content.size(); at += piece)
        EXPECT_TRUE(importer.update(content.subspan(at, std::min(piece, content.size() - at))));
    return *importer.finish();
}

struct Known {
    std::size_t size;
    std::string_view cid;
    std::uint64_t dag_size;
};
class KnownCids : public testing::TestWithParam<Known> {};

TEST_P(KnownCids, AreReproducedAndReadBack)
{
    Blocks blocks;
    const Bytes content = pattern(GetParam().size);
    const UnixfsFile file = import(blocks, content);
    EXPECT_EQ(file.cid.text(), GetParam().cid);
    EXPECT_EQ(file.size, content.size());
    EXPECT_EQ(file.dag_size, GetParam().dag_size);

    Bytes back;
    const DataSink sink = [&](ByteView bytes) {
        append(back, bytes);
        return Status{};
    };
    ASSERT_TRUE(read_unixfs(file.cid, blocks.source, crypto::sha256, 0, UINT64_MAX, sink));
    EXPECT_TRUE(back == content);
}
constexpr std::size_t kChunk = kUnixfsChunkBytes;
INSTANTIATE_TEST_SUITE_P(Unixfs, KnownCids,
                         testing::Values(Known{0, "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH", 6},
                                         Known{1, "QmS9JArPwa55ePgDnyg6TzX24mYTS1b1vLqWNebyVotKxQ", 9},
                                         Known{5, "QmVgje7PFxLapvmvTJhWnkYYh7Y5KBumxmuUHy67qRhUKd", 13},
                                         Known{kChunk - 1, "QmRavYF5kGduMdM8Gi5efZmVEUCPmVZy12pJUireMWF6H9", 262157},
                                         Known{kChunk, "QmNW24gir79q5qdzhpg4Mqj7uoRbCRucJK7MXvYXBqCPXa", 262158},
                                         Known{kChunk + 1, "QmUeViBXjU2gAQjPhgfnkggXv2z9Fmc7bcyPURAQuVb5nr", 262267},
                                         Known{2 * kChunk, "QmPZr7TMU6TBfaEwaXnLvfASZNAF7JRZzuBdd2NegHDKNK", 524420},
                                         Known{174 * kChunk, "QmXxTSEq7JXkhD9vfKBS9ob4WxbGceV5pB1J74XvXGkLME", 45623854},
                                         Known{174 * kChunk + 1, "QmeEsKwnkzSzDucq6obybUYw2vWXfvpNj3nwbfVDPuadta", 45624016},
                                         Known{175 * kChunk, "QmYUExCnpz2CgpRP6n4fsJ1jjDkuqNSp9dp8wXZkdmBgpb", 45886175},
                                         Known{3 * 174 * kChunk + 5, "QmfToZEER2BEJ79BBSLh91Z7vnn2PogUAk2yhdKqKHKNic",
                                               136871828}),
                         [](const auto& test) { return std::to_string(test.param.size); });

TEST(Unixfs, MatchesKuboOnHello)
{
    Blocks blocks;
    EXPECT_EQ(import(blocks, as_bytes("hello\n")).cid.text(), "QmZULkCELmmk5XNfCgTnCyFgAVxBRBXyDHGGMVoLFLiXEN");
    EXPECT_EQ(import(blocks, as_bytes("hello")).cid.text(), "QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX");
}

TEST(Unixfs, CidDoesNotDependOnThePiecesItCameIn)
{
    const Bytes content = pattern(600'000);
    Blocks blocks;
    const Cid whole = import(blocks, content, content.size()).cid;
    for (const std::size_t piece : {std::size_t{777}, kChunk - 1, kChunk, kChunk + 1})
        EXPECT_EQ(import(blocks, content, piece).cid, whole) << piece;
}

TEST(Unixfs, StopsWhenTheSinkFails)
{
    UnixfsImporter importer(crypto::sha256, [](const Cid&, ByteView) -> Status {
        return fail(ErrorKind::resource_exhausted, "test.full", "no room");
    });
    ASSERT_TRUE(importer.update(as_bytes("x")));
    EXPECT_EQ(reason(importer.finish()), "test.full");
}

struct Part {
    std::uint64_t offset;
    std::uint64_t size;
};
class Parts : public testing::TestWithParam<Part> {};
TEST_P(Parts, AreReadAlone)
{
    Blocks blocks;
    const Bytes content = pattern(3 * kChunk + 10);
    const Cid root = import(blocks, content).cid;
    int fetched = 0;
    const BlockSource counting = [&](const Cid& cid) {
        ++fetched;
        return blocks.source(cid);
    };
    Bytes got;
    const DataSink sink = [&](ByteView bytes) {
        append(got, bytes);
        return Status{};
    };
    const auto [offset, size] = GetParam();
    ASSERT_TRUE(read_unixfs(root, counting, crypto::sha256, offset, size, sink));
    const ByteView expected = ByteView(content).subspan(std::min<std::size_t>(offset, content.size()));
    EXPECT_TRUE(std::ranges::equal(got, expected.first(std::min<std::uint64_t>(size, expected.size()))));
    EXPECT_LE(fetched, size <= 1 ? 2 : 5);
    EXPECT_EQ(*unixfs_size(root, blocks.source, crypto::sha256), content.size());
}
INSTANTIATE_TEST_SUITE_P(Unixfs, Parts,
                         testing::Values(Part{0, 0}, Part{0, 1}, Part{kChunk - 1, 2}, Part{kChunk, 1}, Part{5, 2 * kChunk},
                                         Part{3 * kChunk + 9, 1}, Part{3 * kChunk + 9, UINT64_MAX}, Part{3 * kChunk + 10, 5},
                                         Part{UINT64_MAX, 1}));

TEST(Unixfs, RefusesABlockThatIsNotTheOneNamed)
{
    Blocks blocks;
    const Cid root = import(blocks, pattern(2 * kChunk)).cid;
    const DataSink ignore = [](ByteView) { return Status{}; };
    for (auto& [cid, block] : blocks.all) {
        block.back() ^= 1;
        EXPECT_EQ(reason(read_unixfs(root, blocks.source, crypto::sha256, 0, UINT64_MAX, ignore)), "unixfs.hash")
            << cid.text();
        block.back() ^= 1;
    }
}

// ---- the decoder, one rule at a time -------------------------------------------------------------------------

const std::string kHash = "1220" + std::string(64, '1');
const std::string kLink =
    "1228"
    "0a22" +
    kHash +
    "1200"
    "1805";  // PBLink: Hash, empty Name, Tsize 5

struct Encoded {
    const char* name;
    std::string block;  ///< hex
    std::string_view reason;
};
class Decoder : public testing::TestWithParam<Encoded> {};
TEST_P(Decoder, AnswersWithTheRuleThatWasBroken)
{
    const Bytes block = *parse_hex(GetParam().block);
    EXPECT_EQ(reason(decode_unixfs(Cid::v0(Hash256::zero()), block)), GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(Unixfs, Decoder,
                         testing::Values(Encoded{"leaf",
                                                 "0a09"
                                                 "0802"
                                                 "1203"
                                                 "616263"
                                                 "1803",
                                                 ""},
                                         Encoded{"leaf_without_size",
                                                 "0a07"
                                                 "0802"
                                                 "1203"
                                                 "616263",
                                                 ""},
                                         Encoded{"raw_leaf",
                                                 "0a09"
                                                 "0800"
                                                 "1203"
                                                 "616263"
                                                 "1803",
                                                 ""},
                                         Encoded{"inner",
                                                 kLink + "0a06"
                                                         "0802"
                                                         "1803"
                                                         "2003",
                                                 ""},
                                         Encoded{"empty", "", "unixfs.dag_pb"}, Encoded{"no_data", kLink, "unixfs.dag_pb"},
                                         Encoded{"data_twice",
                                                 "0a04"
                                                 "0802"
                                                 "1800"
                                                 "0a04"
                                                 "0802"
                                                 "1800",
                                                 "unixfs.dag_pb"},
                                         Encoded{"data_before_links",
                                                 "0a06"
                                                 "0802"
                                                 "1803"
                                                 "2003" +
                                                     kLink,
                                                 "unixfs.dag_pb"},
                                         Encoded{"node_field_3",
                                                 "1a00"
                                                 "0a04"
                                                 "0802"
                                                 "1800",
                                                 "unixfs.dag_pb"},
                                         Encoded{"node_number",
                                                 "0801"
                                                 "0a04"
                                                 "0802"
                                                 "1800",
                                                 "unixfs.dag_pb"},
                                         Encoded{"cut_short",
                                                 "0a09"
                                                 "0802"
                                                 "1203"
                                                 "6162",
                                                 "unixfs.protobuf"},
                                         Encoded{"fixed64", "0900", "unixfs.protobuf"},
                                         Encoded{"long_varint",
                                                 "0a8500"
                                                 "0802"
                                                 "1203"
                                                 "616263",
                                                 "varint.not_shortest"},
                                         Encoded{"link_without_cid",
                                                 "1202"
                                                 "1200"
                                                 "0a06"
                                                 "0802"
                                                 "1803"
                                                 "2003",
                                                 "unixfs.dag_pb"},
                                         Encoded{"link_name_twice",
                                                 "122a"
                                                 "0a22" +
                                                     kHash +
                                                     "1200"
                                                     "1200"
                                                     "1805"
                                                     "0a06"
                                                     "0802"
                                                     "1803"
                                                     "2003",
                                                 "unixfs.dag_pb"},
                                         Encoded{"link_field_4",
                                                 "1228"
                                                 "0a22" +
                                                     kHash +
                                                     "1200"
                                                     "2005"
                                                     "0a06"
                                                     "0802"
                                                     "1803"
                                                     "2003",
                                                 "unixfs.dag_pb"},
                                         Encoded{"link_name",
                                                 "1229"
                                                 "0a22" +
                                                     kHash +
                                                     "120161"
                                                     "1805"
                                                     "0a06"
                                                     "0802"
                                                     "1803"
                                                     "2003",
                                                 "unixfs.type"},
                                         Encoded{"link_foreign_hash",
                                                 "1228"
                                                 "0a22"
                                                 "1120" +
                                                     std::string(64, '1') +
                                                     "1200"
                                                     "1805"
                                                     "0a06"
                                                     "0802"
                                                     "1803"
                                                     "2003",
                                                 "cid.version"},
                                         Encoded{"directory",
                                                 "0a02"
                                                 "0801",
                                                 "unixfs.type"},
                                         Encoded{"no_type",
                                                 "0a02"
                                                 "1800",
                                                 "unixfs.protobuf"},
                                         Encoded{"type_as_bytes",
                                                 "0a03"
                                                 "0a0102",
                                                 "unixfs.protobuf"},
                                         Encoded{"type_twice",
                                                 "0a04"
                                                 "0802"
                                                 "0802",
                                                 "unixfs.protobuf"},
                                         Encoded{"out_of_order",
                                                 "0a09"
                                                 "0802"
                                                 "1803"
                                                 "1203"
                                                 "616263",
                                                 "unixfs.protobuf"},
                                         Encoded{"mode",
                                                 "0a07"
                                                 "0802"
                                                 "1800"
                                                 "38a403",
                                                 "unixfs.type"},
                                         Encoded{"leaf_size",
                                                 "0a09"
                                                 "0802"
                                                 "1203"
                                                 "616263"
                                                 "1804",
                                                 "unixfs.size"},
                                         Encoded{"leaf_block_size",
                                                 "0a0b"
                                                 "0802"
                                                 "1203"
                                                 "616263"
                                                 "1803"
                                                 "2003",
                                                 "unixfs.size"},
                                         Encoded{"inner_content",
                                                 kLink + "0a09"
                                                         "0802"
                                                         "120161"
                                                         "1803"
                                                         "2003",
                                                 "unixfs.size"},
                                         Encoded{"inner_sizes_missing",
                                                 kLink + "0a04"
                                                         "0802"
                                                         "1803",
                                                 "unixfs.size"},
                                         Encoded{"inner_zero_size",
                                                 kLink + "0a06"
                                                         "0802"
                                                         "1800"
                                                         "2000",
                                                 "unixfs.size"},
                                         Encoded{"inner_sum",
                                                 kLink + "0a06"
                                                         "0802"
                                                         "1804"
                                                         "2003",
                                                 "unixfs.size"},
                                         Encoded{"inner_overflow",
                                                 kLink + kLink +
                                                     "0a16"
                                                     "0802"
                                                     "20ffffffffffffffff7f"
                                                     "20ffffffffffffffff7f",
                                                 "unixfs.size"}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Unixfs, RefusesHugeBlocks)
{
    const Bytes block(kUnixfsMaxBlockBytes + 1);
    EXPECT_EQ(reason(decode_unixfs(Cid::v1(Multicodec::raw, Hash256::zero()), block)), "unixfs.block_size");
}

/// A block with one link that announces `size` bytes below.
Cid wrap(Blocks& blocks, const Cid& child, std::uint8_t size)
{
    Bytes block = *parse_hex(
        "1228"
        "0a22");
    append(block, child.bytes());
    append(block, *parse_hex("1200"
                             "1805"
                             "0a06"
                             "0802"
                             "18"));
    append(block, Bytes{size, 0x20, size});
    const Cid cid = Cid::v0(crypto::sha256(block));
    EXPECT_TRUE(blocks.sink(cid, block));
    return cid;
}

TEST(Unixfs, RefusesChildrenThatDisagreeWithTheirParent)
{
    Blocks blocks;
    const Cid leaf = import(blocks, as_bytes("abc")).cid;
    const DataSink ignore = [](ByteView) { return Status{}; };
    const auto read = [&](const Cid& root) {
        return reason(read_unixfs(root, blocks.source, crypto::sha256, 0, 100, ignore));
    };
    EXPECT_EQ(read(wrap(blocks, leaf, 3)), "");
    EXPECT_EQ(read(wrap(blocks, leaf, 4)), "unixfs.size");
}

TEST(Unixfs, RefusesTreesOfAbsurdDepth)
{
    Blocks blocks;
    Cid root = import(blocks, as_bytes("abc")).cid;
    for (int i = 0; i < 20; ++i) root = wrap(blocks, root, 3);
    const DataSink ignore = [](ByteView) { return Status{}; };
    EXPECT_EQ(reason(read_unixfs(root, blocks.source, crypto::sha256, 0, 100, ignore)), "unixfs.depth");
}

/// A block with `count` links to the same child of `size` bytes.
Cid repeat(Blocks& blocks, const Cid& child, std::uint64_t size, std::size_t count)
{
    const auto number = [](Bytes& out, std::uint8_t key, std::uint64_t value) {
        out.push_back(key);
        append_varint(out, value);
    };
    Bytes block;
    Bytes file{0x08, 0x02};
    for (std::size_t i = 0; i < count; ++i) {
        append(block, *parse_hex("12240a22"));
        append(block, child.bytes());
        number(file, 0x20, size);
    }
    number(block, 0x0a, file.size());
    append(block, file);
    const Cid cid = Cid::v0(crypto::sha256(block));
    EXPECT_TRUE(blocks.sink(cid, block));
    return cid;
}

/// 10^12 bytes in five blocks.
Cid immense(Blocks& blocks)
{
    Cid root = import(blocks, as_bytes("x")).cid;
    for (std::uint64_t size = 1; size < 1'000'000'000'000; size *= 1'000) root = repeat(blocks, root, size, 1'000);
    return root;
}

TEST(Unixfs, IsNotReadCrumbByCrumb)
{
    const auto read = [](std::string_view leaf, std::size_t leaves, std::uint64_t size) {
        Blocks blocks;
        const Cid root = repeat(blocks, import(blocks, as_bytes(leaf)).cid, leaf.size(), leaves);
        std::uint64_t given = 0;
        const DataSink count = [&](ByteView bytes) {
            given += bytes.size();
            return Status{};
        };
        const Status done = read_unixfs(root, blocks.source, crypto::sha256, 0, size, count);
        return done ? std::to_string(given) : reason(done);
    };
    EXPECT_EQ(read("x", 20'000, 9'999), "9999");
    EXPECT_EQ(read("x", 20'000, 20'000), "unixfs.crumbs");
    EXPECT_EQ(read(std::string(129, 'x'), 20'000, 20'000 * 129), "2580000");
    EXPECT_EQ(read(std::string(127, 'x'), 20'000, 20'000 * 127), "unixfs.crumbs");
}

TEST(Unixfs, IsCheckedReadingEachBlockOnce)
{
    Blocks blocks;
    const Cid root = immense(blocks);
    std::size_t reads = 0;
    const BlockSource counted = [&](const Cid& cid) {
        ++reads;
        return blocks.source(cid);
    };
    EXPECT_EQ(reason(check_unixfs(root, counted, crypto::sha256, 5)), "");
    EXPECT_EQ(reads, 5U);
    EXPECT_EQ(reason(check_unixfs(root, blocks.source, crypto::sha256, 4)), "unixfs.blocks");
}

TEST(Unixfs, IsCheckedForBlocksThatAreMissingWrongOrDisagree)
{
    const auto check = [](auto bend) {
        Blocks blocks;
        const UnixfsFile file = import(blocks, pattern(600'000));
        Cid root = file.cid;
        bend(blocks, root);
        return reason(check_unixfs(root, blocks.source, crypto::sha256, 100));
    };
    EXPECT_EQ(check([](Blocks&, Cid&) {}), "");
    EXPECT_EQ(check([](Blocks& blocks, Cid& root) {
                  std::erase_if(blocks.all, [&](const auto& block) { return block.first != root; });
              }),
              "test.missing");
    EXPECT_EQ(check([](Blocks& blocks, Cid& root) {
                  for (auto& [cid, block] : blocks.all)
                      if (cid != root) block.back() ^= 1;
              }),
              "unixfs.hash");
    EXPECT_EQ(check([](Blocks& blocks, Cid& root) { root = repeat(blocks, root, 599'999, 1); }), "unixfs.size");
}

TEST(Unixfs, IsCheckedForAbsurdDepthOnEveryPath)
{
    const auto check = [](int outer) {
        Blocks blocks;
        const Cid leaf = import(blocks, as_bytes("abc")).cid;
        Cid root = leaf;
        for (int i = 0; i < 8; ++i) root = wrap(blocks, root, 3);
        // The tree below is known from a short path when the long one reaches it.
        Bytes block;
        Cid deep = root;
        for (int i = 0; i < outer; ++i) deep = wrap(blocks, deep, 3);
        for (const Cid& child : {root, deep}) {
            append(block, *parse_hex("12240a22"));
            append(block, child.bytes());
        }
        append(block, *parse_hex("0a06080220032003"));
        const Cid both = Cid::v0(crypto::sha256(block));
        EXPECT_TRUE(blocks.sink(both, block));
        return reason(check_unixfs(both, blocks.source, crypto::sha256, 100));
    };
    EXPECT_EQ(check(7), "");
    EXPECT_EQ(check(8), "unixfs.depth");
}

}  // namespace
}  // namespace iapp::codec
