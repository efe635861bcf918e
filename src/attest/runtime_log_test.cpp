#include "attest/runtime_log.hpp"

#include <gtest/gtest.h>

#include "codec/json.hpp"
#include "support/attest_vectors.hpp"
#include "support/check_coverage.hpp"

namespace iapp::attest {
namespace {

using test::load_vector;

RuntimeEvent runtime_event(std::string name, std::string_view payload,
                           RuntimeDigestVersion version = RuntimeDigestVersion::v1)
{
    RuntimeEvent event{3, kRuntimeEventType, {}, std::move(name), to_bytes(payload), version, {}};
    if (const auto input = runtime_hash_input(event)) event.digest = crypto::sha384(*input);
    return event;
}

RuntimeLog sample_log()
{
    RuntimeLog log{{0, 4, crypto::sha384(as_bytes("separator")), "", {}, RuntimeDigestVersion::v1, {}},
                   {1, 0x80000007, crypto::sha384(as_bytes("exit")), "", {}, RuntimeDigestVersion::v1, {}}};
    log.push_back(runtime_event("system-preparing", ""));
    log.push_back(runtime_event("app-id", "app"));
    log.push_back(runtime_event("compose-hash", "compose", RuntimeDigestVersion::v2));
    log.push_back(runtime_event("instance-id", "instance"));
    log.push_back(runtime_event("system-ready", ""));
    log.push_back(runtime_event("said-by-the-app", "anything"));
    return log;
}

/// The registers a log leads to, by another road than the code under test.
MeasuredRegisters registers_of(const RuntimeLog& log)
{
    MeasuredRegisters out{RegisterKind::rtmr, HashAlgorithm::sha384, {}};
    for (std::uint32_t i = 0; i < 4; ++i) out.values[i] = Bytes(48, 0);
    for (const RuntimeEvent& event : log) {
        Bytes& value = out.values[event.imr];
        append(value, event.digest.value_or(Hash384::zero()).bytes());
        value = to_bytes(crypto::sha384(value).bytes());
    }
    return out;
}

TEST(RuntimeLog, IsReadBackAsItWasWritten)
{
    RuntimeLog log = sample_log();
    log[3].hash_input = runtime_hash_input(log[3]).value();
    log[2].digest.reset();
    const std::string text = encode_runtime_log(log);
    const auto parsed = parse_runtime_log(text);
    ASSERT_TRUE(parsed.has_value()) << parsed.error().detail;
    EXPECT_EQ(encode_runtime_log(*parsed), text);
}

TEST(RuntimeLog, HashInputsAreThoseOfTheirVersions)
{
    RuntimeEvent event{3, kRuntimeEventType, {}, "compose-hash", Bytes{0xab, 0xcd}, RuntimeDigestVersion::v1, {}};
    EXPECT_EQ(hex(runtime_hash_input(event).value()), "010000083a636f6d706f73652d686173683aabcd");
    event.version = RuntimeDigestVersion::v2;
    EXPECT_EQ(to_text(runtime_hash_input(event).value()), R"({"name":"compose-hash","payload":"abcd","type":134217729})");
}

TEST(RuntimeLog, OtherTextIsRefused)
{
    const std::string good = R"({"imr":3,"event_type":134217729,"digest":"","event":"a","event_payload":"00")";
    EXPECT_TRUE(parse_runtime_log("[" + good + "}]").has_value());
    EXPECT_TRUE(parse_runtime_log("[]").has_value());
    std::string many = "[";
    for (int i = 0; i < 1025; ++i) many += (i == 0 ? "" : ",") + good + "}";
    for (const std::string& text :
         {std::string(),
          std::string("{}"),
          std::string("[1]"),
          "[" + good + "}",
          "[" + good + "}]x",
          many + "]",
          "[" + good + ",\"extra\":1}]",
          "[" + good + ",\"imr\":3}]",
          "[" + good + ",\"version\":0}]",
          "[" + good + ",\"version\":3}]",
          "[" + good + ",\"version\":\"2\"}]",
          "[" + good + ",\"preimage\":\"0\"}]",
          "[" + good + ",\"preimage\":\"00\",\"hash_input\":\"00\"}]",
          std::string(R"([{"imr":4,"event_type":1,"digest":"","event":"a","event_payload":""}])"),
          std::string(R"([{"imr":-1,"event_type":1,"digest":"","event":"a","event_payload":""}])"),
          std::string(R"([{"imr":0,"event_type":4294967296,"digest":"","event":"a","event_payload":""}])"),
          std::string(R"([{"imr":0,"event_type":1,"digest":"00","event":"a","event_payload":""}])"),
          std::string(R"([{"imr":0,"event_type":1,"digest":"","event":"a","event_payload":"0"}])"),
          std::string(R"([{"imr":0,"event_type":1,"digest":"","event":"a","event_payload":"AB"}])"),
          std::string(R"([{"imr":0,"event_type":1,"digest":"","event":")") + std::string(257, 'a') +
              R"(","event_payload":""}])",
          std::string(R"([{"imr":0,"event_type":1,"digest":"","event":"a"}])")}) {
        const auto log = parse_runtime_log(text);
        EXPECT_EQ(log ? "" : log.error().reason, "attest.runtime_log_format") << text.substr(0, 80);
        test::count_negative("attest.runtime_log_format");
    }
}

TEST(RuntimeLog, EveryTruncationIsRefused)
{
    const std::string text = encode_runtime_log(sample_log());
    for (std::size_t size = 0; size < text.size(); ++size) {
        ASSERT_FALSE(parse_runtime_log(text.substr(0, size)).has_value()) << size;
        test::count_negative("attest.runtime_log_format");
    }
}

struct Case {
    const char* name;
    std::string_view reason;    ///< "" means it must pass
    void (*bend)(RuntimeLog&);  ///< before the registers are computed
    void (*bend_after)(RuntimeLog&, MeasuredRegisters&) = [](RuntimeLog&, MeasuredRegisters&) {};
};
class RuntimeLogAppraisal : public testing::TestWithParam<Case> {};

TEST_P(RuntimeLogAppraisal, AnswersWithTheCheckThatFailed)
{
    RuntimeLog log = sample_log();
    GetParam().bend(log);
    MeasuredRegisters registers = registers_of(log);
    GetParam().bend_after(log, registers);
    CheckLog checks;
    const auto facts = appraise_runtime_log(log, registers, {}, checks);
    EXPECT_EQ(facts ? "" : facts.error().reason, GetParam().reason);
    if (!facts) test::expect_only_failure(checks, find_check(GetParam().reason)->id);
}

void nothing(RuntimeLog&) {}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Bent, RuntimeLogAppraisal, testing::Values(
    Case{"good",                     "", nothing},
    Case{"only_rtmr3",               "", nothing, [](RuntimeLog&, MeasuredRegisters& r) { r.values = {{3, r.values[3]}}; }},
    Case{"digests_left_out",         "", nothing, [](RuntimeLog& l, MeasuredRegisters&) { for (std::size_t i = 2; i < l.size(); ++i) l[i].digest.reset(); }},
    Case{"hash_input_given",         "", nothing, [](RuntimeLog& l, MeasuredRegisters&) { l[4].hash_input = runtime_hash_input(l[4]).value(); }},
    Case{"colon_in_version_2",       "", [](RuntimeLog& l) { l.push_back(runtime_event("a:b", "c", RuntimeDigestVersion::v2)); }},
    Case{"app_repeats_itself",       "", [](RuntimeLog& l) { l.push_back(l.back()); }},
    Case{"no_boot_digest",           "attest.runtime_log_event", nothing, [](RuntimeLog& l, MeasuredRegisters&) { l[0].digest.reset(); }},
    Case{"boot_hash_input",          "attest.runtime_log_event", nothing, [](RuntimeLog& l, MeasuredRegisters&) { l[0].hash_input = Bytes{1}; }},
    Case{"colon_in_version_1",       "attest.runtime_log_event", [](RuntimeLog& l) { l.push_back(runtime_event("a:b", "c")); }},
    Case{"no_name",                  "attest.runtime_log_event", [](RuntimeLog& l) { l.push_back(runtime_event("", "c")); }},
    Case{"name_not_utf8",            "attest.runtime_log_event", [](RuntimeLog& l) { l.push_back(runtime_event("\xff", "c")); }},
    Case{"payload_changed",          "attest.runtime_log_event", nothing, [](RuntimeLog& l, MeasuredRegisters&) { l[4].payload[0] ^= 1; }},
    Case{"name_changed",             "attest.runtime_log_event", nothing, [](RuntimeLog& l, MeasuredRegisters&) { l[7].name = "app-id"; }},
    Case{"version_changed",          "attest.runtime_log_event", nothing, [](RuntimeLog& l, MeasuredRegisters&) { l[4].version = RuntimeDigestVersion::v1; }},
    Case{"other_hash_input",         "attest.runtime_log_event", nothing, [](RuntimeLog& l, MeasuredRegisters&) { l[4].hash_input = Bytes{1}; }},
    Case{"event_hidden_as_boot_event", "attest.runtime_log_event", nothing, [](RuntimeLog& l, MeasuredRegisters&) { l[4].type = 4; }},
    Case{"runtime_event_in_rtmr2",   "attest.runtime_log_event", [](RuntimeLog& l) { l[3].imr = 2; }},
    Case{"payload_without_digest",   "attest.runtime_log_replay", nothing, [](RuntimeLog& l, MeasuredRegisters&) { l[4].digest.reset(); l[4].payload[0] ^= 1; }},
    Case{"boot_digest_changed",      "attest.runtime_log_replay", nothing, [](RuntimeLog& l, MeasuredRegisters&) { l[0].digest = Hash384::zero(); }},
    Case{"event_dropped",            "attest.runtime_log_replay", nothing, [](RuntimeLog& l, MeasuredRegisters&) { l.pop_back(); }},
    Case{"event_twice",              "attest.runtime_log_replay", nothing, [](RuntimeLog& l, MeasuredRegisters&) { l.push_back(l.back()); }},
    Case{"order",                    "attest.runtime_log_replay", nothing, [](RuntimeLog& l, MeasuredRegisters&) { std::swap(l[3], l[4]); }},
    Case{"without_rtmr3",            "attest.runtime_log_replay", nothing, [](RuntimeLog&, MeasuredRegisters& r) { r.values.erase(3); }},
    Case{"rtmr4",                    "attest.runtime_log_replay", nothing, [](RuntimeLog&, MeasuredRegisters& r) { r.values[4] = r.values[2]; }},
    Case{"pcrs",                     "attest.runtime_log_replay", nothing, [](RuntimeLog&, MeasuredRegisters& r) { r.kind = RegisterKind::pcr; }},
    Case{"identity_twice",           "attest.runtime_log_duplicate", [](RuntimeLog& l) { l.insert(l.begin() + 4, l[3]); }},
    Case{"identity_again_at_the_end", "attest.runtime_log_duplicate", [](RuntimeLog& l) { l.push_back(runtime_event("compose-hash", "other")); }},
    Case{"sentinel_twice",           "attest.runtime_log_duplicate", [](RuntimeLog& l) { l.push_back(l[6]); }},
    Case{"no_sentinel",              "attest.runtime_log_sentinel", [](RuntimeLog& l) { l.erase(l.begin() + 6); }},
    Case{"identity_after_sentinel",  "attest.runtime_log_sentinel", [](RuntimeLog& l) { l.push_back(runtime_event("os-image-hash", "x")); }},
    Case{"sentinel_first",           "attest.runtime_log_sentinel", [](RuntimeLog& l) { std::swap(l[2], l[6]); }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

TEST(RuntimeLog, FactsComeFromBeforeTheSentinel)
{
    const RuntimeLog log = sample_log();
    CheckLog checks;
    const auto facts = appraise_runtime_log(log, registers_of(log), {}, checks);
    ASSERT_TRUE(facts.has_value()) << facts.error().detail;
    ASSERT_NE(facts->identity("compose-hash"), nullptr);
    EXPECT_EQ(to_text(*facts->identity("compose-hash")), "compose");
    EXPECT_EQ(facts->identity("system-preparing"), nullptr) << "not an identity event";
    EXPECT_EQ(facts->identity("said-by-the-app"), nullptr);
    EXPECT_EQ(facts->identity("os-image-hash"), nullptr);
    EXPECT_EQ(facts->launch().size(), 4U);
}

/// Pitfall 21: an application claims an identity of its own, after the guest has started.
TEST(Pitfall21, ASecondComposeHashIsRefusedWhereverItStands)
{
    const RuntimeLog good = sample_log();
    for (std::size_t i = 2; i <= good.size(); ++i) {
        RuntimeLog log = good;
        log.insert(log.begin() + static_cast<std::ptrdiff_t>(i), runtime_event("compose-hash", "mine"));
        CheckLog checks;
        EXPECT_FALSE(appraise_runtime_log(log, registers_of(log), {}, checks).has_value());
        test::expect_only_failure(checks, CheckId::runtime_log_duplicate);

        // ... also when the host hides the first one behind an event type without a name.
        log[i <= 4 ? 5 : 4].type = 4;
        CheckLog hidden;
        EXPECT_FALSE(appraise_runtime_log(log, registers_of(log), {}, hidden).has_value());
        test::expect_only_failure(hidden, CheckId::runtime_log_event);
    }
}

class GenuineRuntimeLogs : public test::WithVectors {};

struct Vector {
    RuntimeLog log;
    MeasuredRegisters registers;
};

Vector load_dstack(const std::filesystem::path& file)
{
    const json::Value document = json::parse(load_vector(file)).value();
    const auto& object = document.as_object();
    const Bytes quote = parse_hex(std::string_view(object.at("quote").as_string())).value();
    Vector out{parse_runtime_log(object.at("event_log").as_string()).value(),
               {RegisterKind::rtmr, HashAlgorithm::sha384, {}}};
    for (std::uint32_t i = 0; i < 4; ++i) {
        const ByteView value = ByteView(quote).subspan(48 + 328 + std::size_t{48} * i, 48);
        out.registers.values[i] = to_bytes(value);
    }
    return out;
}

TEST_F(GenuineRuntimeLogs, ReplayToAllFourRegistersOfTheirQuotes)
{
    for (const char* file : {"intel/dstack/quote-report.json", "intel/dstack/tdx-lite-getquote.json"}) {
        const Vector vector = load_dstack(file);
        CheckLog checks;
        const auto facts = appraise_runtime_log(vector.log, vector.registers, {}, checks);
        ASSERT_TRUE(facts.has_value()) << file << ": " << facts.error().detail;
        ASSERT_NE(facts->identity("compose-hash"), nullptr);
        EXPECT_EQ(facts->identity("compose-hash")->size(), 32U);
        EXPECT_EQ(facts->identity("app-id")->size(), 20U);
        EXPECT_NE(facts->identity("key-provider"), nullptr);
    }
    const Vector one = load_dstack("intel/dstack/quote-report.json");
    const Vector other = load_dstack("intel/dstack/tdx-lite-getquote.json");
    CheckLog checks;
    EXPECT_FALSE(appraise_runtime_log(one.log, other.registers, {}, checks).has_value());
    test::expect_only_failure(checks, CheckId::runtime_log_replay);
}

}  // namespace
}  // namespace iapp::attest
