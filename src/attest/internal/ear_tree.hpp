#pragma once
// Claims of an attestation result between three forms: Ear, the claims tree, and the payloads of the two encodings.
// Nothing here is signed: for ear_jwt.cpp, ear_cose.cpp and the fuzz target.
#include "attest/ear.hpp"
#include "codec/cbor.hpp"

namespace iapp::attest {

cbor::Value ear_tree(const Ear& ear);

/// Errors: invalid_input "attest.ear_format".
Result<Ear> ear_from_tree(const cbor::Value& tree);

/// Payloads. Errors of the readers: invalid_input "attest.ear_format"; of the writers: a text that is not UTF-8.
Result<std::string> ear_json(const Ear& ear);
Result<Bytes> ear_cbor(const Ear& ear);

/// What is left after the signature: form, then claims. Errors: "attest.ear_format", "attest.ear_claims".
Result<Ear> accept_json_claims(std::string_view payload, const EarExpectation& expected, CheckLog& checks);
Result<Ear> accept_cbor_claims(ByteView payload, const EarExpectation& expected, CheckLog& checks);

/// The common end of both. Errors: "attest.ear_format", "attest.ear_claims".
Result<Ear> accept_tree(const cbor::Value& tree, const EarExpectation& expected, CheckLog& checks);

/// Profiles a relying party accepts.
bool is_ear_profile(std::string_view profile, bool older);

/// Profile, times, nonce, audience, status. Errors: "attest.ear_claims".
Status check_ear_claims(const Ear& ear, const EarExpectation& expected, CheckLog& checks);

}  // namespace iapp::attest
