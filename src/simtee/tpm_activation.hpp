#pragma once
// The TPM's side of credential activation: a simulated endorsement key, and TPM2_ActivateCredential.
#include <variant>

#include "attest/tpm_public.hpp"
#include "crypto/p256.hpp"
#include "crypto/rsa.hpp"

namespace iapp::simtee {

class SimulatedEk {
public:
    static SimulatedEk rsa();
    static SimulatedEk p256();

    crypto::PublicKey public_key() const;
    Bytes public_area() const;  ///< TPMT_PUBLIC

    /// The secret, when the credential was made for this key and for the Name. Errors: unauthenticated "simtee.credential".
    Result<Bytes> activate(ByteView id_object, ByteView encrypted_secret, ByteView ak_name) const;

private:
    using Key = std::variant<crypto::RsaKey, crypto::P256Key>;
    explicit SimulatedEk(Key key) : key_(std::move(key)) {}
    Result<crypto::SecretBytes> open_seed(ByteView encrypted_secret) const;

    Key key_;
};

}  // namespace iapp::simtee
