// rooms: blobs
// A multipart upload in pieces of any size: parts are read or refused, and no byte is invented.
#include <algorithm>
#include <cstdlib>

#include "blobs/internal/multipart.hpp"

namespace {

/// Gives the bytes in pieces of `step`, so that delimiters fall on every border.
class Pieces final : public iapp::net::BodyReader {
public:
    Pieces(iapp::ByteView bytes, std::size_t step) : rest_(bytes), step_(step) {}
    iapp::Result<std::size_t> read(std::span<std::uint8_t> out) override
    {
        const std::size_t count = std::min({out.size(), rest_.size(), step_});
        std::ranges::copy(rest_.first(count), out.begin());
        rest_ = rest_.subspan(count);
        return count;
    }

private:
    iapp::ByteView rest_;
    std::size_t step_;
};

/// The parts as one text, or the reason of the refusal.
std::string parse(iapp::ByteView body, std::size_t step)
{
    Pieces pieces(body, step);
    iapp::blobs::internal::MultipartReader reader(pieces, "b");
    std::string out;
    iapp::Bytes buffer(7);
    while (true) {
        const auto part = reader.next();
        if (!part) return std::string(part.error().reason);
        if (!*part) return out;
        out += "[" + (*part)->name + "|" + (*part)->file_name + "|" + (*part)->content_type + "]";
        while (true) {
            const auto count = reader.read(buffer);
            if (!count) return std::string(count.error().reason);
            if (*count == 0) break;
            out += iapp::as_text(iapp::ByteView(buffer).first(*count));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const iapp::ByteView body(data, size);
    const std::string whole = parse(body, size + 1);
    if (whole.size() > 2 * size + 64) std::abort();
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}})
        if (parse(body, step) != whole) std::abort();
    (void)iapp::blobs::internal::parse_boundary(iapp::as_text(body));
    return 0;
}
