// Every allocation fails once: a status comes back, never an exception, never an acceptance that was not earned.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "sample_files.hpp"

namespace {

std::atomic<long> allowed = -1;  ///< allocations until one fails; below zero: none does

void* allocate(std::size_t size)
{
    if (allowed.load() >= 0 && allowed.fetch_sub(1) == 0) throw std::bad_alloc();
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace iapp {
namespace {

TEST(AttestAbi, OutOfMemoryIsAStatus)
{
    const test::SampleFiles files = test::make_sample_files();
    const iapp_attest_options options{.struct_size = sizeof options,
                                      .policy = iapp_attest::Bytes(files.policy).raw(),
                                      .tpm_keys = nullptr,
                                      .tpm_key_count = 0};
    const iapp_attest_bytes collateral = iapp_attest::Bytes(files.collateral).raw();
    const iapp_attest_request request{.struct_size = sizeof request,
                                      .now = test::kSampleTime.time_since_epoch().count(),
                                      .evidence = iapp_attest::Bytes(files.evidence).raw(),
                                      .report_data = iapp_attest::Bytes(files.report_data).raw(),
                                      .endorsements = &collateral,
                                      .endorsement_count = 1,
                                      .vek = {},
                                      .log = iapp_attest::Bytes(files.log).raw()};
    const iapp_attest_bytes root = iapp_attest::Bytes(files.root).raw();

    long failed = 0;
    for (long n = 0;; n += 1 + n / 40) {  // every one at first, then a sample of the many that parse collateral
        iapp_attest_verifier* verifier = nullptr;
        iapp_attest_result* result = nullptr;
        allowed = n;
        std::int32_t status = iapp_attest_verifier_new_dangerous_roots(&options, root, &verifier, nullptr);
        if (status == IAPP_ATTEST_OK) status = iapp_attest_verify(verifier, &request, &result, nullptr);
        const bool ran_out = allowed.exchange(-1) < 0;
        EXPECT_EQ(status, ran_out ? IAPP_ATTEST_NO_MEMORY : IAPP_ATTEST_OK) << "allocation " << n;
        EXPECT_EQ(result != nullptr, status == IAPP_ATTEST_OK);
        iapp_attest_result_free(result);
        iapp_attest_verifier_free(verifier);
        if (!ran_out) break;
        ++failed;
    }
    EXPECT_GT(failed, 100);
}

}  // namespace
}  // namespace iapp
