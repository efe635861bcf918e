// https between our server and our client: what is trusted, what is not, and that streams survive the record layer.
#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "base/hex.hpp"
#include "crypto/p256.hpp"
#include "crypto/x509_builder.hpp"
#include "net/client.hpp"
#include "net/server.hpp"
#include "support/raw_client.hpp"

namespace iapp::net {
namespace {

using namespace std::chrono_literals;

std::string reason(const auto& result) { return result ? "" : std::string(result.error().reason); }
Deadline soon() { return deadline_in(10s); }
std::string body_of(const Result<Response>& response) { return response ? response->body : response.error().detail; }

/// subjectAltName in DER.
constexpr std::string_view kForLocalhost =
    "3011"
    "8209"
    "6c6f63616c686f7374"
    "8704"
    "7f000001";
constexpr std::string_view kForOther =
    "300d"
    "820b"
    "6f746865722e6c6f63616c";

struct Identity {
    ServerTls tls;
    std::string root_pem;
};

Identity make_identity(std::string_view names, std::chrono::seconds ends_in = 24h)
{
    const UnixSeconds now = system_clock().now_seconds();
    const crypto::P256Key root_key = crypto::P256Key::generate();
    const crypto::P256Key key = crypto::P256Key::generate();
    crypto::CertificateProfile authority{"test root", "", {}, now - 48h, now + 48h, true, {}, {}};
    const auto root = crypto::issue_root(authority, root_key);
    crypto::CertificateProfile leaf{"leaf",        "",    {}, now - 24h,
                                    now + ends_in, false, {}, {{"2.5.29.17", false, *parse_hex(names)}}};
    const auto certificate = crypto::issue_certificate(leaf, key.public_key(), *root, root_key);
    EXPECT_TRUE(root && certificate);
    return {{certificate->to_pem(), std::string(as_text(key.to_pem().reveal(crypto::SecretAccess{})))}, root->to_pem()};
}

class TlsTest : public testing::Test {
protected:
    void start(const Identity& identity)
    {
        server = std::make_unique<HttpServer>(ServerOptions{.tls = identity.tls, .drain_timeout = 500ms});
        server->route("GET", "/hello", [](const Request&, const CallContext&) { return text_response(200, "hello"); });
        server->route("POST", "/echo",
                      [](const Request& request, const CallContext&) { return text_response(200, request.body); },
                      {.max_body_bytes = 10 << 20, .timeout = {}, .stream_request = false});
        server->route("GET", "/stream", [](const Request&, const CallContext&) {
            Response response;
            response.stream = [](BodyWriter& out) -> Status {
                const Bytes piece(100'000, 's');
                for (int i = 0; i < 50; ++i) TRY_OK(out.write(piece));
                return {};
            };
            return response;
        });
        ASSERT_TRUE(server->start());
    }
    HttpClient trusting(const Identity& identity) const { return HttpClient({.ca_pem = identity.root_pem}); }

    std::unique_ptr<HttpServer> server;
};

TEST_F(TlsTest, CarriesEverythingPlainHttpDoes)
{
    const Identity identity = make_identity(kForLocalhost);
    start(identity);
    const HttpClient client = trusting(identity);
    for (const std::string& origin : {server->origin(), "https://localhost:" + std::to_string(server->port())}) {
        for (int i = 0; i < 3; ++i) {
            const auto response = client.get(origin + "/hello", soon());
            ASSERT_TRUE(response) << response.error().detail;
            EXPECT_EQ(response->body, "hello");
        }
    }
    Request request;
    request.method = "POST";
    request.target = server->origin() + "/echo";
    request.body = std::string(3'000'000, 'x');
    EXPECT_TRUE(body_of(client.send(request, soon())) == request.body);
    EXPECT_EQ(body_of(client.get(server->origin() + "/stream", soon())).size(), 5'000'000U);
}

TEST_F(TlsTest, AnswersARefusalBeforeTheBodyIsRead)
{
    const Identity identity = make_identity(kForLocalhost);
    start(identity);
    Request request;
    request.method = "POST";
    request.target = server->origin() + "/echo";
    request.body = std::string(11 << 20, 'x');
    const auto response = trusting(identity).send(request, soon());
    ASSERT_TRUE(response) << response.error().detail;
    EXPECT_EQ(response->status, 413);
}

TEST_F(TlsTest, RefusesARootItDoesNotTrust)
{
    start(make_identity(kForLocalhost));
    EXPECT_EQ(reason(trusting(make_identity(kForLocalhost)).get(server->origin() + "/hello", soon())), "net.tls");
    EXPECT_EQ(reason(HttpClient().get(server->origin() + "/hello", soon())), "net.tls");
}

TEST_F(TlsTest, RefusesACertificateForAnotherName)
{
    const Identity identity = make_identity(kForOther);
    start(identity);
    EXPECT_EQ(reason(trusting(identity).get(server->origin() + "/hello", soon())), "net.tls");
}

TEST_F(TlsTest, RefusesAnExpiredCertificate)
{
    const Identity identity = make_identity(kForLocalhost, -1h);
    start(identity);
    EXPECT_EQ(reason(trusting(identity).get(server->origin() + "/hello", soon())), "net.tls");
}

TEST_F(TlsTest, PlainAndTlsDoNotUnderstandEachOther)
{
    const Identity identity = make_identity(kForLocalhost);
    start(identity);
    const std::string port = std::to_string(server->port());
    EXPECT_EQ(reason(HttpClient().get("http://127.0.0.1:" + port + "/hello", soon())), "net.closed");

    HttpServer plain({.drain_timeout = 500ms});
    ASSERT_TRUE(plain.start());
    EXPECT_EQ(reason(trusting(identity).get("https://127.0.0.1:" + std::to_string(plain.port()) + "/", soon())), "net.tls");
}

TEST_F(TlsTest, EndsASlowHandshake)
{
    HttpServer slow({.tls = make_identity(kForLocalhost).tls, .header_timeout = 100ms, .drain_timeout = 500ms});
    ASSERT_TRUE(slow.start());
    const test::RawClient silent(slow.port());
    silent.send("\x16\x03\x01");
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(silent.receive(), "");  // returns at the end of the connection
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 3s);
}

TEST(TlsIdentity, IsCheckedAtStart)
{
    const Identity one = make_identity(kForLocalhost);
    const Identity two = make_identity(kForLocalhost);
    for (const ServerTls& bad :
         {ServerTls{"no pem", one.tls.private_key_pem}, ServerTls{one.tls.certificate_chain_pem, "no pem"},
          ServerTls{one.tls.certificate_chain_pem, two.tls.private_key_pem}})
        EXPECT_EQ(reason(HttpServer({.tls = bad}).start()), "net.tls_identity");
    EXPECT_EQ(reason(HttpClient({.ca_pem = "no pem"}).get("https://127.0.0.1:1/", soon())), "net.tls_trust");
}

}  // namespace
}  // namespace iapp::net
