#pragma once
// A TPM 2.0 as an attester uses it: endorsement key, attestation key, proof that both live in one TPM, quotes, registers.
// Not a verifier (attest/tpm_*.hpp), and not a general TPM interface. One thread at a time.
// Commands travel in the clear: whoever sits on the bus of a discrete TPM sees them and can lie about what was extended.
// Source: TPM 2.0 Library, Part 3; TCG EK Credential Profile 2.5; through tpm2-tss (ESAPI), whose headers stay inside.
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "attest/tpm_evidence.hpp"
#include "attest/tpm_quote.hpp"
#include "base/result.hpp"

namespace iapp::tpm2 {

/// Of endorsement keys: TCG templates L-1 and L-2. Of attestation keys: RSASSA and ECDSA, both with SHA-256.
enum class KeyType : unsigned char { rsa2048, ecc_p256 };

namespace internal {
class Context;
struct LoadedKey;
}  // namespace internal

/// A key loaded in the TPM; unloaded when the object goes. May outlive its Tpm.
class Key {
public:
    explicit Key(std::unique_ptr<internal::LoadedKey> loaded);
    Key(Key&&) noexcept;
    Key& operator=(Key&&) noexcept;
    ~Key();

    const Bytes& public_area() const;  ///< TPMT_PUBLIC
    const Bytes& name() const;         ///< u16be algorithm || digest of the public area, as the TPM computed it
    const internal::LoadedKey& loaded() const { return *loaded_; }  ///< for this room only

private:
    std::unique_ptr<internal::LoadedKey> loaded_;
};

/// An attestation key outside the TPM: `private_blob` is encrypted, only its endorsement key's TPM can load it again.
struct SavedKey {
    Bytes private_blob;  ///< contents of a TPM2B_PRIVATE
    Bytes public_area;   ///< TPMT_PUBLIC
};

/// A secret that only the TPM of an endorsement key gives back, and only when it holds the named attestation key.
struct Credential {
    Bytes id_object;         ///< TPMS_ID_OBJECT: contents of a TPM2B_ID_OBJECT
    Bytes encrypted_secret;  ///< contents of a TPM2B_ENCRYPTED_SECRET
};

using PcrValues = std::map<std::uint32_t, Bytes>;  ///< by index

inline constexpr std::string_view kDefaultTcti = "device:/dev/tpmrm0";

/// Errors of every call: unavailable "tpm2.command", with the TPM's words.
class Tpm {
public:
    /// `tcti`: "device:/dev/NAME" (the kernel's resource manager is /dev/tpmrm0) or "swtpm:host=HOST,port=PORT", never
    /// another library's name. Errors: invalid_input "tpm2.tcti"; unavailable "tpm2.unavailable".
    static Result<Tpm> open(const std::string& tcti);

    Tpm(Tpm&&) noexcept;
    Tpm& operator=(Tpm&&) noexcept;
    ~Tpm();

    /// The endorsement key of the type: the same one every time, as long as the TPM keeps its endorsement seed.
    Result<Key> create_ek(KeyType type);

    /// The certificate of that key as its manufacturer stored it, DER; nothing when there is none. Nothing about it is
    /// checked, except that it is one DER value. Errors: corrupt "tpm2.ek_certificate".
    Result<std::optional<Bytes>> ek_certificate(KeyType type);

    /// A new restricted signing key below `ek`: fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, restricted, sign.
    Result<SavedKey> create_ak(const Key& ek, KeyType type);
    Result<Key> load_ak(const Key& ek, const SavedKey& saved);

    /// The secret inside `credential`. Errors: permission_denied "tpm2.credential" (made for another TPM or another key).
    Result<Bytes> activate(const Key& ek, const Key& ak, const Credential& credential);

    /// Makes a credential with the TPM's own command. Needs no secret: the verifier's own way is attest/tpm_credential.hpp.
    Result<Credential> make_credential(ByteView ek_public_area, ByteView ak_name, ByteView secret);

    /// One bank, at least one register, each 0 to 23. All values from one moment: read again while somebody extends in
    /// between. Errors: invalid_input "tpm2.selection"; precondition_failed "tpm2.bank" (the TPM does not keep this bank, or
    /// one of these registers); unavailable "tpm2.raced".
    Result<PcrValues> read_pcrs(const attest::PcrSelection& selection);

    /// A quote over at most 32 bytes of `extra_data` and the selected registers, with the values it covers.
    /// Errors: as read_pcrs(); invalid_input "tpm2.extra_data"; corrupt "tpm2.quote" (not what was asked for).
    Result<attest::TpmEvidence> quote(const Key& ak, const attest::PcrSelection& selection, ByteView extra_data);

    /// PCR[index] of one bank = H(PCR || digest). A bank that the TPM does not keep ignores this: read back.
    /// Errors: invalid_input "tpm2.selection" (no such register, or a digest of another size).
    Status extend(attest::HashAlgorithm bank, std::uint32_t index, ByteView digest);

private:
    explicit Tpm(std::shared_ptr<internal::Context> context);
    std::shared_ptr<internal::Context> context_;
};

}  // namespace iapp::tpm2
