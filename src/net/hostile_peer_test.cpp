// What a peer can do to a server that means no good: too many connections, bytes that never end, framing tricks. And how
// pages of other origins are told what they may read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

class HostilePeer : public testing::Test {
protected:
    void start()
    {
        server = std::make_unique<HttpServer>(options);
        server->route("GET", "/hello", [](const Request&, const CallContext&) { return text_response(200, "hello"); });
        server->route("GET", "/large",
                      [](const Request&, const CallContext&) { return text_response(200, std::string(60'000, 'x')); });
        server->route("GET", "/named/{name}", [](const Request& request, const CallContext&) {
            return text_response(200, std::string(request.param("name")));
        });
        server->route("POST", "/echo",
                      [](const Request& request, const CallContext&) { return text_response(200, request.body); });
        ASSERT_TRUE(server->start());
    }

    std::string exchange(std::string_view sent) const
    {
        const RawClient raw(server->port());
        EXPECT_TRUE(raw.send(sent));
        return raw.receive();
    }

    Result<Response> get(std::string_view path) const
    {
        return client.get(server->origin() + std::string(path), deadline_in(10s));
    }

    ServerOptions options{.drain_timeout = 300ms};
    std::unique_ptr<HttpServer> server;
    HttpClient client;
};

// ---- room ----------------------------------------------------------------------------------------------------

TEST_F(HostilePeer, WhoAsksTakesThePlaceOfWhoOnlyHolds)
{
    options.max_connections = 3;
    start();
    const RawClient silent(server->port()), begun(server->port()), used(server->port());
    ASSERT_TRUE(begun.send("GET /hel"));
    ASSERT_TRUE(used.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"));
    EXPECT_THAT(used.receive("hello"), HasSubstr("200 OK"));
    for (int i = 0; i < 5; ++i) {
        const auto answer = HttpClient{}.get(server->origin() + "/hello", deadline_in(10s));
        ASSERT_TRUE(answer) << answer.error().detail;
        EXPECT_EQ(answer->status, 200);
    }
    EXPECT_EQ(silent.receive(), "");
}

TEST_F(HostilePeer, ADripOfBytesEnds)
{
    options.body_timeout = 200ms;
    options.min_body_bytes_per_second = 1'000;
    start();
    const RawClient raw(server->port());
    ASSERT_TRUE(raw.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"));
    const auto begun = std::chrono::steady_clock::now();
    int sent = 0;
    while (sent < 100 && raw.send("x") && !raw.has_something()) ++sent, std::this_thread::sleep_for(50ms);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 3s) << "each wait was short enough, all of them were not";
    EXPECT_THAT(raw.receive("http.slow"), HasSubstr("408 Request Timeout"));
}

TEST_F(HostilePeer, BodiesOfAllConnectionsShareOneBudget)
{
    options.max_buffered_bytes = 10'000;
    start();
    const RawClient holder(server->port());
    ASSERT_TRUE(holder.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n" + std::string(8'000, 'x')));
    std::string answer;
    for (int i = 0; i < 100 && !answer.contains("503"); ++i) {  // until the holder's bytes arrived
        answer = exchange("POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3000\r\n\r\n" +
                          std::string(3'000, 'y'));
        std::this_thread::sleep_for(10ms);
    }
    EXPECT_THAT(answer, HasSubstr("net.busy"));
    ASSERT_TRUE(holder.send(std::string(1'000, 'x')));
    EXPECT_THAT(holder.receive("xxxx"), HasSubstr("200 OK"));
    EXPECT_THAT(get("/large").value().body, HasSubstr("net.busy")) << "an answer nobody reads is held, too";
    EXPECT_EQ(get("/hello").value().status, 200) << "what was held is given back";
}

TEST_F(HostilePeer, APipelinedFloodIsAnsweredInOrderInBoundedMemory)
{
    start();
    std::string flood;
    for (int i = 0; i < 2'000; ++i) flood += "GET /named/" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    const RawClient raw(server->port());
    std::jthread sender([&] { raw.send(flood); });
    const std::string answers = raw.receive("\r\n\r\n1999");
    EXPECT_LT(answers.find("\r\n\r\n7HTTP"), answers.find("\r\n\r\n8HTTP"));
    EXPECT_THAT(answers, HasSubstr("\r\n\r\n1999"));
}

// ---- framing -------------------------------------------------------------------------------------------------

struct Trick {
    const char* name;
    std::string sent;
    std::string_view status;
};
class Tricks : public HostilePeer, public testing::WithParamInterface<Trick> {};

/// The request behind each trick would be answered "smuggled" if the server saw two where a proxy sees one.
TEST_P(Tricks, AreRefusedAndTheConnectionEnds)
{
    start();
    const std::string answer = exchange(GetParam().sent + "GET /named/smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + std::string(GetParam().status)));
    EXPECT_THAT(answer, Not(HasSubstr("\r\n\r\nsmuggled")));
    EXPECT_EQ(get("/hello").value().status, 200);
}
std::string post(std::string_view fields, std::string_view body = "0\r\n\r\n")
{
    return "POST /echo HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n" + std::string(body);
}
INSTANTIATE_TEST_SUITE_P(
    Net, Tricks,
    testing::Values(Trick{"length_then_chunked", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), "400"},
                    Trick{"chunked_then_length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), "400"},
                    Trick{"two_lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n"), "400"},
                    Trick{"length_list", post("Content-Length: 5, 6\r\n"), "400"},
                    Trick{"signed_length", post("Content-Length: +5\r\n"), "400"},
                    Trick{"negative_length", post("Content-Length: -1\r\n"), "400"},
                    Trick{"hex_length", post("Content-Length: 0x5\r\n"), "400"},
                    Trick{"length_beyond_64_bits", post("Content-Length: 99999999999999999999\r\n"), "400"},
                    Trick{"hidden_coding", post("Transfer-Encoding: xchunked\r\n"), "501"},
                    Trick{"two_codings", post("Transfer-Encoding: gzip, chunked\r\n"), "501"},
                    Trick{"chunked_twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), "400"},
                    Trick{"space_before_colon", post("Transfer-Encoding : chunked\r\n"), "400"},
                    Trick{"space_in_name", post("Transfer Encoding: chunked\r\n"), "400"},
                    Trick{"bare_line_feeds", "GET /hello HTTP/1.1\nHost: x\n\n", "400"},
                    Trick{"bare_line_feed_in_value", "GET /hello HTTP/1.1\r\nHost: x\r\nA: b\nC: d\r\n\r\n", "400"},
                    Trick{"zero_byte_in_value", std::string("GET /hello HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", 43), "400"},
                    Trick{"carriage_return_in_value", "GET /hello HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", "400"},
                    Trick{"chunk_size_with_sign", post("Transfer-Encoding: chunked\r\n", "+1\r\nx\r\n0\r\n\r\n"), "400"},
                    Trick{"chunk_size_beyond_64_bits",
                          post("Transfer-Encoding: chunked\r\n", "1ffffffffffffffff\r\nx\r\n0\r\n\r\n"), "400"},
                    Trick{"chunk_without_end", post("Transfer-Encoding: chunked\r\n", "1\r\nxyz\r\n0\r\n\r\n"), "400"},
                    Trick{"http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400"},
                    Trick{"old_protocol", "GET /hello\r\n\r\n", "400"},
                    Trick{"no_such_version", "GET /hello HTTP/9.9\r\nHost: x\r\n\r\n", "400"},
                    Trick{"invalid_utf8_in_path", "GET /named/%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
                    Trick{"raw_bytes_in_path", "GET /named/\xff HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
                    Trick{"invalid_utf8_in_query", "GET /hello?a=%c0%af HTTP/1.1\r\nHost: x\r\n\r\n", "400"}),
    [](const auto& test) { return std::string(test.param.name); });

// ---- the service's own words -----------------------------------------------------------------------------------

TEST_F(HostilePeer, RefusalsAreWordedByTheService)
{
    options.cors = true;
    options.max_body_bytes = 10;
    options.refuse = [](int status, const Error& error) {
        return json_response(200, "[" + std::to_string(status) + ",\"" + std::string(error.reason) + "\"]");
    };
    start();
    const auto expect = [](const std::string& answer, std::string_view status, std::string_view body) {
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + std::string(status)));
        EXPECT_THAT(answer, HasSubstr(std::string(body)));
        EXPECT_THAT(answer, HasSubstr("Access-Control-Allow-Origin: *"));
        EXPECT_THAT(answer, HasSubstr("Content-Type: application/json"));
    };
    const std::string end = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    expect(exchange("GET /none" + end), "404", R"([404,"http.not_found"])");
    expect(exchange("PUT /hello" + end), "405", R"([405,"http.method"])");
    expect(exchange("GET /named/%zz" + end), "400", R"([400,"url.escape"])");
    expect(exchange("nonsense\r\n\r\n"), "400", R"([400,"http.syntax"])");
    expect(exchange(post("Content-Length: 11\r\n", "12345678901")), "413", R"([413,"http.body_size"])");
}

// ---- pages of other origins --------------------------------------------------------------------------------------

struct Page {
    const char* name;
    bool names_origin;
    std::string fields;
    std::string_view origin;   ///< Access-Control-Allow-Origin; empty: none
    std::string_view allowed;  ///< Access-Control-Allow-Headers of a preflight
};
class Pages : public HostilePeer, public testing::WithParamInterface<Page> {
protected:
    Response ask(std::string method, std::string_view path) const
    {
        Request request;
        request.method = std::move(method);
        request.target = server->origin() + std::string(path);
        if (!GetParam().fields.empty()) {
            request.headers.set("Origin", GetParam().fields);
            request.headers.set("Access-Control-Request-Headers", "authorization,x-mine");
        }
        return client.send(request, deadline_in(10s)).value();
    }
};

TEST_P(Pages, LearnWhatTheyMayRead)
{
    options.cors = true;
    options.cors_names_origin = GetParam().names_origin;
    start();
    const auto check = [](const Response& answer) {
        EXPECT_EQ(answer.headers.find("Access-Control-Allow-Origin").value_or(""), GetParam().origin);
        EXPECT_EQ(answer.headers.find("Vary").value_or(""), GetParam().names_origin ? "Origin" : "");
    };
    for (const char* path : {"/hello", "/none", "/named/%ff"}) check(ask("GET", path));
    check(ask("DELETE", "/hello"));
    for (const char* path : {"/hello", "/none"}) {
        const Response preflight = ask("OPTIONS", path);
        check(preflight);
        EXPECT_EQ(preflight.status, 204);
        EXPECT_EQ(preflight.body, "");
        EXPECT_EQ(preflight.headers.find("Access-Control-Allow-Methods"), "GET, HEAD, POST, PUT, OPTIONS");
        EXPECT_EQ(preflight.headers.find("Access-Control-Allow-Headers"), GetParam().allowed);
    }
}
INSTANTIATE_TEST_SUITE_P(Net, Pages,
                         testing::Values(Page{"anyone", false, "https://app.example", "*", "authorization, content-type"},
                                         Page{"no_page", false, "", "*", "authorization, content-type"},
                                         Page{"by_name", true, "https://app.example", "https://app.example",
                                              "authorization,x-mine"},
                                         Page{"opaque_by_name", true, "null", "null", "authorization,x-mine"},
                                         Page{"no_page_to_name", true, "", "", "authorization, content-type"}),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace iapp::net
