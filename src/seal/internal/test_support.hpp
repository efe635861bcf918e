#pragma once
// What the tests of this room share: keys, sinks, sizes, and the worked examples of docs/formats.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/hex.hpp"
#include "codec/byte_stream.hpp"
#include "crypto/secret.hpp"

namespace iapp::seal::test {

inline crypto::SecretBytes counting_key(std::uint8_t first = 0, std::size_t size = 32)
{
    Bytes key;
    for (std::size_t i = 0; i < size; ++i) key.push_back(static_cast<std::uint8_t>(first + i));
    return crypto::SecretBytes(std::move(key));
}

/// Bytes in which every place differs from its neighbours at any block size.
inline Bytes pattern(std::size_t size)
{
    Bytes out(size);
    std::uint32_t state = 1;
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
    return out;
}

inline codec::ByteSink into(Bytes& out) { return codec::append_to(out, std::size_t{1} << 30); }

inline codec::ByteSink nowhere()
{
    return [](ByteView) -> Status { return {}; };
}

/// Accepts `calls` pieces and refuses the next.
inline codec::ByteSink failing_after(int calls)
{
    return [left = calls](ByteView) mutable -> Status {
        if (left-- > 0) return {};
        return fail(ErrorKind::unavailable, "test.full", "the disk is full");
    };
}

inline codec::ByteSource failing_source(std::size_t good_bytes)
{
    return [left = good_bytes](std::span<std::uint8_t> out) mutable -> Result<std::size_t> {
        if (left == 0) return fail(ErrorKind::unavailable, "test.source", "the disk is gone");
        const std::size_t size = std::min(left, out.size());
        left -= size;
        return size;
    };
}

/// The bytes of the block "```hex <name>" of a document.
inline Bytes worked_example(const std::string& document, const std::string& name)
{
    std::ifstream file(document);
    std::string digits;
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (inside && line.starts_with("```")) break;
        if (inside)
            for (const char c : line)
                if (c != ' ') digits += c;
        if (line == "```hex " + name) inside = true;
    }
    const auto bytes = parse_hex(digits);
    EXPECT_TRUE(bytes && !bytes->empty()) << document;
    return bytes.value_or(Bytes{});
}

inline const std::string kExampleText = "hello, sealed world\n";

}  // namespace iapp::seal::test
