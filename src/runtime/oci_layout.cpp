// OCI layout folders (image-spec image-layout.md): the form in which build tools hand over an image.
#include <fcntl.h>

#include <boost/json/value.hpp>
#include <filesystem>

#include "codec/json.hpp"
#include "codec/tar.hpp"
#include "runtime/beneath.hpp"
#include "runtime/image.hpp"
#include "runtime/internal/blob_file.hpp"
#include "runtime/internal/image_parts.hpp"
#include "runtime/internal/syscall_error.hpp"

namespace iapp::runtime {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kIndexType = "application/vnd.oci.image.index.v1+json";

std::unexpected<Error> missing(const std::string& path)
{
    return fail(ErrorKind::not_found, "layout.missing", system_error(path) + "; is this an OCI layout folder?");
}

Result<std::string> read_file(const std::string& folder, const std::string& name)
{
    const UniqueFd file(::open((folder + '/' + name).c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return missing(folder + '/' + name);
    return read_text(file, oci::kMaxDocumentBytes);
}

std::string blob_name(const oci::Digest& digest) { return "blobs/sha256/" + digest.text().substr(7); }

/// The only names a layout has; others in an archive are left out.
bool belongs(std::string_view path)
{
    return path == "oci-layout" || path == "index.json" ||
           (path.starts_with("blobs/sha256/") && path.find('/', 13) == std::string_view::npos);
}

Status copy_out(codec::TarReader& tar, const std::string& path)
{
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) return fail(ErrorKind::internal, "image.write", system_error(path));
    std::array<std::uint8_t, 65536> buffer;
    for (std::size_t got = 1; got != 0;) {
        TRY(got, tar.read(buffer));
        if (got != 0 && ::write(file.get(), buffer.data(), got) != static_cast<ssize_t>(got))
            return fail(ErrorKind::internal, "image.write", system_error(path));
    }
    return {};
}

}  // namespace

Result<OciLayout> OciLayout::open(std::string folder)
{
    TRY(const std::string marker, read_file(folder, "oci-layout"));
    TRY(const json::Value document, json::parse(marker));
    TRY(const auto reader, json::ObjectReader::of(document));
    TRY(const auto version, reader.text("imageLayoutVersion"));
    if (version != "1.0.0")
        return fail(ErrorKind::invalid_input, "layout.version", "layout version " + std::string(version) + " is not 1.0.0");
    return OciLayout(std::move(folder));
}

Result<OciLayout> OciLayout::unpack_tar(const std::string& tar_path, std::string folder)
{
    const UniqueFd archive(::open(tar_path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!archive) return missing(tar_path);
    std::error_code error;
    fs::create_directories(folder + "/blobs/sha256", error);
    codec::TarReader tar(source_of(archive));
    for (;;) {
        TRY(const auto entry, tar.next());
        if (!entry) break;
        if (entry->kind == codec::TarKind::file && belongs(entry->path)) {
            TRY_OK(copy_out(tar, folder + '/' + entry->path));
        }
    }
    return open(std::move(folder));
}

Result<std::string> OciLayout::read_document(const oci::Descriptor& document) const
{
    TRY(const UniqueFd file, open_blob(document));
    return read_text(file, oci::kMaxDocumentBytes);
}

/// index.json may name the image at once (what buildah writes) or an index of platforms (what BuildKit writes).
Result<std::string> OciLayout::read_manifest(std::string_view os, std::string_view architecture,
                                             oci::Descriptor& found) const
{
    TRY(const std::string top, read_file(folder_, "index.json"));
    TRY(oci::Index index, oci::parse_index(top, kIndexType));
    for (int depth = 0; depth < 2; ++depth) {
        TRY(const oci::IndexEntry entry, index.manifests.size() == 1 ? Result<oci::IndexEntry>(index.manifests.front())
                                                                     : oci::select_platform(index, os, architecture));
        TRY(std::string text, read_document(entry.manifest));
        found = entry.manifest;
        if (!oci::is_index_type(entry.manifest.media_type)) return text;
        TRY(index, oci::parse_index(text, entry.manifest.media_type));
    }
    return fail(ErrorKind::invalid_input, "image.index", "the layout's index leads to an index of an index");
}

Result<Image> OciLayout::image(std::string_view os, std::string_view architecture, const ImageLimits& limits) const
{
    oci::Descriptor found{"", oci::Digest(Hash256::zero()), 0};
    TRY(const std::string manifest, read_manifest(os, architecture, found));
    return assemble(found.digest, manifest, found.media_type, blobs(), limits);
}

Result<UniqueFd> OciLayout::open_blob(const oci::Descriptor& blob) const
{
    const std::string path = folder_ + '/' + blob_name(blob.digest);
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return missing(path);
    TRY(BlobFile copy, BlobFile::create(folder_, blob));
    const auto source = source_of(file);
    std::array<std::uint8_t, 65536> buffer;
    for (std::size_t got = 1; got != 0;) {
        TRY(got, source(buffer));
        TRY_OK(copy.write(ByteView(buffer).first(got)));
    }
    return copy.finish();
}

BlobOpener OciLayout::blobs() const
{
    return [layout = *this](const oci::Descriptor& blob) { return layout.open_blob(blob); };
}

}  // namespace iapp::runtime
