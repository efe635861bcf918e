// rooms: attest codec
// Attestation results. As tokens no input is signed by the verifier, so none may pass; as claims what parses, in either
// encoding, says the same in both.
#include <cstdlib>

#include "attest/internal/ear_tree.hpp"

namespace {

using namespace iapp;
using namespace iapp::attest;

const crypto::P256PublicKey& verifier()
{
    static const crypto::P256PublicKey key = crypto::P256Key::generate().public_key();
    return key;
}

EarExpectation expectation(const Bytes& nonce, bool older)
{
    return {.nonce = nonce,
            .audience = {},
            .now = UnixSeconds(std::chrono::seconds(1'790'000'000)),
            .least_status = Tier::contraindicated,
            .accept_older_drafts = older};
}

/// Claims that were accepted are written in both encodings and read again.
void round_trip(const Ear& ear)
{
    CheckLog checks;
    EarExpectation expected = expectation(ear.nonce, true);
    expected.audience = ear.audience;
    const auto json = ear_json(ear);
    const auto cbor = ear_cbor(ear);
    if (!json || !cbor) std::abort();
    const auto from_json = accept_json_claims(*json, expected, checks);
    const auto from_cbor = accept_cbor_claims(*cbor, expected, checks);
    if (!from_json || !from_cbor || *from_json != ear || *from_cbor != ear) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ByteView bytes(data, size);
    for (const bool older : {false, true}) {
        const EarExpectation expected = expectation(Bytes(32, 0x4e), older);
        CheckLog checks;
        if (verify_ear_jwt(as_text(bytes), verifier(), expected, checks)) std::abort();
        if (verify_ear_cose(bytes, verifier(), expected, checks)) std::abort();
        if (const auto ear = accept_json_claims(as_text(bytes), expected, checks)) round_trip(*ear);
        if (const auto ear = accept_cbor_claims(bytes, expected, checks)) round_trip(*ear);
    }
    return 0;
}
