#include "resultproxy/internal/tokens.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/hex.hpp"
#include "codec/base64.hpp"
#include "codec/json.hpp"
#include "crypto/kdf.hpp"
#include "crypto/random.hpp"

namespace iapp::resultproxy::internal {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr mode_t kPrivate = 0600;

std::unexpected<Error> io_error(const std::filesystem::path& file)
{
    return fail(ErrorKind::unavailable, "result_proxy.io", file.string() + ": " + std::strerror(errno));
}

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor()
    {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }

private:
    int fd_;
};

Status check_private(int fd, const std::filesystem::path& file)
{
    struct stat info = {};
    if (::fstat(fd, &info) != 0) return io_error(file);
    if (S_ISREG(info.st_mode) && info.st_uid == ::geteuid() && (info.st_mode & 07777U & ~kPrivate) == 0) return {};
    return fail(ErrorKind::precondition_failed, "result_proxy.mode",
                file.string() + " is open to others or not ours; run chmod 0600 on it, or move it away for a fresh key");
}

Result<crypto::SecretBytes> read_key(int fd, const std::filesystem::path& file)
{
    TRY_OK(check_private(fd, file));
    Bytes key(kKeyBytes + 1);
    const ssize_t got = ::read(fd, key.data(), key.size());
    if (got < 0) return io_error(file);
    if (static_cast<std::size_t>(got) != kKeyBytes)
        return fail(ErrorKind::corrupt, "result_proxy.key",
                    file.string() + " is not a token key; move it away for a fresh one");
    key.resize(kKeyBytes);
    return crypto::SecretBytes(std::move(key));
}

/// Written beside its place, and only then put there: half a key is none.
Status write_key(const std::filesystem::path& file)
{
    const std::string beside = file.string() + ".new";
    ::unlink(beside.c_str());
    const Descriptor fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kPrivate));
    if (fd.get() < 0) return io_error(file);
    const auto key = crypto::random_secret(kKeyBytes);
    const auto bytes = key.reveal(crypto::SecretAccess{});
    if (::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) || ::fsync(fd.get()) != 0)
        return io_error(file);
    if (::rename(beside.c_str(), file.c_str()) != 0) return io_error(file);
    const Descriptor folder(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0 || ::fsync(folder.get()) != 0) return io_error(file);
    return {};
}

/// RFC 9562 version 4.
std::string random_uuid()
{
    auto bytes = crypto::random_bytes(16);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | 0x40U);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);
    std::string text = hex(bytes);
    for (const std::size_t at : {20, 16, 12, 8}) text.insert(at, 1, '-');
    return text;
}

std::string part(const json::Value& value)
{
    const std::string text = json::print(value);
    return codec::base64url(as_bytes(text));
}

std::string signature(const crypto::SecretBytes& key, std::string_view text)
{
    return codec::base64url(crypto::hmac_sha256(key, as_bytes(text)).bytes());
}

}  // namespace

Result<crypto::SecretBytes> open_token_key(const std::filesystem::path& file)
{
    for (bool is_first = true;; is_first = false) {
        const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (fd.get() >= 0) return read_key(fd.get(), file);
        if (errno != ENOENT || !is_first) return io_error(file);
        TRY_OK(write_key(file));
    }
}

std::string make_token(const crypto::SecretBytes& key, const eth::Address& wallet, UnixSeconds now)
{
    const std::string signed_part =
        part(json::Object{{"alg", "HS256"}}) + "." +
        part(json::Object{
            {"aud", eth::to_checksum(wallet)}, {"iat", now.time_since_epoch().count()}, {"sub", random_uuid()}});
    return signed_part + "." + signature(key, signed_part);
}

bool is_token_of(const crypto::SecretBytes& key, std::string_view token)
{
    const auto cut = token.rfind('.');
    if (cut == std::string_view::npos) return false;
    const std::string wanted = signature(key, token.substr(0, cut));
    return crypto::equal_constant_time(as_bytes(wanted), as_bytes(token.substr(cut + 1)));
}

}  // namespace iapp::resultproxy::internal
