#pragma once
// Advice for errors that belong to no table of checks. Data only.
#include <span>
#include <string_view>

namespace iapp::cli {

struct ExplanationEntry {
    std::string_view id;  ///< an error id, or a whole family: "seal."
    std::string_view meaning;
    std::string_view fix;
};

std::span<const ExplanationEntry> explanation_table();

}  // namespace iapp::cli
