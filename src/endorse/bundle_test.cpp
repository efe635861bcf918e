// Bundles: one spelling, and no way around the checks of a fetch.
#include "endorse/bundle.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "support/endorse_world.hpp"

namespace iapp::endorse {
namespace {

using namespace std::chrono_literals;
using test::detail;
using test::kToday;
using test::made;
using test::reason;

const test::IntelPki& intel_pki()
{
    static const test::IntelPki made_once;
    return made_once;
}

const test::AmdPki& amd_pki()
{
    static const test::AmdPki made_once;
    return made_once;
}

Entry intel_entry(const test::Edition& edition = {}) { return IntelEntry{test::intel_key(), intel_pki().issue(edition)}; }

std::vector<Entry> sample()
{
    const AmdIssuerKey issuer{SnpProduct::milan, VekKind::vcek};
    return {intel_entry(), VcekEntry{test::vcek_key(), amd_pki().vcek(), amd_pki().chain()},
            AmdIssuerEntry{issuer, amd_pki().chain(), amd_pki().crl()}};
}

VcekKey made_up_key()
{
    std::array<std::uint8_t, SnpChipId::kSize> chip{};
    chip.fill(1);
    return {SnpProduct::milan, SnpChipId{chip}, {3, 0, 0, 0, 0, 0, 0x16, 0xd7}};
}

/// A small bundle of made-up bytes: its text is short enough to bend by hand.
std::string small()
{
    const AmdIssuerKey issuer{SnpProduct::turin, VekKind::vlek};
    return made(encode_bundle(
        std::vector<Entry>{AmdIssuerEntry{issuer, "pem", Bytes{0x0a}}, VcekEntry{made_up_key(), Bytes{0x0b}, "pem"}}));
}

TEST(Bundle, IsTheSameBytesInWhateverOrder)
{
    std::vector<Entry> entries = sample();
    const std::string text = made(encode_bundle(entries));
    std::ranges::reverse(entries);
    EXPECT_EQ(made(encode_bundle(entries)), text);
    EXPECT_EQ(made(encode_bundle(made(parse_bundle(text)))), text);
}

TEST(Bundle, HasTheDocumentedForm)
{
    EXPECT_THAT(small(),
                testing::StartsWith(R"({"entries":[{"cert_chain":"pem","crl":"0a","key":"vlek","kind":"amd-issuer",)"
                                    R"("product":"Turin"},{"cert_chain":"pem","chip_id":"0101)"));
    EXPECT_THAT(small(), testing::EndsWith(R"("kind":"amd-vcek","product":"Milan","tcb":"03000000000016d7","vek":"0b"}],)"
                                           R"("schema":"iapp-collateral-bundle/1"})"));
}

TEST(Bundle, HoldsAtLeastOneEntryAndNoKeyTwice)
{
    EXPECT_EQ(reason(encode_bundle({})), "endorse.bundle");
    const Entry one = intel_entry();
    EXPECT_EQ(reason(encode_bundle(std::vector<Entry>{one, one})), "endorse.bundle");
    EXPECT_EQ(reason(encode_bundle(std::vector<Entry>(kMaxBundleEntries + 1, one))), "endorse.bundle");
    EXPECT_EQ(reason(encode_bundle(std::vector<Entry>{VcekEntry{test::vcek_key(), Bytes(kMaxBundleBytes), ""}})),
              "endorse.bundle");
    EXPECT_EQ(reason(encode_bundle(std::vector<Entry>{VcekEntry{test::vcek_key(), {}, "\xff"}})), "endorse.bundle");
}

struct Spelling {
    const char* name;
    std::string_view from;
    std::string_view to;
};

class OtherSpelling : public testing::TestWithParam<Spelling> {};

TEST_P(OtherSpelling, IsRefused)
{
    std::string text = small();
    ASSERT_TRUE(parse_bundle(text));
    const std::size_t at = text.find(GetParam().from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, GetParam().from.size(), GetParam().to);
    const auto parsed = parse_bundle(text);
    EXPECT_EQ(reason(parsed), "endorse.bundle") << text;
}

INSTANTIATE_TEST_SUITE_P(Bundle, OtherSpelling,
                         testing::Values(Spelling{"white_space", "{\"entries\"", "{ \"entries\""},  //
                                         Spelling{"upper_case", "\"0a\"", "\"0A\""},                //
                                         Spelling{"schema", "bundle/1", "bundle/2"},                //
                                         Spelling{"no_schema", ",\"schema\":\"iapp-collateral-bundle/1\"", ""},
                                         Spelling{"unknown_member", "{\"entries\"", "{\"comment\":1,\"entries\""},
                                         Spelling{"unknown_entry_member", "\"crl\"", "\"comment\":1,\"crl\""},
                                         Spelling{"duplicate_member", "\"crl\":\"0a\"", "\"crl\":\"0a\",\"crl\":\"0a\""},
                                         Spelling{"missing_member", "\"crl\":\"0a\",", ""},             //
                                         Spelling{"kind", "amd-issuer", "amd-root"},                    //
                                         Spelling{"product", "Turin", "turin"},                         //
                                         Spelling{"key", "\"vlek\"", "\"vek\""},                        //
                                         Spelling{"short_chip", "\"chip_id\":\"01", "\"chip_id\":\""},  //
                                         Spelling{"short_tcb", "\"tcb\":\"03", "\"tcb\":\""},           //
                                         Spelling{"odd_digits", "\"0a\"", "\"0\""},                     //
                                         Spelling{"escape", "\"pem\"", "\"\\u0070em\""},                //
                                         Spelling{"number_for_text", "\"pem\"", "1"},                   //
                                         Spelling{"trailing_byte", "bundle/1\"}", "bundle/1\"} "}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Bundle, IsRefusedWhenItsEntriesAreOutOfOrder)
{
    const std::string text = small();
    const std::size_t first = text.find('{', 1);
    const std::size_t comma = text.find("},{") + 1;
    const std::size_t end = text.find(']');
    const std::string swapped = text.substr(0, first) + text.substr(comma + 1, end - comma - 1) + "," +
                                text.substr(first, comma - first) + text.substr(end);
    EXPECT_EQ(swapped.size(), text.size());
    EXPECT_EQ(reason(parse_bundle(swapped)), "endorse.bundle");
    EXPECT_EQ(reason(parse_bundle("")), "endorse.bundle");
    for (std::size_t size = 0; size < text.size(); ++size)
        EXPECT_EQ(reason(parse_bundle(std::string_view(text).substr(0, size))), "endorse.bundle");
}

/// A cache without any source.
class AirGap : public testing::Test {
protected:
    Cache open() const
    {
        return Cache(
            {.directory = folder.path()},
            {.clock = clock, .random = [] { return std::uint64_t{0}; }, .accept = test::believer(intel_pki(), amd_pki())},
            made(Fetcher::open({})));
    }

    static std::string bundle(const test::Edition& edition)
    {
        return made(encode_bundle(std::vector<Entry>{intel_entry(edition)}));
    }

    static net::CallContext call() { return {.request_id = "test"}; }

    test::ScratchFolder folder;
    test::ManualClock clock{kToday};
};

TEST_F(AirGap, ServesWhatWasImportedAndExportsTheSameBytes)
{
    Cache cache = open();
    EXPECT_EQ(reason(cache.intel(test::intel_key(), call())), "endorse.offline");
    EXPECT_EQ(reason(cache.export_all()), "endorse.bundle");  // nothing there
    const std::string text = made(encode_bundle(sample()));
    const auto report = cache.import_bundle(text);
    ASSERT_TRUE(report) << detail(report);
    EXPECT_EQ(report->imported.size(), 3U);
    EXPECT_EQ(reason(cache.intel(test::intel_key(), call())), "");
    EXPECT_EQ(reason(cache.snp(test::vcek_key(), call())), "");
    EXPECT_EQ(made(cache.export_all()), text);
    EXPECT_EQ(made(cache.import_bundle(text)).kept.size(), 3U);
    Cache again = open();
    EXPECT_EQ(reason(again.snp(test::vcek_key(), call())), "");
}

TEST_F(AirGap, ExportsByKey)
{
    Cache cache = open();
    ASSERT_TRUE(cache.import_bundle(made(encode_bundle(sample()))));
    const std::vector<Key> wanted{test::intel_key()};
    EXPECT_EQ(made(parse_bundle(made(cache.export_bundle(wanted)))).size(), 1U);
    EXPECT_EQ(reason(cache.export_bundle(std::vector<Key>{test::unknown_vcek_key()})), "endorse.not_found");
    EXPECT_EQ(reason(cache.export_bundle({})), "endorse.bundle");
    clock.advance(60 * 24h);
    EXPECT_EQ(reason(cache.export_bundle(wanted)), "endorse.expired");
    EXPECT_EQ(made(parse_bundle(made(cache.export_all()))).size(), 1U);  // the chip's certificate lasts
}

TEST_F(AirGap, VerifiesEveryEntryBeforeItTakesAny)
{
    std::vector<Entry> entries = sample();
    std::get<IntelEntry>(entries[0]).collateral.tcb_info_signature[3] ^= 1;
    Cache cache = open();
    EXPECT_EQ(reason(cache.import_bundle(made(encode_bundle(entries)))), "endorse.unverified");
    EXPECT_EQ(reason(cache.export_all()), "endorse.bundle");
    EXPECT_EQ(reason(cache.import_bundle("{}")), "endorse.bundle");
    EXPECT_EQ(reason(cache.import_bundle(bundle({.from = kToday - 2h, .to = kToday - 1h}))), "endorse.expired");
}

TEST_F(AirGap, RefusesRollback)
{
    Cache cache = open();
    ASSERT_TRUE(cache.import_bundle(bundle({.evaluation = 20, .crl_number = 5})));
    EXPECT_EQ(reason(cache.import_bundle(bundle({.to = kToday + 90 * 24h, .evaluation = 19, .crl_number = 6}))),
              "endorse.rollback");
    EXPECT_EQ(reason(cache.import_bundle(bundle({.to = kToday + 90 * 24h, .evaluation = 20, .crl_number = 4}))),
              "endorse.rollback");
    EXPECT_EQ(made(cache.import_bundle(bundle({.to = kToday + 1h, .evaluation = 20, .crl_number = 5}))).kept.size(), 1U);
    EXPECT_EQ(made(cache.import_bundle(bundle({.to = kToday + 1h, .evaluation = 21, .crl_number = 5}))).imported.size(), 1U);
}

TEST_F(AirGap, NamesAnEntryThatSomebodyDamaged)
{
    Cache cache = open();
    std::ofstream(folder.path() / (text(Key(test::intel_key())) + ".json")) << "{}";
    EXPECT_EQ(reason(cache.intel(test::intel_key(), call())), "endorse.store");
    EXPECT_EQ(reason(cache.import_bundle(bundle({}))), "endorse.store");
}

}  // namespace
}  // namespace iapp::endorse
