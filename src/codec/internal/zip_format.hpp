#pragma once
// The fixed parts of the ZIP layout, shared by reader and writer (APPNOTE 4.3.7 to 4.3.16, 4.5.3).
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iapp::codec::zip_format {

inline constexpr std::uint32_t kLocalHeader = 0x04034b50;
inline constexpr std::uint32_t kDescriptor = 0x08074b50;
inline constexpr std::uint32_t kDirectoryEntry = 0x02014b50;
inline constexpr std::uint32_t kEnd64 = 0x06064b50;
inline constexpr std::uint32_t kEnd64Locator = 0x07064b50;
inline constexpr std::uint32_t kEnd = 0x06054b50;

inline constexpr std::size_t kLocalHeaderBytes = 30;
inline constexpr std::size_t kDirectoryEntryBytes = 46;
inline constexpr std::size_t kEnd64Bytes = 56;
inline constexpr std::size_t kEnd64LocatorBytes = 20;
inline constexpr std::size_t kEndBytes = 22;

inline constexpr std::uint16_t kFlagDescriptor = 1u << 3;
inline constexpr std::uint16_t kFlagUtf8 = 1u << 11;
inline constexpr std::uint16_t kFlagsDeflateLevel = 3u << 1;
inline constexpr std::uint16_t kVersion = 20;
inline constexpr std::uint16_t kVersionZip64 = 45;
inline constexpr std::uint16_t kExtraZip64 = 1;
inline constexpr std::uint16_t kDate1980 = (1u << 5) | 1u;
inline constexpr std::uint32_t kDosDirectory = 0x10;
inline constexpr std::uint16_t kMax16 = 0xffff;
inline constexpr std::uint32_t kMax32 = 0xffffffff;

/// Reads little-endian integers off the front of a view whose size the caller has checked.
class Cursor {
public:
    explicit Cursor(ByteView bytes) : rest_(bytes) {}

    std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
    std::uint64_t u64() { return number(8); }
    ByteView take(std::size_t size)
    {
        const ByteView front = rest_.first(size);
        rest_ = rest_.subspan(size);
        return front;
    }
    std::size_t left() const { return rest_.size(); }

private:
    std::uint64_t number(std::size_t size)
    {
        std::uint64_t value = 0;
        const ByteView bytes = take(size);
        for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
        return value;
    }
    ByteView rest_;
};

/// One fixed record being put together: little-endian integers, at most as many as the longest record has.
class Record {
public:
    Record& u16(std::uint16_t value) { return number(value, 2); }
    Record& u32(std::uint32_t value) { return number(value, 4); }
    Record& u64(std::uint64_t value) { return number(value, 8); }
    ByteView view() const { return ByteView(raw_).first(size_); }

private:
    Record& number(std::uint64_t value, std::size_t size)
    {
        for (std::size_t i = 0; i < size; ++i) raw_[size_ + i] = static_cast<std::uint8_t>(value >> (8 * i));
        size_ += size;
        return *this;
    }
    std::array<std::uint8_t, kEnd64Bytes + kEnd64LocatorBytes + kEndBytes> raw_;
    std::size_t size_ = 0;
};

/// The tree that the paths of one archive make: each path once, and nothing below a file.
class PathTree {
public:
    /// Errors: invalid_input "zip.path" (see check_zip_path), "zip.duplicate".
    Status add(std::string_view path, bool directory);

private:
    enum class Kind : unsigned char { file, directory, implied_directory };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    std::unordered_map<std::string, Kind, Hash, std::equal_to<>> nodes_;
};

}  // namespace iapp::codec::zip_format
