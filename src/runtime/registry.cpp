// The pulling half of the registry client (distribution-spec v1.1, "Pull").
#include "runtime/image.hpp"
#include "runtime/internal/blob_file.hpp"
#include "runtime/internal/image_parts.hpp"
#include "runtime/internal/registry_session.hpp"

namespace iapp::runtime {
namespace {

struct Document {
    std::string text;
    std::string media_type;
};

/// A manifest or index under a tag or a digest. The bytes are checked by the caller, who knows what they should be.
Result<Document> get_document(RegistrySession& session, const std::string& version)
{
    TRY(auto answer,
        session.get(session.url("/manifests/" + version), {{"Accept", std::string(oci::accepted_manifest_types())}}));
    if (answer.body.size() > oci::kMaxDocumentBytes)
        return fail(ErrorKind::resource_exhausted, "image.size", "the image manifest is too large");
    const auto type = answer.headers.find("Content-Type").value_or("");
    return Document{std::move(answer.body), std::string(type.substr(0, type.find(';')))};
}

Result<UniqueFd> get_blob(RegistrySession& session, const std::string& folder, const oci::Descriptor& blob)
{
    TRY(BlobFile file, BlobFile::create(folder, blob));
    const net::BodySink sink = [&file](ByteView bytes) { return file.write(bytes); };
    TRY(const auto answer, session.get(session.url("/blobs/" + blob.digest.text()), {}, &sink));
    return file.finish();
}

}  // namespace

Registry::Registry(const net::HttpClient& http, std::string folder, const ImageLimits& limits)
    : http_(http), folder_(std::move(folder)), limits_(limits)
{
}

Result<oci::Digest> Registry::resolve(const oci::ImageReference& reference, const net::CallContext& call) const
{
    if (reference.digest) return *reference.digest;
    RegistrySession session(http_, reference, call);
    TRY(const Document document, get_document(session, reference.version()));
    if (!oci::is_index_type(document.media_type)) return oci::Digest::of(as_bytes(document.text));
    TRY(const auto index, oci::parse_index(document.text, document.media_type));
    TRY(const auto entry, oci::select_platform(index, "linux", "amd64"));
    return entry.manifest.digest;
}

Result<Image> Registry::fetch(const oci::ImageReference& reference, const oci::Digest& digest,
                              const net::CallContext& call) const
{
    RegistrySession session(http_, reference, call);
    TRY(const Document document, get_document(session, digest.text()));
    TRY_OK(oci::check_content(as_bytes(document.text), document.text.size(), digest));
    return assemble(
        digest, document.text, document.media_type,
        [&](const oci::Descriptor& blob) { return get_blob(session, folder_, blob); }, limits_);
}

Result<UniqueFd> Registry::open_blob(const oci::ImageReference& reference, const oci::Descriptor& blob,
                                     const net::CallContext& call) const
{
    RegistrySession session(http_, reference, call);
    return get_blob(session, folder_, blob);
}

BlobOpener Registry::blobs(oci::ImageReference reference, net::CallContext call) const
{
    return [session = std::make_shared<RegistrySession>(http_, std::move(reference), std::move(call)),
            folder = folder_](const oci::Descriptor& blob) { return get_blob(*session, folder, blob); };
}

}  // namespace iapp::runtime
