#pragma once
// The requester's keys for opening results, one file each beside the wallets, mode 0600, made on first use: an age identity,
// and an RSA key for results in iExec's form. The secret service learns the public halves only.
#include "seal/age.hpp"
#include "session.hpp"

namespace iapp::cli {

/// The age identity of `owner`. Errors: not_found "identity.unknown" unless `create`; permission_denied "identity.mode";
/// those of AgeIdentity::parse().
Result<seal::AgeIdentity> identity_of(const eth::Address& owner, bool create);

/// The RSA private key of `owner`, PEM. Errors: as identity_of().
Result<crypto::SecretBytes> rsa_key_of(const eth::Address& owner, bool create);

/// Makes our key for results, if need be, and tells the secret service where to seal them: to the age identity, or in
/// iExec's form.
Status register_result_key(const Session& session, bool rsa);

}  // namespace iapp::cli
