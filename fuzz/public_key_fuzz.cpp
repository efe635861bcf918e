// rooms: crypto
// SubjectPublicKeyInfo. What is taken is written again as the same bytes, and refuses a signature of zeros.
#include <cstdlib>

#include "crypto/public_key.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    using enum crypto::SignatureScheme;
    const ByteView input(data, size);
    const auto key = crypto::PublicKey::from_spki_der(input);
    if (!key) return 0;
    if (key->spki_der() != to_bytes(input)) std::abort();
    const Bytes zero(key->kind() == crypto::KeyKind::rsa ? key->bits() / 8 : key->bits() / 4);
    for (const auto scheme : {ecdsa_p256_sha256, ecdsa_p384_sha384, rsa_pss_sha384, rsa_pkcs1_sha256})
        if (key->verify(scheme, input, zero)) std::abort();
    return 0;
}
