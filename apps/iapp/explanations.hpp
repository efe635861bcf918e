#pragma once
// Every error id the platform can show, with what it means and what to do. Ids of checks come from their rooms' own tables.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace iapp::cli {

struct Explanation {
    std::string id;
    std::string meaning;
    std::string fix;
};

/// Exact id first; without one, every id that begins with `text`, or the family it belongs to.
std::vector<Explanation> explain(std::string_view text);

/// What to do about an error: its own advice, or that of its family.
std::optional<std::string> fix_of(std::string_view id);

}  // namespace iapp::cli
