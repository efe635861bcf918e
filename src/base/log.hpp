#pragma once
// Structured logging: a constant lower-case message and fields. Never a secret, never data of a task.
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace iapp::log {

enum class Level : unsigned char { debug, info, warning, error };

struct Field {
    std::string_view key;
    std::string value;

    Field(std::string_view k, std::string_view v) : key(k), value(v) {}
    Field(std::string_view k, const char* v) : key(k), value(v) {}
    Field(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
    template <class N>
    requires std::is_arithmetic_v<N> Field(std::string_view k, N v) : key(k), value(std::to_string(v)) {}
};
using Fields = std::initializer_list<Field>;

/// Set once by main: the least level that is written and the program's name. Lines go to stderr as JSON, one object a line.
void configure(Level least, std::string program);

void write(Level level, std::string_view message, Fields fields);

inline void debug(std::string_view message, Fields fields = {}) { write(Level::debug, message, fields); }
inline void info(std::string_view message, Fields fields = {}) { write(Level::info, message, fields); }
inline void warning(std::string_view message, Fields fields = {}) { write(Level::warning, message, fields); }
inline void error(std::string_view message, Fields fields = {}) { write(Level::error, message, fields); }

}  // namespace iapp::log
