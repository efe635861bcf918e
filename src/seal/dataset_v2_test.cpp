#include "seal/dataset_v2.hpp"

#include <thread>

#include "crypto/hash.hpp"
#include "seal/dataset_v1.hpp"
#include "seal/internal/test_support.hpp"

namespace iapp::seal {
namespace {

using namespace test;

constexpr std::size_t kChunk = 4096;
constexpr std::size_t kSealedChunk = kChunk + kV2TagBytes;

Bytes sealed_of(ByteView plaintext, const V2Options& options = {.chunk_log2 = 12})
{
    Bytes sealed;
    const auto report = seal_v2(codec::byte_source(plaintext), counting_key(), into(sealed), options);
    EXPECT_TRUE(report) << report.error().reason;
    EXPECT_EQ(report->size_bytes, sealed.size());
    EXPECT_EQ(report->checksum.has_value(), options.checksum);
    if (report->checksum) {
        EXPECT_EQ(*report->checksum, crypto::sha256(sealed));
    }
    return sealed;
}

Result<DatasetV2Reader> reader_of(ByteView sealed)
{
    return DatasetV2Reader::open(codec::random_source(sealed), counting_key());
}

TEST(DatasetV2, WorkedExampleOfTheDocumentOpens)
{
    const Bytes sealed = worked_example("docs/formats/dataset-v2.md", "v2");
    EXPECT_EQ(crypto::sha256(sealed).hex(), "0xb39f068b1955ccded893ba0db625787e4220fc2d58b50da1e018eecc2216cb31");
    const auto reader = reader_of(sealed);
    ASSERT_TRUE(reader) << reader.error().reason;
    Bytes out;
    ASSERT_TRUE(reader->read_all(into(out)));
    EXPECT_EQ(to_text(out), kExampleText);
    EXPECT_TRUE(looks_like_v2(sealed));
    EXPECT_FALSE(looks_like_v2(worked_example("docs/formats/dataset-v1.md", "v1")));
}

class SizeV2 : public testing::TestWithParam<std::tuple<std::size_t, unsigned>> {};
TEST_P(SizeV2, RoundTrips)
{
    const auto [size, threads] = GetParam();
    const Bytes plaintext = pattern(size);
    const Bytes sealed = sealed_of(plaintext, {.chunk_log2 = 12, .threads = threads, .plaintext_bytes = size});
    const auto reader = reader_of(sealed);
    ASSERT_TRUE(reader) << reader.error().reason;
    EXPECT_EQ(reader->plaintext_bytes(), size);
    EXPECT_EQ(reader->chunk_count(), std::max<std::size_t>(1, (size + kChunk - 1) / kChunk));
    Bytes out;
    ASSERT_TRUE(reader->read_all(into(out), threads));
    EXPECT_EQ(out, plaintext);
}
INSTANTIATE_TEST_SUITE_P(Seal, SizeV2,
                         testing::Combine(testing::Values(0, 1, 4095, 4096, 4097, 8192, 100'000),
                                          testing::Values(1u, 2u, 5u)));

TEST(DatasetV2, EveryChunkOpensAlone)
{
    const Bytes plaintext = pattern(3 * kChunk + 7);
    const Bytes sealed = sealed_of(plaintext);
    const auto reader = reader_of(sealed);
    ASSERT_TRUE(reader);
    for (const std::size_t index : {2, 0, 3, 1}) {
        Bytes out(reader->chunk_bytes());
        const auto size = reader->read_chunk(index, out);
        ASSERT_TRUE(size);
        EXPECT_TRUE(std::ranges::equal(ByteView(out).first(*size), ByteView(plaintext).subspan(index * kChunk, *size)));
    }
    Bytes out(kChunk);
    EXPECT_EQ(reader->read_chunk(4, out).error().reason, "seal.v2_index");
    EXPECT_EQ(reader->read_chunk(0, std::span(out).first(kChunk - 1)).error().reason, "seal.v2_index");
}

TEST(DatasetV2, PlaintextSourceCrossesChunks)
{
    const Bytes plaintext = pattern(5 * kChunk + 9);
    const Bytes sealed = sealed_of(plaintext);
    const auto reader = reader_of(sealed);
    const codec::RandomSource source = reader->plaintext();
    Bytes out(3 * kChunk);
    ASSERT_TRUE(source.read_at(kChunk - 1, out));
    EXPECT_TRUE(std::ranges::equal(out, ByteView(plaintext).subspan(kChunk - 1, out.size())));
    EXPECT_EQ(source.read_at(plaintext.size(), std::span(out).first(1)).error().reason, "stream.range");
}

struct Case {
    const char* name;
    void (*bend)(Bytes&);
    std::string_view open_reason;
    std::string_view read_reason;
};
class TamperedV2 : public testing::TestWithParam<Case> {};
/// A file of three chunks whose header does not name the length, so that only the chunks speak.
TEST_P(TamperedV2, IsRefused)
{
    Bytes sealed = sealed_of(pattern(2 * kChunk + 100));
    GetParam().bend(sealed);
    const auto reader = reader_of(sealed);
    EXPECT_EQ(reader ? "" : reader.error().reason, GetParam().open_reason);
    if (!reader) return;
    for (const unsigned threads : {1u, 2u}) {
        const Status status = reader->read_all(nowhere(), threads);
        EXPECT_EQ(status ? "" : status.error().reason, GetParam().read_reason);
    }
}
Bytes chunk(const Bytes& sealed, std::size_t index)
{
    const auto start = sealed.begin() + static_cast<std::ptrdiff_t>(kV2HeaderBytes + index * kSealedChunk);
    return Bytes(start, start + kSealedChunk);
}
void put_chunk(Bytes& sealed, std::size_t index, const Bytes& bytes)
{
    std::ranges::copy(bytes, sealed.begin() + static_cast<std::ptrdiff_t>(kV2HeaderBytes + index * kSealedChunk));
}
INSTANTIATE_TEST_SUITE_P(
    Seal, TamperedV2,
    testing::Values(
        Case{"good", [](Bytes&) {}, "", ""}, Case{"magic", [](Bytes& b) { b[0] ^= 1; }, "seal.v2_magic", ""},
        Case{"too_short", [](Bytes& b) { b.resize(kV2HeaderBytes - 1); }, "seal.v2_magic", ""},
        Case{"version", [](Bytes& b) { b[8] = 3; }, "seal.v2_version", ""},
        Case{"suite", [](Bytes& b) { b[9] = 2; }, "seal.v2_version", ""},
        Case{"chunk_size_out_of_range", [](Bytes& b) { b[10] = 25; }, "seal.v2_header", ""},
        Case{"chunk_size_below_range", [](Bytes& b) { b[10] = 11; }, "seal.v2_header", ""},
        Case{"unknown_flag", [](Bytes& b) { b[11] = 2; }, "seal.v2_header", ""},
        Case{"length_without_flag", [](Bytes& b) { b[19] = 1; }, "seal.v2_header", ""},
        Case{"chunk_size_changed", [](Bytes& b) { b[10] = 13; }, "seal.v2_key", ""},
        Case{"salt", [](Bytes& b) { b[20] ^= 1; }, "seal.v2_key", ""},
        Case{"commitment", [](Bytes& b) { b[83] ^= 1; }, "seal.v2_key", ""},
        Case{"header_only", [](Bytes& b) { b.resize(kV2HeaderBytes); }, "seal.v2_size", ""},
        Case{"cut_inside_a_tag", [](Bytes& b) { b.resize(kV2HeaderBytes + 2 * kSealedChunk + 16); }, "seal.v2_size", ""},
        Case{"cut_at_a_chunk", [](Bytes& b) { b.resize(kV2HeaderBytes + 2 * kSealedChunk); }, "seal.v2_chunk", ""},
        Case{"cut_by_a_byte", [](Bytes& b) { b.pop_back(); }, "seal.v2_chunk", ""},
        Case{"one_byte_more", [](Bytes& b) { b.push_back(0); }, "seal.v2_chunk", ""},
        Case{"first_chunk_appended",
             [](Bytes& b) {
                 b.resize(kV2HeaderBytes + 3 * kSealedChunk);
                 append(b, chunk(b, 0));
             },
             "seal.v2_chunk", ""},
        Case{"last_tag", [](Bytes& b) { b.back() ^= 1; }, "seal.v2_chunk", ""},
        Case{"first_chunk", [](Bytes& b) { b[kV2HeaderBytes] ^= 1; }, "", "seal.v2_chunk"},
        Case{"swapped",
             [](Bytes& b) {
                 const Bytes a = chunk(b, 0);
                 put_chunk(b, 0, chunk(b, 1));
                 put_chunk(b, 1, a);
             },
             "", "seal.v2_chunk"},
        Case{"repeated", [](Bytes& b) { put_chunk(b, 1, chunk(b, 0)); }, "", "seal.v2_chunk"},
        Case{"from_another_file", [](Bytes& b) { put_chunk(b, 0, chunk(sealed_of(pattern(2 * kChunk + 100)), 0)); }, "",
             "seal.v2_chunk"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(DatasetV2, KnownLengthIsBound)
{
    Bytes sealed = sealed_of(pattern(kChunk + 1), {.chunk_log2 = 12, .plaintext_bytes = kChunk + 1});
    sealed.resize(sealed.size() - 17);
    EXPECT_EQ(reader_of(sealed).error().reason, "seal.v2_size");
    sealed = sealed_of(pattern(10), {.chunk_log2 = 12, .plaintext_bytes = 10});
    sealed[19] = 9;
    EXPECT_EQ(reader_of(sealed).error().reason, "seal.v2_size");
}

TEST(DatasetV2, OtherKeysAreRefused)
{
    const Bytes sealed = sealed_of(pattern(10));
    EXPECT_EQ(DatasetV2Reader::open(codec::random_source(sealed), counting_key(1)).error().reason, "seal.v2_key");
    EXPECT_EQ(DatasetV2Reader::open(codec::random_source(sealed), counting_key(0, 31)).error().reason, "seal.key_size");
    EXPECT_EQ(seal_v2(codec::byte_source(sealed), counting_key(0, 33), nowhere()).error().reason, "seal.key_size");
}

TEST(DatasetV2, OptionsAreChecked)
{
    const auto reason = [](const V2Options& options) {
        return seal_v2(codec::byte_source(as_bytes("12345")), counting_key(), nowhere(), options).error().reason;
    };
    EXPECT_EQ(reason({.chunk_log2 = 11}), "seal.v2_options");
    EXPECT_EQ(reason({.chunk_log2 = 25}), "seal.v2_options");
    EXPECT_EQ(reason({.threads = 0}), "seal.v2_options");
    EXPECT_EQ(reason({.threads = 65}), "seal.v2_options");
    EXPECT_EQ(reason({.plaintext_bytes = 4}), "seal.v2_length");
    EXPECT_EQ(reason({.plaintext_bytes = 6}), "seal.v2_length");
    EXPECT_EQ(seal_object_v2({}, counting_key(), nowhere(), {.plaintext_bytes = 6}).error().reason, "seal.v2_options");
}

TEST(DatasetV2, FailuresOfSinkAndSourceComeBack)
{
    const Bytes plaintext = pattern(20 * kChunk);
    const Bytes sealed = sealed_of(plaintext);
    const auto reader = reader_of(sealed);
    for (const unsigned threads : {1u, 3u}) {
        const V2Options options{.chunk_log2 = 12, .threads = threads};
        for (const int calls : {0, 1, 5}) {
            EXPECT_EQ(seal_v2(codec::byte_source(plaintext), counting_key(), failing_after(calls), options).error().reason,
                      "test.full");
            EXPECT_EQ(reader->read_all(failing_after(calls), threads).error().reason, "test.full");
        }
        EXPECT_EQ(seal_v2(failing_source(5 * kChunk), counting_key(), nowhere(), options).error().reason, "test.source");
    }
}

TEST(DatasetV2, OneReaderServesSeveralThreads)
{
    const Bytes plaintext = pattern(40 * kChunk);
    const Bytes sealed = sealed_of(plaintext);
    const auto reader = reader_of(sealed);
    std::atomic<int> wrong = 0;
    {
        std::vector<std::jthread> threads;
        threads.reserve(4);
        for (std::size_t t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                Bytes out(kChunk);
                for (std::size_t i = t; i < 40; i += 2)
                    if (!reader->read_chunk(i, out) ||
                        !std::ranges::equal(out, ByteView(plaintext).subspan(i * kChunk, kChunk)))
                        ++wrong;
            });
    }
    EXPECT_EQ(wrong, 0);
}

TEST(ObjectV2, HoldsTheArchiveOfV1)
{
    const Bytes big = pattern(700'000);
    const DatasetObject object{
        {{"name", std::string("x")}, {"scan", DatasetStream{big.size(), {}, codec::byte_source(big)}}}};
    Bytes sealed;
    ASSERT_TRUE(seal_object_v2(object, counting_key(), into(sealed), {.threads = 2}));
    const auto reader = reader_of(sealed);
    ASSERT_TRUE(reader);
    std::map<std::string, Bytes> entries;
    ASSERT_TRUE(read_entries(reader->plaintext(), [&](const codec::ZipEntry& entry, ByteView content) -> Status {
        append(entries[entry.path], content);
        return {};
    }));
    EXPECT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries["scan"], big);
}

TEST(ObjectV2, StopsCleanlyOnEitherSide)
{
    const Bytes big = pattern(2'000'000);
    const auto object = [&] { return DatasetObject{{{"scan", DatasetStream{big.size(), {}, codec::byte_source(big)}}}}; };
    EXPECT_EQ(seal_object_v2(object(), counting_key(), failing_after(1)).error().reason, "test.full");
    EXPECT_EQ(seal_object_v2({{{"", true}}}, counting_key(), nowhere()).error().reason, "seal.key_empty");
}

}  // namespace
}  // namespace iapp::seal
