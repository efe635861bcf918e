#include "runtime/internal/decompress.hpp"

#include <zlib.h>
#include <zstd.h>

#include <array>
#include <memory>

namespace iapp::runtime {
namespace {

constexpr int kGzipOnly = 15 + 16;  // largest window, gzip wrapper required

std::unexpected<Error> corrupt(std::string detail)
{
    return fail(ErrorKind::corrupt, "unpack.compression", std::move(detail));
}

/// Packed bytes that were read and not yet used.
class Packed {
public:
    explicit Packed(codec::ByteSource source) : source_(std::move(source)) {}

    /// Reads more when nothing is left; false at the end.
    Result<bool> refill()
    {
        if (!rest_.empty()) return true;
        TRY(const std::size_t got, source_(buffer_));
        rest_ = ByteView(buffer_).first(got);
        return got != 0;
    }
    ByteView rest() const { return rest_; }
    void use(std::size_t count) { rest_ = rest_.subspan(count); }

private:
    codec::ByteSource source_;
    std::array<std::uint8_t, 65536> buffer_;
    ByteView rest_;
};

class Gunzip {
public:
    explicit Gunzip(codec::ByteSource source) : packed_(std::move(source))
    {
        ok_ = ::inflateInit2(&stream_, kGzipOnly) == Z_OK;
    }
    ~Gunzip() { ::inflateEnd(&stream_); }
    Gunzip(const Gunzip&) = delete;

    Result<std::size_t> read(std::span<std::uint8_t> out)
    {
        std::size_t made = 0;
        while (made == 0) {
            TRY(const bool more, packed_.refill());
            if (!more && !in_member_) return std::size_t{0};
            TRY(made, step(out));  // without input: what zlib still holds
            if (!more && made == 0 && in_member_) return corrupt("the gzip layer ends in the middle");
        }
        return made;
    }

private:
    Result<std::size_t> step(std::span<std::uint8_t> out)
    {
        if (!ok_) return corrupt("zlib could not start");
        in_member_ = true;
        stream_.next_in = const_cast<std::uint8_t*>(packed_.rest().data());
        stream_.avail_in = static_cast<uInt>(packed_.rest().size());
        stream_.next_out = out.data();
        stream_.avail_out = static_cast<uInt>(out.size());
        const int answer = ::inflate(&stream_, Z_NO_FLUSH);
        packed_.use(packed_.rest().size() - stream_.avail_in);
        if (answer == Z_STREAM_END) {
            in_member_ = false;
            ::inflateReset(&stream_);
        } else if (answer != Z_OK && answer != Z_BUF_ERROR) {
            return corrupt("the gzip layer is damaged");
        }
        return out.size() - stream_.avail_out;
    }

    Packed packed_;
    z_stream stream_ = {};
    bool ok_ = false;
    bool in_member_ = true;  // an empty stream is no gzip file
};

class Unzstd {
public:
    explicit Unzstd(codec::ByteSource source)
        : packed_(std::move(source)), stream_(::ZSTD_createDStream(), ::ZSTD_freeDStream)
    {
    }

    Result<std::size_t> read(std::span<std::uint8_t> out)
    {
        ZSTD_outBuffer made{out.data(), out.size(), 0};
        while (made.pos == 0) {
            TRY(const bool more, packed_.refill());
            if (!more && expected_ == 0) return std::size_t{0};
            ZSTD_inBuffer in{packed_.rest().data(), packed_.rest().size(), 0};
            expected_ = ::ZSTD_decompressStream(stream_.get(), &made, &in);
            if (::ZSTD_isError(expected_))
                return corrupt(std::string("the zstd layer is damaged: ") + ::ZSTD_getErrorName(expected_));
            packed_.use(in.pos);
            if (!more && made.pos == 0 && expected_ != 0) return corrupt("the zstd layer ends in the middle");
        }
        return made.pos;
    }

private:
    Packed packed_;
    std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream_;
    std::size_t expected_ = 1;  // bytes the decoder still wants; 0 only at the end of a frame
};

template <class Decoder>
codec::ByteSource source_with(codec::ByteSource packed)
{
    return
        [decoder = std::make_shared<Decoder>(std::move(packed))](std::span<std::uint8_t> out) { return decoder->read(out); };
}

codec::ByteSource unbounded(codec::ByteSource packed, oci::LayerCompression compression)
{
    switch (compression) {
        case oci::LayerCompression::gzip:
            return source_with<Gunzip>(std::move(packed));
        case oci::LayerCompression::zstd:
            return source_with<Unzstd>(std::move(packed));
        case oci::LayerCompression::none:
            break;
    }
    return packed;
}

}  // namespace

codec::ByteSource decompress(codec::ByteSource packed, oci::LayerCompression compression, std::uint64_t limit_bytes)
{
    return [inner = unbounded(std::move(packed), compression),
            limit_bytes](std::span<std::uint8_t> out) mutable -> Result<std::size_t> {
        TRY(const std::size_t got, inner(out));
        if (got > limit_bytes)
            return fail(ErrorKind::resource_exhausted, "unpack.limit",
                        "the layer unpacks to more than is allowed; make it smaller");
        limit_bytes -= got;
        return got;
    };
}

}  // namespace iapp::runtime
