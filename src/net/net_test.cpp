// Server and client against each other on loopback, and a raw socket for what a good client never sends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "net/client.hpp"
#include "net/server.hpp"
#include "support/raw_client.hpp"

namespace iapp::net {
namespace {

using namespace std::chrono_literals;
using test::RawClient;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Deadline soon() { return deadline_in(10s); }
std::string body_of(const Result<Response>& response) { return response ? response->body : response.error().detail; }

std::string reason(const auto& result) { return result ? "" : std::string(result.error().reason); }

Request request_to(const HttpServer& server, std::string_view path, std::string method = "GET", std::string body = "")
{
    Request request;
    request.method = std::move(method);
    request.target = server.origin() + std::string(path);
    request.body = std::move(body);
    return request;
}

/// A server with the routes most tests need; `options` may be changed before start().
class NetTest : public testing::Test {
protected:
    void start()
    {
        server = std::make_unique<HttpServer>(options);
        server->route("GET", "/hello", [](const Request&, const CallContext&) { return text_response(200, "hello"); });
        server->route("POST", "/echo", [](const Request& request, const CallContext&) {
            Response response = text_response(200, request.body);
            if (const auto type = request.headers.find("content-type")) response.headers.set("Content-Type", *type);
            return response;
        });
        server->route("GET", "/items/{id}/parts/{rest...}", [](const Request& request, const CallContext&) {
            return text_response(200, std::string(request.param("id")) + "|" + std::string(request.param("rest")));
        });
        server->route("GET", "/sleep", [this](const Request&, const CallContext& call) {
            ++asleep;
            while (!call.stop.stop_requested()) std::this_thread::sleep_for(5ms);
            return text_response(200, "late");
        });
        server->route("POST", "/count",
                      [](const Request& request, const CallContext&) {
                          std::uint64_t total = 0;
                          Bytes buffer(10'000);
                          while (true) {
                              const Result<std::size_t> count = request.body_reader->read(buffer);
                              if (!count) {
                                  EXPECT_FALSE(request.body_reader->read(buffer));  // and so it stays
                                  return error_response(count.error());
                              }
                              if (*count == 0) return text_response(200, std::to_string(total));
                              total += *count;
                          }
                      },
                      {.max_body_bytes = 64 << 20, .timeout = {}, .stream_request = true});
        ASSERT_TRUE(server->start());
    }

    ServerOptions options{.drain_timeout = 300ms};
    std::atomic<int> asleep = 0;  ///< handlers of /sleep that have begun
    std::unique_ptr<HttpServer> server;
    HttpClient client;
};

TEST_F(NetTest, AnswersGetAndKeepsTheConnection)
{
    start();
    for (int i = 0; i < 3; ++i) {
        const auto response = client.get(server->origin() + "/hello", soon());
        ASSERT_TRUE(response) << response.error().detail;
        EXPECT_EQ(response->status, 200);
        EXPECT_EQ(response->body, "hello");
    }
}

// ---- what every client does ----------------------------------------------------------------------------------

TEST_F(NetTest, EchoesBodiesOfEverySize)
{
    start();
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{16'383}, std::size_t{16'384}, std::size_t{700'000}}) {
        const std::string body(size, 'x');
        const auto response = client.send(request_to(*server, "/echo", "POST", body), soon());
        ASSERT_TRUE(response) << response.error().detail;
        EXPECT_EQ(response->body, body) << size;
    }
}

TEST_F(NetTest, PassesParametersDecoded)
{
    start();
    const auto response = client.get(server->origin() + "/items/a%2Fb/parts/x/y/z", soon());
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "a/b|x/y/z");
}

TEST_F(NetTest, AnswersDoubledLeadingSlash)
{
    start();
    EXPECT_EQ(client.get(server->origin() + "//hello", soon())->status, 200);
}

TEST_F(NetTest, AnswersHeadLikeGetWithoutBody)
{
    start();
    const auto response = client.send(request_to(*server, "/hello", "HEAD"), soon());
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->headers.find("content-length"), "5");
    EXPECT_EQ(response->body, "");
    EXPECT_EQ(body_of(client.get(server->origin() + "/hello", soon())), "hello");  // the connection is still in step
}

TEST_F(NetTest, RefusesUnknownPathAndMethodInJson)
{
    start();
    const auto missing = client.get(server->origin() + "/nothing", soon());
    ASSERT_TRUE(missing);
    EXPECT_EQ(missing->status, 404);
    EXPECT_EQ(missing->headers.find("Content-Type"), "application/json");
    EXPECT_THAT(missing->body, StartsWith(R"({"error":{"id":"http.not_found","message":")"));

    const auto wrong = client.send(request_to(*server, "/hello", "PUT"), soon());
    ASSERT_TRUE(wrong);
    EXPECT_EQ(wrong->status, 405);
    EXPECT_EQ(wrong->headers.find("Allow"), "GET, HEAD");
}

TEST_F(NetTest, ServesTwoHundredConnectionsAtOnce)
{
    options.queue = 512;
    start();
    constexpr int kThreads = 8;
    constexpr int kEach = 25;
    std::atomic<int> good = 0;
    {
        std::vector<std::jthread> threads;
        threads.reserve(kThreads);
        for (int t = 0; t < kThreads; ++t)
            threads.emplace_back([&] {
                std::vector<std::unique_ptr<RawClient>> clients;
                clients.reserve(kEach);
                for (int i = 0; i < kEach; ++i) clients.push_back(std::make_unique<RawClient>(server->port()));
                for (const auto& raw : clients) raw->send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
                for (const auto& raw : clients) good += raw->receive("hello").ends_with("hello") ? 1 : 0;
            });
    }
    EXPECT_EQ(good, kThreads * kEach);
}

TEST_F(NetTest, SharesOneClientBetweenThreads)
{
    start();
    std::atomic<int> good = 0;
    {
        std::vector<std::jthread> threads;
        threads.reserve(8);
        for (int t = 0; t < 8; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 50; ++i) {
                    const std::string body = std::to_string(t) + "-" + std::to_string(i);
                    const auto response = client.send(request_to(*server, "/echo", "POST", body), soon());
                    good += response && response->body == body ? 1 : 0;
                }
            });
    }
    EXPECT_EQ(good, 400);
}

// ---- streaming -----------------------------------------------------------------------------------------------

/// `size` bytes without holding them.
class Zeros final : public BodyReader {
public:
    explicit Zeros(std::uint64_t size) : left_(size) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override
    {
        const std::size_t count = std::min<std::uint64_t>(out.size(), left_);
        std::ranges::fill(out.first(count), std::uint8_t{0});
        left_ -= count;
        return count;
    }

private:
    std::uint64_t left_;
};

TEST_F(NetTest, StreamsRequestBodies)
{
    start();
    constexpr std::uint64_t kSize = 20'000'000;
    for (const bool announces_length : {false, true}) {
        Zeros zeros(kSize);
        Request request = request_to(*server, "/count", "POST");
        request.body_reader = &zeros;
        if (announces_length) request.headers.set("Content-Length", std::to_string(kSize));
        const auto response = client.send(request, soon());
        ASSERT_TRUE(response) << response.error().detail;
        EXPECT_EQ(response->body, std::to_string(kSize));
    }
}

TEST_F(NetTest, StreamsResponseBodies)
{
    constexpr std::size_t kPieces = 200;
    const std::string piece(50'000, 'p');
    const auto handler = [&](bool announces_length) {
        return [&, announces_length](const Request&, const CallContext&) {
            Response response;
            if (announces_length) response.stream_size = kPieces * piece.size();
            response.stream = [&](BodyWriter& out) -> Status {
                for (std::size_t i = 0; i < kPieces; ++i) TRY_OK(out.write(as_bytes(piece)));
                return {};
            };
            return response;
        };
    };
    start();
    HttpServer other;
    other.route("GET", "/chunked", handler(false));
    other.route("GET", "/sized", handler(true));
    ASSERT_TRUE(other.start());
    for (const char* path : {"/chunked", "/sized"}) {
        std::uint64_t total = 0;
        const BodySink sink = [&](ByteView bytes) {
            total += bytes.size();
            return Status{};
        };
        const auto response = client.send_streaming(request_to(other, path), sink, {"", soon(), {}});
        ASSERT_TRUE(response) << response.error().detail;
        EXPECT_EQ(total, kPieces * piece.size()) << path;
        EXPECT_EQ(response->body, "");
    }
}

struct BrokenStream {
    const char* name;
    std::optional<std::uint64_t> announced;
    std::string_view written;
    bool fails;
    std::string_view reason;  ///< at the client
};
class BrokenStreams : public testing::TestWithParam<BrokenStream> {};

TEST_P(BrokenStreams, NeverLookComplete)
{
    const BrokenStream& broken = GetParam();
    HttpServer server;
    server.route("GET", "/", [&](const Request&, const CallContext&) {
        Response response;
        response.stream_size = broken.announced;
        response.stream = [&](BodyWriter& out) -> Status {
            TRY_OK(out.write(as_bytes(broken.written)));
            if (broken.fails) return fail(ErrorKind::corrupt, "test.broken", "disk");
            return {};
        };
        return response;
    });
    ASSERT_TRUE(server.start());
    const auto response = HttpClient().get(server.origin() + "/", soon());
    EXPECT_EQ(reason(response), broken.reason);
}
INSTANTIATE_TEST_SUITE_P(Net, BrokenStreams,
                         testing::Values(BrokenStream{"whole", 3, "abc", false, ""},
                                         BrokenStream{"short", 5, "abc", false, "net.response"},
                                         BrokenStream{"long", 2, "abc", false, ""},  // nothing was sent: an error answer
                                         BrokenStream{"fails_chunked", std::nullopt, "abc", true, "net.response"}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(NetTest, AnswersAnErrorWhenAStreamFailsBeforeItsFirstByte)
{
    HttpServer other;
    other.route("GET", "/", [](const Request&, const CallContext&) {
        Response response;
        response.stream = [](BodyWriter&) -> Status { return fail(ErrorKind::not_found, "test.gone", "it is gone"); };
        return response;
    });
    ASSERT_TRUE(other.start());
    const auto response = client.get(other.origin() + "/", soon());
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 404);
}

TEST_F(NetTest, EndsTheCallWithTheErrorOfTheSink)
{
    start();
    const BodySink full = [](ByteView) -> Status { return fail(ErrorKind::resource_exhausted, "test.full", "no room"); };
    EXPECT_EQ(reason(client.send_streaming(request_to(*server, "/hello"), full, {"", soon(), {}})), "test.full");
    EXPECT_EQ(body_of(client.get(server->origin() + "/hello", soon())), "hello");
}

// ---- the wire ------------------------------------------------------------------------------------------------

struct Wire {
    const char* name;
    std::string_view sent;
    std::string_view expected;  ///< in what comes back
};
class Wires : public NetTest, public testing::WithParamInterface<Wire> {};

TEST_P(Wires, AnswersBytes)
{
    options.max_header_bytes = 2'000;
    options.max_body_bytes = 100;
    start();
    const RawClient raw(server->port());
    ASSERT_TRUE(raw.send(GetParam().sent));
    EXPECT_THAT(raw.receive(GetParam().expected), HasSubstr(std::string(GetParam().expected)));
}
const std::string kLongField = "GET /hello HTTP/1.1\r\nHost: x\r\nA: " + std::string(3'000, 'a') + "\r\n\r\n";
const std::string kManyFields = [] {
    std::string out = "GET /hello HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 140; ++i) out += "A: b\r\n";
    return out + "\r\n";
}();
const std::string kManyBytes = [] {
    std::string out = "GET /hello HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 40; ++i) out += "A: " + std::string(90, 'b') + "\r\n";
    return out + "\r\n";
}();
std::string chunk_with_long_extension(std::string_view path)
{
    return "POST " + std::string(path) +
           " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=" + std::string(80'000, 'a');
}
const std::string kLongExtension = chunk_with_long_extension("/echo");
const std::string kLongExtensionStreamed = chunk_with_long_extension("/count");
INSTANTIATE_TEST_SUITE_P(
    Net, Wires,
    testing::Values(
        Wire{"pipelined",
             "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET "
             "/items/1/parts/2 HTTP/1.1\r\nHost: x\r\n\r\n",
             "1|2"},
        Wire{"chunked",
             "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nT: "
             "railer\r\n\r\n",
             "abcde"},
        Wire{"chunked_then_next",
             "POST /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /hello "
             "HTTP/1.1\r\nHost: x\r\n\r\n",
             "hello"},
        Wire{"absolute_form", "GET http://any.host/hello HTTP/1.1\r\nHost: any.host\r\n\r\n", "200 OK"},
        Wire{"http_1_0", "GET /hello HTTP/1.0\r\n\r\n", "Connection: close"},
        Wire{"http_1_0_keep_alive", "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "Connection: keep-alive"},
        Wire{"expect_continue", "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
             "HTTP/1.1 100 Continue\r\n\r\n"},
        Wire{"expect_but_too_large", "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 101\r\n\r\n",
             "413"},
        Wire{"close_is_repeated", "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "Connection: close"},
        Wire{"garbage", "\x16\x03\x01 hello\r\n\r\n", "http.syntax"},
        Wire{"no_host", "GET /hello HTTP/1.1\r\n\r\n", "http.host"},
        Wire{"two_hosts", "GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "http.host"},
        Wire{"bad_escape_in_query", "GET /hello?a=%zz HTTP/1.1\r\nHost: x\r\n\r\n", "url.escape"},
        Wire{"bad_escape_in_path", "GET /items/%zz/parts/1 HTTP/1.1\r\nHost: x\r\n\r\n", "url.escape"},
        Wire{"length_and_chunked",
             "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "http.syntax"},
        Wire{"two_lengths", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
             "http.syntax"},
        Wire{"gzip_coding", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", "501 Not Implemented"},
        Wire{"announced_too_large", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n",
             "413 Content Too Large"},
        Wire{"chunked_too_large", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nc8\r\n", ""},
        Wire{"bad_chunk", "POST /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0PS\r\n\r\n",
             "http.syntax"},
        Wire{"long_extension", kLongExtension, "http.head_size"},
        Wire{"long_extension_streamed", kLongExtensionStreamed, "http.head_size"}, Wire{"long_field", kLongField, "431"},
        Wire{"many_fields", kManyFields, "431"}, Wire{"many_bytes", kManyBytes, "431"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(NetTest, CutsChunkedBodiesAtTheLimit)
{
    options.max_body_bytes = 1'000;
    start();
    Zeros zeros(100'000);
    Request request = request_to(*server, "/echo", "POST");
    request.body_reader = &zeros;
    const auto response = client.send(request, soon());
    ASSERT_TRUE(response) << response.error().detail;
    EXPECT_EQ(response->status, 413);
}

TEST_F(NetTest, TellsAStreamingHandlerAboutTheLimit)
{
    start();
    Zeros zeros(65 << 20);
    Request request = request_to(*server, "/count", "POST");
    request.body_reader = &zeros;
    const auto response = client.send(request, soon());
    ASSERT_TRUE(response) << response.error().detail;
    EXPECT_THAT(response->body, HasSubstr("http.body_size"));
}

TEST_F(NetTest, RefusesResponseFieldsThatWouldSplitTheHead)
{
    start();
    Request request = request_to(*server, "/echo", "POST", "x");
    request.headers.set("Content-Type", "a\r\nb: c");
    EXPECT_EQ(reason(client.send(request, soon())), "http.header");

    HttpServer other;
    other.route("GET", "/", [](const Request&, const CallContext&) {
        Response response = text_response(200, "x");
        response.headers.set("X-Echo", "a\r\nSet-Cookie: evil");
        return response;
    });
    ASSERT_TRUE(other.start());
    const auto response = client.get(other.origin() + "/", soon());
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 500);
    EXPECT_FALSE(response->headers.has("Set-Cookie"));
}

// ---- CORS ----------------------------------------------------------------------------------------------------

TEST_F(NetTest, AnswersCorsOnlyWhenAsked)
{
    start();
    EXPECT_FALSE(client.get(server->origin() + "/hello", soon())->headers.has("Access-Control-Allow-Origin"));
}

TEST_F(NetTest, AnswersPreflightAndMarksEveryAnswer)
{
    options.cors = true;
    start();
    Request preflight = request_to(*server, "/echo", "OPTIONS");
    preflight.headers.set("Origin", "https://app.example");
    preflight.headers.set("Access-Control-Request-Method", "POST");
    const auto allowed = client.send(preflight, soon());
    ASSERT_TRUE(allowed);
    EXPECT_EQ(allowed->status, 204);
    EXPECT_EQ(allowed->headers.find("Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(allowed->headers.find("Access-Control-Allow-Methods"), "GET, HEAD, POST, PUT, OPTIONS");
    EXPECT_EQ(allowed->headers.find("Access-Control-Allow-Headers"), "authorization, content-type");
    for (const char* path : {"/hello", "/nothing"})
        EXPECT_EQ(client.get(server->origin() + path, soon())->headers.find("Access-Control-Allow-Origin"), "*") << path;
}

// ---- time ----------------------------------------------------------------------------------------------------

TEST_F(NetTest, EndsASlowHead)
{
    options.header_timeout = 100ms;
    options.threads = 1;
    start();
    std::vector<std::unique_ptr<RawClient>> slow;
    for (int i = 0; i < 20; ++i) {
        slow.push_back(std::make_unique<RawClient>(server->port()));
        slow.back()->send("GET /hello HTTP/1.1\r\nHos");
    }
    EXPECT_EQ(body_of(client.get(server->origin() + "/hello", soon())), "hello");  // they hold no thread
    for (const auto& raw : slow) EXPECT_THAT(raw->receive(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(NetTest, EndsASlowBody)
{
    options.body_timeout = 100ms;
    start();
    const RawClient raw(server->port());
    raw.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_THAT(raw.receive(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(NetTest, TellsAStreamingHandlerAboutASlowBody)
{
    options.body_timeout = 100ms;
    start();
    const RawClient raw(server->port());
    raw.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_THAT(raw.receive(), HasSubstr("http.slow"));
}

TEST_F(NetTest, ClosesIdleConnections)
{
    options.idle_timeout = 100ms;
    start();
    const RawClient raw(server->port());
    raw.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(raw.receive(), HasSubstr("hello"));  // returns at the end of the connection
}

TEST_F(NetTest, AnswersForAHandlerThatIsTooSlow)
{
    options.handler_timeout = 100ms;
    start();
    const auto response = client.get(server->origin() + "/sleep", soon());
    ASSERT_TRUE(response) << response.error().detail;
    EXPECT_EQ(response->status, 504);
    EXPECT_THAT(response->body, HasSubstr("net.deadline"));
}

TEST_F(NetTest, ClientKeepsItsDeadline)
{
    start();
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(reason(client.get(server->origin() + "/sleep", deadline_in(100ms))), "net.deadline");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
}

TEST_F(NetTest, ClientStopsWhenAsked)
{
    start();
    std::stop_source source;
    std::jthread later([&] {
        std::this_thread::sleep_for(50ms);
        source.request_stop();
    });
    EXPECT_EQ(reason(client.send(request_to(*server, "/sleep"), CallContext{"", soon(), source.get_token()})),
              "net.cancelled");
}

// ---- load and the end ----------------------------------------------------------------------------------------

TEST_F(NetTest, RefusesAtOnceWhenTheQueueIsFull)
{
    options.threads = 1;
    options.queue = 1;
    start();
    const RawClient running(server->port());
    const RawClient waiting(server->port());
    running.send("GET /sleep HTTP/1.1\r\nHost: x\r\n\r\n");
    for (const auto deadline = soon(); asleep == 0 && Deadline::clock::now() < deadline;) std::this_thread::sleep_for(1ms);
    waiting.send("GET /sleep HTTP/1.1\r\nHost: x\r\n\r\n");
    // Where the one that waits is not in the queue yet, the first question takes its place and gets no answer.
    Result<Response> refused = text_response(0, "");
    for (const auto deadline = soon(); Deadline::clock::now() < deadline;)
        if (refused = client.get(server->origin() + "/hello", deadline_in(1s)); refused) break;
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 503);
    EXPECT_THAT(refused->body, HasSubstr("net.busy"));
    options.drain_timeout = 0ms;
}

TEST_F(NetTest, RefusesConnectionsOverTheLimit)
{
    options.max_connections = 2;
    start();
    const RawClient one(server->port());
    const RawClient two(server->port());
    one.send("GET /sleep HTTP/1.1\r\nHost: x\r\n\r\n");
    two.send("GET /sleep HTTP/1.1\r\nHost: x\r\n\r\n");
    for (const auto deadline = soon(); asleep < 2 && Deadline::clock::now() < deadline;) std::this_thread::sleep_for(1ms);
    const RawClient three(server->port());
    EXPECT_THAT(three.receive(), StartsWith("HTTP/1.1 503 "));
}

TEST_F(NetTest, StopLetsRequestsFinish)
{
    HttpServer other;
    std::barrier inside(2);
    other.route("GET", "/", [&](const Request&, const CallContext&) {
        inside.arrive_and_wait();
        std::this_thread::sleep_for(200ms);
        return text_response(200, "done");
    });
    ASSERT_TRUE(other.start());
    Result<Response> response = text_response(0, "");
    std::jthread caller([&] { response = client.get(other.origin() + "/", soon()); });
    inside.arrive_and_wait();
    other.stop();
    caller.join();
    ASSERT_TRUE(response) << response.error().detail;
    EXPECT_EQ(response->body, "done");
    EXPECT_FALSE(RawClient(other.port()).is_connected());
}

TEST_F(NetTest, StopCutsWhatDoesNotFinish)
{
    options.drain_timeout = 100ms;
    start();
    const RawClient raw(server->port());
    raw.send("GET /sleep HTTP/1.1\r\nHost: x\r\n\r\n");
    std::this_thread::sleep_for(50ms);
    const auto begun = std::chrono::steady_clock::now();
    server->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 3s);
    EXPECT_EQ(raw.receive(), "");
}

TEST_F(NetTest, StopEndsStreamingHandlers)
{
    options.drain_timeout = 100ms;
    start();
    const RawClient raw(server->port());
    raw.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    std::this_thread::sleep_for(50ms);
    server->stop();
}

TEST_F(NetTest, AnswersInternalErrorForAHandlerThatThrows)
{
    HttpServer other;
    other.route("GET", "/", [](const Request&, const CallContext&) -> Response { throw std::runtime_error("secret path"); });
    ASSERT_TRUE(other.start());
    const auto response = client.get(other.origin() + "/", soon());
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 500);
    EXPECT_THAT(response->body, Not(HasSubstr("secret path")));
}

TEST_F(NetTest, ReportsEachAnswerToTheObserver)
{
    std::atomic<int> good = 0;
    options.observer = [&](const AccessRecord& record) { good += record.route == "/hello" && record.status == 200 ? 1 : 0; };
    start();
    ASSERT_TRUE(client.get(server->origin() + "/hello", soon()));
    server->stop();
    EXPECT_EQ(good, 1);
}

// ---- the client ----------------------------------------------------------------------------------------------

TEST_F(NetTest, RepeatsIdempotentRequestsOnAStaleConnection)
{
    start();
    const std::uint16_t port = server->port();
    ASSERT_TRUE(client.get(server->origin() + "/hello", soon()));
    server.reset();  // the pooled connection is dead now
    options.port = port;
    start();
    const auto again = client.get(server->origin() + "/hello", soon());
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(again->body, "hello");
}

TEST_F(NetTest, RefusesAnswersOverTheLimit)
{
    start();
    const HttpClient small({.ca_pem = {}, .max_response_bytes = 4});
    EXPECT_EQ(reason(small.get(server->origin() + "/hello", soon())), "net.response_size");
}

/// A port that refuses connections and stays ours: bound, so that no other process is given it, and not listening.
class RefusingPort {
public:
    RefusingPort() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        const int on = 1;
        ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // a server that does the same may still listen on it
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address_;
        auto* const address = reinterpret_cast<sockaddr*>(&address_);
        if (::bind(fd_, address, size) != 0 || ::getsockname(fd_, address, &size) != 0) throw std::runtime_error("bind");
    }
    ~RefusingPort() { ::close(fd_); }
    RefusingPort(const RefusingPort&) = delete;

    std::uint16_t number() const { return ntohs(address_.sin_port); }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(number()) + "/echo"; }

private:
    int fd_;
    sockaddr_in address_{};
};

TEST_F(NetTest, SaysWhyItCannotConnect)
{
    EXPECT_EQ(reason(client.get(RefusingPort().url(), soon())), "net.connect");
    EXPECT_EQ(reason(client.get("http://does-not-exist.invalid/", soon())), "net.resolve");
    EXPECT_EQ(reason(client.get("ftp://x/", soon())), "url.scheme");
}

TEST_F(NetTest, WaitsForAPeerThatRestarts)
{
    const RefusingPort port;
    options.port = port.number();
    const std::jthread starting([&] {
        std::this_thread::sleep_for(100ms);
        start();
    });
    const auto answer = HttpClient({.connect_patience = 20s}).post_json(port.url(), "{}", soon());
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 200);
}

TEST_F(NetTest, PatienceEndsByItselfWithTheCallAndOnRequest)
{
    const RefusingPort port;
    EXPECT_EQ(reason(HttpClient({.connect_patience = 50ms}).get(port.url(), soon())), "net.connect");
    const HttpClient patient({.connect_patience = 1h});
    EXPECT_EQ(reason(patient.get(port.url(), deadline_in(1s))), "net.connect");
    std::stop_source stop;
    const std::jthread stopping([&] {
        std::this_thread::sleep_for(50ms);
        stop.request_stop();
    });
    EXPECT_EQ(reason(patient.send({.method = "GET", .target = port.url()}, {"test", deadline_in(1h), stop.get_token()})),
              "net.cancelled");
}

TEST_F(NetTest, ResolvesHostNames)
{
    start();
    const auto response = client.get("http://localhost:" + std::to_string(server->port()) + "/hello", soon());
    ASSERT_TRUE(response) << response.error().detail;
    EXPECT_EQ(response->body, "hello");
}

TEST(HttpServerStart, SaysWhyItCannotListen)
{
    HttpServer first;
    ASSERT_TRUE(first.start());
    ServerOptions taken;
    taken.port = first.port();
    EXPECT_EQ(reason(HttpServer(taken).start()), "net.listen");
    EXPECT_EQ(reason(HttpServer({.address = "localhost"}).start()), "net.address");
}

}  // namespace
}  // namespace iapp::net
