#include "command.hpp"

namespace iapp::cli {

std::optional<std::string> Arguments::find(std::string_view name) const
{
    const auto found = values_.find(std::string(name));
    if (found == values_.end()) return std::nullopt;
    return found->second.back();
}

std::vector<std::string> Arguments::all(std::string_view name) const
{
    const auto found = values_.find(std::string(name));
    return found == values_.end() ? std::vector<std::string>{} : found->second;
}

}  // namespace iapp::cli
