// What strangers send to the public services. Each test ends with the same question: is the service still there, and did it
// keep its memory?
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <thread>

#include "services.hpp"
#include "support/raw_client.hpp"

namespace iapp::hostile {
namespace {

using namespace std::chrono_literals;
using test::RawClient;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

constexpr std::size_t kMebi = 1U << 20U;
constexpr std::size_t kMayGrow = 400 * kMebi;  ///< three services hold 64 MiB of bodies each, twice that while a text grows

std::size_t resident_bytes()
{
    std::ifstream file("/proc/self/statm");
    std::size_t total = 0, resident = 0;
    file >> total >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// "404" of "HTTP/1.1 404 Not Found..."; empty when nothing came.
std::string status_of(std::string_view answer) { return std::string(answer.substr(0, 12).substr(answer.empty() ? 0 : 9)); }

class Hostile : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        rlimit limit{};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
        services_ = std::make_unique<Services>();
    }
    static void TearDownTestSuite() { services_.reset(); }

    void SetUp() override { before_ = resident_bytes(); }
    void TearDown() override
    {
        for (const Target& target : services_->targets()) expect_alive(target);
        EXPECT_LT(resident_bytes(), before_ + kMayGrow);
    }

    static void expect_alive(const Target& target)
    {
        const RawClient raw(target.port);
        EXPECT_TRUE(raw.send(target.probe()));
        std::string answer;
        for (int i = 0; i < 10 && answer.empty(); ++i) answer = raw.receive("\r\n\r\n");  // a busy machine may take its time
        EXPECT_EQ(status_of(answer), std::to_string(target.probe_status)) << target.name;
    }

    /// A refusal that is the peer's fault, or 501 for what HTTP allows and we do not speak.
    static void expect_refusal(const Target& target, std::string_view sent)
    {
        const RawClient raw(target.port);
        raw.send(sent);
        const std::string answer = raw.receive("\r\n\r\n");
        EXPECT_THAT(status_of(answer), MatchesRegex("4[0-9][0-9]|501")) << target.name << ": " << sent.substr(0, 200) << "\n"
                                                                        << answer;
    }

    static inline std::unique_ptr<Services> services_;
    std::size_t before_ = 0;
};

// ---- bodies ----------------------------------------------------------------------------------------------------

TEST_F(Hostile, BodiesThatAnnounceTooMuch)
{
    for (const Target& target : services_->targets()) {
        if (target.post_path.empty()) continue;
        for (const char* length : {"1099511627776", "18446744073709551615", "18446744073709551616", "-1"})
            expect_refusal(target, "POST " + target.post_path +
                                       " HTTP/1.1\r\nHost: x\r\nAuthorization: 0x\r\nContent-Length: " + length +
                                       "\r\n\r\nx");
    }
}

TEST_F(Hostile, BodiesThatNeverEnd)
{
    for (const Target& target : services_->targets()) {
        if (target.post_path.empty()) continue;
        const RawClient raw(target.port);
        ASSERT_TRUE(raw.send("POST " + target.post_path +
                             " HTTP/1.1\r\nHost: x\r\nAuthorization: 0x\r\nTransfer-Encoding: chunked\r\n\r\n"));
        const std::string chunk = "10000\r\n" + std::string(65'536, 'x') + "\r\n";
        std::size_t sent = 0;
        while (sent < 64 * kMebi && !raw.has_something() && raw.send(chunk)) sent += chunk.size();
        EXPECT_LT(sent, 64 * kMebi) << target.name;
        EXPECT_THAT(status_of(raw.receive("\r\n\r\n")), StartsWith("4")) << target.name;
    }
}

TEST_F(Hostile, ManyLargeBodiesThatStopBeforeTheirEnd)
{
    for (const Target& target : services_->targets()) {
        if (target.post_path.empty()) continue;
        std::vector<std::unique_ptr<RawClient>> clients;
        const std::string half =
            "POST " + target.post_path +
            " HTTP/1.1\r\nHost: x\r\nAuthorization: 0x\r\nContent-Length: " + std::to_string(target.largest_body) +
            "\r\n\r\n" + std::string(target.largest_body / 2, 'x');
        for (int i = 0; i < 200; ++i) {
            clients.push_back(std::make_unique<RawClient>(target.port));
            clients.back()->send_what_fits(half);
        }
        expect_alive(target);
    }
}

// ---- messages --------------------------------------------------------------------------------------------------

TEST_F(Hostile, HeadsThatAreNoHeads)
{
    const std::string fields = [] {
        std::string out;
        for (int i = 0; i < 5'000; ++i) out += "A" + std::to_string(i) + ": b\r\n";
        return out;
    }();
    for (const Target& target : services_->targets()) {
        const std::string line = target.probe_method + ' ' + target.probe_path + " HTTP/1.1\r\n";
        for (const std::string& sent :
             {line + "Host: x\r\nA: " + std::string(100'000, 'a') + "\r\n\r\n", line + "Host: x\r\n" + fields + "\r\n",
              target.probe_method + " /" + std::string(100'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n",
              line + "Host: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
              line + "Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
              line + "Host: x\nA: b\n\n", line + "Host: x\r\nHost: y\r\n\r\n", line + "Host: x\r\nA : b\r\n\r\n",
              std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 13), std::string("\r\n\r\n\0\0", 6),
              std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")})
            expect_refusal(target, sent);
    }
}

TEST_F(Hostile, IdentifiersThatAreNoIdentifiers)
{
    for (const Target& target : services_->targets())
        for (const std::string& path : target.id_paths)
            for (const std::string& id :
                 {std::string("..%2f..%2f..%2fetc%2fpasswd"),
                  std::string("%2e%2e/%2e%2e/etc/passwd"),
                  std::string("../../etc/passwd"),
                  std::string("%00"),
                  std::string("0x"),
                  std::string("0x%00"),
                  std::string("%ff%fe"),
                  std::string("%c0%ae%c0%ae"),
                  std::string("%"),
                  std::string("%2"),
                  std::string("%zz"),
                  std::string("%252e%252e"),
                  std::string("\\..\\.."),
                  std::string("Qm"),
                  "Qm" + std::string(5'000, 'a'),
                  "0x" + std::string(5'000, 'f'),
                  std::string("' OR 1=1 --"),
                  std::string("%27%20OR%201=1"),
                  std::string("QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbd0"),
                  std::string("bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/../..")}) {
                const std::string method = target.probe_method == "POST" ? "POST" : "GET";
                expect_refusal(target, method + ' ' + path + id + (path.starts_with("/apps") ? "/secrets" : "") +
                                           " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            }
}

TEST_F(Hostile, AnswersNeverRepeatRawBytes)
{
    for (const Target& target : services_->targets())
        for (const char* query : {"?chainId=%22%3Cscript%3E", "?chainId=%0d%0aX-Injected:%20yes", "?a=%00"}) {
            const RawClient raw(target.port);
            raw.send(std::string("GET /nothing") + query +
                     " HTTP/1.1\r\nHost: x\r\nOrigin: https://e\x01vil\r\nConnection: close\r\n\r\n");
            EXPECT_THAT(raw.receive(), Not(testing::HasSubstr("\r\nX-Injected"))) << target.name;
        }
}

// ---- queries ---------------------------------------------------------------------------------------------------

std::string repeated(std::string_view text, std::size_t times)
{
    std::string out;
    out.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

TEST_F(Hostile, QueriesThatGrowWhenTheyAreRead)
{
    std::string aliases = "{", fragments = "{...f0}";
    for (int i = 0; i < 4'000; ++i) aliases += "a" + std::to_string(i) + ":deals(first:1000){tasks{id}}";
    for (int i = 0; i < 40; ++i) {  // each holds the next one twice
        const std::string next = std::to_string(i + 1);
        fragments += "fragment f" + std::to_string(i) + " on Query{a:deals{id} ...f" + next + " ...f" + next + "}";
    }
    const std::vector<std::string> queries{
        aliases + "}",
        fragments + "fragment f40 on Query{deals{id}}",
        "{...a}fragment a on Query{...b}fragment b on Query{...a}",
        repeated("{deals", 20'000) + repeated("}", 20'000),
        "{deals(where:" + repeated("{and:[", 20'000),
        "{deals(where:{or:[" + repeated("{id_in:[1,2,3]}", 10'000) + "]}){id}}",
        "{deals(first:1000){tasks(first:1000){deal{tasks(first:1000){deal{tasks(first:1000){id}}}}}" +
            repeated(" id", 20'000) + "}}",
        "{" + repeated("@include(if:true)", 10'000) + "deals{id}}",
        "{deals(first:" + repeated("9", 100'000) + "){id}}",
        "query(" + repeated("$a:Int ", 20'000) + "){deals{id}}",
    };
    const Target& index = services_->targets()[4];
    ASSERT_EQ(index.name, "index");
    for (const std::string& query : queries) {
        SCOPED_TRACE(query.substr(0, 100));
        const std::string body = "{\"query\":\"" + query + "\"}";
        for (const std::string path : {"/subgraphs/poco", "/subgraphs/dataprotector"})
            expect_refusal(index, "POST " + path +
                                      " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
                                      std::to_string(body.size()) + "\r\n\r\n" + body);
    }
}

TEST_F(Hostile, UploadsOfStrangers)
{
    const Target& proxy = services_->targets()[6];
    ASSERT_EQ(proxy.name, "result_proxy");
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(std::make_unique<RawClient>(proxy.port));
        clients.back()->send(
            "POST /v1/results HTTP/1.1\r\nHost: x\r\nAuthorization: no token\r\nContent-Length: 67108864\r\n\r\n");
        clients.back()->send_what_fits(std::string(8 * kMebi, 'x'));
    }
    expect_alive(proxy);
}

// ---- numbers ---------------------------------------------------------------------------------------------------

TEST_F(Hostile, PipelinedFloodsNobodyReads)
{
    for (const Target& target : services_->targets()) {
        std::string flood;
        while (flood.size() < 4 * kMebi) flood += target.probe();
        std::vector<std::unique_ptr<RawClient>> clients;
        for (int i = 0; i < 20; ++i) {
            clients.push_back(std::make_unique<RawClient>(target.port));
            clients.back()->send_what_fits(flood);
        }
        expect_alive(target);
    }
}

TEST_F(Hostile, ThousandsOfSlowHeads)
{
    for (const Target& target : services_->targets()) {
        std::vector<std::unique_ptr<RawClient>> clients;
        for (int i = 0; i < 2'000; ++i) {
            clients.push_back(std::make_unique<RawClient>(target.port));
            clients.back()->send("GET / HTTP/1.1\r\nHo");
        }
        expect_alive(target);
    }
}

TEST_F(Hostile, TenThousandConnections)
{
    constexpr int kConnections = 10'000;
    const Target& target = services_->targets()[1];
    std::vector<std::unique_ptr<RawClient>> clients;
    int answered = 0, refused = 0;
    for (int i = 0; i < kConnections; ++i) {
        clients.push_back(std::make_unique<RawClient>(target.port));
        ASSERT_TRUE(clients.back()->is_connected()) << i;
    }
    for (int i = 0; i < 100; ++i) expect_alive(target);
    for (const auto& client : clients) client->send(target.probe());
    for (const auto& client : clients) {
        const std::string status = status_of(client->receive("\r\n\r\n"));
        answered += status == std::to_string(target.probe_status) ? 1 : 0;
        refused += status == "503" || status.empty() ? 1 : 0;
    }
    EXPECT_EQ(answered + refused, kConnections);
    EXPECT_GE(answered, 500);
    EXPECT_LT(resident_bytes(), before_ + kMayGrow);
}

}  // namespace
}  // namespace iapp::hostile
