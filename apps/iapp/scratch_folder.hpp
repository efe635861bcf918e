#pragma once
// A private folder that goes away with the object.
#include <filesystem>

#include "base/result.hpp"

namespace iapp::cli {

class ScratchFolder {
public:
    /// Below the system's temporary folder, mode 0700. Errors: internal "cli.scratch".
    static Result<ScratchFolder> create();
    ~ScratchFolder();
    ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    ScratchFolder& operator=(ScratchFolder&&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
    std::filesystem::path path_;
};

}  // namespace iapp::cli
