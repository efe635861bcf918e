#pragma once
// Time. Pure code receives a UnixSeconds or UnixMillis; only programs own a Clock.
#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace iapp {

using UnixSeconds = std::chrono::sys_seconds;
using UnixMillis = std::chrono::sys_time<std::chrono::milliseconds>;

class Clock {
public:
    virtual ~Clock() = default;
    virtual UnixMillis now() const = 0;
    UnixSeconds now_seconds() const { return std::chrono::floor<std::chrono::seconds>(now()); }
};

/// The machine's wall clock. Programs pass it down; nothing below them asks for it.
const Clock& system_clock();

/// "2026-11-22T10:00:00.000Z"
std::string iso8601(UnixMillis time);

/// "2026-11-22T10:00:00Z"
std::string iso8601(UnixSeconds time);

/// Parses "2026-11-22T10:00:00Z" exactly (no offset, no fraction). Errors: invalid_input "time.format".
Result<UnixSeconds> parse_iso8601(std::string_view text);

}  // namespace iapp
