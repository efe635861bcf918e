#include "attest/describe.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "support/sample_appraisal.hpp"

namespace iapp::attest {
namespace {

constexpr std::string_view kAccepted = R"(ACCEPTED

TEE           Intel TDX
policy        production
policy hash   9011c70000000000000000000000000000000000000000000000000000000000
not checked   attest.machine
TCB status    UpToDate
advisories    none
TCB date      2026-03-05T14:13:20Z
evaluation    17
machine       00112233445566778899aabbccddeeff
evidence      e1d0000000000000000000000000000000000000000000000000000000000000
valid until   2026-10-18T14:13:20Z

measurements
  mrtd        a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1
              a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1
  rtmr0       b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0
              b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0
  rtmr3       b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3
              b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3

checks
  passed  attest.quote_format     v4
  passed  attest.chain
  passed  attest.root
  passed  attest.signature
  passed  attest.crl
  passed  attest.revoked
  passed  attest.tcb_level        UpToDate
  passed  attest.debug
  passed  attest.attributes
  passed  attest.tcb              UpToDate
  skipped attest.machine          no list
  passed  attest.measurement      agent 0.2
  passed  attest.report_data
)";

TEST(Describe, SaysWhatWasAccepted) { EXPECT_EQ(describe(test::sample_appraisal()), kAccepted); }

TEST(Describe, SaysWhyItWasRefusedAndWhatToDo)
{
    Appraisal appraisal =
        test::refused_by(CheckId::signature, "the quote's signature does not verify under the attestation key");
    appraisal.claims.reset();
    EXPECT_EQ(describe(appraisal), R"(REFUSED

failed        attest.signature
demanded      The attestation key signed header and body of the quote.
found         the quote's signature does not verify under the attestation key
what to do    The quote was altered: ask for a new one.

TEE           Intel TDX
policy        production
policy hash   9011c70000000000000000000000000000000000000000000000000000000000
claims        none: the evidence was not verified, nothing it says is known to
              be true

checks
  passed  attest.quote_format     v4
  passed  attest.chain
  passed  attest.root
  failed  attest.signature        the quote's signature does not verify under
                                  the attestation key
)");
}

TEST(Describe, NamesSimulationAndDebugInTheFirstLine)
{
    Appraisal appraisal = test::sample_appraisal();
    appraisal.claims->simulated = true;
    EXPECT_TRUE(describe(appraisal).starts_with("ACCEPTED, SIMULATED: no hardware protects this\n"));
    appraisal.claims->simulated = false;
    appraisal.claims->debug = true;
    EXPECT_TRUE(describe(appraisal).starts_with("ACCEPTED, UNDER DEBUG: the host reads its memory\n"));
    appraisal.accepted = false;
    EXPECT_TRUE(describe(appraisal).starts_with("REFUSED, UNDER DEBUG"));
}

TEST(Describe, ListsAdvisories)
{
    Appraisal appraisal = test::sample_appraisal();
    appraisal.claims->tcb->status = TcbStatus::sw_hardening_needed;
    appraisal.claims->tcb->advisories = {"INTEL-SA-00828", "INTEL-SA-00837"};
    const std::string text = describe(appraisal);
    EXPECT_NE(text.find("TCB status    SWHardeningNeeded\nadvisories    INTEL-SA-00828, INTEL-SA-00837\n"),
              std::string::npos);
}

TEST(Describe, KeepsLinesShortAndTerminalsSafe)
{
    for (const CheckInfo& check : all_checks()) {
        Appraisal appraisal =
            test::refused_by(check.id, "\x1b[2J\r\n" + std::string(200, 'x') + " and \xc3\xa9 more words that follow");
        appraisal.policy_name = std::string(300, 'p');
        std::istringstream lines(describe(appraisal));
        for (std::string line; std::getline(lines, line);) {
            EXPECT_LE(line.size(), 80U) << line;
            for (const char c : line) EXPECT_TRUE(c >= 0x20 && c <= 0x7e) << line;
        }
    }
}

}  // namespace
}  // namespace iapp::attest
