#pragma once
// Tar archives for tests, the malformed ones included. Not a writer for the product: it checks nothing.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <string>

#include "base/bytes.hpp"

namespace iapp::test {

/// One header's fields as text, ready to be bent.
struct TarFields {
    std::string name;
    char type = '0';
    std::string content = {};
    std::string link = {};
    unsigned mode = 0644;
    unsigned uid = 0;
    unsigned gid = 0;
};

class TarBuilder {
public:
    using Block = std::array<std::uint8_t, 512>;

    static Block header(const TarFields& fields, std::size_t size)
    {
        Block out{};
        const auto put = [&out](std::size_t at, std::size_t room, const std::string& text) {
            std::memcpy(out.data() + at, text.data(), std::min(room, text.size()));
        };
        const auto octal = [&](std::size_t at, std::size_t room, unsigned long long value) {
            char text[32];
            std::snprintf(text, sizeof text, "%0*llo", static_cast<int>(room) - 1, value);
            put(at, room, text);
        };
        put(0, 100, fields.name);
        octal(100, 8, fields.mode);
        octal(108, 8, fields.uid);
        octal(116, 8, fields.gid);
        octal(124, 12, size);
        octal(136, 12, 1'700'000'000);
        out[156] = static_cast<std::uint8_t>(fields.type);
        put(157, 100, fields.link);
        put(257, 8,
            std::string("ustar\0"
                        "00",
                        8));
        sign(out);
        return out;
    }

    /// Writes the checksum the rest of the header has now.
    static void sign(Block& header)
    {
        std::memset(header.data() + 148, ' ', 8);
        unsigned sum = 0;
        for (const auto byte : header) sum += byte;
        std::snprintf(reinterpret_cast<char*>(header.data()) + 148, 8, "%06o", sum);
    }

    TarBuilder& add(const TarFields& fields)
    {
        raw(header(fields, fields.content.size()));
        return raw_padded(as_bytes(fields.content));
    }

    TarBuilder& file(const std::string& name, const std::string& content, unsigned mode = 0644)
    {
        return add({.name = name, .content = content, .mode = mode});
    }
    TarBuilder& folder(const std::string& name, unsigned mode = 0755)
    {
        return add({.name = name, .type = '5', .mode = mode});
    }
    TarBuilder& symlink(const std::string& name, const std::string& target)
    {
        return add({.name = name, .type = '2', .link = target});
    }
    TarBuilder& hard_link(const std::string& name, const std::string& target)
    {
        return add({.name = name, .type = '1', .link = target});
    }

    /// A pax record with the right length in front.
    static std::string pax_record(const std::string& key, const std::string& value)
    {
        const std::string body = ' ' + key + '=' + value + '\n';
        std::size_t length = body.size() + 1;
        while (std::to_string(length).size() + body.size() != length) ++length;
        return std::to_string(length) + body;
    }

    TarBuilder& raw(ByteView bytes)
    {
        append(bytes_, bytes);
        return *this;
    }
    TarBuilder& raw_padded(ByteView bytes)
    {
        raw(bytes);
        bytes_.resize((bytes_.size() + 511) / 512 * 512);
        return *this;
    }

    Bytes unfinished() const { return bytes_; }
    Bytes finish() const
    {
        Bytes out = bytes_;
        out.resize(out.size() + 1024);
        return out;
    }

private:
    Bytes bytes_;
};

}  // namespace iapp::test
