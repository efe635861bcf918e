// Keys and what binds them: endorsement key, attestation key, credential.
#include "tpm2/internal/esys.hpp"

namespace iapp::tpm2 {
namespace {

using internal::check;
using internal::Context;
using internal::Handle;
using internal::LoadedKey;
using internal::Out;

constexpr ESYS_TR kNone = ESYS_TR_NONE;
constexpr ESYS_TR kNoPassword = ESYS_TR_PASSWORD;

/// A policy session that satisfies the endorsement key's policy, for one command.
Result<Handle> endorsement_session(const std::shared_ptr<Context>& context)
{
    TPMT_SYM_DEF no_encryption = {};
    no_encryption.algorithm = TPM2_ALG_NULL;
    ESYS_TR value = kNone;
    TRY_OK(check(Esys_StartAuthSession(context->get(), kNone, kNone, kNone, kNone, kNone, nullptr, TPM2_SE_POLICY,
                                       &no_encryption, TPM2_ALG_SHA256, &value),
                 "cannot start a session"));
    Handle session(context, value);
    // Kept after its command, so that it is always ours to flush.
    TRY_OK(
        check(Esys_TRSess_SetAttributes(context->get(), value, TPMA_SESSION_CONTINUESESSION, TPMA_SESSION_CONTINUESESSION),
              "cannot keep a session"));
    TRY_OK(check(Esys_PolicySecret(context->get(), ESYS_TR_RH_ENDORSEMENT, value, kNoPassword, kNone, kNone, nullptr,
                                   nullptr, nullptr, 0, nullptr, nullptr),
                 "the endorsement hierarchy does not let us use its key"));
    return session;
}

Result<Key> loaded(Handle handle, ESYS_CONTEXT* esys, const TPMT_PUBLIC& area)
{
    Out<TPM2B_NAME> name;
    TRY_OK(check(Esys_TR_GetName(esys, handle.get(), name.put()), "cannot name a key"));
    TRY(Bytes bytes, internal::marshal(area, Tss2_MU_TPMT_PUBLIC_Marshal));
    return Key(std::make_unique<LoadedKey>(
        LoadedKey{std::move(handle), std::move(bytes), to_bytes(ByteView(name->name, name->size))}));
}

Result<TPM2B_PUBLIC> public_of(ByteView area)
{
    TPM2B_PUBLIC out = {};
    TRY(out.publicArea, internal::unmarshal<TPMT_PUBLIC>(area, Tss2_MU_TPMT_PUBLIC_Unmarshal));
    return out;
}

std::unexpected<Error> too_long(std::string_view what)
{
    return fail(ErrorKind::invalid_input, "tpm2.credential", std::string(what) + " is longer than any TPM takes");
}

}  // namespace

Key::Key(std::unique_ptr<LoadedKey> loaded) : loaded_(std::move(loaded)) {}
Key::Key(Key&&) noexcept = default;
Key& Key::operator=(Key&&) noexcept = default;
Key::~Key() = default;
const Bytes& Key::public_area() const { return loaded_->public_area; }
const Bytes& Key::name() const { return loaded_->name; }

Result<Key> Tpm::create_ek(KeyType type)
{
    const TPM2B_SENSITIVE_CREATE no_secrets = {};
    const TPM2B_PUBLIC wanted = internal::ek_template(type);
    const TPM2B_DATA no_data = {};
    const TPML_PCR_SELECTION no_pcrs = {};
    ESYS_TR value = kNone;
    Out<TPM2B_PUBLIC> area;
    TRY_OK(check(Esys_CreatePrimary(context_->get(), ESYS_TR_RH_ENDORSEMENT, kNoPassword, kNone, kNone, &no_secrets, &wanted,
                                    &no_data, &no_pcrs, &value, area.put(), nullptr, nullptr, nullptr),
                 "cannot create the endorsement key"));
    return loaded(Handle(context_, value), context_->get(), area->publicArea);
}

Result<SavedKey> Tpm::create_ak(const Key& ek, KeyType type)
{
    const TPM2B_SENSITIVE_CREATE no_secrets = {};
    const TPM2B_PUBLIC wanted = internal::ak_template(type);
    const TPM2B_DATA no_data = {};
    const TPML_PCR_SELECTION no_pcrs = {};
    TRY(const Handle session, endorsement_session(context_));
    Out<TPM2B_PRIVATE> secret;
    Out<TPM2B_PUBLIC> area;
    TRY_OK(check(Esys_Create(context_->get(), ek.loaded().handle.get(), session.get(), kNone, kNone, &no_secrets, &wanted,
                             &no_data, &no_pcrs, secret.put(), area.put(), nullptr, nullptr, nullptr),
                 "cannot create an attestation key"));
    TRY(Bytes bytes, internal::marshal(area->publicArea, Tss2_MU_TPMT_PUBLIC_Marshal));
    return SavedKey{to_bytes(ByteView(secret->buffer, secret->size)), std::move(bytes)};
}

Result<Key> Tpm::load_ak(const Key& ek, const SavedKey& saved)
{
    TPM2B_PRIVATE secret = {};
    if (!internal::fill(secret.size, secret.buffer, saved.private_blob)) return too_long("the private part");
    TRY(const TPM2B_PUBLIC area, public_of(saved.public_area));
    TRY(const Handle session, endorsement_session(context_));
    ESYS_TR value = kNone;
    TRY_OK(check(Esys_Load(context_->get(), ek.loaded().handle.get(), session.get(), kNone, kNone, &secret, &area, &value),
                 "cannot load the attestation key"));
    return loaded(Handle(context_, value), context_->get(), area.publicArea);
}

Result<Bytes> Tpm::activate(const Key& ek, const Key& ak, const Credential& credential)
{
    TPM2B_ID_OBJECT object = {};
    TPM2B_ENCRYPTED_SECRET secret = {};
    if (!internal::fill(object.size, object.credential, credential.id_object)) return too_long("the credential");
    if (!internal::fill(secret.size, secret.secret, credential.encrypted_secret)) return too_long("the encrypted secret");
    TRY(const Handle session, endorsement_session(context_));
    Out<TPM2B_DIGEST> opened;
    const auto done = check(Esys_ActivateCredential(context_->get(), ak.loaded().handle.get(), ek.loaded().handle.get(),
                                                    kNoPassword, session.get(), kNone, &object, &secret, opened.put()),
                            "the TPM does not open the credential");
    if (!done)
        return fail(ErrorKind::permission_denied, "tpm2.credential",
                    done.error().detail + "; it was made for another TPM, or for another attestation key");
    return to_bytes(ByteView(opened->buffer, opened->size));
}

Result<Credential> Tpm::make_credential(ByteView ek_public_area, ByteView ak_name, ByteView secret)
{
    TPM2B_NAME name = {};
    TPM2B_DIGEST digest = {};
    if (!internal::fill(name.size, name.name, ak_name)) return too_long("the name");
    if (!internal::fill(digest.size, digest.buffer, secret)) return too_long("the secret");
    TRY(const TPM2B_PUBLIC area, public_of(ek_public_area));
    ESYS_TR value = kNone;
    TRY_OK(check(Esys_LoadExternal(context_->get(), kNone, kNone, kNone, nullptr, &area, ESYS_TR_RH_NULL, &value),
                 "cannot load the endorsement key's public part"));
    const Handle handle(context_, value);
    Out<TPM2B_ID_OBJECT> object;
    Out<TPM2B_ENCRYPTED_SECRET> encrypted;
    TRY_OK(check(Esys_MakeCredential(context_->get(), handle.get(), kNone, kNone, kNone, &digest, &name, object.put(),
                                     encrypted.put()),
                 "cannot make a credential"));
    return Credential{to_bytes(ByteView(object->credential, object->size)),
                      to_bytes(ByteView(encrypted->secret, encrypted->size))};
}

}  // namespace iapp::tpm2
