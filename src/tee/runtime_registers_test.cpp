#include "tee/runtime_registers.hpp"

#include <gtest/gtest.h>

#include "support/fake_tsm.hpp"

namespace iapp::tee {
namespace {

using test::FakeTsm;

const Hash384 kDigest = crypto::sha384(as_bytes("event"));

struct Case {
    const char* name;
    void (*bend)(FakeTsm&);
    std::string_view reason;
    int extensions = 1;
};
class Extend : public testing::TestWithParam<Case> {};

TEST_P(Extend, ReadsBackWhatItWrote)
{
    FakeTsm kernel;
    RuntimeRegisters registers(kernel, std::string(FakeTsm::kMeasurements),
                               {.attempts = 3, .pause = std::chrono::milliseconds(0)});
    GetParam().bend(kernel);

    const auto extended = registers.extend(3, kDigest);

    EXPECT_EQ(extended ? "" : extended.error().reason, GetParam().reason);
    EXPECT_EQ(kernel.extensions, GetParam().extensions);
    if (extended) {
        EXPECT_EQ(*registers.read(3), attest::extend(Hash384::zero(), kDigest));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Rtmr3, Extend,
    testing::Values(
        Case{"good", [](FakeTsm&) {}, ""},
        Case{"kernel_without_registers", [](FakeTsm& k) { k.has_registers = false; }, "tee.no_runtime_registers", 0},
        Case{"busy_once", [](FakeTsm& k) { k.extend_errors = {std::errc::device_or_resource_busy}; }, ""},
        Case{"busy_for_ever", [](FakeTsm& k) { k.extend_errors.assign(3, std::errc::device_or_resource_busy); }, "tee.busy",
             0},
        Case{"refused", [](FakeTsm& k) { k.extend_errors = {std::errc::permission_denied}; }, "tee.transport", 0},
        // the kernel extended and then told us that a signal came: extending again would measure twice
        Case{"interrupted_after_the_extension",
             [](FakeTsm& k) {
                 k.extend_errors = {std::errc::interrupted};
                 k.extends_despite_error = true;
             },
             ""},
        Case{"somebody_else_extends",
             [](FakeTsm& k) {
                 k.after_extension = [&k](int index) {
                     auto& value = k.rtmr[static_cast<std::size_t>(index)];
                     value = attest::extend(value, Hash384::zero());
                 };
             },
             "tee.extend"},
        Case{"write_without_effect",
             [](FakeTsm& k) {
                 k.after_extension = [&k](int index) { k.rtmr[static_cast<std::size_t>(index)] = Hash384::zero(); };
             },
             "tee.extend"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(RuntimeRegisters, ExtendsOnlyTheRegistersOfTheGuest)
{
    FakeTsm kernel;
    RuntimeRegisters registers(kernel, std::string(FakeTsm::kMeasurements));
    for (const int index : {-1, 0, 1, 4}) EXPECT_EQ(registers.extend(index, kDigest).error().reason, "tee.register");
    for (const int index : {-1, 4}) EXPECT_EQ(registers.read(index).error().reason, "tee.register");
    for (const int index : {0, 1, 2, 3}) EXPECT_EQ(*registers.read(index), Hash384::zero());
    EXPECT_TRUE(registers.extend(2, kDigest).has_value());
    EXPECT_EQ(kernel.rtmr[3], Hash384::zero());
}

TEST(RuntimeRegisters, NamesTheFixOfAnOldKernel)
{
    FakeTsm kernel;
    kernel.has_registers = false;
    RuntimeRegisters registers(kernel, std::string(FakeTsm::kMeasurements));
    const auto extended = registers.extend(3, kDigest);
    EXPECT_EQ(extended.error().kind, ErrorKind::precondition_failed);
    EXPECT_NE(extended.error().detail.find("; use Linux 6.16 or newer"), std::string::npos);
}

}  // namespace
}  // namespace iapp::tee
