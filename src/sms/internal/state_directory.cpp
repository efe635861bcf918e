#include "sms/internal/state_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "crypto/random.hpp"

namespace iapp::sms::internal {
namespace {

constexpr std::string_view kMasterFile = "master.key";
constexpr std::string_view kLedgerFile = "ledger.key";
constexpr std::string_view kLockFile = "lock";
constexpr std::string_view kKeyTag = "iapp-master-key/1 ";
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kMaxKeyFileBytes = 4096;

using crypto::SecretAccess;
using crypto::SecretBytes;

std::unexpected<Error> io_error(const std::filesystem::path& path, std::string_view what)
{
    return fail(ErrorKind::unavailable, "sms.io", path.string() + ": " + std::string(what) + ": " + std::strerror(errno));
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
    int release() { return std::exchange(fd_, -1); }
    explicit operator bool() const { return fd_ >= 0; }

private:
    int fd_;
};

/// Owned by us, and nothing granted to group or others.
Status check_private(const std::filesystem::path& path, mode_t type, mode_t most)
{
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return io_error(path, "cannot be examined");
    if ((info.st_mode & S_IFMT) != type || info.st_uid != ::geteuid())
        return fail(ErrorKind::precondition_failed, "sms.mode",
                    path.string() + " is not ours or of the wrong type; make a fresh directory");
    if ((info.st_mode & 07777 & ~most) != 0)
        return fail(ErrorKind::precondition_failed, "sms.mode",
                    path.string() + " is open to others; run chmod " + (type == S_IFDIR ? "0700" : "0600") + " on it");
    return {};
}

Status sync_directory(const std::filesystem::path& path)
{
    const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::fsync(directory.get()) != 0) return io_error(path, "cannot be synced");
    return {};
}

Status write_all(int fd, ByteView bytes, const std::filesystem::path& path)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return io_error(path, "cannot be written");
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

/// Writes a new file beside `path`, syncs it, and renames it over `path`.
Status replace_file(const std::filesystem::path& path, const SecretBytes& content)
{
    const std::filesystem::path fresh = path.string() + ".new";
    ::unlink(fresh.c_str());
    const Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return io_error(fresh, "cannot be created");
    TRY_OK(write_all(file.get(), content.reveal(SecretAccess{}), fresh));
    if (::fsync(file.get()) != 0) return io_error(fresh, "cannot be synced");
    if (::rename(fresh.c_str(), path.c_str()) != 0) return io_error(path, "cannot be replaced");
    return sync_directory(path.parent_path());
}

Result<SecretBytes> read_private_file(const std::filesystem::path& path)
{
    TRY_OK(check_private(path, S_IFREG, 0600));
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file) return io_error(path, "cannot be opened");
    SecretBytes content(kMaxKeyFileBytes);
    std::size_t size = 0;
    while (size < kMaxKeyFileBytes) {
        const ssize_t got = ::read(file.get(), content.writable(SecretAccess{}).data() + size, kMaxKeyFileBytes - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return io_error(path, "cannot be read");
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    content.shrink(size);
    return content;
}

std::unexpected<Error> bad_key_file(std::string_view why)
{
    return fail(ErrorKind::corrupt, "sms.key_file", "master.key: " + std::string(why));
}

Result<SecretBytes> parse_secret_hex(std::string_view digits)
{
    TRY(Bytes raw, parse_hex(digits));
    SecretBytes key(std::move(raw));
    if (key.size() != kKeyBytes) return bad_key_file("a key is not 32 bytes");
    return key;
}

Result<MasterKey> parse_key_line(std::string_view line)
{
    if (!line.starts_with(kKeyTag)) return bad_key_file("a line does not start with iapp-master-key/1");
    line.remove_prefix(kKeyTag.size());
    constexpr std::size_t kIdDigits = 2 * KeyId::kSize;
    if (line.size() != kIdDigits + 1 + 2 * kKeyBytes || line[kIdDigits] != ' ')
        return bad_key_file("a line has the wrong length");
    TRY(const Bytes id, parse_hex(line.substr(0, kIdDigits)));
    TRY(const KeyId key_id, KeyId::from_bytes(id));
    TRY(SecretBytes key, parse_secret_hex(line.substr(kIdDigits + 1)));
    return MasterKey{key_id, std::move(key)};
}

SecretBytes print_keys(const std::vector<MasterKey>& keys)
{
    Bytes out;
    out.reserve(keys.size() * 128);  // never grows: a reallocation would leave a copy behind
    for (const MasterKey& key : keys) {
        std::string digits = hex(key.key.reveal(SecretAccess{}));
        append(out, as_bytes(std::string(kKeyTag) + hex(key.id.bytes()) + ' '));
        append(out, as_bytes(digits));
        out.push_back('\n');
        crypto::wipe({reinterpret_cast<std::uint8_t*>(digits.data()), digits.size()});
    }
    return SecretBytes(std::move(out));
}

SecretBytes fresh_ledger_key()
{
    const crypto::Secp256k1Key key = crypto::Secp256k1Key::generate();
    std::string digits = hex0x(key.secret().reveal(SecretAccess{}));
    SecretBytes out = SecretBytes::copy_of(as_bytes(digits));
    crypto::wipe({reinterpret_cast<std::uint8_t*>(digits.data()), digits.size()});
    return out;
}

}  // namespace

MasterKey generate_master_key() { return {crypto::random_fixed<KeyId>(), crypto::random_secret(kKeyBytes)}; }

Status StateDirectory::create(const std::filesystem::path& path)
{
    if (::mkdir(path.c_str(), 0700) != 0) {
        if (errno == EEXIST)
            return fail(ErrorKind::conflict, "sms.directory_exists", path.string() + " exists; name a new directory");
        return io_error(path, "cannot be created");
    }
    std::vector<MasterKey> keys;
    keys.push_back(generate_master_key());
    TRY_OK(replace_file(path / kMasterFile, print_keys(keys)));
    TRY_OK(replace_file(path / kLedgerFile, fresh_ledger_key()));
    return sync_directory(std::filesystem::absolute(path).parent_path());
}

Status StateDirectory::check(const std::filesystem::path& path) { return check_private(path, S_IFDIR, 0700); }

Result<StateDirectory> StateDirectory::open(const std::filesystem::path& path)
{
    TRY_OK(check(path));
    Descriptor lock(::open((path / kLockFile).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock) return io_error(path / kLockFile, "cannot be opened");
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
        return fail(ErrorKind::precondition_failed, "sms.locked",
                    path.string() + " is in use; stop the service that owns it");
    return StateDirectory(path, lock.release());
}

StateDirectory::~StateDirectory()
{
    if (lock_ >= 0) ::close(lock_);
}

Result<std::vector<MasterKey>> StateDirectory::load_master_keys() const
{
    TRY(const SecretBytes content, read_private_file(path_ / kMasterFile));
    std::string_view rest = as_text(content.reveal(SecretAccess{}));
    std::vector<MasterKey> keys;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos) return bad_key_file("the last line is not ended");
        TRY(MasterKey key, parse_key_line(rest.substr(0, end)));
        keys.push_back(std::move(key));
        rest.remove_prefix(end + 1);
    }
    if (keys.empty() || keys.size() > 2) return bad_key_file("it must hold one key, or two while a rekey is under way");
    return keys;
}

Status StateDirectory::save_master_keys(const std::vector<MasterKey>& keys) const
{
    return replace_file(path_ / kMasterFile, print_keys(keys));
}

Result<eth::Wallet> StateDirectory::load_ledger_wallet(const std::filesystem::path& path)
{
    TRY_OK(check(path));
    TRY(const SecretBytes content, read_private_file(path / kLedgerFile));
    auto wallet = eth::Wallet::from_private_key_hex(as_text(content.reveal(SecretAccess{})));
    if (!wallet) return fail(ErrorKind::corrupt, "sms.key_file", "ledger.key is not a private key");
    return wallet;
}

}  // namespace iapp::sms::internal
