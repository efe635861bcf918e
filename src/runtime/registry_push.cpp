// The pushing half of the registry client (distribution-spec v1.1, "Push": POST, then one PUT per blob).
#include "runtime/image.hpp"
#include "runtime/internal/registry_session.hpp"

namespace iapp::runtime {
namespace {

class FileReader final : public net::BodyReader {
public:
    explicit FileReader(const UniqueFd& file) : source_(source_of(file)) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override { return source_(out); }

private:
    codec::ByteSource source_;
};

Status expect(const oci::ImageReference& reference, const net::Response& answer, int status)
{
    if (answer.status == status) return {};
    return refusal(reference, answer.status);
}

Result<bool> has_blob(RegistrySession& session, const oci::Digest& digest)
{
    TRY(const auto answer, session.send({.method = "HEAD", .target = session.url("/blobs/" + digest.text())}));
    return answer.status == 200;
}

Status push_blob(RegistrySession& session, const oci::ImageReference& reference, const OciLayout& layout,
                 const oci::Descriptor& blob)
{
    TRY(const bool there, has_blob(session, blob.digest));
    if (there) return {};
    TRY(const UniqueFd file, layout.open_blob(blob));
    TRY(const auto opened, session.send({.method = "POST", .target = session.url("/blobs/uploads/")}));
    TRY_OK(expect(reference, opened, 202));
    const auto location = opened.headers.find("Location");
    if (!location)
        return fail(ErrorKind::unavailable, "image.registry", "the registry opened an upload and did not say where");
    TRY(std::string target, session.follow(*location));
    target += (target.find('?') == std::string::npos ? "?digest=" : "&digest=") + net::percent_encode(blob.digest.text());

    FileReader body(file);
    net::Request upload{.method = "PUT", .target = target, .headers = {{"Content-Type", "application/octet-stream"}}};
    upload.body_reader = &body;
    TRY(const auto answer, session.send(std::move(upload)));
    return expect(reference, answer, 201);
}

}  // namespace

Result<oci::Digest> Registry::push(const OciLayout& layout, const oci::ImageReference& reference,
                                   const net::CallContext& call) const
{
    if (!reference.tag)
        return fail(ErrorKind::invalid_input, "image.tag", "a push needs a tag: write " + reference.text() + ":latest");
    TRY(const Image image, layout.image("linux", "amd64", limits_));
    oci::Descriptor found{"", image.digest, 0};
    TRY(std::string manifest, layout.read_manifest("linux", "amd64", found));

    RegistrySession session(http_, reference, call);
    TRY_OK(push_blob(session, reference, layout, image.manifest.config));
    for (const auto& layer : image.manifest.layers) {
        TRY_OK(push_blob(session, reference, layout, layer.descriptor));
    }
    TRY(const auto answer, session.send({.method = "PUT",
                                         .target = session.url("/manifests/" + *reference.tag),
                                         .headers = {{"Content-Type", image.manifest.media_type}},
                                         .body = std::move(manifest)}));
    TRY_OK(expect(reference, answer, 201));
    if (const auto told = answer.headers.find("Docker-Content-Digest"); told && *told != image.digest.text())
        return fail(ErrorKind::corrupt, "oci.content_digest",
                    "the registry stored another manifest than the one it was sent");
    return image.digest;
}

}  // namespace iapp::runtime
