// Genuine answers of Intel and AMD, served again by a local server and believed under the vendors' production keys. The
// vectors are not part of the tree: set IAPP_VECTORS, or keep them in ../shared/vectors. Without them these tests say
// SKIPPED.
#include <gmock/gmock.h>

#include "endorse/accept.hpp"
#include "support/attest_vectors.hpp"
#include "support/endorse_world.hpp"

namespace iapp::endorse {
namespace {

using test::detail;
using test::load_vector;
using test::made;
using test::reason;

class Genuine : public test::WithVectors {
protected:
    static Accept vendors() { return accept_under({.intel = attest::TrustAnchor::intel(), .amd = attest::AmdTrust::amd()}); }
    static net::CallContext call() { return {.request_id = "test", .deadline = net::deadline_in(std::chrono::seconds(20))}; }
};

TEST_F(Genuine, IntelPcsAnswersAreServedDuringTheirWindow)
{
    const std::string folder = "intel/tdx-v4-fmspc-50806F000000/";
    test::FakeVendor vendor;
    vendor.serve("/tdx/certification/v4/tcb?fmspc=50806f000000",
                 test::document(load_vector(folder + "tcbinfo.json"), "TCB-Info-Issuer-Chain",
                                load_vector(folder + "tcb_issuer_chain.pem")));
    vendor.serve(test::kQeIdentityTarget,
                 test::document(load_vector(folder + "qeidentity.json"), "SGX-Enclave-Identity-Issuer-Chain",
                                load_vector(folder + "qe_issuer_chain.pem")));
    vendor.serve(test::kPckCrlTarget, test::document(load_vector(folder + "pck_crl.der"), "SGX-PCK-CRL-Issuer-Chain",
                                                     load_vector(folder + "pck_crl_issuer_chain.pem")));
    vendor.serve(test::kRootCrlTarget, test::document(load_vector(folder + "root_crl.der")));

    const IntelKey key{IntelTee::tdx, attest::Fmspc{std::array<std::uint8_t, 6>{0x50, 0x80, 0x6f}}, PckCa::platform};
    test::ScratchFolder directory;
    test::ManualClock clock(made(parse_iso8601("2023-06-20T00:00:00Z")));
    Cache cache({.directory = directory.path()},
                {.clock = clock, .random = [] { return std::uint64_t{0}; }, .accept = vendors()},
                made(Fetcher::open({.intel = test::pcs_of(vendor)})));
    const auto fetched = cache.intel(key, call());
    ASSERT_TRUE(fetched) << detail(fetched);
    EXPECT_THAT((*fetched)->collateral.tcb_info, testing::HasSubstr("\"tcbEvaluationDataNumber\":15"));

    clock.set(made(parse_iso8601("2023-07-19T00:00:00Z")));
    EXPECT_EQ(reason(cache.intel(key, call())), "endorse.expired");
    IntelKey processor = key;
    processor.ca = PckCa::processor;
    EXPECT_EQ(reason(accept_intel({processor, (*fetched)->collateral}, attest::TrustAnchor::intel())), "attest.platform");
}

TEST_F(Genuine, AmdVcekBelongsToItsChipAndFirmware)
{
    const std::string report = load_vector("amd/milan-trustee/report.bin");
    const auto parsed = made(attest::parse_snp_report(as_bytes(report)));
    VcekEntry entry{{SnpProduct::milan, parsed.chip_id, parsed.reported_tcb},
                    to_bytes(load_vector("amd/milan-trustee/vcek.der")),
                    load_vector("amd/roots/ask_ark_milan.pem")};
    EXPECT_EQ(reason(vendors()(entry)), "");
    ++entry.key.tcb[7];
    EXPECT_EQ(reason(vendors()(entry)), "attest.vek_tcb");
    entry.key.tcb = parsed.reported_tcb;
    for (const char* wrong : {"amd/milan-trustee/vcek-invalid-legacy.der", "amd/milan-trustee/vcek-invalid-new.der"}) {
        entry.vek = to_bytes(load_vector(wrong));
        EXPECT_NE(reason(vendors()(entry)), "") << wrong;
    }
}

}  // namespace
}  // namespace iapp::endorse
