#pragma once
// The age file format, version 1, with X25519 recipients: what `age -r` writes and `age -d -i` reads.
// Not the whole of age: no passphrases, plugins, SSH keys or armor. Source: age-encryption.org/v1 (C2SP age.md).
#include <string>
#include <vector>

#include "codec/byte_stream.hpp"
#include "crypto/secret.hpp"
#include "crypto/x25519.hpp"

namespace iapp::seal {

/// An X25519 public key, "age1...".
class AgeRecipient {
public:
    /// Errors: invalid_input "seal.age_recipient".
    static Result<AgeRecipient> parse(std::string_view text);
    explicit AgeRecipient(const crypto::X25519PublicKey& key) : key_(key) {}
    const crypto::X25519PublicKey& key() const { return key_; }
    std::string text() const;

private:
    crypto::X25519PublicKey key_;
};

/// An X25519 secret key, "AGE-SECRET-KEY-1...".
class AgeIdentity {
public:
    static AgeIdentity generate();

    /// Reads an identity, or a key file: lines of which one is the identity and the others are empty or begin with '#'.
    /// Errors: invalid_input "seal.age_identity".
    static Result<AgeIdentity> parse(const crypto::SecretBytes& text);

    AgeRecipient recipient() const;

    /// The key's text, for a key file the user keeps.
    crypto::SecretBytes text() const;

    const crypto::X25519Key& key() const { return key_; }

private:
    explicit AgeIdentity(crypto::X25519Key key) : key_(std::move(key)) {}
    crypto::X25519Key key_;
};

/// Encrypts all of `plaintext` to each of the recipients (at least one).
/// Errors: invalid_input "seal.age_no_recipient", "seal.age_recipient" (a point of low order).
Status seal_age(const codec::ByteSource& plaintext, const std::vector<AgeRecipient>& recipients,
                const codec::ByteSink& sink);

/// Decrypts. Each 64 KiB reaches the sink only after its tag was checked, but the end of the file is known last:
/// on an error discard what the sink got. Errors: corrupt "seal.age_header", "seal.age_mac", "seal.age_chunk",
/// "seal.age_end"; permission_denied "seal.age_not_for_us".
Status open_age(const codec::ByteSource& sealed, const AgeIdentity& identity, const codec::ByteSink& sink);

}  // namespace iapp::seal
