#include "blobs/directory_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <vector>

namespace iapp::blobs {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPending = 64;  ///< 16 MiB of default chunks
constexpr std::time_t kLeftOverSeconds = 3600;

std::unexpected<Error> write_failed(const fs::path& file)
{
    const int code = errno;
    const std::string detail = "cannot write " + file.string() + ": " + std::strerror(code);
    if (code == ENOSPC || code == EDQUOT)
        return fail(ErrorKind::resource_exhausted, "blobs.disk_full", detail + "; make room on the disk");
    return fail(ErrorKind::unavailable, "blobs.write", detail);
}

Status write_all(int descriptor, ByteView bytes, const fs::path& file)
{
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return write_failed(file);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

Status sync_directory(const fs::path& directory)
{
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool is_synced = descriptor >= 0 && ::fsync(descriptor) == 0;
    if (!is_synced) {
        auto failed = write_failed(directory);
        if (descriptor >= 0) ::close(descriptor);
        return failed;
    }
    ::close(descriptor);
    return {};
}

/// Creates one level. An existing directory is fine.
Status make_directory(const fs::path& directory)
{
    if (::mkdir(directory.c_str(), 0700) == 0) return sync_directory(directory.parent_path());
    if (errno == EEXIST) return {};
    return write_failed(directory);
}

/// A new file in tmp/ with a name of its own.
Result<std::pair<fs::path, int>> make_temporary(const fs::path& directory)
{
    std::string name = directory / "tmp" / "XXXXXX";
    const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor < 0) return write_failed(name);
    return std::pair{fs::path(name), descriptor};
}

/// Removes files that are much older than a file made just now: both times come from the same file system.
Status sweep(const fs::path& directory)
{
    TRY(const auto probe, make_temporary(directory));
    struct stat now {};
    const bool is_known = ::fstat(probe.second, &now) == 0;
    ::close(probe.second);
    ::unlink(probe.first.c_str());
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(directory / "tmp", ignored)) {
        struct stat file {};
        if (is_known && ::lstat(entry.path().c_str(), &file) == 0 && now.st_mtime - file.st_mtime > kLeftOverSeconds)
            ::unlink(entry.path().c_str());
    }
    return {};
}

Result<Bytes> read_whole(int descriptor, const fs::path& file)
{
    struct stat info {};
    if (::fstat(descriptor, &info) != 0) return fail(ErrorKind::unavailable, "blobs.read", "cannot read " + file.string());
    Bytes out(static_cast<std::size_t>(info.st_size));
    std::size_t done = 0;
    while (done < out.size()) {
        const ssize_t count = ::read(descriptor, out.data() + done, out.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return fail(ErrorKind::unavailable, "blobs.read", "cannot read " + file.string());
        done += static_cast<std::size_t>(count);
    }
    return out;
}

}  // namespace

Result<DirectoryStore> DirectoryStore::open(const fs::path& directory)
{
    std::error_code error;
    fs::create_directories(directory.parent_path(), error);
    DirectoryStore store(fs::absolute(directory));
    Status ready = make_directory(store.directory_);
    if (ready) ready = make_directory(store.directory_ / "blocks");
    if (ready) ready = make_directory(store.directory_ / "tmp");
    // A writer that was killed may have left folders there that are not on the disk yet.
    if (ready) ready = sync_directory(store.directory_ / "blocks");
    if (ready) ready = sweep(store.directory_);
    if (!ready) return fail(ErrorKind::unavailable, "blobs.directory", ready.error().detail);
    return store;
}

fs::path DirectoryStore::folder_of(const Hash256& hash) const
{
    return directory_ / "blocks" / hex(hash.bytes().first<1>());
}

fs::path DirectoryStore::path_of(const Hash256& hash) const { return folder_of(hash) / hex(hash.bytes()); }

Result<Bytes> DirectoryStore::fetch(const Hash256& hash, const net::CallContext&) const
{
    const fs::path file = path_of(hash);
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 && errno == ENOENT)
        return fail(ErrorKind::not_found, "blobs.not_found", "no such block in this store");
    if (descriptor < 0) return fail(ErrorKind::unavailable, "blobs.read", "cannot open " + file.string());
    Result<Bytes> block = read_whole(descriptor, file);
    ::close(descriptor);
    return block;
}

class DirectoryBatch final : public BlockBatch {
public:
    DirectoryBatch(const DirectoryStore& store, const net::CallContext& call) : store_(store), call_(call) {}
    ~DirectoryBatch() override;

    Status add(const Hash256& hash, ByteView block) override;
    Status commit() override;

private:
    struct Pending {
        Hash256 hash;
        fs::path file;
        int descriptor;
    };
    bool is_pending(const Hash256& hash) const;
    Status flush_files();
    Status move_pending();

    const DirectoryStore& store_;
    const net::CallContext& call_;
    std::vector<Pending> pending_{};
    std::set<fs::path> held_{};  ///< folders of blocks that were there, perhaps from a writer that has not synced them yet
};

std::unique_ptr<BlockBatch> DirectoryStore::start_batch(const net::CallContext& call) const
{
    return std::make_unique<DirectoryBatch>(*this, call);
}

DirectoryBatch::~DirectoryBatch()
{
    for (const Pending& pending : pending_) {
        ::close(pending.descriptor);
        ::unlink(pending.file.c_str());
    }
}

bool DirectoryBatch::is_pending(const Hash256& hash) const
{
    return std::ranges::find(pending_, hash, &Pending::hash) != pending_.end();
}

Status DirectoryBatch::add(const Hash256& hash, ByteView block)
{
    if (is_pending(hash)) return {};
    if (store_.get(hash, call_)) {
        held_.insert(store_.folder_of(hash));
        return {};
    }
    if (pending_.size() == kMaxPending) TRY_OK(move_pending());
    TRY(const auto temporary, make_temporary(store_.directory_));
    pending_.push_back({hash, temporary.first, temporary.second});
    return write_all(temporary.second, block, temporary.first);
}

/// Starts the disk on all files before it waits for the first.
Status DirectoryBatch::flush_files()
{
    for (const Pending& pending : pending_) ::sync_file_range(pending.descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
    for (const Pending& pending : pending_)
        if (::fsync(pending.descriptor) != 0) return write_failed(pending.file);
    return {};
}

Status DirectoryBatch::move_pending()
{
    TRY_OK(flush_files());
    std::set<fs::path> folders;
    for (const Pending& pending : pending_) {
        const fs::path folder = store_.folder_of(pending.hash);
        TRY_OK(make_directory(folder));
        if (::rename(pending.file.c_str(), store_.path_of(pending.hash).c_str()) != 0) return write_failed(folder);
        folders.insert(folder);
    }
    for (const fs::path& folder : folders) {
        TRY_OK(sync_directory(folder));
        held_.erase(folder);
    }
    for (const Pending& pending : pending_) ::close(pending.descriptor);
    pending_.clear();
    return {};
}

Status DirectoryBatch::commit()
{
    TRY_OK(move_pending());
    for (const fs::path& folder : held_) TRY_OK(sync_directory(folder));
    held_.clear();
    return {};
}

}  // namespace iapp::blobs
