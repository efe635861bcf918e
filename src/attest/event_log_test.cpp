#include "attest/event_log.hpp"

#include <gtest/gtest.h>

#include "support/check_coverage.hpp"
#include "support/sample_run.hpp"

namespace iapp::attest {
namespace {

constexpr UnixSeconds kNow{std::chrono::seconds(1'790'000'000)};

using Entries = std::vector<std::pair<std::string_view, Bytes>>;

Entries good_entries()
{
    Entries out;
    static const EventLog log = test::make_sample_run(kNow).log;
    for (const LogEntry& entry : log) out.emplace_back(entry.op, entry.payload);
    return out;
}

EventLog make_log(const Entries& entries)
{
    EventLog log;
    for (const auto& [operation, payload] : entries) log.push_back(make_entry(log.size(), operation, payload));
    return log;
}

std::string_view reason_of(const EventLog& log, const Hash384& rtmr3)
{
    CheckLog checks;
    const auto identity = appraise_event_log(log, rtmr3, checks);
    if (!identity) test::expect_only_failure(checks, find_check(identity.error().reason)->id);
    return identity ? std::string_view{} : identity.error().reason;
}

// --- a log that an honest register holds, but that is not a run of ours
// ----------------------------------------------------

struct Case {
    const char* name;
    std::string_view reason;
    void (*bend)(Entries&);
};
class MeasuredLog : public testing::TestWithParam<Case> {};

TEST_P(MeasuredLog, AnswersWithTheRuleThatIsBroken)
{
    Entries entries = good_entries();
    GetParam().bend(entries);
    const EventLog log = make_log(entries);
    EXPECT_EQ(reason_of(log, replay(log)), GetParam().reason);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Log, MeasuredLog, testing::Values(
    Case{"good",                    "",                              [](Entries&) {}},
    Case{"empty_manifest",          "",                              [](Entries& e) { e[2].second.clear(); }},
    Case{"unknown_operation",       "attest.event_log_unknown",      [](Entries& e) { e.insert(e.begin() + 2, {"app-extra", {}}); }},
    Case{"second_image",            "attest.event_log_duplicate",    [](Entries& e) { e.insert(e.begin() + 2, e[1]); }},
    Case{"second_image_late",       "attest.event_log_duplicate",    [](Entries& e) { e.push_back(e[1]); }},
    Case{"second_ready",            "attest.event_log_duplicate",    [](Entries& e) { e.push_back(e[5]); }},
    Case{"task_after_ready",        "attest.event_log_after_ready",  [](Entries& e) { std::swap(e[4], e[5]); }},
    Case{"ready_first",             "attest.event_log_after_ready",  [](Entries& e) { std::rotate(e.begin(), e.begin() + 5, e.end()); }},
    Case{"deal_before_image",       "attest.event_log_order",        [](Entries& e) { std::swap(e[1], e[3]); }},
    Case{"no_config",               "attest.event_log_missing",      [](Entries& e) { e.erase(e.begin()); }},
    Case{"no_image",                "attest.event_log_missing",      [](Entries& e) { e.erase(e.begin() + 1); }},
    Case{"no_manifest",             "attest.event_log_missing",      [](Entries& e) { e.erase(e.begin() + 2); }},
    Case{"no_deal",                 "attest.event_log_missing",      [](Entries& e) { e.erase(e.begin() + 3); }},
    Case{"no_task",                 "attest.event_log_missing",      [](Entries& e) { e.erase(e.begin() + 4); }},
    Case{"not_ready",               "attest.event_log_missing",      [](Entries& e) { e.pop_back(); }},
    Case{"nothing",                 "attest.event_log_missing",      [](Entries& e) { e.clear(); }},
    Case{"image_by_tag",            "attest.event_log_payload",      [](Entries& e) { e[1].second = to_bytes("health:latest"); }},
    Case{"image_in_upper_case",     "attest.event_log_payload",      [](Entries& e) { e[1].second.back() = 'A'; }},
    Case{"image_too_long",          "attest.event_log_payload",      [](Entries& e) { e[1].second.push_back('0'); }},
    Case{"deal_short",              "attest.event_log_payload",      [](Entries& e) { e[3].second.pop_back(); }},
    Case{"deal_long",               "attest.event_log_payload",      [](Entries& e) { e[3].second.push_back(0); }},
    Case{"task_short",              "attest.event_log_payload",      [](Entries& e) { e[4].second.pop_back(); }},
    Case{"ready_with_payload",      "attest.event_log_payload",      [](Entries& e) { e[5].second = {1}; }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

// --- a log that is not what the register holds
// -----------------------------------------------------------------------------

struct Forgery {
    const char* name;
    void (*bend)(EventLog&);
};
class ForgedLog : public testing::TestWithParam<Forgery> {};

TEST_P(ForgedLog, DoesNotReplay)
{
    EventLog log = make_log(good_entries());
    const Hash384 rtmr3 = replay(log);
    GetParam().bend(log);
    EXPECT_EQ(reason_of(log, rtmr3), "attest.event_log_replay");
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Log, ForgedLog, testing::Values(
    Forgery{"payload",              [](EventLog& l) { l[1].payload.back() ^= 1; }},
    Forgery{"payload_and_digest",   [](EventLog& l) { l[1].payload.back() ^= 1; l[1] = make_entry(1, l[1].op, l[1].payload); }},
    Forgery{"operation",            [](EventLog& l) { l[1].op = "app-imagf"; }},
    Forgery{"domain",               [](EventLog& l) { l[1].domain = "evil"; }},
    Forgery{"byte_moved",           [](EventLog& l) { l[1].domain = "iap"; l[1].op = "papp-image"; }},
    Forgery{"seq",                  [](EventLog& l) { l[1].seq = 7; }},
    Forgery{"reordered",            [](EventLog& l) { std::swap(l[3], l[4]); }},
    Forgery{"reordered_renumbered", [](EventLog& l) { std::swap(l[3], l[4]); std::swap(l[3].seq, l[4].seq); }},
    Forgery{"cut_at_the_end",       [](EventLog& l) { l.pop_back(); }},
    Forgery{"cut_at_the_start",     [](EventLog& l) { l.erase(l.begin()); }},
    Forgery{"longer",               [](EventLog& l) { l.push_back(make_entry(6, "ready", {})); }},
    Forgery{"empty",                [](EventLog& l) { l.clear(); }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

TEST(EventLog, YieldsTheIdentityOfTheRun)
{
    const auto run = test::make_sample_run(kNow);
    CheckLog checks;
    const auto identity = appraise_event_log(run.log, run.parts.body.rtmr[3], checks);
    ASSERT_TRUE(identity.has_value());
    EXPECT_EQ(identity->chain_id, run.binding.chain_id);
    EXPECT_EQ(identity->hub, run.binding.hub);
    EXPECT_EQ(identity->deal, run.binding.deal);
    EXPECT_EQ(identity->task, run.binding.task);
    EXPECT_EQ(as_text(identity->app_manifest), R"({"schema":"iapp-manifest/1"})");
    EXPECT_EQ(identity->image_digest.hex().substr(0, 6), "0x1a1a");
}

/// The digest, spelled out by hand once, so that the format cannot drift with the code.
TEST(EventLog, DigestIsWhatTheFormatSays)
{
    const Bytes payload = to_bytes("x");
    Bytes text = to_bytes("iapp-rt/1");
    append(text, Bytes{2, 0, 0, 0, 0, 0, 0, 0});
    append(text, Bytes{0, 4, 'i', 'a', 'p', 'p', 0, 4, 'd', 'e', 'a', 'l'});
    append(text, crypto::sha384(payload).bytes());
    EXPECT_EQ(entry_digest(2, "iapp", "deal", payload), crypto::sha384(text));

    Bytes once(48);
    append(once, crypto::sha384(text).bytes());
    EXPECT_EQ(extend(Hash384::zero(), crypto::sha384(text)), crypto::sha384(once));
}

TEST(EventLog, JsonRoundTrips)
{
    const EventLog log = make_log(good_entries());
    const auto again = parse_event_log(encode_event_log(log));
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(encode_event_log(*again), encode_event_log(log));
    EXPECT_EQ(replay(*again), replay(log));
}

TEST(EventLog, RefusesOtherJson)
{
    const std::string good = encode_event_log(make_log(good_entries()));
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string text = good;
        return text.replace(text.find(from), from.size(), to);
    };
    std::string many = "[";
    for (int i = 0; i < 65; ++i) many += (i ? "," : "") + good.substr(1, good.find('}'));
    for (const std::string& text :
         {std::string(), std::string("{}"), std::string("[{}]"), good + "x", many + "]", with("\"seq\"", "\"sec\""),
          with("\"seq\":0", "\"seq\":-1"), with("\"seq\":0", "\"seq\":\"0\""), with("\"seq\":0", "\"seq\":0,\"seq\":0"),
          with("\"payload\":\"", "\"payload\":\"!"), with("\"digest\":\"", "\"digest\":\"00"),
          with("\"domain\":\"iapp\"", "\"domain\":\"" + std::string(65, 'a') + "\""),
          with("\"domain\"", "\"extra\":1,\"domain\"")}) {
        EXPECT_EQ(parse_event_log(text).error().reason, "attest.event_log_format") << text.substr(0, 80);
        test::count_negative("attest.event_log_format");
    }
}

}  // namespace
}  // namespace iapp::attest
