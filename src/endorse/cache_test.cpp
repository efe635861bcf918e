// The cache between a server that plays the vendors, a disk, and a clock that the test turns.
#include "endorse/cache.hpp"

#include <gmock/gmock.h>

#include <barrier>
#include <thread>

#include "support/endorse_world.hpp"

namespace iapp::endorse {
namespace {

using namespace std::chrono_literals;
using test::detail;
using test::kPckCrlTarget;
using test::kQeIdentityTarget;
using test::kRootCrlTarget;
using test::kTcbInfoTarget;
using test::kToday;
using test::made;
using test::reason;
using testing::HasSubstr;

const test::IntelPki& intel_pki()
{
    static const test::IntelPki made_once;
    return made_once;
}

const test::AmdPki& amd_pki()
{
    static const test::AmdPki made_once;
    return made_once;
}

net::CallContext patient() { return {.request_id = "test", .deadline = net::deadline_in(20s)}; }

class CacheTest : public testing::Test {
protected:
    CacheTest()
    {
        test::serve_intel(vendor, intel_pki().issue());
        test::serve_amd(vendor, amd_pki());
    }

    Cache open(const Sources& sources) const { return open(sources, CacheOptions{.directory = folder.path() / "cache"}); }

    Cache open(const Sources& sources, CacheOptions options) const
    {
        return Cache(
            std::move(options),
            {.clock = clock, .random = [] { return std::uint64_t{0}; }, .accept = test::believer(intel_pki(), amd_pki())},
            made(Fetcher::open(sources)));
    }

    Sources online() const { return {.intel = test::pcs_of(vendor), .amd = test::kds_of(vendor)}; }

    std::string ask(Cache& cache) const { return reason(cache.intel(test::intel_key(), patient())); }

    test::FakeVendor vendor;
    test::ScratchFolder folder;
    test::ManualClock clock{kToday};
};

// ---- what is served -------------------------------------------------------------------------------------------

TEST_F(CacheTest, AsksOnceAndSurvivesARestart)
{
    {
        Cache cache = open(online());
        const auto first = cache.intel(test::intel_key(), patient());
        ASSERT_TRUE(first) << detail(first);
        EXPECT_EQ(*cache.intel(test::intel_key(), patient()), *first);
        EXPECT_EQ(vendor.asked(), 4);
    }
    Cache again = open(online());
    EXPECT_EQ(ask(again), "");
    Cache offline = open({});
    EXPECT_EQ(ask(offline), "");
    EXPECT_EQ(vendor.asked(), 4);
}

TEST_F(CacheTest, TakesTheSameDocumentsFromAPccs)
{
    Cache cache = open({.intel = test::pccs_of(vendor)});
    EXPECT_EQ(ask(cache), "");
}

TEST_F(CacheTest, KeepsKeysApart)
{
    Cache cache = open(online());
    EXPECT_EQ(ask(cache), "");
    IntelKey other = test::intel_key();
    other.ca = PckCa::processor;
    EXPECT_EQ(reason(cache.intel(other, patient())), "endorse.not_found");
    other = test::intel_key();
    other.tee = IntelTee::sgx;
    EXPECT_EQ(reason(cache.intel(other, patient())), "endorse.not_found");
    EXPECT_EQ(ask(cache), "");
}

TEST_F(CacheTest, KeepsOnDiskWhatMemoryHasNoRoomFor)
{
    Cache cache = open(online(), {.directory = folder.path() / "cache", .max_in_memory = 1});
    EXPECT_EQ(ask(cache), "");
    EXPECT_EQ(reason(cache.amd_issuer({SnpProduct::milan, VekKind::vcek}, patient())), "");
    EXPECT_EQ(ask(cache), "");
    EXPECT_EQ(vendor.asked(kTcbInfoTarget), 1);
}

TEST_F(CacheTest, RenewsAtHalfOfTheWindow)
{
    Cache cache = open(online());
    EXPECT_EQ(ask(cache), "");
    clock.set(kToday - test::kBefore + test::kLasts / 2 - 1s);
    EXPECT_EQ(ask(cache), "");
    EXPECT_EQ(vendor.asked(kTcbInfoTarget), 1);

    clock.advance(1s);
    const UnixSeconds half = clock.now_seconds();
    test::serve_intel(vendor, intel_pki().issue({.from = half - 1h, .to = half + 30 * 24h, .crl_number = 2}));
    const auto renewed = cache.intel(test::intel_key(), patient());
    ASSERT_TRUE(renewed) << detail(renewed);
    EXPECT_EQ(vendor.asked(kTcbInfoTarget), 2);
    EXPECT_EQ(ask(cache), "");
    EXPECT_EQ(vendor.asked(kTcbInfoTarget), 2);
}

TEST_F(CacheTest, ServesWhatIsThereWhileRenewalFailsAndNeverWhatIsStale)
{
    Cache cache = open(online());
    EXPECT_EQ(ask(cache), "");
    vendor.bend(kTcbInfoTarget, [](net::Response& r) { r.status = 500; });
    clock.set(kToday - test::kBefore + test::kLasts);  // the last second of the window
    EXPECT_EQ(ask(cache), "");
    EXPECT_EQ(vendor.asked(kTcbInfoTarget), 2);
    EXPECT_EQ(ask(cache), "");
    EXPECT_EQ(vendor.asked(kTcbInfoTarget), 2);  // the failure is remembered
    clock.advance(6s);
    EXPECT_EQ(ask(cache), "endorse.unavailable");
    Cache offline = open({});
    EXPECT_EQ(ask(offline), "endorse.offline");
}

TEST_F(CacheTest, RefreshesWhatIsDueWithoutACaller)
{
    Cache cache = open(online());
    EXPECT_EQ(ask(cache), "");
    EXPECT_EQ(made(cache.refresh(patient())), 0U);
    clock.set(kToday + 15 * 24h);
    test::serve_intel(vendor, intel_pki().issue({.from = kToday + 14 * 24h, .to = kToday + 60 * 24h, .crl_number = 2}));
    EXPECT_EQ(made(cache.refresh(patient())), 1U);
    EXPECT_EQ(made(cache.refresh(patient())), 0U);
    clock.set(kToday + 45 * 24h);
    vendor.stop();
    EXPECT_EQ(made(cache.refresh(patient())), 0U);
    EXPECT_EQ(ask(cache), "");
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(reason(cache.refresh({.request_id = "", .stop = stop.get_token()})), "endorse.cancelled");
}

// ---- what is not believed -------------------------------------------------------------------------------------

struct Forgery {
    const char* name;
    void (*bend)(attest::Collateral&, const attest::Collateral& of_another_pki);
    std::string_view check;  ///< named in the detail
};

class Unverified : public CacheTest, public testing::WithParamInterface<Forgery> {};

TEST_P(Unverified, NeverEntersTheCache)
{
    static const test::IntelPki stranger;
    attest::Collateral forged = intel_pki().issue();
    GetParam().bend(forged, stranger.issue());
    test::serve_intel(vendor, forged);
    Cache cache = open(online());
    const auto answer = cache.intel(test::intel_key(), patient());
    EXPECT_EQ(reason(answer), "endorse.unverified");
    EXPECT_THAT(detail(answer), HasSubstr(std::string(GetParam().check)));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "cache" / (text(test::intel_key()) + ".json")));
}

INSTANTIATE_TEST_SUITE_P(
    Cache, Unverified,
    testing::Values(Forgery{"tcb_chain_of_another_pki",
                            [](auto& c, const auto& o) { c.tcb_info_issuer_chain = o.tcb_info_issuer_chain; },
                            "attest.collateral_chain"},
                    Forgery{"qe_chain_of_another_pki",
                            [](auto& c, const auto& o) { c.qe_identity_issuer_chain = o.qe_identity_issuer_chain; },
                            "attest.collateral_chain"},
                    Forgery{"crl_chain_of_another_pki",
                            [](auto& c, const auto& o) { c.pck_crl_issuer_chain = o.pck_crl_issuer_chain; },
                            "attest.collateral_chain"},
                    Forgery{"everything_of_another_pki", [](auto& c, const auto& o) { c = o; }, "attest.collateral_chain"},
                    Forgery{"chains_swapped", [](auto& c, const auto&) { c.tcb_info_issuer_chain = c.pck_crl_issuer_chain; },
                            "attest.collateral_chain"},
                    Forgery{"root_crl_as_pck_crl", [](auto& c, const auto&) { c.pck_crl = c.root_ca_crl; }, "attest.crl"},
                    Forgery{"pck_crl_as_root_crl", [](auto& c, const auto&) { c.root_ca_crl = c.pck_crl; }, "attest.crl"},
                    Forgery{"pck_crl_of_another_pki", [](auto& c, const auto& o) { c.pck_crl = o.pck_crl; }, "attest.crl"},
                    Forgery{"tcb_info_signature", [](auto& c, const auto&) { c.tcb_info_signature[40] ^= 1; },
                            "attest.collateral_signature"},
                    Forgery{"qe_identity_signature", [](auto& c, const auto&) { c.qe_identity_signature[40] ^= 1; },
                            "attest.collateral_signature"},
                    Forgery{"one_digit_of_the_tcb_info",
                            [](auto& c, const auto&) { c.tcb_info.replace(c.tcb_info.find("\"svn\":"), 7, "\"svn\":9"); },
                            "attest.collateral_signature"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(CacheTest, RefusesTheDocumentsOfAnotherPlatform)
{
    IntelKey other = test::intel_key();
    other.fmspc = attest::Fmspc{std::array<std::uint8_t, 6>{1, 2, 3, 4, 5, 6}};
    const auto url = urls(test::pcs_of(vendor), other).tcb_info;
    const attest::Collateral c = intel_pki().issue();
    vendor.serve(url.substr(vendor.url().size()),
                 test::document("{\"tcbInfo\":" + c.tcb_info + ",\"signature\":\"" + hex(c.tcb_info_signature) + "\"}",
                                "TCB-Info-Issuer-Chain", c.tcb_info_issuer_chain));
    Cache cache = open(online());
    const auto answer = cache.intel(other, patient());
    EXPECT_EQ(reason(answer), "endorse.unverified");
    EXPECT_THAT(detail(answer), HasSubstr("attest.platform"));
}

TEST_F(CacheTest, RefusesWhatIsOverAndWhatHasNotBegun)
{
    Cache cache = open(online());
    test::serve_intel(vendor, intel_pki().issue({.from = kToday - 2h, .to = kToday - 1s}));
    EXPECT_EQ(ask(cache), "endorse.expired");
    test::serve_intel(vendor, intel_pki().issue({.from = kToday + 60s, .to = kToday + 24h}));
    clock.advance(6s);
    EXPECT_EQ(ask(cache), "endorse.expired");
    clock.advance(60s);
    EXPECT_EQ(ask(cache), "");
}

// ---- rollback -------------------------------------------------------------------------------------------------

class Rollback : public CacheTest, public testing::WithParamInterface<test::Edition> {};

TEST_P(Rollback, IsRefusedAlsoAfterARestartAndAfterTheNewOneEnded)
{
    const test::Edition newer{.from = kToday - 1h, .to = kToday + 24h, .evaluation = 20, .crl_number = 300};
    test::serve_intel(vendor, intel_pki().issue(newer));
    {
        Cache cache = open(online());
        EXPECT_EQ(ask(cache), "");
    }
    test::Edition older = GetParam();
    older.from = kToday - 2h;
    older.to = kToday + 48h;
    test::serve_intel(vendor, intel_pki().issue(older));
    Cache cache = open(online());
    clock.set(kToday + 20h);
    EXPECT_EQ(ask(cache), "");  // renewal is refused, what is there still serves
    EXPECT_EQ(vendor.asked(kTcbInfoTarget), 2);
    clock.set(kToday + 25h);
    EXPECT_EQ(ask(cache), "endorse.rollback");
    Cache again = open(online());
    EXPECT_EQ(ask(again), "endorse.rollback");

    older.evaluation = 20;
    older.crl_number = 300;
    test::serve_intel(vendor, intel_pki().issue(older));
    clock.advance(6s);
    EXPECT_EQ(ask(again), "");
}

INSTANTIATE_TEST_SUITE_P(Cache, Rollback,
                         testing::Values(test::Edition{.evaluation = 19, .crl_number = 300},
                                         test::Edition{.evaluation = 20, .crl_number = 299},
                                         test::Edition{.evaluation = 20, .crl_number = 44},  // one byte, 300 has two
                                         test::Edition{.evaluation = 19, .crl_number = 301}));

// ---- load on vendors ------------------------------------------------------------------------------------------

TEST_F(CacheTest, TenThreadsAreOneRequest)
{
    Cache cache = open(online());
    vendor.delay(30ms);
    std::barrier start(10);
    std::atomic<int> served = 0;
    {
        std::vector<std::jthread> threads;
        threads.reserve(10);
        for (int i = 0; i < 10; ++i)
            threads.emplace_back([&] {
                start.arrive_and_wait();
                if (cache.intel(test::intel_key(), patient())) ++served;
            });
    }
    EXPECT_EQ(served, 10);
    for (const char* target : {kTcbInfoTarget, kQeIdentityTarget, kPckCrlTarget, kRootCrlTarget})
        EXPECT_EQ(vendor.asked(target), 1) << target;
}

TEST_F(CacheTest, TenThreadsShareOneFailure)
{
    Cache cache = open(online());
    vendor.bend(kTcbInfoTarget, [](net::Response& r) { r.status = 500; });
    vendor.delay(30ms);
    std::atomic<int> refused = 0;
    {
        std::vector<std::jthread> threads;
        threads.reserve(10);
        for (int i = 0; i < 10; ++i) threads.emplace_back([&] { refused += ask(cache) == "endorse.unavailable" ? 1 : 0; });
    }
    EXPECT_EQ(refused, 10);
    EXPECT_EQ(vendor.asked(), 1);
}

TEST_F(CacheTest, RemembersFailuresForAWhileThatDoubles)
{
    Cache cache = open(online());
    vendor.forget(kTcbInfoTarget);
    int asked = 0;
    for (const auto pause : {5s, 10s, 20s, 40s, 80s, 160s, 300s, 300s}) {
        EXPECT_EQ(ask(cache), "endorse.not_found");
        EXPECT_EQ(vendor.asked(kTcbInfoTarget), ++asked);
        clock.advance(pause - 1s);
        const auto answer = cache.intel(test::intel_key(), patient());
        EXPECT_EQ(reason(answer), "endorse.not_found");
        EXPECT_THAT(detail(answer), HasSubstr("not asked again before"));
        EXPECT_EQ(vendor.asked(kTcbInfoTarget), asked);
        clock.advance(1s);
    }
    test::serve_intel(vendor, intel_pki().issue());
    EXPECT_EQ(ask(cache), "");
}

TEST_F(CacheTest, ObeysRetryAfterForTheWholeVendor)
{
    Cache cache = open(online());
    vendor.bend(kTcbInfoTarget, [](net::Response& r) {
        r.status = 429;
        r.headers.set("Retry-After", "120");
    });
    EXPECT_EQ(ask(cache), "endorse.throttled");
    test::serve_intel(vendor, intel_pki().issue());
    clock.advance(119s);
    EXPECT_EQ(ask(cache), "endorse.throttled");
    IntelKey other = test::intel_key();
    other.ca = PckCa::processor;
    EXPECT_EQ(reason(cache.intel(other, patient())), "endorse.throttled");
    EXPECT_EQ(vendor.asked(), 1);
    EXPECT_EQ(reason(cache.amd_issuer({SnpProduct::milan, VekKind::vcek}, patient())), "");  // another vendor
    clock.advance(1s);
    EXPECT_EQ(ask(cache), "");
}

TEST_F(CacheTest, ServesFromDiskWhileAVendorIsSilenced)
{
    {
        Cache cache = open(online());
        EXPECT_EQ(ask(cache), "");
    }
    Cache cache = open(online());
    IntelKey other = test::intel_key();
    other.ca = PckCa::processor;
    vendor.serve("/sgx/certification/v4/pckcrl?ca=processor&encoding=der", net::empty_response(503));
    EXPECT_EQ(reason(cache.intel(other, patient())), "endorse.throttled");
    EXPECT_EQ(ask(cache), "");
}

TEST_F(CacheTest, DoesNotObeyARetryAfterWithoutBound)
{
    Cache cache = open(online());
    vendor.bend(kTcbInfoTarget, [](net::Response& r) {
        r.status = 503;
        r.headers.set("Retry-After", "999999999");
    });
    EXPECT_EQ(ask(cache), "endorse.throttled");
    test::serve_intel(vendor, intel_pki().issue());
    clock.advance(3599s);
    EXPECT_EQ(ask(cache), "endorse.throttled");
    clock.advance(1s);
    EXPECT_EQ(ask(cache), "");
}

TEST_F(CacheTest, SpreadsRetriesByTheRandomItIsGiven)
{
    Cache cache(
        CacheOptions{.directory = folder.path()},
        {.clock = clock, .random = [] { return std::uint64_t{1'250}; }, .accept = test::believer(intel_pki(), amd_pki())},
        made(Fetcher::open(online())));
    vendor.forget(kTcbInfoTarget);
    EXPECT_EQ(ask(cache), "endorse.not_found");
    clock.advance(6s);
    EXPECT_EQ(ask(cache), "endorse.not_found");
    EXPECT_EQ(vendor.asked(), 1);  // 5 s and 1.25 s
    clock.advance(1s);
    EXPECT_EQ(ask(cache), "endorse.not_found");
    EXPECT_EQ(vendor.asked(), 2);
}

TEST_F(CacheTest, ACallerInAHurryHarmsNobodyElse)
{
    Cache cache = open(online());
    vendor.delay(200ms);
    const auto hurried = cache.intel(test::intel_key(), {.request_id = "", .deadline = net::deadline_in(20ms)});
    EXPECT_EQ(reason(hurried), "endorse.deadline");
    vendor.delay(0ms);
    EXPECT_EQ(ask(cache), "");
}

TEST_F(CacheTest, AWaitingCallerLeavesInTime)
{
    Cache cache = open(online());
    vendor.delay(500ms);
    std::jthread first([&] { EXPECT_EQ(ask(cache), ""); });
    while (vendor.asked() == 0) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(reason(cache.intel(test::intel_key(), {.request_id = "", .deadline = net::deadline_in(20ms)})),
              "endorse.deadline");
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(reason(cache.intel(test::intel_key(), {.request_id = "", .stop = stop.get_token()})), "endorse.cancelled");
    vendor.delay(0ms);
}

TEST_F(CacheTest, AVendorThatNeverAnswersIsRememberedAsSuch)
{
    Cache cache = open(online(), {.directory = folder.path(), .fetch_timeout = 30ms});
    vendor.delay(10s);
    EXPECT_EQ(ask(cache), "endorse.deadline");
    const auto again = cache.intel(test::intel_key(), patient());
    EXPECT_THAT(detail(again), HasSubstr("not asked again before"));
}

TEST_F(CacheTest, NamesARefusedConnection)
{
    Cache cache = open(online());
    vendor.stop();
    EXPECT_EQ(ask(cache), "endorse.unavailable");
}

// ---- AMD ------------------------------------------------------------------------------------------------------

TEST_F(CacheTest, KeepsVceksAndRenewsTheListOfTheirIssuer)
{
    Cache cache = open(online());
    const auto first = cache.snp(test::vcek_key(), patient());
    ASSERT_TRUE(first) << detail(first);
    EXPECT_EQ(first->cert_chain_pem, amd_pki().chain());
    EXPECT_EQ(vendor.asked(), 3);

    clock.set(kToday + 40 * 24h);  // the list has ended, the chip's certificate has not
    vendor.serve(test::kAmdCrlTarget, test::document(to_text(amd_pki().crl(2, std::chrono::days(90)))));
    const auto later = cache.snp(test::vcek_key(), patient());
    ASSERT_TRUE(later) << detail(later);
    EXPECT_EQ(later->vek, first->vek);
    EXPECT_NE(later->crl, first->crl);
    EXPECT_EQ(vendor.asked(test::vcek_target()), 1);

    clock.set(kToday + 2000 * 24h);
    EXPECT_EQ(reason(cache.get(test::vcek_key(), patient())), "");
    EXPECT_EQ(vendor.asked(test::vcek_target()), 1);
}

TEST_F(CacheTest, NamesAChipTheVendorDoesNotKnow)
{
    Cache cache = open(online());
    EXPECT_EQ(reason(cache.snp(test::unknown_vcek_key(), patient())), "endorse.not_found");
    EXPECT_EQ(reason(cache.snp({SnpProduct::milan, SnpChipId::zero(), {}}, patient())), "endorse.key");
}

TEST_F(CacheTest, RefusesForgedAmdEndorsements)
{
    const test::AmdPki stranger = test::strange_amd_pki();
    Cache cache = open(online());
    vendor.serve(test::vcek_target(), test::document(to_text(stranger.vcek())));
    EXPECT_EQ(reason(cache.snp(test::vcek_key(), patient())), "endorse.unverified");
    vendor.serve(test::kAmdCrlTarget, test::document(to_text(stranger.crl())));
    Cache other = open(online(), {.directory = folder.path() / "other"});
    EXPECT_EQ(reason(other.snp(test::vcek_key(), patient())), "endorse.unverified");
}

TEST_F(CacheTest, RefusesAmdAnswersOfAnotherForm)
{
    int folder_number = 0;
    const auto ask_snp = [&] {
        Cache cache = open(online(), {.directory = folder.path() / std::to_string(++folder_number)});
        return reason(cache.snp(test::vcek_key(), patient()));
    };
    vendor.serve(test::kAmdChainTarget, test::document(amd_pki().authority.ark.to_pem()));
    EXPECT_EQ(ask_snp(), "endorse.answer");
    vendor.serve(test::kAmdChainTarget, test::document(amd_pki().chain() + amd_pki().authority.ark.to_pem()));
    EXPECT_EQ(ask_snp(), "endorse.answer");
    test::serve_amd(vendor, amd_pki());
    vendor.serve(test::kAmdCrlTarget, test::document("not a list"));
    EXPECT_EQ(ask_snp(), "endorse.answer");
    test::serve_amd(vendor, amd_pki());
    vendor.serve(test::kAmdCrlTarget, net::empty_response(429));
    EXPECT_EQ(ask_snp(), "endorse.throttled");
}

}  // namespace
}  // namespace iapp::endorse
