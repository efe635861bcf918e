#pragma once
// The requester's key for opening results: an age identity per wallet, kept beside the wallets. The service learns the recipient only.
#include "seal/age.hpp"
#include "session.hpp"

namespace iapp::cli {

/// The identity of `owner`, made on first use (mode 0600). Errors: permission_denied "identity.mode"; those of AgeIdentity::parse().
Result<seal::AgeIdentity> identity_of(const eth::Address& owner, bool create);

/// Tells the secret service where results of ours are sealed to.
Status register_recipient(const Session& session, const seal::AgeIdentity& identity);

}  // namespace iapp::cli
