#include "scheduler/offers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

#include "support/raw_client.hpp"

namespace iapp::scheduler {
namespace {

using namespace std::chrono_literals;
using test::RawClient;
using testing::StartsWith;

eth::Address worker(std::uint8_t n) { return eth::Address{std::array<std::uint8_t, 20>{n}}; }
Offers::Offer offer(std::int64_t place, std::uint8_t n) { return {place, poco::TaskId{std::array<std::uint8_t, 32>{n}}}; }

/// Workers that ask a server whose answers come from the offers.
class OffersTest : public testing::Test {
protected:
    void SetUp() override
    {
        server_.route_late("GET", "/{n}",
                           [this](net::Pending pending) {
                               const auto n = static_cast<std::uint8_t>(pending.request().param("n").front() - '0');
                               const Status waits = offers.wait({worker(n), pending, net::deadline_in(patience)});
                               if (!waits) std::move(pending).answer(net::error_response(waits.error()));
                               ++asked_;
                           },
                           {.is_watched = true});
        ASSERT_TRUE(server_.start());
    }
    void TearDown() override { offers.close(); }

    std::unique_ptr<RawClient> ask(int n)
    {
        auto client = std::make_unique<RawClient>(server_.port());
        const int before = asked_;
        EXPECT_TRUE(client->send("GET /" + std::to_string(n) + " HTTP/1.1\r\nHost: x\r\n\r\n"));
        while (asked_ == before) std::this_thread::yield();
        return client;
    }
    void stop_serving() { server_.stop(); }
    static std::string answer_of(const RawClient& client) { return client.receive("\r\n\r\n"); }

    Offers offers{3};
    std::chrono::milliseconds patience = 20s;
    static constexpr std::chrono::milliseconds drain = 500ms;

private:
    net::HttpServer server_{{.drain_timeout = drain}};  ///< what came out of the offers is not always answered here
    std::atomic<int> asked_ = 0;
};

TEST_F(OffersTest, TheOldestTaskGoesToWhoWaitsLongest)
{
    const auto first = ask(1), second = ask(2);
    offers.add(offer(2, 1));
    offers.add(offer(1, 9));
    offers.add(offer(1, 9));
    auto match = offers.next({});
    EXPECT_EQ(match->offer, offer(1, 9));
    EXPECT_EQ(match->worker.worker, worker(1));
    offers.wait_on(std::move(match->worker));
    match = offers.next({});
    EXPECT_EQ(match->offer, offer(2, 1));
    EXPECT_EQ(match->worker.worker, worker(1)) << "it waited before the other one";
}

TEST_F(OffersTest, WhoLeftGetsNothing)
{
    auto first = ask(1);
    const auto second = ask(2);
    first.reset();
    std::this_thread::sleep_for(100ms);
    offers.add(offer(1, 1));
    EXPECT_EQ(offers.next({})->worker.worker, worker(2));
}

TEST_F(OffersTest, TheConnectionOfWhoLeftEnds)
{
    ask(1);
    std::this_thread::sleep_for(100ms);
    const auto second = ask(2);
    offers.add(offer(1, 1));
    std::move(offers.next({})->worker.pending).answer(net::empty_response(204));
    const auto begun = std::chrono::steady_clock::now();
    stop_serving();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, drain);
}

TEST_F(OffersTest, NothingIsTheAnswerWhenTheTimeIsOver)
{
    patience = 50ms;
    std::jthread next([this](const std::stop_token& stop) { EXPECT_FALSE(offers.next(stop)); });
    const auto first = ask(1);
    EXPECT_THAT(answer_of(*first), StartsWith("HTTP/1.1 204"));
}

TEST_F(OffersTest, ATaskThatIsTakenBackIsNotGiven)
{
    offers.add(offer(1, 1));
    offers.remove(offer(1, 1));
    offers.add(offer(2, 2));
    const auto first = ask(1);
    EXPECT_EQ(offers.next({})->offer, offer(2, 2));
}

TEST_F(OffersTest, WakesForATaskAndForAWorker)
{
    std::jthread later([this] {
        std::this_thread::sleep_for(50ms);
        offers.add(offer(1, 1));
    });
    const auto first = ask(1);
    EXPECT_TRUE(offers.next({}));
    offers.add(offer(2, 2));
    std::unique_ptr<RawClient> second;
    later = std::jthread([&] {
        std::this_thread::sleep_for(50ms);
        second = ask(2);
    });
    EXPECT_TRUE(offers.next({}));
    later.join();
}

TEST_F(OffersTest, HasSoManyPlaces)
{
    const auto first = ask(1), second = ask(2), third = ask(3), fourth = ask(4);
    EXPECT_THAT(fourth->receive("scheduler.busy"), StartsWith("HTTP/1.1 503"));
    EXPECT_FALSE(first->has_something());
}

TEST_F(OffersTest, NobodyWaitsAfterTheClose)
{
    const auto first = ask(1);
    offers.close();
    EXPECT_THAT(answer_of(*first), StartsWith("HTTP/1.1 204"));
    EXPECT_THAT(answer_of(*ask(2)), StartsWith("HTTP/1.1 204"));
}

}  // namespace
}  // namespace iapp::scheduler
