#pragma once
// The folders of one task, in memory only: tmpfs mounts that disappear with this object, or with the process.
#include <optional>
#include <string>

#include "base/result.hpp"

namespace iapp::agent {

struct ScratchLimits {
    std::uint64_t work_bytes = 8ull << 30;    ///< image, inputs, sealed result
    std::uint64_t output_bytes = 1ull << 30;  ///< what the app writes
    std::uint64_t output_files = 20'000;
};

class Scratch {
public:
    /// Mounts below `work_dir`, or below /run/iapp when `work_dir` lies in a private folder, where no container could reach
    /// it. Nothing else will do: what is not a mount of ours survives us, and others can read it. Errors: internal
    /// "agent.scratch".
    static Result<Scratch> create(const std::string& work_dir, const ScratchLimits& limits = {});

    Scratch(Scratch&& other) noexcept;
    Scratch& operator=(Scratch&&) = delete;
    ~Scratch();

    std::string root() const { return root_; }
    std::string input() const { return root_ + "/in"; }
    std::string output() const { return root_ + "/out"; }
    std::string bundle() const { return root_ + "/bundle"; }
    std::string rootfs() const { return root_ + "/bundle/rootfs"; }

private:
    Scratch() = default;
    Status lay_out(const ScratchLimits& limits);

    std::string root_;  ///< a mount, or empty
};

}  // namespace iapp::agent
