#include "endorse/internal/shelf.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "endorse/internal/entry_json.hpp"

namespace iapp::endorse {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSchema = "iapp-collateral-entry/1";
constexpr std::string_view kExtension = ".json";
constexpr json::Limits kLimits{.max_bytes = 8U << 20U, .max_depth = 6};
constexpr mode_t kFileMode = 0644;  // vendors publish these bytes; what matters is who may write the directory

std::unexpected<Error> io_error(std::string_view what, const fs::path& path, int code = errno)
{
    return fail(ErrorKind::unavailable, "endorse.store",
                "cannot " + std::string(what) + " " + path.string() + ": " + std::generic_category().message(code));
}

class File {
public:
    File(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, kFileMode)) {}
    ~File()
    {
        if (fd_ >= 0) ::close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    bool is_open() const { return fd_ >= 0; }
    int fd() const { return fd_; }

private:
    int fd_;
};

bool write_all(int fd, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t n = ::write(fd, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

Result<std::string> read_all(const File& file, const fs::path& path)
{
    std::string out;
    std::array<char, 16384> chunk;
    while (out.size() <= kLimits.max_bytes) {
        const ssize_t n = ::read(file.fd(), chunk.data(), chunk.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return io_error("read", path);
        if (n == 0) return out;
        out.append(chunk.data(), static_cast<std::size_t>(n));
    }
    return io_error("read", path, EFBIG);
}

/// Beside the target, synced, renamed over it, and the name synced too: after a crash the old file or the new one.
Status replace(const fs::path& path, std::string_view text)
{
    fs::path beside = path;
    beside += ".new";  // one writer at a time: the caller holds the lock
    {
        const File file(beside, O_WRONLY | O_CREAT | O_TRUNC);
        if (!file.is_open()) return io_error("create", beside);
        if (!write_all(file.fd(), text) || ::fsync(file.fd()) != 0) return io_error("write", beside);
    }
    if (::rename(beside.c_str(), path.c_str()) != 0) return io_error("rename", beside);
    const File directory(path.parent_path(), O_RDONLY | O_DIRECTORY);
    if (!directory.is_open() || ::fsync(directory.fd()) != 0) return io_error("sync", path.parent_path());
    return {};
}

std::string encode(const Entry& entry, const Numbers& floors)
{
    json::Object numbers;
    for (const auto& [name, value] : floors) numbers[name] = hex(value);
    return json::print(json::Object{{"schema", kSchema}, {"entry", to_json(entry)}, {"floors", std::move(numbers)}});
}

Result<Numbers> numbers_from_json(const json::ObjectReader& in)
{
    Numbers out;
    for (const auto& member : in.raw()) {
        TRY(const std::string_view digits, in.text(member.key()));
        TRY(Bytes value, parse_hex(digits));
        out.emplace(std::string(member.key()), std::move(value));
    }
    return out;
}

Result<Stored> decode(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kLimits));
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    TRY_OK(in.only({"schema", "entry", "floors"}));
    TRY(const std::string_view schema, in.text("schema"));
    if (schema != kSchema) return fail(ErrorKind::invalid_input, "endorse.store", "another schema");
    TRY(const json::ObjectReader entry_object, in.object("entry"));
    TRY(Entry entry, entry_from_json(entry_object));
    TRY(const json::ObjectReader floors_object, in.object("floors"));
    TRY(Numbers floors, numbers_from_json(floors_object));
    return Stored{std::move(entry), std::move(floors)};
}

}  // namespace

fs::path Shelf::path_of(const Key& key) const { return directory_ / (text(key) + std::string(kExtension)); }

Result<std::optional<Stored>> Shelf::read(const fs::path& path) const
{
    const File file(path, O_RDONLY);
    if (!file.is_open()) {
        if (errno == ENOENT) return std::optional<Stored>();
        return io_error("open", path);
    }
    TRY(const std::string text, read_all(file, path));
    auto stored = decode(text);
    if (!stored || path_of(key_of(stored->entry)) != path)
        return fail(ErrorKind::corrupt, "endorse.store",
                    path.string() + " is damaged" + (stored ? "" : " (" + stored.error().detail + ")") +
                        "; delete it to fetch again, which forgets the rollback protection of this key");
    return std::optional<Stored>(*std::move(stored));
}

Result<std::optional<Stored>> Shelf::load(const Key& key) const { return read(path_of(key)); }

Status Shelf::check_floors(const Key& key, const Numbers& numbers) const
{
    TRY(const std::optional<Stored> stored, load(key));
    if (!stored) return {};
    if (const auto lower = first_lower(numbers, stored->floors))
        return fail(ErrorKind::conflict, "endorse.rollback",
                    text(key) + ": the number of " + *lower + " is lower than one already accepted (" +
                        hex(stored->floors.at(*lower)) + "): somebody replays older endorsements");
    return {};
}

Status Shelf::save(const Entry& entry, const Facts& facts) const
{
    std::error_code error;
    fs::create_directories(directory_, error);
    const File lock(directory_ / "lock", O_RDWR | O_CREAT);
    if (!lock.is_open()) return io_error("create", directory_ / "lock");
    if (::flock(lock.fd(), LOCK_EX) != 0) return io_error("lock", directory_ / "lock");
    const Key key = key_of(entry);
    TRY_OK(check_floors(key, facts.numbers));
    return replace(path_of(key), encode(entry, facts.numbers));
}

Result<std::vector<Entry>> Shelf::all() const
{
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& item : fs::directory_iterator(directory_, error))
        if (item.path().extension() == kExtension) files.push_back(item.path());
    if (error && error != std::errc::no_such_file_or_directory) return io_error("list", directory_, error.value());
    std::ranges::sort(files);
    std::vector<Entry> out;
    for (const fs::path& file : files) {
        TRY(std::optional<Stored> stored, read(file));
        if (stored) out.push_back(std::move(stored->entry));
    }
    return out;
}

}  // namespace iapp::endorse
