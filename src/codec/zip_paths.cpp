// Which paths an archive may hold: the rule both reader and writer apply before a byte of content is touched.
#include <algorithm>

#include "codec/internal/zip_format.hpp"
#include "codec/utf8.hpp"
#include "codec/zip.hpp"

namespace iapp::codec {
namespace {

constexpr std::size_t kMaxDepth = 64;

bool bad_segment(std::string_view segment) { return segment.empty() || segment == "." || segment == ".."; }

bool bad_character(char c) { return c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::unexpected<Error> refuse(std::string_view path, std::string_view why)
{
    return fail(ErrorKind::invalid_input, "zip.path",
                "the entry of " + std::to_string(path.size()) + " bytes is not a safe relative path: " + std::string(why));
}

}  // namespace

Status check_zip_path(std::string_view path)
{
    if (path.size() > zip_format::kMax16) return refuse(path, "too long");
    if (std::ranges::any_of(path, bad_character)) return refuse(path, "control character or backslash");
    if (!is_utf8(path)) return refuse(path, "not UTF-8");
    std::size_t depth = 0;
    for (std::string_view rest = path;; ++depth) {
        const std::size_t slash = rest.find('/');
        if (bad_segment(rest.substr(0, slash))) return refuse(path, "empty, '.' or '..' segment");
        if (slash == std::string_view::npos) break;
        rest.remove_prefix(slash + 1);
    }
    if (depth >= kMaxDepth) return refuse(path, "more than 64 segments");
    return {};
}

namespace zip_format {

Status PathTree::add(std::string_view path, bool directory)
{
    TRY_OK(check_zip_path(path));
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
        const auto parent = nodes_.find(path.substr(0, slash));
        if (parent == nodes_.end()) nodes_.emplace(path.substr(0, slash), Kind::implied_directory);
        else if (parent->second == Kind::file)
            return fail(ErrorKind::invalid_input, "zip.duplicate", "an entry lies below a path that is a file");
    }
    const auto [node, fresh] = nodes_.try_emplace(std::string(path), directory ? Kind::directory : Kind::file);
    if (fresh) return {};
    if (!directory || node->second != Kind::implied_directory)
        return fail(ErrorKind::invalid_input, "zip.duplicate", "two entries have the same path");
    node->second = Kind::directory;
    return {};
}

}  // namespace zip_format
}  // namespace iapp::codec
