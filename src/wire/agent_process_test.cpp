#include "wire/agent_process.hpp"

#include <gtest/gtest.h>

namespace iapp::wire {
namespace {

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

AgentConfig config()
{
    return {421614,
            eth::Address{std::array<std::uint8_t, 20>{1}},
            poco::DealId{std::array<std::uint8_t, 32>{2}},
            poco::TaskId{std::array<std::uint8_t, 32>{3}},
            4,
            eth::Address{std::array<std::uint8_t, 20>{5}},
            "127.0.0.1:5000/app:1",
            "sha256:" + std::string(64, 'a'),
            "http://127.0.0.1:1",
            "http://127.0.0.1:2",
            "http://127.0.0.1:3",
            "/run/iapp",
            UnixSeconds{std::chrono::seconds(1'700'000'000)},
            eth::Address{std::array<std::uint8_t, 20>{6}},
            "simulated"};
}

std::string replaced(std::string text, std::string_view what, std::string_view with)
{
    return text.replace(text.find(what), what.size(), with);
}

TEST(AgentConfig, RoundTripsToTheSameBytes)
{
    const std::string line = encode(config());
    const auto parsed = parse_agent_config(line);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(encode(*parsed), line);
    EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST(AgentConfig, NamesWhatIsWrong)
{
    const std::string line = encode(config());
    EXPECT_EQ(reason(parse_agent_config("{")), "agent_config.json");
    EXPECT_EQ(reason(parse_agent_config("[]")), "agent_config.json");
    EXPECT_EQ(reason(parse_agent_config(replaced(line, "config/1", "config/2"))), "agent_config.schema");
    EXPECT_EQ(reason(parse_agent_config(replaced(line, "\"index\"", "\"Index\""))), "agent_config.field");
    EXPECT_EQ(reason(parse_agent_config(replaced(line, "1700000000", "\"soon\""))), "agent_config.field");
    EXPECT_EQ(reason(parse_agent_config(replaced(line, "\"ledgerSigner\"", "\"signer\""))), "agent_config.field");
    EXPECT_EQ(reason(parse_agent_config(replaced(line, ",\"evidence\":\"simulated\"", ""))), "agent_config.field");
    EXPECT_EQ(reason(parse_agent_config(std::string(kMaxAgentLineBytes + 1, ' '))), "agent_config.json");
}

TEST(AgentEvent, RoundTrips)
{
    const AgentResult result{Hash256{std::array<std::uint8_t, 32>{7}},
                             eth::Address{std::array<std::uint8_t, 20>{8}},
                             config().task.is_zero() ? crypto::Signature65::zero()
                                                     : *crypto::Signature65::from_hex("0x" + std::string(126, '1') + "221b"),
                             "{ \"storage\": \"ipfs\" }",
                             {1, 2},
                             "Qm"};
    AgentResult with_exit = result;
    with_exit.exit_code = 255;
    for (const AgentEvent& event :
         {AgentEvent{AgentPhase{"run", std::chrono::milliseconds(5)}}, AgentEvent{AgentLog{AppStream::out, "a\n\"b\""}},
          AgentEvent{AgentLog{AppStream::err, std::string(kMaxAgentLogBytes, '\x01')}}, AgentEvent{result},
          AgentEvent{with_exit}, AgentEvent{AgentFailure{"app.exit", "exit 3"}}}) {
        const auto parsed = parse_agent_event(encode(event));
        ASSERT_TRUE(parsed) << encode(event) << parsed.error().detail;
        EXPECT_EQ(encode(*parsed), encode(event));
    }
    EXPECT_EQ(reason(parse_agent_event("hello")), "agent_event.json");
    EXPECT_EQ(reason(parse_agent_event(R"({"event":"result","status":"maybe"})")), "agent_event.field");
    EXPECT_EQ(reason(parse_agent_event(R"({"event":"phase","name":"x","ms":1,"more":2})")), "agent_event.field");
    EXPECT_EQ(reason(parse_agent_event(R"({"event":"log","stream":"stdin","text":"x"})")), "agent_event.field");
    const AgentLog long_one{AppStream::out, std::string(kMaxAgentLogBytes + 1, 'x')};
    EXPECT_EQ(reason(parse_agent_event(encode(AgentEvent{long_one}))), "agent_event.field");
}

}  // namespace
}  // namespace iapp::wire
