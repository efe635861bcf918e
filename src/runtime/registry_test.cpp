// The registry client against a registry of ours that can misbehave, and against docker-registry when it is installed.
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "net/server.hpp"
#include "runtime/internal/bearer.hpp"
#include "runtime/process.hpp"
#include "runtime/unpack.hpp"
#include "support/oci_builder.hpp"

namespace iapp::runtime {
namespace {

using namespace std::chrono_literals;
using test::TarBuilder;
using test::TempFolder;

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

net::CallContext call() { return {.request_id = "test", .deadline = net::deadline_in(20s)}; }

/// Serves the blobs of one layout folder under /v2/team/app, bent as a test asks.
class FakeRegistry {
public:
    explicit FakeRegistry(std::string layout) : layout_(std::move(layout))
    {
        server_.route("GET", "/v2/team/app/manifests/{version}",
                      [this](const auto& request, const auto&) { return manifest(request); });
        server_.route("GET", "/v2/team/app/blobs/{digest}",
                      [this](const auto& request, const auto&) { return blob(request); });
        server_.route("GET", "/elsewhere/{digest}", [this](const auto& request, const auto&) {
            saw_token_elsewhere = request.headers.has("Authorization");
            return content(request.param("digest"), "application/octet-stream");
        });
        server_.route("GET", "/token", [this](const net::Request& request, const auto&) {
            token_query = request.target;
            return net::json_response(200, R"({"token":"t0ken"})");
        });
        EXPECT_TRUE(server_.start());
    }

    oci::ImageReference reference(const std::string& version) const
    {
        return *oci::parse_reference("127.0.0.1:" + std::to_string(server_.port()) + "/team/app" + version);
    }
    std::string origin() const { return server_.origin(); }

    std::map<std::string, std::string> tags;
    std::string manifest_type = "application/vnd.oci.image.manifest.v1+json";
    std::map<std::string, std::string> replaced;  ///< digest -> what is served instead
    int status = 0;                               ///< answered to everything when not 0
    bool redirect_blobs = false, want_token = false, redirect_in_circles = false, redirect_to_http = false;
    bool saw_token_elsewhere = false;
    std::string token_query;

private:
    net::Response manifest(const net::Request& request)
    {
        const std::string version(request.param("version"));
        if (const auto refusal = refuse(request)) return *refusal;
        return content(tags.contains(version) ? tags[version] : version, manifest_type);
    }

    net::Response blob(const net::Request& request)
    {
        if (const auto refusal = refuse(request)) return *refusal;
        std::string to = "/elsewhere/" + std::string(request.param("digest"));
        if (redirect_in_circles) to = request.target;
        if (redirect_to_http) to = "http://registry.invalid/blob";
        if (!redirect_blobs && !redirect_in_circles && !redirect_to_http)
            return content(request.param("digest"), "application/octet-stream");
        auto answer = net::empty_response(307);
        answer.headers.set("Location", to);
        return answer;
    }

    std::optional<net::Response> refuse(const net::Request& request)
    {
        if (status != 0) return net::empty_response(status);
        if (!want_token || request.headers.find("Authorization") == "Bearer t0ken") return std::nullopt;
        auto answer = net::empty_response(401);
        answer.headers.set("WWW-Authenticate",
                           "Bearer realm=\"" + origin() + "/token\",service=\"test\",scope=\"repository:team/app:pull\"");
        return answer;
    }

    net::Response content(std::string_view digest, const std::string& type)
    {
        const std::string name(digest);
        const auto path = layout_ + "/blobs/sha256/" + (name.starts_with("sha256:") ? name.substr(7) : name);
        if (!replaced.contains(name) && !test::fs::exists(path)) return net::empty_response(404);
        auto answer = net::text_response(200, replaced.contains(name) ? replaced[name] : test::read_file(path));
        answer.headers.set("Content-Type", type);
        return answer;
    }

    std::string layout_;
    net::HttpServer server_;
};

class RegistryTest : public testing::Test {
protected:
    RegistryTest() : fake_(folder_.path("layout"))
    {
        test::fs::create_directory(folder_.path("blobs"));
        digest_ = *oci::Digest::parse(test::OciBuilder(folder_.path("layout"))
                                          .layer(TarBuilder().file("one", "1").finish())
                                          .layer(TarBuilder().file("two", "2").finish())
                                          .finish(R"({"Labels":{"a":"b"}})"));
        fake_.tags["v1"] = digest_->text();
    }

    Result<Image> fetch() const { return registry_.fetch(fake_.reference("@" + digest_->text()), *digest_, call()); }

    TempFolder folder_;
    FakeRegistry fake_;
    net::HttpClient http_;
    Registry registry_{http_, folder_.path("blobs"), {.blob_bytes = 4096, .image_bytes = 6000}};
    std::optional<oci::Digest> digest_;
};

TEST_F(RegistryTest, FetchesManifestConfigurationAndLayersByDigest)
{
    const auto image = fetch();
    ASSERT_TRUE(image) << image.error().detail;
    EXPECT_EQ(image->digest, *digest_);
    EXPECT_EQ(image->config.labels.at("a"), "b");
    ASSERT_EQ(image->manifest.layers.size(), 2U);
    const auto blobs = registry_.blobs(fake_.reference(":v1"), call());
    const auto blob = blobs(image->manifest.layers[0].descriptor);
    ASSERT_TRUE(blob);
    Bytes content(4096);
    EXPECT_EQ(*codec::read_up_to(source_of(*blob), content), image->manifest.layers[0].descriptor.size_bytes);
    EXPECT_EQ(*registry_.resolve(fake_.reference(":v1"), call()), *digest_);
    EXPECT_TRUE(test::fs::is_empty(folder_.path("blobs"))) << "blobs have no names";
}

TEST_F(RegistryTest, FollowsRedirectsWithoutItsToken)
{
    fake_.redirect_blobs = fake_.want_token = true;
    ASSERT_TRUE(fetch());
    EXPECT_EQ(fake_.token_query, "/token?service=test&scope=repository%3Ateam%2Fapp%3Apull");
    fake_.redirect_to_http = true;
    EXPECT_EQ(reason(fetch()), "image.redirect");
    fake_.redirect_to_http = false;
    fake_.redirect_in_circles = true;
    EXPECT_EQ(reason(fetch()), "image.registry");
}

TEST_F(RegistryTest, ResolvesATagOfManyPlatformsToOneManifest)
{
    const auto entry = [](const std::string& digest, const std::string& architecture) {
        return R"({"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")" + digest +
               R"(","size":500,"platform":{"os":"linux","architecture":")" + architecture + R"("}})";
    };
    const std::string other = "sha256:" + std::string(64, 'a');
    const std::string index =
        R"({"schemaVersion":2,"manifests":[)" + entry(other, "arm64") + "," + entry(digest_->text(), "amd64") + "]}";
    fake_.tags["many"] = "index";
    fake_.replaced["index"] = index;
    fake_.manifest_type = "application/vnd.oci.image.index.v1+json";
    EXPECT_EQ(*registry_.resolve(fake_.reference(":many"), call()), *digest_);
    EXPECT_EQ(reason(registry_.fetch(fake_.reference(":many"), oci::Digest::of(as_bytes(index)), call())), "image.unknown");
    const auto index_digest = oci::Digest::of(as_bytes(index));
    fake_.replaced[index_digest.text()] = index;
    EXPECT_EQ(reason(registry_.fetch(fake_.reference(":many"), index_digest, call())), "image.index");
}

struct Case {
    const char* name;
    void (*bend)(FakeRegistry&, const Image& good);
    std::string_view reason;
};
class RegistryRefuses : public RegistryTest, public testing::WithParamInterface<Case> {};

TEST_P(RegistryRefuses, NamesTheRule)
{
    const auto good = fetch();
    ASSERT_TRUE(good);
    GetParam().bend(fake_, *good);
    auto image = fetch();
    Result<UniqueFd> blob = image ? registry_.open_blob(fake_.reference(":v1"), image->manifest.layers[0].descriptor, call())
                                  : Result<UniqueFd>(std::unexpected(image.error()));
    EXPECT_EQ(reason(blob), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Registry, RegistryRefuses,
    testing::Values(
        Case{"good", [](FakeRegistry&, const Image&) {}, ""},
        Case{"missing", [](FakeRegistry& f, const Image&) { f.status = 404; }, "image.unknown"},
        Case{"denied", [](FakeRegistry& f, const Image&) { f.status = 403; }, "image.denied"},
        Case{"password_wanted", [](FakeRegistry& f, const Image&) { f.status = 401; }, "image.denied"},
        Case{"broken", [](FakeRegistry& f, const Image&) { f.status = 500; }, "image.registry"},
        Case{"another_manifest", [](FakeRegistry& f, const Image& i) { f.replaced[i.digest.text()] = "{}"; },
             "oci.content_digest"},
        Case{"media_type", [](FakeRegistry& f, const Image&) { f.manifest_type = "text/html"; }, "oci.media_type"},
        Case{"another_config",
             [](FakeRegistry& f, const Image& i) {
                 f.replaced[i.manifest.config.digest.text()] = std::string(i.manifest.config.size_bytes, ' ');
             },
             "oci.content_digest"},
        Case{"short_config", [](FakeRegistry& f, const Image& i) { f.replaced[i.manifest.config.digest.text()] = "{}"; },
             "oci.content_size"},
        Case{"another_layer",
             [](FakeRegistry& f, const Image& i) {
                 const auto& layer = i.manifest.layers[0].descriptor;
                 f.replaced[layer.digest.text()] = std::string(layer.size_bytes, 'x');
             },
             "oci.content_digest"},
        Case{"long_layer",
             [](FakeRegistry& f, const Image& i) {
                 f.replaced[i.manifest.layers[0].descriptor.digest.text()] = std::string(100'000, 'x');
             },
             "oci.content_size"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(RegistryTest, KeepsItsLimits)
{
    const Registry small_blobs(http_, folder_.path("blobs"), {.blob_bytes = 1000, .image_bytes = 6000});
    EXPECT_EQ(reason(small_blobs.fetch(fake_.reference(":v1"), *digest_, call())), "image.size");
    const Registry small_images(http_, folder_.path("blobs"), {.blob_bytes = 4096, .image_bytes = 3000});
    EXPECT_EQ(reason(small_images.fetch(fake_.reference(":v1"), *digest_, call())), "image.size");
}

TEST_F(RegistryTest, ReadsTheSameImageFromItsLayout)
{
    const auto layout = OciLayout::open(folder_.path("layout"));
    ASSERT_TRUE(layout);
    EXPECT_EQ(layout->image()->digest, *digest_);
    EXPECT_EQ(reason(OciLayout::open(folder_.path("none"))), "layout.missing");
    const auto image = layout->image();
    std::ofstream(folder_.path("layout/blobs/sha256/") + image->manifest.config.digest.text().substr(7)) << "changed";
    EXPECT_EQ(reason(layout->image()), "oci.content_size");
    std::ofstream(folder_.path("layout/oci-layout")) << R"({"imageLayoutVersion":"2.0.0"})";
    EXPECT_EQ(reason(OciLayout::open(folder_.path("layout"))), "layout.version");
}

TEST_F(RegistryTest, ReadsALayoutFromATarArchive)
{
    const auto packed =
        runtime::run({.program = "tar", .args = {"-C", folder_.path("layout"), "-cf", folder_.path("l.tar"), "."}});
    ASSERT_TRUE(packed && packed->exit.ok());
    const auto layout = OciLayout::unpack_tar(folder_.path("l.tar"), folder_.path("unpacked"));
    ASSERT_TRUE(layout) << layout.error().detail;
    EXPECT_EQ(layout->image()->digest, *digest_);
}

/// docker-registry on a free port, with its data below a folder.
class RealRegistry {
public:
    explicit RealRegistry(const std::string& folder)
    {
        for (int attempt = 0; attempt < 5 && origin_.empty(); ++attempt) start(folder);
    }
    bool is_up() const { return !origin_.empty(); }
    oci::ImageReference reference(const std::string& version) const
    {
        return *oci::parse_reference(origin_ + "/team/app" + version);
    }

private:
    void start(const std::string& folder)
    {
        net::HttpServer port_finder;
        if (!port_finder.start()) return;
        const std::string address = "127.0.0.1:" + std::to_string(port_finder.port());
        port_finder.stop();
        std::ofstream(folder + "/reg.yml") << "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: " << folder
                                           << "/data\nhttp:\n  addr: " << address << "\nlog:\n  level: error\n";
        auto spawned = Process::spawn({.program = "docker-registry",
                                       .args = {"serve", folder + "/reg.yml"},
                                       .out = Output::none(),
                                       .err = Output::none(),
                                       .die_with_spawner = true});
        if (!spawned) return;
        process_.emplace(std::move(*spawned));
        const net::HttpClient http;
        for (int tries = 0; tries < 600 && process_->is_running(); ++tries) {
            const auto answer = http.get("http://" + address + "/v2/", net::deadline_in(1s));
            if (answer && answer->is_success()) {
                origin_ = address;
                return;
            }
            std::this_thread::sleep_for(50ms);
        }
    }

    std::optional<Process> process_;
    std::string origin_;
};

TEST_F(RegistryTest, PushesToAndPullsFromDockerRegistry)
{
    if (!find_program("docker-registry")) GTEST_SKIP() << "needs docker-registry";
    const RealRegistry real(folder_.path());
    ASSERT_TRUE(real.is_up());
    const auto layout = OciLayout::open(folder_.path("layout"));
    EXPECT_EQ(reason(registry_.resolve(real.reference(":v1"), call())), "image.unknown");
    EXPECT_EQ(reason(registry_.push(*layout, real.reference("@" + digest_->text()), call())), "image.tag");
    for (int twice = 0; twice < 2; ++twice) {
        const auto pushed = registry_.push(*layout, real.reference(":v1"), call());
        ASSERT_TRUE(pushed) << pushed.error().reason << pushed.error().detail;
        EXPECT_EQ(*pushed, *digest_);
    }
    EXPECT_EQ(*registry_.resolve(real.reference(":v1"), call()), *digest_);
    const auto image = registry_.fetch(real.reference(":v1"), *digest_, call());
    ASSERT_TRUE(image) << image.error().detail;
    if (::geteuid() != 0) return;
    test::fs::create_directory(folder_.path("root"));
    auto rootfs = Rootfs::create(folder_.path("root"), {});
    ASSERT_TRUE(unpack(*image, registry_.blobs(real.reference(":v1"), call()), *rootfs));
    EXPECT_EQ(test::read_file(folder_.path("root/two")), "2");
}

TEST(Bearer, ReadsChallengesOfPublicRegistries)
{
    const auto challenge = parse_bearer_challenge(
        R"(Bearer realm="https://auth.docker.io/token",service="registry.docker.io", scope="a:b:pull")");
    ASSERT_TRUE(challenge);
    EXPECT_EQ(*token_url(*challenge), "https://auth.docker.io/token?service=registry.docker.io&scope=a%3Ab%3Apull");
    EXPECT_EQ(*token_url({.realm = "https://a.example/t?x=1", .service = "s", .scope = ""}),
              "https://a.example/t?x=1&service=s");
    EXPECT_EQ(*parse_token(R"({"access_token":"abc"})"), "abc");
}

TEST(Bearer, RefusesEverythingElse)
{
    for (const auto* header :
         {"", "Basic realm=\"x\"", "Bearer", "Bearer ", "Bearer realm=x", "Bearer realm=\"x", "Bearer service=\"x\"",
          "Bearer realm=\"a\\\"b\"", "Bearer =\"x\"", "Bearer realm=\"x\" \x01=\"y\""})
        EXPECT_EQ(reason(parse_bearer_challenge(header)), "image.challenge") << header;
    for (const auto* realm : {"http://auth.example/token", "ftp://x/", "not a url", "file:///etc/passwd"})
        EXPECT_EQ(reason(token_url({.realm = realm, .service = "", .scope = ""})), "image.challenge") << realm;
    for (const auto* text : {R"({})", R"({"token":""})", R"({"token":"a b"})", R"({"token":"a\r\nX: y"})"})
        EXPECT_EQ(reason(parse_token(text)), "image.challenge") << text;
}

TEST(Bearer, KnowsThisMachine)
{
    for (const auto* host : {"127.0.0.1", "127.1.2.3", "localhost", "::1", "[::1]"}) EXPECT_TRUE(is_loopback(host)) << host;
    for (const auto* host : {"127.evil.example", "localhost.example", "10.0.0.1", "::2", ""})
        EXPECT_FALSE(is_loopback(host)) << host;
}

}  // namespace
}  // namespace iapp::runtime
