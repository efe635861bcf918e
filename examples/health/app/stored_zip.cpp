#include "stored_zip.hpp"

#include <cstdint>

namespace {

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t size)
{
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

std::optional<std::string_view> slice(std::string_view bytes, std::uint64_t at, std::uint64_t size)
{
    if (at > bytes.size() || size > bytes.size() - at) return std::nullopt;
    return bytes.substr(at, size);
}

/// `header` is a central directory entry; the local header repeats name and extra with lengths of its own.
std::optional<std::string_view> data_of(std::string_view archive, std::string_view header)
{
    const std::uint64_t size = little_endian(header, 24, 4);
    const std::uint64_t local_at = little_endian(header, 42, 4);
    const auto local = slice(archive, local_at, 30);
    if (!local || little_endian(header, 10, 2) != 0) return std::nullopt;
    return slice(archive, local_at + 30 + little_endian(*local, 26, 2) + little_endian(*local, 28, 2), size);
}

}  // namespace

std::optional<std::string_view> first_stored_file(std::string_view archive)
{
    const std::size_t end = archive.rfind("PK\5\6");
    if (end == std::string_view::npos || archive.size() - end < 22) return std::nullopt;
    std::uint64_t at = little_endian(archive, end + 16, 4);
    for (std::uint64_t left = little_endian(archive, end + 10, 2); left > 0; --left) {
        const auto header = slice(archive, at, 46);
        if (!header || !header->starts_with("PK\1\2")) return std::nullopt;
        const auto name = slice(archive, at + 46, little_endian(*header, 28, 2));
        if (!name) return std::nullopt;
        if (!name->ends_with('/')) return data_of(archive, *header);
        at += 46 + name->size() + little_endian(*header, 30, 2) + little_endian(*header, 32, 2);
    }
    return std::nullopt;
}
