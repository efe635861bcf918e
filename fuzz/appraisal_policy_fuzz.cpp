// rooms: attest
// Appraisal policies. What parses is named by the hash of its bytes, can be linted, and waives nothing it does not say.
#include <cstdlib>

#include "attest/policy_document.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const iapp::ByteView input(data, size);
    const std::string_view text = iapp::as_text(input);
    const auto document = iapp::attest::parse_policy(text);
    if (!document) return 0;
    if (document->sha256 != iapp::crypto::sha256(input)) std::abort();
    const auto& policy = document->policy;
    const bool waives =
        policy.dangerous_allow_simulated || policy.dangerous_any_measurement || policy.dangerous_any_report_data;
    if (waives && text.find("dangerous") == std::string_view::npos) std::abort();
    (void)iapp::attest::lint(policy);
    return 0;
}
