// Genuine boot logs of firmware, with the quotes of their machines.
#include <gtest/gtest.h>

#include "attest/boot_log.hpp"
#include "support/attest_vectors.hpp"
#include "support/check_coverage.hpp"

namespace iapp::attest {
namespace {

using test::load_vector;

MeasuredRegisters registers_after(const BootLog& log, RegisterKind kind, HashAlgorithm bank)
{
    auto values = replay(log, kind, bank);
    EXPECT_TRUE(values.has_value());
    return {kind, bank, std::move(*values)};
}

class GenuineBootLogs : public test::WithVectors {};

BootLog parsed(const std::filesystem::path& file)
{
    const auto log = parse_boot_log(as_bytes(load_vector(file)));
    EXPECT_TRUE(log.has_value()) << file << ": " << log.error().detail;
    return log.value_or(BootLog{});
}

/// RTMR0..3 of a version 4 TDX quote.
MeasuredRegisters rtmrs_of_quote(const std::string& quote)
{
    MeasuredRegisters out{RegisterKind::rtmr, HashAlgorithm::sha384, {}};
    for (std::uint32_t i = 0; i < 4; ++i) out.values[i] = to_bytes(quote.substr(48 + 328 + 48 * i, 48));
    return out;
}

TEST_F(GenuineBootLogs, Cos113ReplaysToItsQuote)
{
    CheckLog checks;
    const auto appraised = appraise_boot_log(parsed("intel/ccel/cos-113-ccel.dat"),
                                             rtmrs_of_quote(load_vector("intel/ccel/cos-113-quote.dat")), checks);
    ASSERT_TRUE(appraised.has_value()) << appraised.error().detail;
    const auto believed = [&](std::string_view text) {
        return std::ranges::any_of(appraised->authenticated(), [&](const auto& e) { return as_text(e.data) == text; });
    };
    EXPECT_TRUE(believed("set default=2"));
    EXPECT_TRUE(believed("Exit Boot Services Invocation"));
    EXPECT_FALSE(believed("ACPI DATA"));
}

TEST_F(GenuineBootLogs, TrusteesLogBelongsToAnotherBoot)
{
    std::string log = load_vector("intel/ccel/trustee-ccel.dat");
    EXPECT_FALSE(parse_boot_log(as_bytes(log)).has_value()) << "stored without the zeros that end its last event";
    log.resize(9822);
    const auto whole = parse_boot_log(as_bytes(log));
    ASSERT_TRUE(whole.has_value()) << whole.error().detail;
    CheckLog checks;
    const auto appraised =
        appraise_boot_log(*whole, rtmrs_of_quote(load_vector("intel/more-quotes/trustee-tdx-v4.dat")), checks);
    EXPECT_EQ(appraised ? "" : appraised.error().reason, "attest.boot_log_replay");
    test::expect_only_failure(checks, CheckId::boot_log_replay);
}

TEST_F(GenuineBootLogs, ApplicationEventsOfCoCo)
{
    const BootLog log = parsed("intel/ccel/trustee-aael-alibaba.bin");
    CheckLog checks;
    const auto appraised = appraise_boot_log(log, registers_after(log, RegisterKind::rtmr, HashAlgorithm::sha384), checks);
    ASSERT_TRUE(appraised.has_value());
    const auto events = application_events(*appraised);
    ASSERT_TRUE(events.has_value());
    ASSERT_EQ(events->size(), 2U);
    EXPECT_EQ(events->front().domain, "coco.com");
    EXPECT_EQ(events->front().operation, "some-operation");
    EXPECT_EQ(events->front().content, "some-content");
}

TEST_F(GenuineBootLogs, OwnMachineReplaysToItsQuotedPcrs)
{
    const std::string values = load_vector("tpm/own-ovmf-q35/pcrs.bin");
    MeasuredRegisters registers{RegisterKind::pcr, HashAlgorithm::sha256, {}};
    std::size_t at = 0;
    for (const std::uint32_t index : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12}) {
        registers.values[index] = to_bytes(values.substr(at, 32));
        at += 32;
    }
    CheckLog checks;
    const auto appraised = appraise_boot_log(parsed("tpm/own-ovmf-q35/evlog.bin"), registers, checks);
    EXPECT_TRUE(appraised.has_value()) << appraised.error().detail;
}

TEST_F(GenuineBootLogs, OfTpmsReplayInEachStrongBank)
{
    for (const char* file : {"tpm/dstack-tpm_eventlog.bin", "tpm/eventlog-rhel8-uefi.bin"}) {
        const BootLog log = parsed(file);
        for (const HashAlgorithm bank : {HashAlgorithm::sha256, HashAlgorithm::sha384}) {
            CheckLog checks;
            EXPECT_TRUE(appraise_boot_log(log, registers_after(log, RegisterKind::pcr, bank), checks).has_value()) << file;
        }
    }
}

}  // namespace
}  // namespace iapp::attest
