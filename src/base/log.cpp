#include "base/log.hpp"

#include <unistd.h>

#include <array>
#include <atomic>

#include "base/clock.hpp"

namespace iapp::log {
namespace {

std::atomic<Level> least_level{Level::info};

std::string& program_name()
{
    static std::string name = "iapp";
    return name;
}

void append_json(std::string& out, std::string_view text)
{
    constexpr std::string_view kHex = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') (out += '\\') += c;
        else if (byte < 0x20) ((out += "\\u00") += kHex[byte >> 4]) += kHex[byte & 15];
        else out += c;
    }
    out += '"';
}

void append_member(std::string& out, std::string_view key, std::string_view value)
{
    out += ',';
    append_json(out, key);
    out += ':';
    append_json(out, value);
}

}  // namespace

void configure(Level least, std::string program)
{
    least_level = least;
    program_name() = std::move(program);
}

void write(Level level, std::string_view message, Fields fields)
{
    if (level < least_level.load()) return;
    static constexpr std::array<std::string_view, 4> kNames{"debug", "info", "warning", "error"};
    std::string line = "{\"time\":\"" + iso8601(system_clock().now()) + '"';
    append_member(line, "level", kNames[static_cast<std::size_t>(level)]);
    append_member(line, "program", program_name());
    append_member(line, "message", message);
    for (const Field& field : fields) append_member(line, field.key, field.value);
    line += "}\n";
    // One write per line keeps lines whole when several threads log; a lost log line must never stop a task.
    if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

}  // namespace iapp::log
