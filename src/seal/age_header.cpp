#include "seal/internal/age_header.hpp"

#include <algorithm>

#include "codec/base64.hpp"

namespace iapp::seal::age {
namespace {

constexpr std::string_view kVersionLine = "age-encryption.org/v1";
constexpr std::string_view kStanzaPrefix = "-> ";
constexpr std::string_view kMacPrefix = "--- ";
constexpr std::size_t kBodyColumns = 64;
constexpr std::size_t kMaxLine = 8 * 1024;

std::unexpected<Error> bad_header(std::string detail)
{
    return fail(ErrorKind::corrupt, "seal.age_header", std::move(detail));
}

bool argument(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

Result<std::vector<std::string>> read_args(std::string_view rest)
{
    std::vector<std::string> args;
    while (true) {
        const std::size_t space = rest.find(' ');
        const std::string_view arg = rest.substr(0, space);
        if (!argument(arg)) return bad_header("a recipient stanza has an empty or unprintable argument");
        args.emplace_back(arg);
        if (space == std::string_view::npos) return args;
        rest.remove_prefix(space + 1);
    }
}

/// Lines of 64 columns, then one shorter line, which may be empty.
Result<Bytes> read_body(Reader& reader, Bytes& seen)
{
    Bytes body;
    while (true) {
        TRY(const std::string line, reader.line(kBodyColumns));
        append(seen, as_bytes(line));
        seen.push_back('\n');
        if (seen.size() > kMaxHeaderBytes) return bad_header("the header is longer than 64 KiB");
        const auto bytes = parse_unpadded(line);
        if (!bytes) return bad_header("a recipient stanza is not unpadded base64");
        append(body, *bytes);
        if (line.size() < kBodyColumns) return body;
    }
}

}  // namespace

Result<bool> Reader::refill()
{
    TRY(end_, source_(buffer_));
    start_ = 0;
    return end_ != 0;
}

Result<std::string> Reader::line(std::size_t limit)
{
    std::string out;
    while (true) {
        if (start_ == end_) {
            TRY(const bool more, refill());
            if (!more) return bad_header("the file ends inside the header");
        }
        const char c = static_cast<char>(buffer_[start_++]);
        if (c == '\n') return out;
        if (out.size() == limit) return bad_header("a line of the header is too long");
        out += c;
    }
}

Result<std::size_t> Reader::fill(std::span<std::uint8_t> out)
{
    const std::size_t held = std::min(out.size(), end_ - start_);
    copy_bytes(ByteView(buffer_).subspan(start_, held), out);
    start_ += held;
    TRY(const std::size_t more, codec::read_up_to(source_, out.subspan(held)));
    return held + more;
}

Result<Header> read_header(Reader& reader)
{
    Header out;
    TRY(const std::string version, reader.line(kVersionLine.size()));
    if (version != kVersionLine) return bad_header("the file is not an age v1 file (armored files must be dearmored first)");
    append(out.authenticated, as_bytes(version));
    out.authenticated.push_back('\n');
    while (true) {
        TRY(const std::string line, reader.line(kMaxLine));
        if (line.starts_with(kMacPrefix)) {
            append(out.authenticated, as_bytes("---"));
            const auto mac = parse_unpadded(std::string_view(line).substr(kMacPrefix.size()));
            if (!mac || mac->size() != 32 || out.stanzas.empty())
                return bad_header("the MAC line is malformed, or no recipient precedes it");
            out.mac = *mac;
            return out;
        }
        if (!line.starts_with(kStanzaPrefix) || out.stanzas.size() == kMaxStanzas)
            return bad_header("a line is neither a recipient stanza nor the MAC, or there are more than 64 recipients");
        append(out.authenticated, as_bytes(line));
        out.authenticated.push_back('\n');
        TRY(auto args, read_args(std::string_view(line).substr(kStanzaPrefix.size())));
        TRY(Bytes body, read_body(reader, out.authenticated));
        out.stanzas.push_back({std::move(args), std::move(body)});
    }
}

std::string print_stanzas(const std::vector<Stanza>& stanzas)
{
    std::string out(kVersionLine);
    out += '\n';
    for (const Stanza& stanza : stanzas) {
        out += "->";
        for (const std::string& arg : stanza.args) (out += ' ') += arg;
        out += '\n';
        const std::string body = unpadded(stanza.body);
        for (std::size_t at = 0; at <= body.size(); at += kBodyColumns) (out += body.substr(at, kBodyColumns)) += '\n';
    }
    return out + "---";
}

std::string unpadded(ByteView bytes)
{
    std::string out = codec::base64(bytes);
    while (out.ends_with('=')) out.pop_back();
    return out;
}

Result<Bytes> parse_unpadded(std::string_view text)
{
    if (text.ends_with('=')) return bad_header("padded base64");
    std::string padded(text);
    padded.append((4 - padded.size() % 4) % 4, '=');
    return codec::parse_base64(padded);
}

}  // namespace iapp::seal::age
