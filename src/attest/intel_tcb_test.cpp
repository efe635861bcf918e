#include "attest/intel_tcb.hpp"

#include <gtest/gtest.h>

namespace iapp::attest {
namespace {

using enum TcbStatus;

constexpr UnixSeconds kOld{std::chrono::seconds(1'600'000'000)};
constexpr UnixSeconds kNew{std::chrono::seconds(1'700'000'000)};
using Svns = std::array<std::uint8_t, 16>;

PlatformTcbLevel level(Svns sgx, std::uint16_t pce, Svns tdx, TcbStatus status) { return {sgx, tdx, pce, kNew, status, {}}; }

SgxExtension platform(Svns components, std::uint16_t pce)
{
    return {Ppid::zero(), components, pce, {}, PceId::zero(), Fmspc::zero(), SgxType::standard, std::nullopt};
}

TcbInfo info_with(std::vector<PlatformTcbLevel> levels)
{
    return {EvidenceKind::tdx,
            kOld,
            kNew,
            1,
            Fmspc::zero(),
            PceId::zero(),
            TdxModuleIdentity{"", Hash384::zero(), 0, ~0ULL, {}},
            {},
            std::move(levels)};
}

std::optional<TcbStatus> status_of(const std::optional<PlatformMatch>& match)
{
    return match ? std::optional(match->level->status) : std::nullopt;
}

std::optional<TcbStatus> status_of(const SvnTcbLevel* level)
{
    return level != nullptr ? std::optional(level->status) : std::nullopt;
}

TEST(MatchPlatform, TakesTheFirstLevelThatEveryPartReaches)
{
    const TcbInfo info =
        info_with({level({5, 5}, 10, {3, 1, 2}, up_to_date), level({5, 4}, 10, {3, 1, 2}, configuration_needed),
                   level({2, 2}, 5, {0, 0, 1}, out_of_date)});
    const Svns tee{3, 1, 2};
    EXPECT_EQ(status_of(match_platform(info, platform({5, 5}, 10), tee)), up_to_date);
    EXPECT_EQ(status_of(match_platform(info, platform({9, 9}, 99), tee)), up_to_date);
    EXPECT_EQ(status_of(match_platform(info, platform({9, 4}, 10), tee)), configuration_needed);
    EXPECT_EQ(status_of(match_platform(info, platform({5, 5}, 9), tee)), out_of_date);
    EXPECT_EQ(status_of(match_platform(info, platform({5, 5}, 10), Svns{3, 1, 1})), out_of_date);
    EXPECT_EQ(status_of(match_platform(info, platform({5, 5}, 10), Svns{3, 1, 0})), std::nullopt);
    EXPECT_EQ(status_of(match_platform(info, platform({1, 9}, 10), tee)), std::nullopt);
    EXPECT_EQ(status_of(match_platform(info, platform({5, 5}, 4), tee)), std::nullopt);
}

TEST(MatchPlatform, ComparesAllSixteenComponents)
{
    Svns need{};
    need[15] = 1;
    const TcbInfo sgx = info_with({level(need, 0, {}, up_to_date)});
    EXPECT_EQ(status_of(match_platform(sgx, platform({}, 0), Svns{})), std::nullopt);
    const TcbInfo tdx = info_with({level({}, 0, need, up_to_date)});
    EXPECT_EQ(status_of(match_platform(tdx, platform({}, 0), Svns{})), std::nullopt);
    EXPECT_EQ(status_of(match_platform(tdx, platform({}, 0), need)), up_to_date);
}

TEST(MatchPlatform, LeavesTheModulesOwnNumbersToItsIdentityFromVersion1On)
{
    const TcbInfo info = info_with({level({}, 0, {5, 0}, up_to_date)});
    EXPECT_EQ(status_of(match_platform(info, platform({}, 0), Svns{4, 1})), up_to_date);
    EXPECT_EQ(status_of(match_platform(info, platform({}, 0), Svns{4, 0})), std::nullopt);
    const TcbInfo for_version_1 = info_with({level({}, 0, {0, 1}, up_to_date)});
    EXPECT_EQ(status_of(match_platform(for_version_1, platform({}, 0), Svns{9, 0})), std::nullopt);
}

TEST(MatchSvn, TakesTheHighestLevelNotAbove)
{
    const std::vector<SvnTcbLevel> levels{{4, kNew, up_to_date, {}}, {2, kOld, out_of_date, {"INTEL-SA-1"}}};
    EXPECT_EQ(status_of(match_svn(levels, 9)), up_to_date);
    EXPECT_EQ(status_of(match_svn(levels, 4)), up_to_date);
    EXPECT_EQ(status_of(match_svn(levels, 3)), out_of_date);
    EXPECT_EQ(status_of(match_svn(levels, 1)), std::nullopt);
    EXPECT_EQ(status_of(match_svn({}, 1)), std::nullopt);
}

struct MergeCase {
    TcbStatus platform, part, merged;
};
class Merge : public testing::TestWithParam<MergeCase> {};

TEST_P(Merge, TheWorstWins)
{
    const auto [one, other, merged] = GetParam();
    EXPECT_EQ(merge({one, kNew, {}}, {other, kNew, {}}).status, merged) << name(one) << " + " << name(other);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Table, Merge, testing::Values(
    MergeCase{up_to_date,                            up_to_date,  up_to_date},
    MergeCase{sw_hardening_needed,                   up_to_date,  sw_hardening_needed},
    MergeCase{configuration_needed,                  up_to_date,  configuration_needed},
    MergeCase{configuration_and_sw_hardening_needed, up_to_date,  configuration_and_sw_hardening_needed},
    MergeCase{out_of_date,                           up_to_date,  out_of_date},
    MergeCase{out_of_date_configuration_needed,      up_to_date,  out_of_date_configuration_needed},
    MergeCase{revoked,                               up_to_date,  revoked},
    MergeCase{up_to_date,                            out_of_date, out_of_date},
    MergeCase{sw_hardening_needed,                   out_of_date, out_of_date},
    MergeCase{configuration_needed,                  out_of_date, out_of_date_configuration_needed},
    MergeCase{configuration_and_sw_hardening_needed, out_of_date, out_of_date_configuration_needed},
    MergeCase{out_of_date,                           out_of_date, out_of_date},
    MergeCase{out_of_date_configuration_needed,      out_of_date, out_of_date_configuration_needed},
    MergeCase{revoked,                               out_of_date, revoked},
    MergeCase{up_to_date,                            revoked,     revoked},
    MergeCase{out_of_date,                           revoked,     revoked},
    MergeCase{out_of_date_configuration_needed,      revoked,     revoked},
    MergeCase{up_to_date,                            configuration_needed, configuration_needed},
    MergeCase{configuration_needed,                  sw_hardening_needed, configuration_and_sw_hardening_needed},
    MergeCase{sw_hardening_needed,                   configuration_needed, configuration_and_sw_hardening_needed},
    MergeCase{out_of_date,                           configuration_needed, out_of_date_configuration_needed},
    MergeCase{td_relaunch_advised,                   configuration_needed, td_relaunch_advised_configuration_needed},
    MergeCase{td_relaunch_advised,                   sw_hardening_needed, td_relaunch_advised},
    MergeCase{up_to_date,                            out_of_date_configuration_needed, out_of_date_configuration_needed}));
// clang-format on

TEST(MergeVerdicts, KeepsTheOldestDateAndAllAdvisoriesOnce)
{
    const TcbVerdict merged = merge({up_to_date, kNew, {"A", "C"}}, {out_of_date, kOld, {"B", "C"}});
    EXPECT_EQ(merged.date, kOld);
    EXPECT_EQ(merged.advisories, (std::vector<std::string>{"A", "B", "C"}));
}

TEST(TcbStatus, HasIntelsNamesAndNoOther)
{
    for (const TcbStatus status :
         {up_to_date, sw_hardening_needed, configuration_needed, configuration_and_sw_hardening_needed, out_of_date,
          out_of_date_configuration_needed, revoked, td_relaunch_advised, td_relaunch_advised_configuration_needed})
        EXPECT_EQ(*parse_tcb_status(name(status)), status);
    for (const std::string_view text : {"", "uptodate", "UpToDate ", "NotSupported"})
        EXPECT_EQ(parse_tcb_status(text).error().reason, "attest.collateral_format");
}

std::string svns(std::string_view first)
{
    std::string out = "[" + std::string(first);
    for (int i = 1; i < 16; ++i) out += R"(,{"svn":0})";
    return out + "]";
}

std::string tcb_level(std::string_view sgx, int pce, std::string_view status)
{
    return R"({"tcb":{"sgxtcbcomponents":)" + svns(sgx) + R"(,"pcesvn":)" + std::to_string(pce) + R"(,"tdxtcbcomponents":)" +
           svns(R"({"svn":0})") + R"(},"tcbDate":"2024-01-01T00:00:00Z","tcbStatus":")" + std::string(status) + "\"}";
}

TEST(TcbInfo, SortsLevelsItself)
{
    const std::string zero(96, '0');
    const std::string text =
        R"({"id":"TDX","version":3,"issueDate":"2024-01-01T00:00:00Z","nextUpdate":"2024-02-01T00:00:00Z",)"
        R"("fmspc":"000000000000","pceId":"0000","tcbType":0,"tcbEvaluationDataNumber":1,"tdxModule":{"mrsigner":")" +
        zero + R"(","attributes":"0000000000000000","attributesMask":"FFFFFFFFFFFFFFFF"},"tcbLevels":[)" +
        tcb_level(R"({"svn":1})", 5, "OutOfDate") + "," + tcb_level(R"({"svn":2})", 4, "SWHardeningNeeded") + "," +
        tcb_level(R"({"svn":2})", 5, "UpToDate") + "]}";
    const auto info = parse_tcb_info(text);
    ASSERT_TRUE(info.has_value()) << info.error().detail;
    ASSERT_EQ(info->levels.size(), 3U);
    EXPECT_EQ(info->levels[0].status, up_to_date);
    EXPECT_EQ(info->levels[1].status, sw_hardening_needed);
    EXPECT_EQ(info->levels[2].status, out_of_date);
}

}  // namespace
}  // namespace iapp::attest
