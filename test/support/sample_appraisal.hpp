#pragma once
// Appraisals for tests of what is written about them: a genuine TD that was accepted, and what is bent from it.
#include <chrono>

#include "attest/appraisal.hpp"

namespace iapp::test {

inline constexpr UnixSeconds kAppraisedAt{std::chrono::seconds(1'790'000'000)};

inline attest::Claims sample_claims()
{
    using namespace attest;
    return {.kind = EvidenceKind::tdx,
            .simulated = false,
            .debug = false,
            .tcb = TcbVerdict{TcbStatus::up_to_date, kAppraisedAt - std::chrono::days(200), {}},
            .tcb_evaluation_number = 17,
            .collateral_issued = kAppraisedAt - std::chrono::days(3),
            .valid_until = kAppraisedAt + std::chrono::days(27),
            .machine = "00112233445566778899aabbccddeeff",
            .registers = {{"mrtd", Bytes(48, 0xa1)}, {"rtmr0", Bytes(48, 0xb0)}, {"rtmr3", Bytes(48, 0xb3)}},
            .report_data = Bytes(64, 0x5d),
            .evidence_id = Hash256(std::array<std::uint8_t, 32>{0xe1, 0xd0})};
}

inline attest::Appraisal sample_appraisal()
{
    using namespace attest;
    using enum Outcome;
    return {.kind = EvidenceKind::tdx,
            .accepted = true,
            .claims = sample_claims(),
            .checks = {{CheckId::quote_format, passed, "v4"},
                       {CheckId::chain, passed, {}},
                       {CheckId::root, passed, {}},
                       {CheckId::signature, passed, {}},
                       {CheckId::crl, passed, {}},
                       {CheckId::revoked, passed, {}},
                       {CheckId::tcb_level, passed, "UpToDate"},
                       {CheckId::debug, passed, {}},
                       {CheckId::attributes, passed, {}},
                       {CheckId::tcb, passed, "UpToDate"},
                       {CheckId::machine, skipped, "no list"},
                       {CheckId::measurement, passed, "agent 0.2"},
                       {CheckId::report_data, passed, {}}},
            .policy_name = "production",
            .policy_sha256 = Hash256(std::array<std::uint8_t, 32>{0x90, 0x11, 0xc7}),
            .boot_measured = true,
            .runtime_measured = true,
            .machine_listed = false};
}

/// Refused by `id`, which is the last check that ran.
inline attest::Appraisal refused_by(attest::CheckId id, std::string detail = "as found")
{
    attest::Appraisal out = sample_appraisal();
    out.accepted = false;
    std::erase_if(out.checks, [&](const attest::CheckOutcome& check) { return check.id >= id; });
    out.checks.push_back({id, attest::Outcome::failed, std::move(detail)});
    return out;
}

}  // namespace iapp::test
