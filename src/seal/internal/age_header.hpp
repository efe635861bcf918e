#pragma once
// The textual header of an age file: version line, recipient stanzas, MAC line (C2SP age.md, "Header").
#include <array>
#include <string>
#include <vector>

#include "codec/byte_stream.hpp"

namespace iapp::seal::age {

inline constexpr std::size_t kMaxHeaderBytes = 64 * 1024;
inline constexpr std::size_t kMaxStanzas = 64;

struct Stanza {
    std::vector<std::string> args;  ///< the first one is the type
    Bytes body;
};

struct Header {
    std::vector<Stanza> stanzas;
    Bytes mac;            ///< 32 bytes
    Bytes authenticated;  ///< what the MAC covers: everything up to and with "---"
};

/// A source with its first part read in lines and the rest in blocks.
class Reader {
public:
    explicit Reader(const codec::ByteSource& source) : source_(source), buffer_(16 * 1024) {}

    /// The next line without its "\n"; refuses more than `limit` bytes. Errors: corrupt "seal.age_header".
    Result<std::string> line(std::size_t limit);

    /// Fills as much of `out` as there is.
    Result<std::size_t> fill(std::span<std::uint8_t> out);

private:
    Result<bool> refill();

    const codec::ByteSource& source_;
    Bytes buffer_;
    std::size_t start_ = 0;
    std::size_t end_ = 0;
};

/// Errors: corrupt "seal.age_header".
Result<Header> read_header(Reader& reader);

/// Everything up to and with "---".
std::string print_stanzas(const std::vector<Stanza>& stanzas);

/// Base64 without padding, as age writes it.
std::string unpadded(ByteView bytes);
Result<Bytes> parse_unpadded(std::string_view text);

}  // namespace iapp::seal::age
