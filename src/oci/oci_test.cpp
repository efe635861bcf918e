#include <gmock/gmock.h>

#include <algorithm>

#include "crypto/hash.hpp"
#include "oci/manifest.hpp"
#include "oci/reference.hpp"
#include "oci/user.hpp"

namespace iapp::oci {
namespace {

using testing::ElementsAre;

const std::string kDigest = "sha256:" + std::string(62, '0') + "ab";

TEST(Digest, OfKnownBytes)
{
    EXPECT_EQ(Digest::of(as_bytes("abc")).text(), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(Digest::parse(kDigest)->text(), kDigest);
}

TEST(Digest, ContentIsComparedInSizeAndHash)
{
    const Digest digest = Digest::of(as_bytes("abc"));
    EXPECT_TRUE(check_content(as_bytes("abc"), 3, digest));
    EXPECT_EQ(check_content(as_bytes("abc"), 4, digest).error().reason, "oci.content_size");
    EXPECT_EQ(check_content(as_bytes("abd"), 3, digest).error().reason, "oci.content_digest");
}

struct DigestCase {
    const char* name;
    std::string text;
};
class DigestRefuses : public testing::TestWithParam<DigestCase> {};
TEST_P(DigestRefuses, OtherSpellings) { EXPECT_EQ(Digest::parse(GetParam().text).error().reason, "oci.digest"); }
INSTANTIATE_TEST_SUITE_P(Oci, DigestRefuses,
                         testing::Values(DigestCase{"upper_case", "sha256:" + std::string(62, '0') + "AB"},
                                         DigestCase{"short", kDigest.substr(0, 70)}, DigestCase{"long", kDigest + "0"},
                                         DigestCase{"other_algorithm", "sha512:" + std::string(64, '0')},
                                         DigestCase{"no_algorithm", std::string(64, '0')},
                                         DigestCase{"not_hex", "sha256:" + std::string(63, '0') + "g"}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Reference, KeepsEveryPart)
{
    const auto reference = parse_reference("registry.example:5000/team/my-app_1.x:v1.2@" + kDigest);
    ASSERT_TRUE(reference) << reference.error().detail;
    EXPECT_EQ(reference->registry, "registry.example:5000");
    EXPECT_EQ(reference->repository, "team/my-app_1.x");
    EXPECT_EQ(reference->tag, "v1.2");
    EXPECT_EQ(reference->digest->text(), kDigest);
    EXPECT_EQ(reference->version(), kDigest);
    EXPECT_EQ(reference->text(), "registry.example:5000/team/my-app_1.x:v1.2@" + kDigest);
    EXPECT_EQ(parse_reference("localhost/app:1")->version(), "1");
}

struct ReferenceCase {
    const char* name;
    std::string text;
    std::string_view reason;
};
class Reference : public testing::TestWithParam<ReferenceCase> {};
TEST_P(Reference, AnswersWithTheRuleThatWasBroken)
{
    const auto reference = parse_reference(GetParam().text);
    EXPECT_EQ(reference ? "" : reference.error().reason, GetParam().reason);
    if (reference) {
        EXPECT_EQ(reference->text(), GetParam().text);
    }
}
INSTANTIATE_TEST_SUITE_P(Oci, Reference,
                         testing::Values(ReferenceCase{"address_and_port", "127.0.0.1:5000/app:1", ""},
                                         ReferenceCase{"digest_only", "r.io/a@" + kDigest, ""},
                                         ReferenceCase{"double_underscore_and_hyphens", "r.io/a__b---c:1", ""},
                                         ReferenceCase{"docker_shorthand", "library/app:1", "oci.reference_host"},
                                         ReferenceCase{"name_alone", "app:1", "oci.reference_host"},
                                         ReferenceCase{"empty", "", "oci.reference_host"},
                                         ReferenceCase{"port_zero", "r.io:0/app:1", "oci.reference_host"},
                                         ReferenceCase{"port_too_large", "r.io:65536/app:1", "oci.reference_host"},
                                         ReferenceCase{"port_not_a_number", "r.io:80a/app:1", "oci.reference_host"},
                                         ReferenceCase{"host_with_empty_label", "r..io/app:1", "oci.reference_host"},
                                         ReferenceCase{"host_with_user", "me@r.io/app:1", "oci.digest"},
                                         ReferenceCase{"host_with_underscore", "r_x.io/app:1", "oci.reference_host"},
                                         ReferenceCase{"scheme", "https://r.io/app:1", "oci.reference_host"},
                                         ReferenceCase{"upper_case_name", "r.io/App:1", "oci.reference_name"},
                                         ReferenceCase{"double_slash", "r.io/a//b:1", "oci.reference_name"},
                                         ReferenceCase{"parent", "r.io/../b:1", "oci.reference_name"},
                                         ReferenceCase{"two_dots", "r.io/a..b:1", "oci.reference_name"},
                                         ReferenceCase{"trailing_hyphen", "r.io/a-:1", "oci.reference_name"},
                                         ReferenceCase{"space", "r.io/a b:1", "oci.reference_name"},
                                         ReferenceCase{"empty_name", "r.io/:1", "oci.reference_name"},
                                         ReferenceCase{"empty_tag", "r.io/a:", "oci.reference_tag"},
                                         ReferenceCase{"tag_begins_with_dot", "r.io/a:.x", "oci.reference_tag"},
                                         ReferenceCase{"long_tag", "r.io/a:" + std::string(129, 'x'), "oci.reference_tag"},
                                         ReferenceCase{"slash_in_tag", "r.io/a:b/c", "oci.reference_tag"},
                                         ReferenceCase{"neither_tag_nor_digest", "r.io/a", "oci.reference_version"},
                                         ReferenceCase{"bad_digest", "r.io/a@sha256:0", "oci.digest"},
                                         ReferenceCase{"two_digests", "r.io/a@" + kDigest + "@" + kDigest, "oci.digest"},
                                         ReferenceCase{"too_long", "r.io/" + std::string(600, 'a') + ":1",
                                                       "oci.reference_length"}),
                         [](const auto& test) { return std::string(test.param.name); });

constexpr std::string_view kOci = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view kDocker = "application/vnd.docker.distribution.manifest.v2+json";
constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";

std::string replaced(std::string text, std::string_view from, std::string_view to)
{
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string manifest_json()
{
    return R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
           R"("config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":")" +
           kDigest +
           R"(","size":100},)"
           R"("layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":")" +
           kDigest +
           R"(","size":200}],)"
           R"("annotations":{"a":"b"}})";
}

TEST(Manifest, ReadsConfigAndLayers)
{
    const auto manifest = parse_manifest(manifest_json(), kOci);
    ASSERT_TRUE(manifest) << manifest.error().detail;
    EXPECT_EQ(manifest->config.size_bytes, 100u);
    ASSERT_EQ(manifest->layers.size(), 1u);
    EXPECT_EQ(manifest->layers[0].compression, LayerCompression::gzip);
    EXPECT_EQ(manifest->layers[0].descriptor.digest.text(), kDigest);
}

TEST(Manifest, ReadsDockersTwin)
{
    std::string text = replaced(manifest_json(), kOci, kDocker);
    text = replaced(text, "application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json");
    text =
        replaced(text, "application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.docker.image.rootfs.diff.tar.gzip");
    EXPECT_TRUE(parse_manifest(text, kDocker));
}

struct ManifestCase {
    const char* name;
    std::string text;
    std::string_view reason;
};
class ManifestRefuses : public testing::TestWithParam<ManifestCase> {};
TEST_P(ManifestRefuses, EachBrokenRule)
{
    const auto result = parse_manifest(GetParam().text, kOci);
    EXPECT_EQ(result ? "" : result.error().reason, GetParam().reason);
}
std::string many_layers()
{
    const std::string layer =
        R"({"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":")" + kDigest + R"(","size":1},)";
    std::string all;
    for (std::size_t i = 0; i < kMaxLayers; ++i) all += layer;
    return replaced(manifest_json(), R"("layers":[)", R"("layers":[)" + all);
}
INSTANTIATE_TEST_SUITE_P(
    Oci, ManifestRefuses,
    testing::Values(
        ManifestCase{"good", manifest_json(), ""},
        ManifestCase{"without_own_type",
                     replaced(manifest_json(), R"("mediaType":"application/vnd.oci.image.manifest.v1+json",)", ""), ""},
        ManifestCase{"not_json", "{", "json.syntax"}, ManifestCase{"not_an_object", "[]", "json.type"},
        ManifestCase{"member_twice", replaced(manifest_json(), "{", R"({"schemaVersion":2,)"), "json.duplicate_member"},
        ManifestCase{"schema_1", replaced(manifest_json(), R"(Version":2)", R"(Version":1)"), "oci.schema_version"},
        ManifestCase{"other_own_type", replaced(manifest_json(), kOci, kDocker), "oci.media_type"},
        ManifestCase{"config_is_something_else", replaced(manifest_json(), "image.config", "empty"), "oci.media_type"},
        ManifestCase{"config_missing", replaced(manifest_json(), R"("config")", R"("confi")"), "json.missing"},
        ManifestCase{"config_too_large", replaced(manifest_json(), R"("size":100)", R"("size":4194305)"), "oci.size"},
        ManifestCase{"layer_too_large", replaced(manifest_json(), R"("size":200)", R"("size":1099511627777)"), "oci.size"},
        ManifestCase{"negative_size", replaced(manifest_json(), R"("size":200)", R"("size":-1)"), "json.range"},
        ManifestCase{"bad_digest", replaced(manifest_json(), kDigest, "sha256:00"), "oci.digest"},
        ManifestCase{"layer_type", replaced(manifest_json(), "tar+gzip", "nondistributable"), "oci.layer_type"},
        ManifestCase{"layers_missing", replaced(manifest_json(), R"("layers")", R"("layer")"), "json.missing"},
        ManifestCase{"too_many_layers", many_layers(), "oci.too_many"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Manifest, TypeOfTheRegistryCounts)
{
    EXPECT_EQ(parse_manifest(manifest_json(), "text/html").error().reason, "oci.media_type");
    EXPECT_EQ(parse_manifest(manifest_json(), kDocker).error().reason, "oci.media_type");
    EXPECT_EQ(parse_index("{}", kOci).error().reason, "oci.media_type");
    EXPECT_TRUE(is_index_type(kOciIndex));
    EXPECT_FALSE(is_index_type(kOci));
    EXPECT_NE(accepted_manifest_types().find(kOciIndex), std::string_view::npos);
}

std::string index_json(const std::string& second_architecture)
{
    const auto entry = [](const std::string& platform) {
        return R"({"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")" + kDigest + R"(","size":7)" +
               platform + "}";
    };
    return R"({"schemaVersion":2,"manifests":[)" + entry(R"(,"platform":{"os":"linux","architecture":"amd64"})") + "," +
           entry(R"(,"platform":{"os":"linux","architecture":")" + second_architecture + R"(","variant":"v8"})") + "," +
           entry("") + "]}";
}

TEST(Index, SelectsOneImageForThePlatform)
{
    const auto index = parse_index(index_json("arm64"), kOciIndex);
    ASSERT_TRUE(index) << index.error().detail;
    EXPECT_EQ(index->manifests.size(), 3u);
    EXPECT_EQ(select_platform(*index, "linux", "amd64")->manifest.size_bytes, 7u);
    EXPECT_EQ(select_platform(*index, "linux", "arm64")->platform->variant, "v8");
    EXPECT_EQ(select_platform(*index, "linux", "riscv64").error().reason, "oci.platform");
    EXPECT_EQ(select_platform(*index, "windows", "amd64").error().reason, "oci.platform");
    EXPECT_EQ(select_platform(*parse_index(index_json("amd64"), kOciIndex), "linux", "amd64").error().reason,
              "oci.platform_twice");
}

TEST(Index, IsBounded)
{
    std::string entries;
    for (std::size_t i = 0; i <= kMaxIndexEntries; ++i)
        entries += (i ? "," : "") + (R"({"mediaType":"x","digest":")" + kDigest + R"(","size":7})");
    EXPECT_EQ(parse_index(R"({"schemaVersion":2,"manifests":[)" + entries + "]}", kOciIndex).error().reason, "oci.too_many");
}

std::string config_json()
{
    return R"({"created":"2026-01-01T00:00:00Z","architecture":"amd64","os":"linux","config":{"User":"app:app","Env":["PATH=/bin"],)"
           R"("Entrypoint":["/app"],"Cmd":["--help"],"WorkingDir":"/srv","Labels":{"network.iapp.manifest":"{}"}},)"
           R"("rootfs":{"type":"layers","diff_ids":[")" +
           kDigest + R"("]},"history":[]})";
}

TEST(Config, ReadsTheProcessAndTheLabels)
{
    const auto config = parse_config(config_json(), 1);
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_EQ(config->platform.architecture, "amd64");
    EXPECT_EQ(config->user, "app:app");
    EXPECT_EQ(config->working_dir, "/srv");
    EXPECT_THAT(config->env, ElementsAre("PATH=/bin"));
    EXPECT_EQ(config->labels.at("network.iapp.manifest"), "{}");
    EXPECT_THAT(*process_args(*config, {}), ElementsAre("/app", "--help"));
    EXPECT_THAT(*process_args(*config, {"a", "b"}), ElementsAre("/app", "a", "b"));
}

TEST(Config, AbsentProcessIsEmptyAndHasNoCommand)
{
    const auto config = parse_config(R"({"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}})", 0);
    ASSERT_TRUE(config);
    EXPECT_EQ(process_args(*config, {}).error().reason, "oci.no_command");
}

class ConfigRefuses : public testing::TestWithParam<ManifestCase> {};
TEST_P(ConfigRefuses, EachBrokenRule)
{
    const auto result = parse_config(GetParam().text, 1);
    EXPECT_EQ(result ? "" : result.error().reason, GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(
    Oci, ConfigRefuses,
    testing::Values(ManifestCase{"good", config_json(), ""},
                    ManifestCase{"null_entrypoint", replaced(config_json(), R"(["/app"])", "null"), ""},
                    ManifestCase{"no_os", replaced(config_json(), R"("os")", R"("so")"), "json.missing"},
                    ManifestCase{"one_layer_fewer", replaced(config_json(), "\"" + kDigest + "\"", ""), "oci.diff_ids"},
                    ManifestCase{"bad_diff_id", replaced(config_json(), kDigest, "sha256:"), "oci.digest"},
                    ManifestCase{"nul_in_env", replaced(config_json(), "PATH=", "PA\\u0000TH="), "oci.text"},
                    ManifestCase{"label_not_text", replaced(config_json(), R"("{}")", "{}"), "json.type"},
                    ManifestCase{"env_not_a_list", replaced(config_json(), R"(["PATH=/bin"])", R"("PATH")"), "json.type"}),
    [](const auto& test) { return std::string(test.param.name); });

constexpr std::string_view kPasswd = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/:\nodd:x:99999:1::/:\nlast:x:7:8:::";
constexpr std::string_view kGroup = "root:x:0:\nstaff:x:50:a,b\n";

struct UserCase {
    const char* name;
    std::string text;
    std::string_view answer;  ///< "uid:gid" or the reason
};
class UserText : public testing::TestWithParam<UserCase> {};
TEST_P(UserText, IsResolved)
{
    const auto user = resolve_user(GetParam().text, kPasswd, kGroup);
    EXPECT_EQ(user ? std::to_string(user->uid) + ":" + std::to_string(user->gid) : std::string(user.error().reason),
              GetParam().answer);
}
INSTANTIATE_TEST_SUITE_P(
    Oci, UserText,
    testing::Values(UserCase{"empty", "", "0:0"}, UserCase{"id_in_passwd", "1000", "1000:1001"},
                    UserCase{"id_elsewhere", "33", "33:0"}, UserCase{"ids", "5:6", "5:6"},
                    UserCase{"name", "app", "1000:1001"}, UserCase{"last_line", "last", "7:8"},
                    UserCase{"name_and_group", "app:staff", "1000:50"}, UserCase{"unknown", "nobody", "oci.user_unknown"},
                    UserCase{"unknown_group", "app:wheel", "oci.group_unknown"},
                    UserCase{"id_too_large", "65536", "oci.user"}, UserCase{"file_id_too_large", "odd", "oci.user"},
                    UserCase{"leading_zero", "007", "oci.user"}, UserCase{"minus", "-1", "oci.user_unknown"},
                    UserCase{"empty_group", "app:", "oci.user"}, UserCase{"digits_and_letters", "1a", "oci.user"},
                    UserCase{"newline", "a\nb", "oci.user"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace iapp::oci
