#include "simtee/internal/directory.hpp"

namespace iapp::simtee {
namespace {

using crypto::Certificate;
using crypto::P256Key;
using crypto::SecretAccess;
using crypto::SecretBytes;

std::unexpected<Error> corrupt(const std::filesystem::path& path, const Error& why)
{
    return fail(ErrorKind::corrupt, "simtee.pki",
                path.string() + " is damaged (" + std::string(why.reason) + "): remove the PKI directory to make a new one");
}

Status save_key(const std::filesystem::path& path, const P256Key& key)
{
    const SecretBytes pem = key.to_pem();
    return write_file(path, pem.reveal(SecretAccess{}), 0600);
}

Result<P256Key> load_key(const std::filesystem::path& path)
{
    TRY(Bytes bytes, read_file(path));
    auto key = P256Key::from_pem(SecretBytes(std::move(bytes)));
    if (!key) return corrupt(path, key.error());
    return key;
}

Result<Certificate> load_certificate(const std::filesystem::path& path)
{
    TRY(const Bytes bytes, read_file(path));
    auto certificate = Certificate::from_pem(as_text(bytes));
    if (!certificate) return corrupt(path, certificate.error());
    return certificate;
}

}  // namespace

Status save_authority(const std::filesystem::path& dir, const Authority& a)
{
    TRY_OK(save_key(dir / "root.key.pem", a.root_key));
    TRY_OK(save_key(dir / "ca.key.pem", a.ca_key));
    TRY_OK(save_key(dir / "pck.key.pem", a.pck_key));
    TRY_OK(save_key(dir / "tcb.key.pem", a.tcb_key));
    TRY_OK(save_key(dir / "qe.key.pem", a.attestation_key));
    TRY_OK(write_file(dir / "ca.pem", as_bytes(a.ca.to_pem()), 0644));
    TRY_OK(write_file(dir / "pck.pem", as_bytes(a.pck.to_pem()), 0644));
    TRY_OK(write_file(dir / "tcb.pem", as_bytes(a.tcb_signer.to_pem()), 0644));
    return write_file(dir / kRootFile, as_bytes(a.root.to_pem()), 0644);
}

Result<Authority> load_authority(const std::filesystem::path& dir)
{
    TRY(P256Key root_key, load_key(dir / "root.key.pem"));
    TRY(P256Key ca_key, load_key(dir / "ca.key.pem"));
    TRY(P256Key pck_key, load_key(dir / "pck.key.pem"));
    TRY(P256Key tcb_key, load_key(dir / "tcb.key.pem"));
    TRY(P256Key attestation_key, load_key(dir / "qe.key.pem"));
    TRY(Certificate root, load_certificate(dir / kRootFile));
    TRY(Certificate ca, load_certificate(dir / "ca.pem"));
    TRY(Certificate pck, load_certificate(dir / "pck.pem"));
    TRY(Certificate tcb_signer, load_certificate(dir / "tcb.pem"));
    return Authority{std::move(root_key),        std::move(ca_key), std::move(pck_key), std::move(tcb_key),
                     std::move(attestation_key), std::move(root),   std::move(ca),      std::move(pck),
                     std::move(tcb_signer)};
}

}  // namespace iapp::simtee
