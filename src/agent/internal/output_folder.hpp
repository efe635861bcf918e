#pragma once
// /iexec_out after the app is gone: listed, read and digested without following a link or leaving the folder.
// Judges only what is there; what a failed app's result looks like is collect_output()'s business.
#include "agent/internal/task.hpp"
#include "codec/byte_stream.hpp"
#include "runtime/fd.hpp"

namespace iapp::agent {

/// Why an app has no result of its own. The id and text become its error.txt: the same on every machine.
struct AppFault {
    std::string_view id;  ///< "app.no_result"
    std::string text;
};

template <class T>
using Judged = std::expected<T, AppFault>;

class OutputFolder {
public:
    /// Errors: internal "agent.output".
    static Result<OutputFolder> open(const std::string& path);

    /// Text of computed.json. Faults: "app.no_result".
    Judged<std::string> read_computed_json(int exit_code) const;

    /// The digest of the file or folder that computed.json names, by its absolute path below /iexec_out.
    /// Faults: "app.output_path" (outside, missing, or reached through a link), "app.output_empty".
    Judged<Hash256> digest(std::string_view absolute_path) const;

    /// Every regular file, sorted by path. Faults: "app.output_files" (too many, too deep), "app.output_size",
    /// "app.output_name".
    Judged<std::vector<OutputFile>> list() const;

    /// A file's content, opened when it is first read.
    codec::ByteSource read(const std::string& path) const;

    /// Removes everything, then writes these files. Errors: internal "agent.output".
    Status replace(const std::vector<std::pair<std::string, std::string>>& files) const;

private:
    explicit OutputFolder(runtime::UniqueFd root) : root_(std::move(root)) {}
    Judged<std::string> relative(std::string_view absolute_path) const;
    struct Listing;
    Judged<void> walk(const std::string& folder, int depth, Listing& out) const;
    Judged<Hash256> folder_digest(const std::string& folder) const;

    runtime::UniqueFd root_;
};

}  // namespace iapp::agent
