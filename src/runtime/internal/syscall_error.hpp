#pragma once
// The system's words for a failed call, for the detail of an Error.
#include <cerrno>
#include <string>
#include <system_error>

namespace iapp::runtime {

inline std::string system_error(std::string_view doing, int code = errno)
{
    return std::string(doing) + ": " + std::system_category().message(code);
}

}  // namespace iapp::runtime
