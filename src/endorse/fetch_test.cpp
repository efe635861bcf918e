// The fetcher against a server that plays the vendors: each way an answer can be wrong, and each URL.
#include "endorse/fetch.hpp"

#include <gmock/gmock.h>

#include "support/endorse_world.hpp"

namespace iapp::endorse {
namespace {

using namespace std::chrono_literals;
using test::detail;
using test::kPccsRootCrlTarget;
using test::kPckCrlTarget;
using test::kQeIdentityTarget;
using test::kRootCrlTarget;
using test::kTcbInfoTarget;
using test::made;
using test::reason;
using testing::HasSubstr;

const test::IntelPki& pki()
{
    static const test::IntelPki made_once;
    return made_once;
}

net::CallContext patient() { return {.request_id = "test", .deadline = net::deadline_in(20s)}; }

/// A vendor with one good edition of everything.
class FetchTest : public testing::Test {
protected:
    FetchTest() { test::serve_intel(vendor, collateral); }

    Result<IntelEntry> fetch(const IntelSource& source, const FetchLimits& limits = {})
    {
        TRY(const Fetcher fetcher, Fetcher::open({.intel = source}, limits));
        return fetcher.intel(test::intel_key(), patient(), advice);
    }

    test::FakeVendor vendor;
    attest::Collateral collateral = pki().issue();
    Advice advice;
};

TEST_F(FetchTest, TakesEveryDocumentFromPcsAndFromPccs)
{
    for (const IntelSource& source : {test::pcs_of(vendor), test::pccs_of(vendor)}) {
        const auto fetched = fetch(source);
        ASSERT_TRUE(fetched) << detail(fetched);
        EXPECT_EQ(attest::encode_collateral(fetched->collateral), attest::encode_collateral(collateral));
    }
    EXPECT_EQ(vendor.asked(kRootCrlTarget), 1);
    EXPECT_EQ(vendor.asked(kPccsRootCrlTarget), 1);
}

TEST_F(FetchTest, AsksForTheEarlyReleaseTrainWhenConfigured)
{
    IntelSource source = test::pcs_of(vendor);
    source.update = TcbUpdate::early;
    EXPECT_EQ(reason(fetch(source)), "endorse.not_found");  // the vendor here has no early edition
    EXPECT_EQ(vendor.asked(std::string(kTcbInfoTarget) + "&update=early"), 1);
}

struct Bend {
    const char* name;
    const char* target;
    void (*change)(net::Response&);
    std::string_view reason;
    std::string_view words = "";
};

class WrongAnswer : public FetchTest, public testing::WithParamInterface<Bend> {};

TEST_P(WrongAnswer, IsRefusedByItsName)
{
    vendor.bend(GetParam().target, GetParam().change);
    FetchLimits limits;
    limits.max_body_bytes = 64U << 10U;
    const auto fetched = fetch(test::pcs_of(vendor), limits);
    EXPECT_EQ(reason(fetched), GetParam().reason) << detail(fetched);
    EXPECT_THAT(detail(fetched), HasSubstr(std::string(GetParam().words)));
}

constexpr const char* kTcbHeader = "TCB-Info-Issuer-Chain";
constexpr const char* kCrlHeader = "SGX-PCK-CRL-Issuer-Chain";

INSTANTIATE_TEST_SUITE_P(
    Vendor, WrongAnswer,
    testing::Values(
        Bend{"server_error", kTcbInfoTarget, [](net::Response& r) { r.status = 500; }, "endorse.unavailable", "500"},
        Bend{"bad_gateway", kRootCrlTarget, [](net::Response& r) { r.status = 502; }, "endorse.unavailable", "502"},
        Bend{"not_found", kTcbInfoTarget, [](net::Response& r) { r.status = 404; }, "endorse.not_found"},
        Bend{"gone", kPckCrlTarget, [](net::Response& r) { r.status = 410; }, "endorse.not_found"},
        Bend{"unauthorized", kTcbInfoTarget, [](net::Response& r) { r.status = 401; }, "endorse.unavailable", "401"},
        Bend{"no_content", kTcbInfoTarget, [](net::Response& r) { r = net::empty_response(204); }, "endorse.unavailable"},
        Bend{"throttled", kQeIdentityTarget, [](net::Response& r) { r.status = 429; }, "endorse.throttled", "429"},
        Bend{"overloaded", kQeIdentityTarget, [](net::Response& r) { r.status = 503; }, "endorse.throttled", "503"},
        Bend{"redirect", kTcbInfoTarget,
             [](net::Response& r) {
                 r.status = 302;
                 r.headers.set("Location", kQeIdentityTarget);
             },
             "endorse.redirect"},
        Bend{"empty_body", kPckCrlTarget, [](net::Response& r) { r.body.clear(); }, "endorse.answer", "empty"},
        Bend{"oversized_body", kTcbInfoTarget, [](net::Response& r) { r.body.append(65U << 10U, ' '); }, "endorse.size"},
        Bend{"truncated_body", kTcbInfoTarget,
             [](net::Response& r) {
                 r.stream_size = r.body.size();
                 r.stream = [half = r.body.substr(0, r.body.size() / 2)](net::BodyWriter& out) {
                     (void)out.write(as_bytes(half));
                     return Status(fail(ErrorKind::internal, "test.cut"));
                 };
             },
             "endorse.answer"},
        Bend{"cut_json", kTcbInfoTarget, [](net::Response& r) { r.body.pop_back(); }, "endorse.answer", "json.syntax"},
        Bend{"other_document", kTcbInfoTarget,
             [](net::Response& r) { r.body = R"({"enclaveIdentity":{},"signature":"00"})"; }, "endorse.answer"},
        Bend{"invalid_utf8", kTcbInfoTarget, [](net::Response& r) { r.body.insert(12, "\xc3\x28"); }, "endorse.answer"},
        Bend{"duplicate_member", kTcbInfoTarget, [](net::Response& r) { r.body.insert(1, R"("tcbInfo":{},)"); },
             "endorse.answer", "json.duplicate"},
        Bend{"html_for_crl", kPckCrlTarget, [](net::Response& r) { r.body = "<html>login</html>"; }, "endorse.answer"},
        Bend{"hex_crl_from_pcs", kRootCrlTarget, [](net::Response& r) { r.body = hex(as_bytes(r.body)); }, "endorse.answer"},
        Bend{"crl_and_a_byte", kPckCrlTarget, [](net::Response& r) { r.body += '\0'; }, "endorse.answer"},
        Bend{"missing_header", kTcbInfoTarget, [](net::Response& r) { r.headers.clear(); }, "endorse.header", "0 times"},
        Bend{"header_of_v3", kTcbInfoTarget,
             [](net::Response& r) {
                 r.headers = {{"SGX-TCB-Info-Issuer-Chain", std::string(*r.headers.find(kTcbHeader))}};
             },
             "endorse.header"},
        Bend{"header_twice", kPckCrlTarget,
             [](net::Response& r) { r.headers.add(kCrlHeader, std::string(*r.headers.find(kCrlHeader))); }, "endorse.header",
             "2 times"},
        Bend{"broken_escape", kTcbInfoTarget,
             [](net::Response& r) { r.headers.set(kTcbHeader, std::string(*r.headers.find(kTcbHeader)) + "%0"); },
             "endorse.header"},
        Bend{"escape_of_no_digit", kTcbInfoTarget,
             [](net::Response& r) { r.headers.set(kTcbHeader, std::string(*r.headers.find(kTcbHeader)) + "%G0"); },
             "endorse.header"},
        Bend{"escaped_nul", kTcbInfoTarget,
             [](net::Response& r) { r.headers.set(kTcbHeader, std::string(*r.headers.find(kTcbHeader)) + "%00"); },
             "endorse.header"},
        Bend{"invalid_utf8_in_header", kTcbInfoTarget,
             [](net::Response& r) { r.headers.set(kTcbHeader, std::string(*r.headers.find(kTcbHeader)) + "%C3%28"); },
             "endorse.header"},
        Bend{"plus_in_header", kTcbInfoTarget,
             [](net::Response& r) { r.headers.set(kTcbHeader, std::string(*r.headers.find(kTcbHeader)) + "+"); },
             "endorse.header"},
        Bend{"huge_header", kTcbInfoTarget,
             [](net::Response& r) {
                 r.headers.set(kTcbHeader, std::string(*r.headers.find(kTcbHeader)) + std::string(17U << 10U, 'A'));
             },
             "endorse.header", "longer"},
        Bend{"header_beyond_the_client", kTcbInfoTarget,
             [](net::Response& r) { r.headers.set("X-Padding", std::string(80U << 10U, 'A')); }, "endorse.answer"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(FetchTest, DoesNotFollowARedirect)
{
    vendor.serve("/elsewhere", net::text_response(200, "{}"));
    vendor.bend(kTcbInfoTarget, [&](net::Response& r) {
        r.status = 301;
        r.headers.set("Location", vendor.url() + "/elsewhere");
    });
    EXPECT_EQ(reason(fetch(test::pcs_of(vendor))), "endorse.redirect");
    EXPECT_EQ(vendor.asked("/elsewhere"), 0);
}

TEST_F(FetchTest, PassesOnWhatTheVendorSaysAboutRetrying)
{
    vendor.bend(kTcbInfoTarget, [](net::Response& r) {
        r.status = 429;
        r.headers.set("Retry-After", "120");
    });
    EXPECT_EQ(reason(fetch(test::pcs_of(vendor))), "endorse.throttled");
    EXPECT_TRUE(advice.throttled);
    EXPECT_EQ(advice.retry_after, "120");
}

TEST_F(FetchTest, NamesAnOutageALateAnswerAndACancelledCall)
{
    const auto source = test::pcs_of(vendor);
    const auto fetcher = made(Fetcher::open({.intel = source}));
    vendor.delay(5s);
    EXPECT_EQ(reason(fetcher.intel(test::intel_key(), {.request_id = "", .deadline = net::deadline_in(50ms)}, advice)),
              "endorse.deadline");
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(reason(fetcher.intel(test::intel_key(), {.request_id = "", .deadline = {}, .stop = stop.get_token()}, advice)),
              "endorse.cancelled");
    vendor.stop();
    EXPECT_EQ(reason(fetch(source)), "endorse.unavailable");  // connection refused
}

TEST_F(FetchTest, AsksNobodyWhoIsNotConfigured)
{
    const auto fetcher = made(Fetcher::open({.amd = test::kds_of(vendor)}));
    EXPECT_EQ(reason(fetcher.intel(test::intel_key(), patient(), advice)), "endorse.offline");
    const auto other = made(Fetcher::open({.intel = test::pcs_of(vendor)}));
    EXPECT_EQ(reason(other.amd_issuer({SnpProduct::milan, VekKind::vcek}, patient(), advice)), "endorse.offline");
}

TEST(Sources, AreCheckedBeforeAnythingIsAsked)
{
    const auto intel = [](std::string base, std::optional<std::string> root = {}) {
        return reason(Fetcher::open({.intel = IntelSource{.base_url = std::move(base), .root_crl_url = std::move(root)}}));
    };
    EXPECT_EQ(intel("https://pccs.example.net:8081"), "");
    EXPECT_EQ(intel("http://127.0.0.1:8081"), "");
    EXPECT_EQ(intel("http://[::1]:8081"), "");
    for (const char* wrong :
         {"", "pccs.example.net", "http://pccs.example.net", "https://pccs.example.net/", "https://pccs.example.net/x?y=z",
          "https://u:p@pccs.example.net", "ftp://pccs.example.net", "http://127.0.0.1.example.net"})
        EXPECT_EQ(intel(wrong), "endorse.source") << wrong;
    EXPECT_EQ(intel("https://a.example.net", "http://b.example.net/root.der"), "endorse.source");
    EXPECT_EQ(reason(Fetcher::open({.amd = AmdSource{.base_url = "http://kds.example.net"}})), "endorse.source");
    EXPECT_EQ(reason(Fetcher::open({.intel = intel_pcs(), .amd = amd_kds()})), "");
}

TEST(Urls, FollowTheVendorsPaths)
{
    const IntelUrls pcs = urls(
        intel_pcs(), {IntelTee::sgx, attest::Fmspc{std::array<std::uint8_t, 6>{0, 0x90, 0x6e, 0xd5}}, PckCa::processor});
    EXPECT_EQ(pcs.tcb_info, "https://api.trustedservices.intel.com/sgx/certification/v4/tcb?fmspc=00906ed50000");
    EXPECT_EQ(pcs.qe_identity, "https://api.trustedservices.intel.com/sgx/certification/v4/qe/identity");
    EXPECT_EQ(pcs.pck_crl, "https://api.trustedservices.intel.com/sgx/certification/v4/pckcrl?ca=processor&encoding=der");
    EXPECT_EQ(pcs.root_crl, "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der");
    EXPECT_EQ(crl_url(amd_kds(), {SnpProduct::genoa, VekKind::vlek}), "https://kdsintf.amd.com/vlek/v1/Genoa/crl");
    EXPECT_EQ(cert_chain_url(amd_kds(), {SnpProduct::turin, VekKind::vcek}),
              "https://kdsintf.amd.com/vcek/v1/Turin/cert_chain");
}

TEST(Urls, CarryTheFirmwarePartsOfEachProductLine)
{
    std::array<std::uint8_t, 64> id{};
    id[0] = 0xab;
    id[7] = 0x01;
    const SnpTcbBytes tcb{3, 0, 0, 0, 0, 0, 22, 215};  // ucode 215, SNP 22, TEE 0, boot loader 3
    EXPECT_EQ(made(vcek_url(amd_kds(), {SnpProduct::milan, SnpChipId{id}, tcb})),
              "https://kdsintf.amd.com/vcek/v1/Milan/" + hex(id) + "?blSPL=3&teeSPL=0&snpSPL=22&ucodeSPL=215");
    const SnpTcbBytes turin{1, 2, 3, 4, 0, 0, 0, 0x48};
    EXPECT_EQ(made(vcek_url(amd_kds(), {SnpProduct::turin, SnpChipId{id}, turin})),
              "https://kdsintf.amd.com/vcek/v1/Turin/ab00000000000001?fmcSPL=1&blSPL=2&teeSPL=3&snpSPL=4&ucodeSPL=72");
    EXPECT_EQ(reason(vcek_url(amd_kds(), {SnpProduct::milan, SnpChipId::zero(), tcb})), "endorse.key");
    id[8] = 1;
    EXPECT_EQ(reason(vcek_url(amd_kds(), {SnpProduct::turin, SnpChipId{id}, turin})), "endorse.key");
}

TEST(RetryAfter, IsSecondsOrADate)
{
    const UnixSeconds now = made(parse_iso8601("1994-11-06T08:49:07Z"));
    EXPECT_EQ(parse_retry_after("0", now), 0s);
    EXPECT_EQ(parse_retry_after("120", now), 120s);
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), 30s);
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:00 GMT", now), 0s);
    for (const char* wrong : {"", "-1", "1.5", " 5", "99999999999999999999", "Sun, 06 Nov 1994 08:49:37 CET",
                              "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "soon"})
        EXPECT_EQ(parse_retry_after(wrong, now), std::nullopt) << wrong;
}

}  // namespace
}  // namespace iapp::endorse
