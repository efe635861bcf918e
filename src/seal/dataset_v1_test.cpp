#include "seal/dataset_v1.hpp"

#include "crypto/hash.hpp"
#include "seal/internal/test_support.hpp"

namespace iapp::seal {
namespace {

using namespace test;

Bytes opened(ByteView sealed, const Hash256& checksum, const crypto::SecretBytes& key)
{
    Bytes out;
    const Status status = open_v1(codec::random_source(sealed), key, checksum, into(out));
    EXPECT_TRUE(status) << status.error().reason;
    return out;
}

TEST(DatasetV1, WorkedExampleOfTheDocumentOpens)
{
    const Bytes sealed = worked_example("docs/formats/dataset-v1.md", "v1");
    const auto checksum = Hash256::from_hex("0xb2dc453e772f3cf2a76b9634a9cafa3959309b220fd0ec4153009b11ca71cc71");
    EXPECT_EQ(to_text(opened(sealed, *checksum, counting_key())), kExampleText);
}

class SizeV1 : public testing::TestWithParam<std::size_t> {};
TEST_P(SizeV1, RoundTrips)
{
    const Bytes plaintext = pattern(GetParam());
    Bytes sealed;
    const auto report = seal_v1(codec::byte_source(plaintext), counting_key(), into(sealed));
    ASSERT_TRUE(report);
    EXPECT_EQ(report->size_bytes, sealed.size());
    EXPECT_EQ(sealed.size(), 16 + (plaintext.size() / 16 + 1) * 16);
    EXPECT_EQ(report->checksum, crypto::sha256(sealed));
    EXPECT_EQ(opened(sealed, report->checksum, counting_key()), plaintext);
}
INSTANTIATE_TEST_SUITE_P(Seal, SizeV1,
                         testing::Values(0, 1, 15, 16, 17, 4095, 4096, 4097, 262'000, 262'080, 262'096, 262'144, 262'145,
                                         1'048'576, 3'000'001));

TEST(DatasetV1, PiecesOfAnySizeGiveTheSamePlaintext)
{
    const Bytes plaintext = pattern(700'000);
    Bytes sealed;
    auto sealer = DatasetV1Sealer::start(counting_key(), into(sealed));
    ASSERT_TRUE(sealer);
    std::size_t step = 1;
    for (ByteView rest = plaintext; !rest.empty(); step = step * 7 % 9973) {
        const ByteView piece = rest.first(std::min(rest.size(), step));
        ASSERT_TRUE(sealer->update(piece));
        rest = rest.subspan(piece.size());
    }
    const auto report = sealer->finish();
    ASSERT_TRUE(report);
    EXPECT_EQ(opened(sealed, report->checksum, counting_key()), plaintext);
}

TEST(DatasetV1, EachFileHasItsOwnIv)
{
    Bytes first, second;
    ASSERT_TRUE(seal_v1(codec::byte_source(as_bytes("x")), counting_key(), into(first)));
    ASSERT_TRUE(seal_v1(codec::byte_source(as_bytes("x")), counting_key(), into(second)));
    EXPECT_NE(first, second);
}

TEST(DatasetV1, FailuresOfSinkAndSourceComeBack)
{
    const Bytes plaintext = pattern(3'000'000);
    for (const int calls : {0, 1, 5})
        EXPECT_EQ(seal_v1(codec::byte_source(plaintext), counting_key(), failing_after(calls)).error().reason, "test.full");
    EXPECT_EQ(seal_v1(codec::byte_source(as_bytes("x")), counting_key(), failing_after(0)).error().reason, "test.full");
    EXPECT_EQ(seal_v1(failing_source(2'000'000), counting_key(), nowhere()).error().reason, "test.source");
}

TEST(DatasetV1, ASealerMayBeDroppedHalfway)
{
    auto sealer = DatasetV1Sealer::start(counting_key(), nowhere());
    ASSERT_TRUE(sealer);
    ASSERT_TRUE(sealer->update(pattern(2'000'000)));
}

struct Sealed {
    Bytes bytes;
    Hash256 checksum = Hash256::zero();
    crypto::SecretBytes key = counting_key();
};
struct Case {
    const char* name;
    void (*bend)(Sealed&);
    std::string_view reason;
};
void rehash(Sealed& sealed) { sealed.checksum = crypto::sha256(sealed.bytes); }

class OpenV1 : public testing::TestWithParam<Case> {};
TEST_P(OpenV1, AnswersWithTheCheckThatFailed)
{
    Sealed sealed;
    sealed.checksum = seal_v1(codec::byte_source(as_bytes("secret")), sealed.key, into(sealed.bytes))->checksum;
    GetParam().bend(sealed);
    int calls = 0;
    const Status status = open_v1(codec::random_source(sealed.bytes), sealed.key, sealed.checksum, [&](ByteView) -> Status {
        ++calls;
        return {};
    });
    EXPECT_EQ(status ? "" : status.error().reason, GetParam().reason);
    EXPECT_EQ(calls, status ? 1 : 0) << "nothing may leave before the checksum is right";
    const auto random = plaintext_v1(codec::random_source(sealed.bytes), sealed.key, sealed.checksum);
    EXPECT_EQ(random ? "" : random.error().reason, GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(Seal, OpenV1,
                         testing::Values(Case{"good", [](Sealed&) {}, ""},
                                         Case{"other_checksum", [](Sealed& s) { s.checksum = Hash256::zero(); },
                                              "seal.checksum"},
                                         Case{"bit_of_the_iv", [](Sealed& s) { s.bytes[0] ^= 1; }, "seal.checksum"},
                                         Case{"bit_of_the_end", [](Sealed& s) { s.bytes.back() ^= 1; }, "seal.checksum"},
                                         Case{"cut_block",
                                              [](Sealed& s) {
                                                  s.bytes.resize(16);
                                                  rehash(s);
                                              },
                                              "seal.v1_size"},
                                         Case{"cut_byte",
                                              [](Sealed& s) {
                                                  s.bytes.pop_back();
                                                  rehash(s);
                                              },
                                              "seal.v1_size"},
                                         Case{"bad_padding",
                                              [](Sealed& s) {
                                                  s.bytes[15] ^= 0x80;
                                                  rehash(s);
                                              },
                                              "seal.v1_padding"},
                                         Case{"short_key", [](Sealed& s) { s.key = counting_key(0, 31); }, "seal.key_size"}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(DatasetV1, SealerRefusesAShortKey)
{
    EXPECT_EQ(DatasetV1Sealer::start(counting_key(0, 16), nowhere()).error().reason, "seal.key_size");
}

TEST(PlaintextV1, IsReadableAnywhere)
{
    const Bytes plaintext = pattern(200'003);
    Bytes sealed;
    const auto report = seal_v1(codec::byte_source(plaintext), counting_key(), into(sealed));
    const auto source = plaintext_v1(codec::random_source(sealed), counting_key(), report->checksum);
    ASSERT_TRUE(source);
    ASSERT_EQ(source->size_bytes, plaintext.size());
    for (const auto& [offset, size] :
         {std::pair<std::size_t, std::size_t>{0, 1}, {15, 2}, {65'535, 70'000}, {200'002, 1}, {0, 200'003}, {100, 0}}) {
        Bytes out(size);
        ASSERT_TRUE(source->read_at(offset, out));
        EXPECT_TRUE(std::ranges::equal(out, ByteView(plaintext).subspan(offset, size))) << offset;
    }
    Bytes one(1);
    EXPECT_EQ(source->read_at(200'003, one).error().reason, "stream.range");
}

TEST(ObjectV1, StreamsItsEntriesBack)
{
    const Bytes big = pattern(900'000);
    DatasetObject object{
        {{"name", std::string("Zoë")},
         {"sub", DatasetObject{{{"n", Int128{5}}}}},
         {"scan", DatasetStream{big.size(), Bytes(big.begin(), big.begin() + 16), codec::byte_source(big)}}}};
    Bytes sealed;
    const auto report = seal_object_v1(object, counting_key(), into(sealed));
    ASSERT_TRUE(report) << report.error().reason;
    std::map<std::string, Bytes> entries;
    const Status status = open_object_v1(codec::random_source(sealed), counting_key(), report->checksum,
                                         [&](const codec::ZipEntry& entry, ByteView content) -> Status {
                                             append(entries[entry.path], content);
                                             return {};
                                         });
    ASSERT_TRUE(status) << status.error().reason;
    EXPECT_EQ(entries.size(), 4u);
    EXPECT_EQ(*parse_string(entries["name"]), "Zoë");
    EXPECT_TRUE(*parse_i128(entries["sub/n"]) == 5);
    EXPECT_EQ(entries["scan"], big);
}

TEST(ObjectV1, RefusesAStreamThatChangedItsSize)
{
    DatasetObject object{{{"scan", DatasetStream{10, {}, codec::byte_source(as_bytes("nine byte"))}}}};
    EXPECT_EQ(seal_object_v1(object, counting_key(), nowhere()).error().reason, "zip.source_size");
    EXPECT_EQ(seal_object_v1({{{"", true}}}, counting_key(), nowhere()).error().reason, "seal.key_empty");
    EXPECT_EQ(seal_object_v1({{{"a", true}, {"a", 1.0}}}, counting_key(), nowhere()).error().reason, "seal.key_twice");
    const DatasetObject nested{{{"a", DatasetObject{{{"b", true}, {"b", true}}}}}};
    EXPECT_EQ(seal_object_v1(nested, counting_key(), nowhere()).error().reason, "seal.key_twice");
}

}  // namespace
}  // namespace iapp::seal
