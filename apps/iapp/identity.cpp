#include "identity.hpp"

#include <sys/stat.h>

#include "codec/base64.hpp"
#include "context.hpp"
#include "crypto/rsa.hpp"
#include "paths.hpp"
#include "sms_client.hpp"

namespace iapp::cli {
namespace {

constexpr int kRsaBits = 3072;

std::filesystem::path file_of(const eth::Address& owner, const char* extension)
{
    return data_home() / "identities" / (owner.hex() + extension);
}

Status save(const std::filesystem::path& file, const crypto::SecretBytes& text)
{
    std::filesystem::create_directories(file.parent_path());
    std::filesystem::permissions(file.parent_path(), std::filesystem::perms::owner_all);
    return write_file(file, as_text(text.reveal(crypto::SecretAccess{})), 0600);
}

Result<crypto::SecretBytes> new_age_key() { return seal::AgeIdentity::generate().text(); }

Result<crypto::SecretBytes> new_rsa_key()
{
    TRY(const auto key, crypto::RsaKey::generate(kRsaBits));
    return key.private_pem();
}

/// What `file` holds; `make`, when given, makes and keeps it first if there is none.
Result<crypto::SecretBytes> load(const eth::Address& owner, const std::filesystem::path& file,
                                 Result<crypto::SecretBytes> (*make)())
{
    struct stat facts {};
    const bool there = ::stat(file.c_str(), &facts) == 0;
    if (!there && make == nullptr)
        return fail(ErrorKind::not_found, "identity.unknown",
                    "no key to open results of " + eth::to_checksum(owner) + " on this machine (" + file.string() + ")");
    if (!there) {
        TRY(const auto made, make());
        TRY_OK(save(file, made));
        return load(owner, file, nullptr);
    }
    if ((facts.st_mode & 077) != 0)
        return fail(ErrorKind::permission_denied, "identity.mode", file.string() + " can be read by others");
    TRY(std::string text, read_file(file));
    return crypto::SecretBytes(to_bytes(text));
}

}  // namespace

Result<seal::AgeIdentity> identity_of(const eth::Address& owner, bool create)
{
    TRY(const auto text, load(owner, file_of(owner, ".key"), create ? new_age_key : nullptr));
    return seal::AgeIdentity::parse(text);
}

Result<crypto::SecretBytes> rsa_key_of(const eth::Address& owner, bool create)
{
    return load(owner, file_of(owner, ".rsa.pem"), create ? new_rsa_key : nullptr);
}

Status register_result_key(const Session& session, bool rsa)
{
    if (!rsa) {
        TRY(const auto identity, identity_of(session.me(), true));
        return push_own_secret(session, wire::kResultRecipientSecret, identity.recipient().text());
    }
    TRY(const auto pem, rsa_key_of(session.me(), true));
    TRY(const auto key, crypto::RsaKey::from_pem(pem));
    return push_own_secret(session, wire::kResultKeySecret, codec::base64(as_bytes(key.public_pem())));
}

}  // namespace iapp::cli
