#pragma once
// Every error id the platform can show, with what it means and what to do. Ids of checks come from their rooms' own tables.
#include <string>
#include <string_view>
#include <vector>

namespace iapp::cli {

struct Explanation {
    std::string id;
    std::string meaning;
    std::string fix;
};

/// Exact id first; without one, every id that begins with `text`.
std::vector<Explanation> explain(std::string_view text);

}  // namespace iapp::cli
