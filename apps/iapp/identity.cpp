#include "identity.hpp"

#include <sys/stat.h>

#include "context.hpp"
#include "paths.hpp"
#include "sms_client.hpp"

namespace iapp::cli {
namespace {

std::filesystem::path file_of(const eth::Address& owner) { return data_home() / "identities" / (owner.hex() + ".key"); }

Result<seal::AgeIdentity> create_identity(const std::filesystem::path& file)
{
    auto identity = seal::AgeIdentity::generate();
    std::filesystem::create_directories(file.parent_path());
    std::filesystem::permissions(file.parent_path(), std::filesystem::perms::owner_all);
    const auto text = identity.text();
    TRY_OK(write_file(file, as_text(text.reveal(crypto::SecretAccess{})), 0600));
    return identity;
}

}  // namespace

Result<seal::AgeIdentity> identity_of(const eth::Address& owner, bool create)
{
    const auto file = file_of(owner);
    struct stat facts {};
    if (::stat(file.c_str(), &facts) != 0) {
        if (create) return create_identity(file);
        return fail(ErrorKind::not_found, "identity.unknown", "no key to open results of " + eth::to_checksum(owner) + " on this machine (" + file.string() + ")");
    }
    if ((facts.st_mode & 077) != 0) return fail(ErrorKind::permission_denied, "identity.mode", file.string() + " can be read by others; run chmod 600 on it");
    TRY(std::string text, read_file(file));
    return seal::AgeIdentity::parse(crypto::SecretBytes(to_bytes(text)));
}

Status register_recipient(const Session& session, const seal::AgeIdentity& identity)
{
    return push_own_secret(session, wire::kResultRecipientSecret, identity.recipient().text());
}

}  // namespace iapp::cli
