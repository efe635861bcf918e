#pragma once
// Byte containers and views. Public bytes only: secrets live in crypto/secret.hpp.
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace iapp {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

inline Bytes to_bytes(std::string_view text)
{
    const ByteView view = as_bytes(text);
    return {view.begin(), view.end()};
}

inline Bytes to_bytes(ByteView view) { return {view.begin(), view.end()}; }

inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

inline std::string to_text(ByteView bytes) { return std::string(as_text(bytes)); }

/// Copies `from` to the front of `to`, which has room for it. For bulk: g++ 12's std::ranges::copy moves const bytes one by
/// one.
inline void copy_bytes(ByteView from, std::span<std::uint8_t> to)
{
    if (!from.empty()) std::memmove(to.data(), from.data(), from.size());
}

inline void append(Bytes& out, ByteView more) { out.insert(out.end(), more.begin(), more.end()); }

}  // namespace iapp
