#include "agent/internal/output_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

#include "agent/internal/files.hpp"
#include "poco/result.hpp"
#include "runtime/beneath.hpp"
#include "seal/result.hpp"

namespace iapp::agent {
namespace {

using runtime::UniqueFd;
namespace beneath = runtime::beneath;

constexpr std::string_view kRoot = "/iexec_out";
constexpr off_t kMaxComputedJsonBytes = 1 << 20;
constexpr std::uint64_t kMaxOutputBytes = 1ull << 30;
constexpr int kMaxDepth = 32;
constexpr std::size_t kListedBytesPerFile = 128;  // in a receipt, beside the path
constexpr std::size_t kMaxListedBytes = std::size_t{3}
                                        << 20;  // so that every receipt can be read (attest::kMaxReceiptBytes)

std::unexpected<AppFault> fault(std::string_view id, std::string text)
{
    return std::unexpected(AppFault{id, std::move(text)});
}

struct Regular {
    UniqueFd file;
    std::uint64_t size_bytes;
};

/// O_NONBLOCK: a fifo must not hold us.
std::optional<Regular> open_regular(int root, const std::string& path)
{
    auto file = beneath::open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    struct stat info = {};
    if (!file || ::fstat(file->get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
    return Regular{std::move(*file), static_cast<std::uint64_t>(info.st_size)};
}

struct Child {
    std::string name;
    bool is_folder, is_file;
};

/// Direct children, sorted by name. Links, sockets and fifos are neither folders nor files.
std::vector<Child> children(int root, const std::string& folder)
{
    std::vector<Child> out;
    auto fd = beneath::open(root, folder, O_RDONLY | O_DIRECTORY);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(fd ? ::fdopendir(fd->release()) : nullptr, ::closedir);
    if (!stream) return out;
    for (const dirent* entry = ::readdir(stream.get()); entry != nullptr; entry = ::readdir(stream.get())) {
        const std::string name = entry->d_name;
        if (name == "." || name == "..") continue;
        const auto info = beneath::look(::dirfd(stream.get()), name);
        out.push_back({name, info && S_ISDIR(info->st_mode), info && S_ISREG(info->st_mode)});
    }
    std::ranges::sort(out, {}, &Child::name);
    return out;
}

std::string join(const std::string& folder, const std::string& name) { return folder == "." ? name : folder + '/' + name; }

/// Counts a file into what the output holds; false once that is more than this agent accepts. Cannot overflow.
bool add_within_limit(std::uint64_t& total_bytes, std::uint64_t size_bytes)
{
    if (size_bytes > kMaxOutputBytes) return false;
    total_bytes += size_bytes;
    return total_bytes <= kMaxOutputBytes;
}

}  // namespace

Result<OutputFolder> OutputFolder::open(const std::string& path)
{
    UniqueFd root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) return fail(ErrorKind::internal, "agent.output", "cannot open the output folder");
    return OutputFolder(std::move(root));
}

Judged<std::string> OutputFolder::read_computed_json(int exit_code) const
{
    const auto there = open_regular(root_.get(), "computed.json");
    if (!there || there->size_bytes > kMaxComputedJsonBytes)
        return fault("app.no_result",
                     "the app ended with exit " + std::to_string(exit_code) + " and left no usable computed.json");
    std::string text(there->size_bytes, '\0');
    const auto source = file_random_source(there->file);
    if (!source || !source->read_at(0, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}))
        return fault("app.no_result", "computed.json cannot be read");
    return text;
}

/// "/iexec_out/a//b/" -> "a/b". What leads out is refused here by its text, and by the kernel when it is opened.
Judged<std::string> OutputFolder::relative(std::string_view path) const
{
    if (!path.starts_with(kRoot) || (path.size() > kRoot.size() && path[kRoot.size()] != '/') ||
        path.find('\0') != std::string_view::npos)
        return fault("app.output_path", "deterministic-output-path is not below /iexec_out");
    path.remove_prefix(kRoot.size());
    std::string out;
    while (!path.empty()) {
        const auto part = path.substr(0, std::min(path.find('/'), path.size()));
        path.remove_prefix(std::min(part.size() + 1, path.size()));
        if (part == "..") return fault("app.output_path", "deterministic-output-path contains '..'");
        if (part.empty() || part == ".") continue;
        if (!out.empty()) out += '/';
        out += part;
    }
    return out.empty() ? std::string(".") : out;
}

Judged<Hash256> OutputFolder::digest(std::string_view absolute_path) const
{
    const auto path = relative(absolute_path);
    if (!path) return std::unexpected(path.error());
    if (const auto file = open_regular(root_.get(), *path)) {
        if (file->size_bytes == 0) return fault("app.output_empty", "the file deterministic-output-path names is empty");
        if (file->size_bytes > kMaxOutputBytes)
            return fault("app.output_size", "the app's output is larger than this agent accepts");
        const auto hash = sha256_of(file->file);
        if (!hash) return fault("app.output_path", "the file deterministic-output-path names cannot be read");
        return *hash;
    }
    if (beneath::open(root_.get(), *path, O_PATH | O_DIRECTORY)) return folder_digest(*path);
    return fault("app.output_path", "deterministic-output-path names nothing, or something behind a link");
}

/// Direct children only; sub-folders, links and empty files contribute nothing.
Judged<Hash256> OutputFolder::folder_digest(const std::string& folder) const
{
    std::vector<poco::ChildHash> hashes;
    std::uint64_t total = 0;  // one large file may have many names
    for (const auto& child : children(root_.get(), folder)) {
        const auto file = child.is_file ? open_regular(root_.get(), join(folder, child.name)) : std::nullopt;
        if (!file || file->size_bytes == 0) continue;
        if (!add_within_limit(total, file->size_bytes))
            return fault("app.output_size", "the app's output is larger than this agent accepts");
        const auto hash = sha256_of(file->file);
        if (!hash) return fault("app.output_path", "a file of the output cannot be read");
        hashes.emplace_back(*hash);
    }
    if (hashes.empty())
        return fault("app.output_empty", "the folder deterministic-output-path names holds no file with content");
    return poco::directory_digest(hashes);
}

struct OutputFolder::Listing {
    std::vector<OutputFile> files{};
    std::uint64_t content_bytes = 0;
    std::size_t listed_bytes = 0;
};

Judged<std::vector<OutputFile>> OutputFolder::list() const
{
    Listing out;
    if (const auto walked = walk(".", 0, out); !walked) return std::unexpected(walked.error());
    std::ranges::sort(out.files, {}, &OutputFile::path);
    return std::move(out.files);
}

Judged<void> OutputFolder::walk(const std::string& folder, int depth, Listing& out) const
{
    if (depth > kMaxDepth) return fault("app.output_files", "folders of the output are nested too deeply");
    for (const auto& child : children(root_.get(), folder)) {
        const std::string path = join(folder, child.name);
        if (child.is_folder) {
            if (const auto walked = walk(path, depth + 1, out); !walked) return walked;
            continue;
        }
        const auto file = child.is_file ? open_regular(root_.get(), path) : std::nullopt;
        if (!file) continue;
        if (const auto named = seal::check_result_path(path); !named) return fault("app.output_name", named.error().detail);
        if (!add_within_limit(out.content_bytes, file->size_bytes))
            return fault("app.output_size", "the app's output is larger than this agent accepts");
        out.listed_bytes += path.size() + kListedBytesPerFile;
        if (out.files.size() >= seal::kMaxResultFiles || out.listed_bytes > kMaxListedBytes)
            return fault("app.output_files", "the output has too many files");
        const auto hash = sha256_of(file->file);
        if (!hash) return fault("app.output_path", "a file of the output cannot be read");
        out.files.push_back({path, file->size_bytes, *hash});
    }
    return {};
}

codec::ByteSource OutputFolder::read(const std::string& path) const
{
    struct Lazy {
        int root;
        std::string path;
        std::optional<Regular> file;
        codec::ByteSource source;
    };
    auto lazy = std::make_shared<Lazy>(Lazy{root_.get(), path, std::nullopt, {}});
    return [lazy](std::span<std::uint8_t> out) -> Result<std::size_t> {
        if (!lazy->file) {
            lazy->file = open_regular(lazy->root, lazy->path);
            if (!lazy->file) return fail(ErrorKind::internal, "agent.output", "a file of the output is gone");
            TRY(lazy->source, file_source(lazy->file->file));
        }
        TRY(const std::size_t got, lazy->source(out));
        if (got == 0 && !out.empty()) lazy->file.reset();  // thousands of files are read one after the other
        return got;
    };
}

Status OutputFolder::replace(const std::vector<std::pair<std::string, std::string>>& files) const
{
    if (!beneath::remove_children(root_.get(), [](const std::string&) { return false; }))
        return fail(ErrorKind::internal, "agent.output", "cannot clear the output folder");
    for (const auto& [name, text] : files) {
        const UniqueFd file(::openat(root_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!file) return fail(ErrorKind::internal, "agent.output", "cannot write " + name);
        TRY_OK(file_sink(file)(as_bytes(text)));
    }
    return {};
}

}  // namespace iapp::agent
