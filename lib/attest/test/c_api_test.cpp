// The C ABI against simulated evidence: verdicts, misuse, growth of structs, threads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <thread>

#include "sample_files.hpp"

namespace iapp {
namespace {

using iapp_attest::Failure;
using iapp_attest::Request;
using iapp_attest::Verifier;

const test::SampleFiles& sample()
{
    static const test::SampleFiles files = test::make_sample_files();
    return files;
}

/// What a caller without the C++ layer passes.
struct RawCall {
    iapp_attest_bytes collateral = iapp_attest::Bytes(sample().collateral).raw();
    iapp_attest_options options{.struct_size = sizeof options,
                                .policy = iapp_attest::Bytes(sample().policy).raw(),
                                .tpm_keys = nullptr,
                                .tpm_key_count = 0};
    iapp_attest_request request{.struct_size = sizeof request,
                                .now = test::kSampleTime.time_since_epoch().count(),
                                .evidence = iapp_attest::Bytes(sample().evidence).raw(),
                                .report_data = iapp_attest::Bytes(sample().report_data).raw(),
                                .endorsements = &collateral,
                                .endorsement_count = 1,
                                .vek = {},
                                .log = iapp_attest::Bytes(sample().log).raw()};
    iapp_attest_bytes root = iapp_attest::Bytes(sample().root).raw();

    std::int32_t status = -1;
    std::string reason;  ///< of the result when there is one, otherwise of the error

    void run(const iapp_attest_options* its_options, const iapp_attest_request* its_request)
    {
        iapp_attest_verifier* verifier = nullptr;
        iapp_attest_result* result = nullptr;
        iapp_attest_error error{};
        status = iapp_attest_verifier_new_dangerous_roots(its_options, root, &verifier, &error);
        EXPECT_EQ(status == IAPP_ATTEST_OK, verifier != nullptr);
        if (verifier != nullptr) status = iapp_attest_verify(verifier, its_request, &result, &error);
        reason = result != nullptr ? iapp_attest_result_reason(result) : error.reason;
        EXPECT_EQ(result != nullptr, status == IAPP_ATTEST_OK || status == IAPP_ATTEST_REFUSED);
        EXPECT_EQ(iapp_attest_result_accepted(result), status == IAPP_ATTEST_OK ? 1 : 0);
        iapp_attest_result_free(result);
        iapp_attest_verifier_free(verifier);
    }
    void run() { run(&options, &request); }
};

TEST(AttestAbi, AcceptsAndSaysWhatRuns)
{
    const auto result = sample().verifier().verify(sample().request());
    ASSERT_TRUE(result.accepted()) << result.text();
    EXPECT_EQ(result.status(), IAPP_ATTEST_OK);
    EXPECT_EQ(result.reason(), "");
    EXPECT_EQ(result.tee(), "tdx");
    EXPECT_TRUE(result.simulated());
    EXPECT_GT(result.valid_until(), test::kSampleTime.time_since_epoch().count());
    EXPECT_EQ(result.evidence_id().size(), 32U);
    EXPECT_EQ(as_text(ByteView(result.report_data().data(), result.report_data().size())), sample().report_data);
    EXPECT_EQ(result.measurement("mrtd").size(), 48U);
    EXPECT_FALSE(result.measurement("mrtd ").given());
    EXPECT_EQ(iapp_attest_result_measurement(nullptr, "mrtd").data, nullptr);
    EXPECT_THAT(result.text(), testing::HasSubstr("ACCEPTED, SIMULATED"));

    const auto document = boost::json::parse(result.json()).as_object();
    for (const std::string_view member : {"verdict", "tee", "simulated", "tcb_status", "advisories", "measurements",
                                          "policy", "checks", "report_data", "evidence_id"})
        EXPECT_TRUE(document.contains(member)) << member;
    EXPECT_EQ(document.at("verdict"), "accepted");
}

TEST(AttestAbi, ARefusalNamesTheCheckAndClaimsNothing)
{
    Request request = sample().request();
    request.report_data = "another challenge";
    const auto result = sample().verifier().verify(request);
    EXPECT_FALSE(result);
    EXPECT_EQ(result.status(), IAPP_ATTEST_REFUSED);
    EXPECT_EQ(result.reason(), "attest.report_data");
    EXPECT_EQ(result.tee(), "");
    EXPECT_EQ(result.valid_until(), 0);
    EXPECT_FALSE(result.simulated());
    EXPECT_FALSE(result.measurement("mrtd").given());
    EXPECT_FALSE(result.report_data().given());
    EXPECT_FALSE(result.evidence_id().given());
    EXPECT_EQ(boost::json::parse(result.json()).at("reason"), "attest.report_data");
}

struct Case {
    const char* name;
    std::int32_t status;
    std::string_view reason;
    void (*bend)(RawCall&);
};
class AttestAbiRefuses : public testing::TestWithParam<Case> {};

TEST_P(AttestAbiRefuses, ByStatusAndReason)
{
    RawCall call;
    GetParam().bend(call);
    call.run();
    EXPECT_EQ(call.status, GetParam().status);
    EXPECT_EQ(call.reason, GetParam().reason);
}

constexpr iapp_attest_bytes kSizeWithoutData{nullptr, 1};
constexpr iapp_attest_bytes kEmpty{"", 0};
constexpr std::size_t kMany = 65;
constexpr std::size_t kTooMuch = (std::size_t{4} << 20) + 1;

// clang-format off
INSTANTIATE_TEST_SUITE_P(Misuse, AttestAbiRefuses, testing::Values(
    Case{"good",                  0, "",                     [](RawCall&) {}},
    Case{"options_size_0",        2, "abi.argument",         [](RawCall& c) { c.options.struct_size = 0; }},
    Case{"options_size_short",    2, "abi.argument",         [](RawCall& c) { c.options.struct_size -= 1; }},
    Case{"options_size_huge",     2, "abi.argument",         [](RawCall& c) { c.options.struct_size = SIZE_MAX; }},
    Case{"policy_not_given",      2, "abi.argument",         [](RawCall& c) { c.options.policy = {}; }},
    Case{"policy_without_data",   2, "abi.argument",         [](RawCall& c) { c.options.policy = kSizeWithoutData; }},
    Case{"policy_empty",          2, "attest.policy_format", [](RawCall& c) { c.options.policy = kEmpty; }},
    Case{"policy_unknown_member", 2, "attest.policy_format", [](RawCall& c) { c.options.policy = iapp_attest::Bytes(R"({"schema":"iapp-appraisal-policy/1","name":"a","tees":["tdx"],"more":1})").raw(); }},
    Case{"tpm_keys_without_data", 2, "abi.argument",         [](RawCall& c) { c.options.tpm_key_count = 1; }},
    Case{"tpm_key_is_noise",      2, "attest.ak",            [](RawCall& c) { c.options.tpm_keys = &c.collateral; c.options.tpm_key_count = 1; }},
    Case{"root_not_given",        2, "abi.argument",         [](RawCall& c) { c.root = {}; }},
    Case{"root_is_noise",         2, "attest.root",          [](RawCall& c) { c.root = kEmpty; }},
    Case{"request_size_0",        2, "abi.argument",         [](RawCall& c) { c.request.struct_size = 0; }},
    Case{"request_size_short",    2, "abi.argument",         [](RawCall& c) { c.request.struct_size -= 1; }},
    Case{"request_size_huge",     2, "abi.argument",         [](RawCall& c) { c.request.struct_size = SIZE_MAX; }},
    Case{"time_0",                2, "abi.argument",         [](RawCall& c) { c.request.now = 0; }},
    Case{"time_negative",         2, "abi.argument",         [](RawCall& c) { c.request.now = INT64_MIN; }},
    Case{"time_in_milliseconds",  2, "abi.argument",         [](RawCall& c) { c.request.now *= 1000; }},
    Case{"evidence_not_given",    2, "abi.argument",         [](RawCall& c) { c.request.evidence = {}; }},
    Case{"evidence_without_data", 2, "abi.argument",         [](RawCall& c) { c.request.evidence = kSizeWithoutData; }},
    Case{"evidence_too_large",    2, "abi.argument",         [](RawCall& c) { c.request.evidence.size = kTooMuch; }},
    Case{"challenge_no_data",     2, "abi.argument",         [](RawCall& c) { c.request.report_data = kSizeWithoutData; }},
    Case{"log_without_data",      2, "abi.argument",         [](RawCall& c) { c.request.log = kSizeWithoutData; }},
    Case{"vek_without_data",      2, "abi.argument",         [](RawCall& c) { c.request.vek = kSizeWithoutData; }},
    Case{"endorsements_no_data",  2, "abi.argument",         [](RawCall& c) { c.request.endorsements = nullptr; }},
    Case{"endorsements_too_many", 2, "abi.argument",         [](RawCall& c) { c.request.endorsement_count = kMany; }},
    Case{"endorsement_not_given", 2, "abi.argument",         [](RawCall& c) { c.collateral = {}; }},
    Case{"evidence_empty",        6, "attest.evidence_kind", [](RawCall& c) { c.request.evidence = kEmpty; }},
    Case{"evidence_is_text",      6, "attest.evidence_kind", [](RawCall& c) { c.request.evidence = iapp_attest::Bytes("hello").raw(); }},
    Case{"evidence_cut",          6, "attest.quote_format",  [](RawCall& c) { c.request.evidence.size -= 1; }},
    Case{"challenge_not_given",   6, "attest.report_data",   [](RawCall& c) { c.request.report_data = {}; }},
    Case{"challenge_empty",       6, "attest.report_data",   [](RawCall& c) { c.request.report_data = kEmpty; }},
    Case{"challenge_cut",         6, "attest.report_data",   [](RawCall& c) { c.request.report_data.size -= 1; }},
    Case{"log_not_given",         6, "attest.measurement",   [](RawCall& c) { c.request.log = {}; }},
    Case{"no_endorsements",       6, "attest.collateral_chain", [](RawCall& c) { c.request.endorsement_count = 0; }},
    Case{"endorsement_empty",     6, "attest.collateral_chain", [](RawCall& c) { c.collateral = kEmpty; }},
    Case{"in_1970",               6, "attest.certificate_expired", [](RawCall& c) { c.request.now = 1; }},
    Case{"in_9999",               6, "attest.certificate_expired", [](RawCall& c) { c.request.now = 253'402'300'799; }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

TEST(AttestAbi, VendorRootsUnlessToldByName)
{
    const auto result = Verifier(sample().options()).verify(sample().request());
    EXPECT_EQ(result.reason(), "attest.root");
}

TEST(AttestAbi, SimulatedRootsDoNotWaiveThePolicy)
{
    std::string strict = sample().policy;
    strict.replace(strict.find("true"), 4, "false");
    const auto verifier = Verifier::dangerous_roots({.policy = strict, .tpm_keys = {}}, sample().root);
    EXPECT_EQ(verifier.verify(sample().request()).reason(), "attest.simulated");
}

/// A struct of a later release: what is new is at its end.
template <class T>
struct Newer {
    T old;
    std::array<std::uint8_t, 24> more{};
};

TEST(AttestAbi, TakesANewerStructThatAsksForNothingNew)
{
    RawCall call;
    Newer<iapp_attest_options> options{call.options};
    Newer<iapp_attest_request> request{call.request};
    options.old.struct_size = sizeof options;
    request.old.struct_size = sizeof request;
    call.run(&options.old, &request.old);
    EXPECT_EQ(call.status, IAPP_ATTEST_OK);
    request.more[23] = 1;
    call.run(&options.old, &request.old);
    EXPECT_EQ(call.reason, "abi.argument");
    options.more[0] = 1;
    call.run(&options.old, &request.old);
    EXPECT_EQ(call.reason, "abi.argument");
}

TEST(AttestAbi, NullIsAnAnswerNotACrash)
{
    RawCall call;
    call.run(nullptr, &call.request);
    EXPECT_EQ(call.status, IAPP_ATTEST_BAD_ARGUMENT);
    call.run(&call.options, nullptr);
    EXPECT_EQ(call.status, IAPP_ATTEST_BAD_ARGUMENT);

    iapp_attest_verifier* verifier = nullptr;
    EXPECT_EQ(iapp_attest_verifier_new(&call.options, nullptr, nullptr), IAPP_ATTEST_BAD_ARGUMENT);
    EXPECT_EQ(iapp_attest_verifier_new_dangerous_roots(&call.options, call.root, nullptr, nullptr),
              IAPP_ATTEST_BAD_ARGUMENT);
    ASSERT_EQ(iapp_attest_verifier_new_dangerous_roots(&call.options, call.root, &verifier, nullptr), IAPP_ATTEST_OK);
    EXPECT_EQ(iapp_attest_verify(nullptr, &call.request, nullptr, nullptr), IAPP_ATTEST_BAD_ARGUMENT);
    EXPECT_EQ(iapp_attest_verify(verifier, nullptr, nullptr, nullptr), IAPP_ATTEST_BAD_ARGUMENT);
    EXPECT_EQ(iapp_attest_verify(verifier, &call.request, nullptr, nullptr), IAPP_ATTEST_OK);
    iapp_attest_verifier_free(verifier);

    std::size_t size = 1;
    EXPECT_EQ(iapp_attest_result_status(nullptr), IAPP_ATTEST_BAD_ARGUMENT);
    EXPECT_EQ(iapp_attest_result_accepted(nullptr), 0);
    EXPECT_EQ(iapp_attest_result_simulated(nullptr), 0);
    EXPECT_EQ(iapp_attest_result_valid_until(nullptr), 0);
    EXPECT_STREQ(iapp_attest_result_reason(nullptr), "");
    EXPECT_STREQ(iapp_attest_result_text(nullptr), "");
    EXPECT_STREQ(iapp_attest_result_tee(nullptr), "");
    EXPECT_STREQ(iapp_attest_result_json(nullptr, &size), "");
    EXPECT_EQ(size, 0U);
    EXPECT_EQ(iapp_attest_result_evidence_id(nullptr).data, nullptr);
    EXPECT_EQ(iapp_attest_result_report_data(nullptr).data, nullptr);
    EXPECT_EQ(iapp_attest_inspect({}, nullptr, nullptr), IAPP_ATTEST_BAD_ARGUMENT);
    EXPECT_EQ(iapp_attest_lint_policy({}, nullptr, nullptr), IAPP_ATTEST_BAD_ARGUMENT);
    iapp_attest_verifier_free(nullptr);
    iapp_attest_result_free(nullptr);
    iapp_attest_string_free(nullptr);
}

TEST(AttestAbi, NullNameOfAMeasurement)
{
    const RawCall call;
    iapp_attest_verifier* verifier = nullptr;
    iapp_attest_result* result = nullptr;
    ASSERT_EQ(iapp_attest_verifier_new_dangerous_roots(&call.options, call.root, &verifier, nullptr), IAPP_ATTEST_OK);
    ASSERT_EQ(iapp_attest_verify(verifier, &call.request, &result, nullptr), IAPP_ATTEST_OK);
    iapp_attest_verifier_free(verifier);  // a result stands alone
    EXPECT_EQ(iapp_attest_result_measurement(result, nullptr).data, nullptr);
    EXPECT_EQ(iapp_attest_result_measurement(result, "mrtd").size, 48U);
    iapp_attest_result_free(result);
}

TEST(AttestAbi, ErrorTextsAreCutAndTerminated)
{
    iapp_attest_error error;
    std::memset(&error, 0x55, sizeof error);
    char* json = nullptr;
    const std::string policy =
        R"({"schema":"iapp-appraisal-policy/1","name":"a","tees":["tdx"],")" + std::string(3000, 'x') + R"(":1})";
    EXPECT_EQ(iapp_attest_lint_policy(iapp_attest::Bytes(policy).raw(), &json, &error), IAPP_ATTEST_BAD_ARGUMENT);
    EXPECT_EQ(json, nullptr);
    EXPECT_STREQ(error.reason, "attest.policy_format");
    EXPECT_LT(std::string_view(error.detail).size(), sizeof error.detail);
    EXPECT_EQ(iapp_attest_lint_policy(iapp_attest::Bytes(sample().policy).raw(), &json, &error), IAPP_ATTEST_OK);
    EXPECT_STREQ(error.reason, "");
    iapp_attest_string_free(json);
}

TEST(AttestAbi, ShowsAndLints)
{
    const auto shown = boost::json::parse(iapp_attest::inspect(sample().evidence)).as_object();
    EXPECT_EQ(shown.at("format"), "tdx quote");
    EXPECT_EQ(shown.at("verified"), false);
    const auto findings = boost::json::parse(iapp_attest::lint_policy(sample().policy)).as_object();
    EXPECT_EQ(findings.at("policy"), "sample");
    EXPECT_FALSE(findings.at("findings").as_array().empty());
    EXPECT_THROW((void)iapp_attest::inspect("hello"), Failure);
}

TEST(AttestAbi, FailureTellsStatusAndReason)
{
    try {
        const Verifier verifier({.policy = "{}", .tpm_keys = {}});
        FAIL();
    } catch (const Failure& failure) {
        EXPECT_EQ(failure.status(), IAPP_ATTEST_BAD_ARGUMENT);
        EXPECT_EQ(failure.reason(), "attest.policy_format");
    }
}

TEST(AttestAbi, EightThreadsShareAVerifier)
{
    const Verifier verifier = sample().verifier();
    Request bent = sample().request();
    bent.report_data = "another challenge";
    std::atomic<int> wrong = 0;
    std::vector<std::jthread> threads;
    threads.reserve(8);
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 10; ++i) {
                const bool good = (t + i) % 2 == 0;
                const auto result = verifier.verify(good ? sample().request() : bent);
                if (result.accepted() != good || result.reason() != (good ? "" : "attest.report_data")) ++wrong;
            }
        });
    threads.clear();
    EXPECT_EQ(wrong, 0);
}

// The ABI of 64-bit Linux, as the first release had it. Later ones add behind it.
static_assert(sizeof(iapp_attest_bytes) == 16 && sizeof(iapp_attest_error) == 512);
static_assert(offsetof(iapp_attest_options, policy) == 8 && offsetof(iapp_attest_options, tpm_keys) == 24 &&
              offsetof(iapp_attest_options, tpm_key_count) == 32);
static_assert(offsetof(iapp_attest_request, now) == 8 && offsetof(iapp_attest_request, evidence) == 16 &&
              offsetof(iapp_attest_request, report_data) == 32 && offsetof(iapp_attest_request, endorsements) == 48 &&
              offsetof(iapp_attest_request, endorsement_count) == 56 && offsetof(iapp_attest_request, vek) == 64 &&
              offsetof(iapp_attest_request, log) == 80);

}  // namespace
}  // namespace iapp
