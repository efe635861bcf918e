#include "attest/boot_log.hpp"

#include <gtest/gtest.h>

#include "simtee/boot_log.hpp"
#include "support/check_coverage.hpp"

namespace iapp::attest {
namespace {

using simtee::encode_boot_log;
using simtee::sample_td_log;
using simtee::sample_tpm_log;

std::string_view parse_reason(ByteView bytes)
{
    const auto log = parse_boot_log(bytes);
    return log ? "" : log.error().reason;
}

void expect_refused(ByteView bytes, const std::string& what)
{
    EXPECT_EQ(parse_reason(bytes), "attest.boot_log_format") << what;
    test::count_negative("attest.boot_log_format");
}

void put_u32(Bytes& bytes, std::size_t at, std::uint32_t value)
{
    for (unsigned i = 0; i < 4; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

MeasuredRegisters registers_after(const BootLog& log, RegisterKind kind, HashAlgorithm bank)
{
    auto values = replay(log, kind, bank);
    EXPECT_TRUE(values.has_value());
    return {kind, bank, std::move(*values)};
}

TEST(BootLog, IsReadBackAsItWasWritten)
{
    for (const BootLog& log : {sample_tpm_log(), sample_td_log()}) {
        const Bytes bytes = encode_boot_log(log);
        const auto parsed = parse_boot_log(bytes);
        ASSERT_TRUE(parsed.has_value()) << parsed.error().detail;
        EXPECT_EQ(parsed->algorithms, log.algorithms);
        EXPECT_EQ(encode_boot_log(*parsed), bytes);
    }
}

TEST(BootLog, PaddingIsAllOnesOrAllZeroAndNothingElse)
{
    const Bytes log = encode_boot_log(sample_td_log());
    for (const std::size_t size : {1, 3, 4, 11, 12, 13, 4096}) {
        for (const int value : {0xff, 0x00}) {
            Bytes padded = log;
            padded.resize(log.size() + size, static_cast<std::uint8_t>(value));
            EXPECT_EQ(parse_reason(padded), "") << size;
            if (size < 12) continue;
            padded.back() ^= 1;
            expect_refused(padded, "a byte behind " + std::to_string(size));
        }
    }
    Bytes large = log;
    large.resize(kMaxBootLogSize, 0xff);
    EXPECT_EQ(parse_reason(large), "");
    large.push_back(0xff);
    expect_refused(large, "too large");
}

TEST(BootLog, EveryTruncationIsRefusedOrEndsBetweenTwoEvents)
{
    const BootLog log = sample_td_log();
    const Bytes bytes = encode_boot_log(log);
    std::size_t whole = 0;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto parsed = parse_boot_log(ByteView(bytes).first(size));
        if (parsed) {
            BootLog shorter = log;
            shorter.events.resize(parsed->events.size());
            // A cut can leave fewer than 12 bytes that are all zero: the index and type of no event.
            EXPECT_LT(size - encode_boot_log(shorter).size(), 12U);
            ++whole;
        } else {
            EXPECT_EQ(parsed.error().reason, "attest.boot_log_format");
            test::count_negative("attest.boot_log_format");
        }
    }
    EXPECT_LE(whole, log.events.size() + 1);
}

TEST(BootLog, LengthFieldsAreBounded)
{
    const BootLog log = sample_td_log();
    const Bytes good = encode_boot_log(log);
    const std::size_t header = simtee::encode_boot_log_header(log.algorithms).size();
    const std::size_t header_size = 28;
    const std::size_t algorithm_count = 32 + 24;
    const std::size_t digest_count = header + 8;
    const std::size_t data_size = header + 12 + 2 + 48;
    for (const std::size_t field : {header_size, algorithm_count, digest_count, data_size}) {
        const std::uint32_t n = good[field] | static_cast<std::uint32_t>(good[field + 1]) << 8;
        for (const std::uint32_t value : {0U, 1U, n - 1, n + 1, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
            if (value == n) continue;
            Bytes bent = good;
            put_u32(bent, field, value);
            expect_refused(bent, std::to_string(field) + " = " + std::to_string(value));
        }
    }
    Bytes vendor = good;
    vendor[header - 1] = 1;
    expect_refused(vendor, "vendor size");
}

struct HeaderCase {
    const char* name;
    void (*bend)(Bytes&);
};
class BootLogHeader : public testing::TestWithParam<HeaderCase> {};

TEST_P(BootLogHeader, IsRefused)
{
    Bytes bytes = encode_boot_log(sample_tpm_log());
    GetParam().bend(bytes);
    expect_refused(bytes, GetParam().name);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Bent, BootLogHeader, testing::Values(
    HeaderCase{"register",           [](Bytes& b) { b[0] = 24; }},
    HeaderCase{"type",               [](Bytes& b) { b[4] = 4; }},
    HeaderCase{"sha1_not_zero",      [](Bytes& b) { b[8] = 1; }},
    HeaderCase{"signature",          [](Bytes& b) { b[46] = '2'; }},
    HeaderCase{"no_algorithm",       [](Bytes& b) { b[56] = 0; }},
    HeaderCase{"unknown_algorithm",  [](Bytes& b) { b[60] = 0x27; }},
    HeaderCase{"digest_size",        [](Bytes& b) { b[62] = 32; }},
    HeaderCase{"algorithm_twice",    [](Bytes& b) { b[60] = 0x0b; b[62] = 32; }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

TEST(BootLog, EventsCarryEachDigestOfTheHeaderOnce)
{
    const auto refused = [](void (*bend)(BootEvent&), const char* what) {
        BootLog log = sample_tpm_log();
        bend(log.events[2]);
        expect_refused(encode_boot_log(log), what);
    };
    refused([](BootEvent& e) { e.digests.pop_back(); }, "one digest missing");
    refused([](BootEvent& e) { e.digests[0] = e.digests[1]; }, "one digest twice");
    refused([](BootEvent& e) { e.digests.push_back(e.digests[0]); }, "one digest more");
    refused([](BootEvent& e) { e.digests[1] = {HashAlgorithm::sha384, Bytes(48)}; }, "a digest of another algorithm");

    BootLog many = sample_td_log();
    many.events.assign(kMaxBootEvents + 1, many.events[1]);
    for (BootEvent& event : many.events) event.data.clear();
    expect_refused(encode_boot_log(many), "too many events");
}

TEST(BootLogReplay, PcrsStartAsTheProfileSays)
{
    const std::vector algorithms{HashAlgorithm::sha256};
    const auto empty = replay({algorithms, {}}, RegisterKind::pcr, HashAlgorithm::sha256);
    ASSERT_TRUE(empty.has_value());
    EXPECT_EQ(empty->size(), 24U);
    EXPECT_EQ(empty->at(0), Bytes(32, 0));
    EXPECT_EQ(empty->at(16), Bytes(32, 0));
    EXPECT_EQ(empty->at(17), Bytes(32, 0xff));
    EXPECT_EQ(empty->at(22), Bytes(32, 0xff));
    EXPECT_EQ(empty->at(23), Bytes(32, 0));
    const auto locality =
        replay({algorithms, {simtee::startup_locality(3, algorithms)}}, RegisterKind::pcr, HashAlgorithm::sha256);
    Bytes pcr0(32, 0);
    pcr0.back() = 3;
    EXPECT_EQ(locality->at(0), pcr0);
    EXPECT_EQ(locality->at(1), Bytes(32, 0));
}

struct ReplayCase {
    const char* name;
    std::string_view reason;  ///< "" means it must pass
    void (*bend)(BootLog&, MeasuredRegisters&);
};

void expect_verdict(const BootLog& log, const MeasuredRegisters& registers, const ReplayCase& expected)
{
    CheckLog checks;
    const auto appraised = appraise_boot_log(log, registers, checks);
    EXPECT_EQ(appraised ? "" : appraised.error().reason, expected.reason) << expected.name;
    if (!expected.reason.empty()) test::expect_only_failure(checks, find_check(expected.reason)->id, expected.name);
}

class TpmLog : public testing::TestWithParam<ReplayCase> {};

TEST_P(TpmLog, AnswersWithTheCheckThatFailed)
{
    BootLog log = sample_tpm_log();
    MeasuredRegisters registers = registers_after(log, RegisterKind::pcr, HashAlgorithm::sha256);
    GetParam().bend(log, registers);
    expect_verdict(log, registers, GetParam());
}

Bytes& sha256_of(BootEvent& event) { return event.digests[1].value; }

// clang-format off
INSTANTIATE_TEST_SUITE_P(Bent, TpmLog, testing::Values(
    ReplayCase{"good",                   "",                         [](BootLog&, MeasuredRegisters&) {}},
    ReplayCase{"one_register",           "",                         [](BootLog&, MeasuredRegisters& r) { r.values = {{7, r.values[7]}}; }},
    ReplayCase{"sha1_digest_is_nothing", "",                         [](BootLog& l, MeasuredRegisters&) { l.events[2].digests[0].value[0] ^= 1; }},
    ReplayCase{"text_of_no_action",      "",                         [](BootLog& l, MeasuredRegisters&) { auto e = l.events[0]; e.data = to_bytes("anything"); l.events.insert(l.events.begin(), e); }},
    ReplayCase{"no_registers",           "attest.boot_log_replay",   [](BootLog&, MeasuredRegisters& r) { r.values.clear(); }},
    ReplayCase{"register_of_no_tpm",     "attest.boot_log_replay",   [](BootLog&, MeasuredRegisters& r) { r.values[24] = Bytes(32); }},
    ReplayCase{"register_not_covered",   "attest.boot_log_replay",   [](BootLog&, MeasuredRegisters& r) { r.values[10] = Bytes(32, 7); }},
    ReplayCase{"other_value",            "attest.boot_log_replay",   [](BootLog&, MeasuredRegisters& r) { r.values[0][0] ^= 1; }},
    ReplayCase{"digest_changed",         "attest.boot_log_replay",   [](BootLog& l, MeasuredRegisters&) { sha256_of(l.events[2])[31] ^= 1; }},
    ReplayCase{"event_dropped",          "attest.boot_log_replay",   [](BootLog& l, MeasuredRegisters&) { l.events.pop_back(); }},
    ReplayCase{"event_twice",            "attest.boot_log_replay",   [](BootLog& l, MeasuredRegisters&) { l.events.push_back(l.events.back()); }},
    ReplayCase{"order_in_one_register",  "attest.boot_log_replay",   [](BootLog& l, MeasuredRegisters&) { std::swap(l.events[1], l.events[4]); }},
    ReplayCase{"other_locality",         "attest.boot_log_replay",   [](BootLog& l, MeasuredRegisters&) { l.events[0].data.back() = 4; }},
    ReplayCase{"no_locality",            "attest.boot_log_replay",   [](BootLog& l, MeasuredRegisters&) { l.events.erase(l.events.begin()); }},
    ReplayCase{"action_hidden_as_none",  "attest.boot_log_replay",   [](BootLog& l, MeasuredRegisters&) { l.events[3].type = boot_event::kNoAction; }},
    ReplayCase{"locality_of_no_tpm",     "attest.boot_log_format",   [](BootLog& l, MeasuredRegisters&) { l.events[0].data.back() = 1; }},
    ReplayCase{"locality_cut",           "attest.boot_log_format",   [](BootLog& l, MeasuredRegisters&) { l.events[0].data.pop_back(); }},
    ReplayCase{"locality_longer",        "attest.boot_log_format",   [](BootLog& l, MeasuredRegisters&) { l.events[0].data.push_back(0); }},
    ReplayCase{"locality_twice",         "attest.boot_log_format",   [](BootLog& l, MeasuredRegisters&) { l.events.insert(l.events.begin(), l.events[0]); }},
    ReplayCase{"locality_late",          "attest.boot_log_format",   [](BootLog& l, MeasuredRegisters&) { std::swap(l.events[0], l.events[1]); }},
    ReplayCase{"locality_of_pcr1",       "attest.boot_log_format",   [](BootLog& l, MeasuredRegisters&) { l.events[0].index = 1; }},
    ReplayCase{"unknown_register",       "attest.boot_log_format",   [](BootLog& l, MeasuredRegisters&) { l.events[3].index = 24; }},
    ReplayCase{"sha1_bank",              "attest.boot_log_format",   [](BootLog&, MeasuredRegisters& r) { r.bank = HashAlgorithm::sha1; }},
    ReplayCase{"bank_not_in_log",        "attest.boot_log_format",   [](BootLog&, MeasuredRegisters& r) { r.bank = HashAlgorithm::sha384; }},
    ReplayCase{"text_of_variable",       "attest.boot_log_event",    [](BootLog& l, MeasuredRegisters&) { l.events[2].data.back() = 0; }},
    ReplayCase{"text_of_action",         "attest.boot_log_event",    [](BootLog& l, MeasuredRegisters&) { l.events[3].data[0] = 'c'; }},
    ReplayCase{"text_of_separator",      "attest.boot_log_event",    [](BootLog& l, MeasuredRegisters&) { l.events[4].data[0] = 1; }},
    ReplayCase{"empty_separator",        "attest.boot_log_event",    [](BootLog& l, MeasuredRegisters&) { l.events[4].data.clear(); }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

class TdLog : public testing::TestWithParam<ReplayCase> {};

TEST_P(TdLog, AnswersWithTheCheckThatFailed)
{
    BootLog log = sample_td_log();
    MeasuredRegisters registers = registers_after(log, RegisterKind::rtmr, HashAlgorithm::sha384);
    GetParam().bend(log, registers);
    expect_verdict(log, registers, GetParam());
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Bent, TdLog, testing::Values(
    ReplayCase{"good",               "",                       [](BootLog&, MeasuredRegisters&) {}},
    ReplayCase{"mrtd_is_not_extended", "attest.boot_log_format", [](BootLog& l, MeasuredRegisters&) { l.events[0].index = 0; }},
    ReplayCase{"index_5",            "attest.boot_log_format", [](BootLog& l, MeasuredRegisters&) { l.events[0].index = 5; }},
    ReplayCase{"index_of_all_ones",  "attest.boot_log_format", [](BootLog& l, MeasuredRegisters&) { l.events[0].index = 0xffffffff; }},
    ReplayCase{"read_as_pcrs",       "attest.boot_log_replay", [](BootLog&, MeasuredRegisters& r) { r.kind = RegisterKind::pcr; }},
    ReplayCase{"other_register",     "attest.boot_log_replay", [](BootLog& l, MeasuredRegisters&) { l.events[0].index = 2; }},
    ReplayCase{"rtmr3_not_covered",  "attest.boot_log_replay", [](BootLog& l, MeasuredRegisters&) { l.events.pop_back(); }},
    ReplayCase{"text_of_action",     "attest.boot_log_event",  [](BootLog& l, MeasuredRegisters&) { l.events[2].data.pop_back(); }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

/// Pitfall 20: text without a digest over it poses as a fact.
TEST(Pitfall20, EventDataAreOnlyBelievedWhenTheirDigestCoversThem)
{
    BootLog log = sample_td_log();
    const MeasuredRegisters registers = registers_after(log, RegisterKind::rtmr, HashAlgorithm::sha384);
    const auto texts = [&](const BootLog& bent) {
        CheckLog checks;
        std::string out;
        const auto appraised = appraise_boot_log(bent, registers, checks);
        if (!appraised) return std::string(appraised.error().reason);
        for (const AuthenticatedEvent& event : appraised->authenticated())
            if (event.index == 2) out += to_text(event.data) + ";";
        return out;
    };
    EXPECT_EQ(texts(log), "linux /vmlinuz;") << "without the prefix, which no digest covers; without the initrd's name";

    log.events[4].data = to_bytes("grub_cmd: linux /evil");
    EXPECT_EQ(texts(log), "") << "another text beside the same digest is not a fact";
    log.events[5].data = to_bytes("Linux initrd, the good one");
    EXPECT_EQ(texts(log), "");
    log.events[1].data[0] ^= 1;
    EXPECT_EQ(texts(log), "attest.boot_log_event") << "a separator always hashes to its digest";
    test::count_negative("attest.boot_log_event");
}

TEST(BootLog, ABootVariableMayHashItsValueOnly)
{
    const std::vector algorithms{HashAlgorithm::sha384};
    const Bytes value{1, 2, 3};
    BootEvent event = simtee::boot_event(1, boot_event::kEfiVariableBoot, value, algorithms);
    event.data = simtee::variable_data("BootOrder", value);
    BootLog log{algorithms, {event}};
    CheckLog checks;
    auto appraised = appraise_boot_log(log, registers_after(log, RegisterKind::rtmr, HashAlgorithm::sha384), checks);
    ASSERT_TRUE(appraised.has_value());
    ASSERT_EQ(appraised->authenticated().size(), 1U);
    EXPECT_EQ(appraised->authenticated()[0].data, value);

    for (const std::size_t field : {16U, 24U}) {
        for (const std::uint32_t bent : {0U, 1U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
            BootLog other = log;
            put_u32(other.events[0].data, field, bent);
            appraised = appraise_boot_log(other, registers_after(log, RegisterKind::rtmr, HashAlgorithm::sha384), checks);
            ASSERT_TRUE(appraised.has_value());
            EXPECT_TRUE(appraised->authenticated().empty()) << field << " = " << bent;
            EXPECT_EQ(appraised->unauthenticated().size(), 1U);
        }
    }
}

TEST(ApplicationEvents, AreReadFromAuthenticatedTags)
{
    BootLog log = sample_td_log();
    CheckLog checks;
    const auto registers = registers_after(log, RegisterKind::rtmr, HashAlgorithm::sha384);
    const auto events = application_events(appraise_boot_log(log, registers, checks).value());
    ASSERT_TRUE(events.has_value());
    ASSERT_EQ(events->size(), 1U);
    EXPECT_EQ(events->front().index, 3U);
    EXPECT_EQ(events->front().domain, "example.org");
    EXPECT_EQ(events->front().operation, "start");
    EXPECT_EQ(events->front().content, "container-1");

    for (const std::string_view bad :
         {std::string_view("LEAA\x04\0\0\0a b", 11), std::string_view("LEAA\x03\0\0\0a b", 11)}) {
        BootLog bent{log.algorithms, {simtee::boot_event(4, boot_event::kEventTag, as_bytes(bad), log.algorithms)}};
        const auto appraised = appraise_boot_log(bent, registers_after(bent, registers.kind, registers.bank), checks);
        EXPECT_EQ(application_events(appraised.value()).error().reason, "attest.boot_log_format");
        test::count_negative("attest.boot_log_format");
    }
}

}  // namespace
}  // namespace iapp::attest
