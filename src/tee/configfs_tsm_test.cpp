// The collector against a kernel that a test plays: one thing goes wrong at a time, and what it leaves behind is nothing.
#include "tee/configfs_tsm.hpp"

#include <gtest/gtest.h>

#include "support/fake_tsm.hpp"
#include "support/tee_quotes.hpp"
#include "tee/measured_log.hpp"

namespace iapp::tee {
namespace {

using test::FakeTsm;
using test::snp_report;
using test::tdx_quote;

const attest::ReportData kAsked{[] {
    std::array<std::uint8_t, 64> data{};
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i + 1);
    return data;
}()};

attest::ReportData report_data(ByteView bytes) { return *attest::ReportData::from_bytes(bytes); }

struct Kernel : FakeTsm {
    Kernel()
    {
        make_evidence = [this](ByteView data) {
            const auto vmpl = static_cast<std::uint8_t>(privilege.empty() ? 0 : privilege[0] - '0');
            return provider.starts_with("sev") ? snp_report(report_data(data), vmpl) : tdx_quote(report_data(data), rtmr);
        };
    }
};

TsmOptions options()
{
    return {.report_root = std::string(FakeTsm::kRoot),
            .measurements_dir = std::string(FakeTsm::kMeasurements),
            .retry = {.attempts = 3, .pause = std::chrono::milliseconds(0)}};
}

std::string_view reason_of(const auto& result) { return result ? std::string_view{} : result.error().reason; }

struct Case {
    const char* name;
    void (*bend)(Kernel&);  ///< after open(), before the request
    std::string_view reason;
    int reads = 1;  ///< of outblob
};
class Report : public testing::TestWithParam<Case> {};

TEST_P(Report, AnswersByNameAndLeavesNothing)
{
    Kernel kernel;
    const auto source = *ConfigfsTsm::open(options(), kernel);
    GetParam().bend(kernel);

    const auto report = source->report(kAsked);

    EXPECT_EQ(reason_of(report), GetParam().reason) << (report ? "" : report.error().detail);
    EXPECT_EQ(kernel.outblob_reads, GetParam().reads);
    EXPECT_TRUE(kernel.present.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Tdx, Report,
    testing::Values(
        Case{"good", [](Kernel&) {}, ""}, Case{"name_taken_by_a_leftover", [](Kernel& k) { k.taken_names = 2; }, ""},
        Case{"every_name_taken", [](Kernel& k) { k.taken_names = 99; }, "tee.busy", 0},
        Case{"interface_gone", [](Kernel& k) { k.errors["mkdir"] = std::errc::no_such_file_or_directory; },
             "tee.unavailable", 0},
        Case{"no_provider", [](Kernel& k) { k.errors["mkdir"] = std::errc::no_such_device_or_address; }, "tee.unavailable",
             0},
        Case{"no_right", [](Kernel& k) { k.errors["mkdir"] = std::errc::permission_denied; }, "tee.unavailable", 0},
        Case{"mkdir_busy", [](Kernel& k) { k.errors["mkdir"] = std::errc::device_or_resource_busy; }, "tee.busy", 0},
        Case{"provider_with_a_suffix", [](Kernel& k) { k.provider = "tdx_guest_sim\n"; }, "tee.provider", 0},
        Case{"provider_cut", [](Kernel& k) { k.provider = "tdx_gues\n"; }, "tee.provider", 0},
        Case{"provider_with_a_second_line", [](Kernel& k) { k.provider = "tdx_guest\n\n"; }, "tee.provider", 0},
        Case{"provider_of_nobody", [](Kernel& k) { k.provider = "\n"; }, "tee.provider", 0},
        Case{"provider_of_arm", [](Kernel& k) { k.provider = "arm_cca_guest\n"; }, "tee.provider", 0},
        Case{"provider_changed", [](Kernel& k) { k.provider = "sev_guest\n"; }, "tee.provider", 0},
        Case{"provider_unreadable", [](Kernel& k) { k.errors["provider"] = std::errc::io_error; }, "tee.transport", 0},
        Case{"busy_once", [](Kernel& k) { k.outblob_errors = {std::errc::device_or_resource_busy}; }, "", 2},
        Case{"timed_out_once", [](Kernel& k) { k.outblob_errors = {std::errc::timed_out}; }, "", 2},
        Case{"interrupted_twice",
             [](Kernel& k) {
                 k.outblob_errors = {std::errc::interrupted, std::errc::interrupted};
             },
             "", 3},
        Case{"inputs_changed_once", [](Kernel& k) { k.outblob_errors = {std::errc::operation_would_block}; }, "", 2},
        Case{"busy_for_ever",
             [](Kernel& k) {
                 k.outblob_errors = {std::errc::device_or_resource_busy};
                 k.for_ever = true;
             },
             "tee.busy", 3},
        Case{"io_error", [](Kernel& k) { k.outblob_errors = {std::errc::io_error}; }, "tee.transport"},
        Case{"input_refused", [](Kernel& k) { k.errors["inblob"] = std::errc::invalid_argument; }, "tee.transport", 0},
        Case{"input_silently_dropped", [](Kernel& k) { k.drops_inputs = true; }, "tee.raced", 3},
        Case{"raced_once",
             [](Kernel& k) {
                 k.between = [left = 1](std::uint64_t& generation) mutable { generation += left-- > 0 ? 1 : 0; };
             },
             "", 2},
        Case{"raced_for_ever", [](Kernel& k) { k.between = [](std::uint64_t& generation) { ++generation; }; }, "tee.raced",
             3},
        Case{"generation_back", [](Kernel& k) { k.between = [](std::uint64_t& generation) { --generation; }; }, "tee.raced",
             3},
        Case{"generation_unreadable", [](Kernel& k) { k.errors["generation"] = std::errc::permission_denied; },
             "tee.transport", 0},
        Case{"largest_blob", [](Kernel& k) { k.make_evidence = [](ByteView) { return Bytes(kMaxTsmBlob); }; }, "tee.quote"},
        Case{"too_large", [](Kernel& k) { k.make_evidence = [](ByteView) { return Bytes(kMaxTsmBlob + 1); }; },
             "tee.too_large"},
        Case{"empty", [](Kernel& k) { k.make_evidence = [](ByteView) { return Bytes{}; }; }, "tee.quote"},
        Case{"not_a_quote", [](Kernel& k) { k.make_evidence = [](ByteView) { return to_bytes("hello"); }; }, "tee.quote"},
        Case{"quote_of_an_enclave",
             [](Kernel& k) { k.make_evidence = [](ByteView data) { return test::sgx_quote(report_data(data)); }; },
             "tee.quote"},
        Case{"report_of_snp",
             [](Kernel& k) { k.make_evidence = [](ByteView data) { return snp_report(report_data(data)); }; }, "tee.quote"},
        Case{"first_byte_of_report_data",
             [](Kernel& k) {
                 k.make_evidence = [](ByteView data) {
                     Bytes other = to_bytes(data);
                     other.front() ^= 1;
                     return tdx_quote(report_data(other));
                 };
             },
             "tee.quote"},
        Case{"last_byte_of_report_data",
             [](Kernel& k) {
                 k.make_evidence = [](ByteView data) {
                     Bytes other = to_bytes(data);
                     other.back() ^= 0x80;
                     return tdx_quote(report_data(other));
                 };
             },
             "tee.quote"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ConfigfsTsm, ReportsATdWithItsRegisters)
{
    Kernel kernel;
    const auto source = *ConfigfsTsm::open(options(), kernel);
    EXPECT_EQ(source->kind(), attest::EvidenceKind::tdx);
    EXPECT_FALSE(source->simulated());
    MeasuredLog log(*source);
    ASSERT_TRUE(log.record(attest::op::kTask, to_bytes("t")).has_value());

    const auto report = source->report(kAsked);
    ASSERT_TRUE(report.has_value()) << report.error().detail;
    EXPECT_EQ(report->evidence.kind, attest::EvidenceKind::tdx);
    EXPECT_EQ(attest::parse_intel_quote(report->evidence.bytes)->td()->rtmr[3], attest::replay(log.entries()));
    EXPECT_TRUE(report->certificate_table.empty());
    EXPECT_EQ(kernel.rtmr[3], attest::replay(log.entries()));
}

TEST(ConfigfsTsm, ReportsAnSnpGuestWithItsCertificateTable)
{
    Kernel kernel;
    kernel.provider = "sev_guest\n";
    kernel.auxblob = to_bytes("certificates");
    const auto source = *ConfigfsTsm::open(options(), kernel);

    const auto report = source->report(kAsked);
    ASSERT_TRUE(report.has_value()) << report.error().detail;
    EXPECT_EQ(report->evidence.kind, attest::EvidenceKind::snp);
    EXPECT_EQ(report->certificate_table, to_bytes("certificates"));
    EXPECT_TRUE(kernel.privilege.empty());

    kernel.make_evidence = [](ByteView data) {
        Bytes longer = snp_report(report_data(data));
        longer.push_back(0);
        return longer;
    };
    EXPECT_EQ(reason_of(source->report(kAsked)), "tee.quote");
}

TEST(ConfigfsTsm, SaysThatSnpGuestsHaveNoRegisters)
{
    Kernel kernel;
    kernel.provider = "sev_guest\n";
    const auto source = *ConfigfsTsm::open(options(), kernel);
    EXPECT_EQ(reason_of(source->extend(3, Hash384::zero())), "tee.no_runtime_registers");
    EXPECT_EQ(kernel.extensions, 0);
}

TEST(ConfigfsTsm, NeedsAKnownProviderFromTheStart)
{
    Kernel kernel;
    kernel.provider = "tdx_guest_sim\n";
    EXPECT_EQ(reason_of(ConfigfsTsm::open(options(), kernel)), "tee.provider");
    kernel.errors["mkdir"] = std::errc::no_such_file_or_directory;
    EXPECT_EQ(reason_of(ConfigfsTsm::open(options(), kernel)), "tee.unavailable");
    EXPECT_TRUE(kernel.present.empty());
}

TEST(ConfigfsTsm, NeverUsesADirectoryTwice)
{
    Kernel kernel;
    const auto source = *ConfigfsTsm::open(options(), kernel);
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(source->quote(kAsked).has_value());
    EXPECT_EQ(std::set(kernel.made.begin(), kernel.made.end()).size(), kernel.made.size());
    EXPECT_EQ(kernel.made.size(), 21U);
}

TEST(ConfigfsTsm, KeepsTheEvidenceWhenTheDirectoryCannotBeRemoved)
{
    Kernel kernel;
    const auto source = *ConfigfsTsm::open(options(), kernel);
    kernel.errors["rmdir"] = std::errc::device_or_resource_busy;
    EXPECT_TRUE(source->quote(kAsked).has_value());
}

struct PrivilegeCase {
    const char* name;
    const char* provider;
    unsigned level, floor;
    std::string_view reason;
};
class Privilege : public testing::TestWithParam<PrivilegeCase> {};

TEST_P(Privilege, StaysBetweenTheFloorAndThree)
{
    Kernel kernel;
    kernel.provider = GetParam().provider;
    kernel.floor = GetParam().floor;
    auto chosen = options();
    chosen.privilege_level = GetParam().level;
    const auto source = *ConfigfsTsm::open(chosen, kernel);

    EXPECT_EQ(reason_of(source->quote(kAsked)), GetParam().reason);
    EXPECT_EQ(kernel.privilege, GetParam().reason.empty() ? std::to_string(GetParam().level) : "");
    EXPECT_TRUE(kernel.present.empty());
}

TEST(ConfigfsTsm, TakesNoReportOfAnotherLevel)
{
    Kernel kernel;
    kernel.provider = "sev_guest\n";
    kernel.make_evidence = [](ByteView data) { return snp_report(report_data(data), 1); };
    auto chosen = options();
    chosen.privilege_level = 2;
    const auto source = *ConfigfsTsm::open(chosen, kernel);
    EXPECT_EQ(reason_of(source->quote(kAsked)), "tee.quote");
}

INSTANTIATE_TEST_SUITE_P(Levels, Privilege,
                         testing::Values(PrivilegeCase{"zero", "sev_guest\n", 0, 0, ""},
                                         PrivilegeCase{"at_the_floor", "sev_guest\n", 2, 2, ""},
                                         PrivilegeCase{"highest", "sev_guest\n", 3, 0, ""},
                                         PrivilegeCase{"below_the_floor", "sev_guest\n", 1, 2, "tee.privilege_level"},
                                         PrivilegeCase{"above_three", "sev_guest\n", 4, 0, "tee.privilege_level"},
                                         PrivilegeCase{"on_tdx", "tdx_guest\n", 0, 0, "tee.privilege_level"}),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace iapp::tee
