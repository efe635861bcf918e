#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "attest/intel_quote.hpp"
#include "simtee/pki.hpp"
#include "simtee/server.hpp"
#include "tee/measured_log.hpp"

namespace iapp::tee {
namespace {

namespace fs = std::filesystem;

constexpr UnixSeconds kNow{std::chrono::seconds(1'790'000'000)};

/// Two ends of a simulator's socket; `theirs` is served by whatever a test puts there.
struct Sockets {
    Sockets()
    {
        int ends[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        ours = ends[0];
        theirs = ends[1];
    }
    int ours, theirs;
};

/// A real session behind a socket, on a thread of its own.
class Simulated : public testing::Test {
protected:
    Simulated()
    {
        std::string name = (fs::temp_directory_path() / "iapp-tee-XXXXXX").string();
        dir_ = ::mkdtemp(name.data());
        EXPECT_TRUE(simtee::create_pki(dir_ / "pki", kNow).has_value());
        platform_ = std::make_unique<simtee::Platform>(*simtee::Platform::load(dir_ / "pki"));
        session_ = std::make_unique<simtee::Session>(*platform_, simtee::measure(as_bytes("agent")));
        server_ = std::thread([this] {
            while (true) {
                const auto more = simtee::serve_one(sockets_.theirs, *session_);
                if (!more || !*more) break;
            }
            ::close(sockets_.theirs);
        });
        source_ = *open_simulated(sockets_.ours);
    }
    ~Simulated() override
    {
        source_.reset();
        server_.join();
        fs::remove_all(dir_);
    }

    fs::path dir_;
    Sockets sockets_;
    std::unique_ptr<simtee::Platform> platform_;
    std::unique_ptr<simtee::Session> session_;
    std::thread server_;
    std::unique_ptr<EvidenceSource> source_;
};

TEST_F(Simulated, QuotesWhatWasMeasured)
{
    MeasuredLog log(*source_);
    ASSERT_TRUE(log.record(attest::op::kAgentConfig, to_bytes("{}")).has_value());
    ASSERT_TRUE(log.record(attest::op::kReady, {}).has_value());
    std::array<std::uint8_t, 64> challenge{};
    challenge[0] = 7;

    const auto quote = source_->quote(attest::ReportData{challenge});
    ASSERT_TRUE(quote.has_value()) << quote.error().detail;
    const auto parsed = attest::parse_intel_quote(*quote);
    EXPECT_EQ(parsed->td()->rtmr[3], attest::replay(log.entries()));
    EXPECT_EQ(parsed->td()->mr_td, simtee::measure(as_bytes("agent")));
    EXPECT_EQ(parsed->report_data().array(), challenge);
    EXPECT_TRUE(source_->simulated());
    EXPECT_EQ(source_->kind(), attest::EvidenceKind::tdx);
}

TEST_F(Simulated, MeasuresNothingAfterReady)
{
    MeasuredLog log(*source_);
    ASSERT_TRUE(log.record(attest::op::kReady, {}).has_value());
    EXPECT_EQ(log.record(attest::op::kTask, {}).error().reason, "tee.log_closed");
    EXPECT_EQ(log.entries().size(), 1U);
}

TEST_F(Simulated, ExtendsOnlyTheRegistersOfTheGuest)
{
    for (const int index : {-1, 0, 1, 4}) EXPECT_EQ(source_->extend(index, Hash384::zero()).error().reason, "tee.register");
    EXPECT_TRUE(source_->extend(2, Hash384::zero()).has_value());
}

TEST(OpenSimulated, WantsASimulatorsSocket)
{
    EXPECT_EQ(open_simulated(STDIN_FILENO).error().reason, "tee.unavailable");
    EXPECT_EQ(open_simulated(1 << 20).error().reason, "tee.unavailable");
}

/// A peer that answers every request with one fixed reply.
std::string_view quote_reason_with_reply(const Bytes& reply)
{
    Sockets sockets;
    const auto source = *open_simulated(sockets.ours);
    std::thread peer([&] {
        std::array<std::uint8_t, 256> request;
        if (::recv(sockets.theirs, request.data(), request.size(), 0) > 0 && !reply.empty()) {
            EXPECT_EQ(::send(sockets.theirs, reply.data(), reply.size(), MSG_NOSIGNAL), static_cast<ssize_t>(reply.size()));
        }
        ::close(sockets.theirs);
    });
    const auto quote = source->quote(attest::ReportData::zero());
    peer.join();
    return quote ? std::string_view{} : quote.error().reason;
}

TEST(SimulatedSource, DoesNotBelieveEveryReply)
{
    EXPECT_EQ(quote_reason_with_reply({}), "tee.transport");
    EXPECT_EQ(quote_reason_with_reply(Bytes{'k'}), "tee.transport");
    EXPECT_EQ(quote_reason_with_reply(to_bytes("xno")), "tee.transport");
    EXPECT_EQ(quote_reason_with_reply(Bytes(40'000, 'q')), "tee.transport");
    EXPECT_EQ(quote_reason_with_reply(to_bytes("qnot a quote")), "tee.quote");
}

TEST(MeasuredLog, IsBrokenByAFailedExtension)
{
    Sockets sockets;
    const auto source = *open_simulated(sockets.ours);
    ::close(sockets.theirs);
    MeasuredLog log(*source);
    EXPECT_EQ(log.record(attest::op::kAgentConfig, {}).error().reason, "tee.transport");
    EXPECT_EQ(log.record(attest::op::kAppImage, {}).error().reason, "tee.log_closed");
}

}  // namespace
}  // namespace iapp::tee
