#pragma once
// Attestation results for tests and for the worked example of docs/formats/attestation-result.md: one fixed verifier key,
// one accepted TD. The key is the published example of RFC 8392, appendix A.2.3; it protects nothing.
#include "attest/ear.hpp"
#include "support/sample_appraisal.hpp"

namespace iapp::test {

inline crypto::P256Key sample_verifier_key()
{
    constexpr std::string_view kPem =
        "-----BEGIN EC PRIVATE KEY-----\n"
        "MHcCAQEEIGwTgnZa7FNY8RdzPSgcHHvcOYhNBKRaHmxnyFi8IGwZoAoGCCqGSM49\n"
        "AwEHoUQDQgAEFDMpzOeGjkFpJ1mc9lo0884v/aVafspp7YkZo5TULw9g9/GngNin\n"
        "g7+3ot1rJ5boEo27zvnT0WjblSmXGjbnuQ==\n"
        "-----END EC PRIVATE KEY-----\n";
    return *crypto::P256Key::from_pem(crypto::SecretBytes::copy_of(as_bytes(kPem)));
}

inline attest::EarRequest sample_ear_request()
{
    return {.issuer = "https://verifier.example",
            .verifier = {.developer = "https://iapp.example", .build = "iapp 0.2.0"},
            .now = kAppraisedAt,
            .ttl = std::chrono::minutes(10),
            .nonce = Bytes(32, 0x4e),
            .audience = "https://sms.example",
            .key = sample_verifier_key().public_key()};
}

inline attest::Ear sample_ear(const attest::Appraisal& appraisal = sample_appraisal())
{
    const attest::NamedAppraisal named{"cpu", appraisal};
    return *attest::make_ear(sample_ear_request(), {&named, 1});
}

inline attest::EarExpectation sample_expectation()
{
    return {.nonce = Bytes(32, 0x4e), .audience = "https://sms.example", .now = kAppraisedAt + std::chrono::minutes(1)};
}

}  // namespace iapp::test
