#pragma once
// OCI layout folders for tests: images of a few files, written as build tools write them.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "crypto/hash.hpp"
#include "support/tar_builder.hpp"

namespace iapp::test {

namespace fs = std::filesystem;

inline std::string read_file(const fs::path& path) { return iapp::read_file(path).value_or(""); }

inline std::string digest_of(ByteView bytes) { return "sha256:" + crypto::sha256(bytes).hex().substr(2); }

/// A folder that is empty at first and gone at the end.
class TempFolder {
public:
    TempFolder()
    {
        std::string pattern = (fs::temp_directory_path() / "iapp-test-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
        fs::permissions(path_, fs::perms(0711));
    }
    ~TempFolder()
    {
        std::error_code error;
        fs::remove_all(path_, error);
    }
    TempFolder(const TempFolder&) = delete;
    std::string path(std::string_view below = {}) const { return below.empty() ? path_ : path_ + '/' + std::string(below); }

private:
    std::string path_;
};

/// Builds one image: uncompressed layers, a configuration, a manifest, an index.
class OciBuilder {
public:
    explicit OciBuilder(std::string folder) : folder_(std::move(folder))
    {
        fs::create_directories(folder_ + "/blobs/sha256");
        write("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    }

    OciBuilder& layer(const Bytes& tar)
    {
        const std::string digest = blob(tar);
        layers_ += (layers_.empty() ? "" : ",") + descriptor("application/vnd.oci.image.layer.v1.tar", digest, tar.size());
        diff_ids_ += (diff_ids_.empty() ? "\"" : ",\"") + digest + '"';
        return *this;
    }

    /// `config` is the text of the "config" member, for instance {"Entrypoint":["/app"]}. Returns the manifest's digest.
    std::string finish(const std::string& config)
    {
        const std::string document = R"({"architecture":"amd64","os":"linux","config":)" + config +
                                     R"(,"rootfs":{"type":"layers","diff_ids":[)" + diff_ids_ + "]}}";
        const std::string config_digest = blob(to_bytes(document));
        const std::string manifest =
            R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":)" +
            descriptor("application/vnd.oci.image.config.v1+json", config_digest, document.size()) + R"(,"layers":[)" +
            layers_ + "]}";
        const std::string digest = blob(to_bytes(manifest));
        write("index.json", R"({"schemaVersion":2,"manifests":[)" +
                                descriptor("application/vnd.oci.image.manifest.v1+json", digest, manifest.size()) + "]}");
        return digest;
    }

private:
    static std::string descriptor(const std::string& type, const std::string& digest, std::size_t size)
    {
        return R"({"mediaType":")" + type + R"(","digest":")" + digest + R"(","size":)" + std::to_string(size) + '}';
    }
    std::string blob(const Bytes& content)
    {
        const std::string digest = digest_of(content);
        write("blobs/sha256/" + digest.substr(7), as_text(content));
        return digest;
    }
    void write(const std::string& name, std::string_view text)
    {
        std::ofstream(folder_ + '/' + name, std::ios::binary) << text;
    }

    std::string folder_, layers_, diff_ids_;
};

/// An image of nothing but one static program at /app.
inline std::string build_program_image(const std::string& folder, const std::string& program, const std::string& config)
{
    return OciBuilder(folder).layer(TarBuilder().file("app", read_file(program), 0755).finish()).finish(config);
}

}  // namespace iapp::test
