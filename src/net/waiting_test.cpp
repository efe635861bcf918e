// Requests that are answered later than their handler returns: at a gate, from other threads, once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "net/server.hpp"
#include "support/raw_client.hpp"

namespace iapp::net {
namespace {

using namespace std::chrono_literals;
using test::RawClient;
using testing::AllOf;
using testing::Each;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class WaitingRequests : public testing::Test {
protected:
    ServerOptions options{.drain_timeout = 300ms};
};

TEST_F(WaitingRequests, WaitsAtTheGateWithoutAThread)
{
    options.threads = 1;
    std::mutex mutex;
    std::vector<Waiting> waiting;
    HttpServer gated(options);
    gated.route("GET", "/{name}",
                [](const Request& request, const CallContext&) {
                    return text_response(200, "handler of " + std::string(request.param("name")));
                },
                {.gate = [&](Waiting one) {
                    const std::lock_guard lock(mutex);
                    waiting.push_back(std::move(one));
                }});
    ASSERT_TRUE(gated.start());
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 50; ++i) {
        clients.push_back(std::make_unique<RawClient>(gated.port()));
        ASSERT_TRUE(clients.back()->send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n"));
    }
    while (true) {
        const std::lock_guard lock(mutex);
        if (waiting.size() == clients.size()) break;
    }
    clients[0].reset();  // left before the answer
    for (Waiting& one : waiting) {
        if (one.request().param("name").ends_with('7')) std::move(one).answer(text_response(200, "gate"));
        else std::move(one).proceed();
    }
    for (std::size_t i = 1; i < clients.size(); ++i) {
        const std::string expected = i % 10 == 7 ? "gate" : "handler of " + std::to_string(i);
        EXPECT_THAT(clients[i]->receive(expected), HasSubstr(expected));
    }
    EXPECT_TRUE(clients[1]->send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n"));
    while (true) {
        const std::lock_guard lock(mutex);
        if (waiting.size() == clients.size() + 1) break;
    }
    gated.stop();
    std::move(waiting.back()).answer(text_response(200, "nobody hears this"));
    std::move(waiting.front()).proceed();
}

TEST_F(WaitingRequests, ALateHandlerAnswersFromAnyThreadOrNever)
{
    options.threads = 1;
    options.handler_timeout = std::chrono::milliseconds(500);
    std::mutex mutex;
    std::vector<Pending> kept;
    std::vector<std::jthread> others;
    HttpServer late(options);
    late.route_late("POST", "/{name}", [&](Pending one) {
        const std::string name(one.request().param("name"));
        if (name == "throws") throw std::runtime_error("no");
        const std::lock_guard lock(mutex);
        if (name == "never") return kept.push_back(std::move(one));
        others.emplace_back([one = std::move(one)]() mutable {
            Response echo = text_response(200, one.request().body);
            std::move(one).answer(std::move(echo));
        });
    });
    ASSERT_TRUE(late.start());
    const auto ask = [&](const std::string& name) {
        auto one = std::make_unique<RawClient>(late.port());
        EXPECT_TRUE(one->send("POST /" + name + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"));
        return one;
    };
    const auto never = ask("never"), throws = ask("throws"), other = ask("other");
    EXPECT_THAT(throws->receive("net.handler"), StartsWith("HTTP/1.1 500"));
    EXPECT_THAT(other->receive("hi"), StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(never->receive("net.deadline"), StartsWith("HTTP/1.1 504"));
    std::move(kept.front()).answer(text_response(200, "nobody hears this"));
    late.stop();
}

TEST_F(WaitingRequests, KnowWhetherTheirClientLeft)
{
    std::mutex mutex;
    std::map<std::string, Pending, std::less<>> kept;
    HttpServer late(options);
    const auto keep = [&](Pending one) {
        const std::lock_guard lock(mutex);
        std::string name(one.request().param("name"));
        kept.emplace(std::move(name), std::move(one));
    };
    late.route_late("GET", "/late/{name}", keep, {.is_watched = true});
    late.route("GET", "/gated/{name}", {}, {.gate = keep, .is_watched = true});
    ASSERT_TRUE(late.start());
    const auto ask = [&](const std::string& path) {
        auto one = std::make_unique<RawClient>(late.port());
        EXPECT_TRUE(one->send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"));
        return one;
    };
    auto leaves = ask("/late/leaves"), leaves_gate = ask("/gated/leaves-gate");
    const auto stays = ask("/late/stays"), half = ask("/late/half"), eager = ask("/late/eager");
    const auto find = [&](std::string_view name) {
        while (true) {
            const std::lock_guard lock(mutex);
            if (const auto found = kept.find(name); found != kept.end()) return found->second;
        }
    };
    for (const auto* name : {"leaves", "leaves-gate", "stays", "half"}) EXPECT_FALSE(find(name).has_left()) << name;
    leaves.reset();
    leaves_gate.reset();
    half->close_sending();
    EXPECT_TRUE(eager->send("GET /late/next HTTP/1.1\r\nHost: x\r\n\r\n"));
    for (const auto* name : {"leaves", "leaves-gate", "half"})
        while (!find(name).has_left()) std::this_thread::yield();
    EXPECT_FALSE(find("stays").has_left());
    EXPECT_FALSE(find("eager").has_left()) << "it only asks ahead";
    for (const auto* name : {"leaves", "leaves-gate", "stays", "half", "eager"}) find(name).answer(text_response(200, name));
    find("next").answer(text_response(200, "after"));
    EXPECT_THAT(stays->receive("stays"), EndsWith("stays"));
    EXPECT_THAT(half->receive(), EndsWith("half"));
    EXPECT_THAT(eager->receive("after"), AllOf(HasSubstr("eager"), EndsWith("after")));
}

TEST_F(WaitingRequests, OfSeveralAnswersTheFirstCounts)
{
    HttpServer late(options);
    late.route_late("GET", "/", [](Pending one) {
        Pending same = one;
        std::move(one).answer(text_response(200, "first"));
        std::move(same).answer(text_response(200, "second"));
    });
    ASSERT_TRUE(late.start());
    RawClient client(late.port());
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
        EXPECT_THAT(client.receive("first"), AllOf(StartsWith("HTTP/1.1 200"), EndsWith("first"), Not(HasSubstr("second"))));
    }
}

TEST_F(WaitingRequests, AQueryIsReadBehindTheGate)
{
    HttpServer gated(options);
    std::atomic<int> waited = 0;
    const auto echo = [](const Request& request, const CallContext&) {
        return text_response(200, "a is " + std::string(request.query.find("a").value_or("nothing")));
    };
    gated.route("GET", "/gated", echo, {.gate = [&](Waiting one) {
                    waited += one.request().query.empty() ? 1 : 100;
                    std::move(one).proceed();
                }});
    gated.route("GET", "/plain", echo);
    ASSERT_TRUE(gated.start());
    constexpr std::string_view kRest = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    for (const std::string path : {"/gated", "/plain"}) {
        const auto ask = [&](const std::string& query) {
            RawClient client(gated.port());
            EXPECT_TRUE(client.send(std::string("GET ").append(path).append(query).append(kRest)));
            return client.receive();
        };
        EXPECT_THAT(ask("?a=1%202"), EndsWith("a is 1 2"));
        EXPECT_THAT(ask("?"), EndsWith("a is nothing"));
        EXPECT_THAT(ask("?a=%zz"), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("url.escape")));
        EXPECT_THAT(ask("?a=%ff"), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("url.utf8")));
    }
    EXPECT_EQ(waited, 4);
}

TEST_F(WaitingRequests, AnInstantLateHandlerRunsOnTheSocketThread)
{
    HttpServer late(options);
    std::vector<std::thread::id> threads;  // of one thread, if the test passes
    const auto note = [&](Pending one) {
        threads.push_back(std::this_thread::get_id());
        std::move(one).answer(text_response(200, "noted"));
    };
    late.route_late("GET", "/", note, {.is_instant = true});
    ASSERT_TRUE(late.start());
    for (int i = 0; i < 3; ++i) {
        RawClient client(late.port());
        ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
        EXPECT_THAT(client.receive("noted"), EndsWith("noted"));
    }
    late.stop();
    EXPECT_THAT(threads, AllOf(SizeIs(3), Each(threads[0])));
}

}  // namespace
}  // namespace iapp::net
